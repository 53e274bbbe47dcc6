import { badInput, forbiddenOperation } from '../../base/errors.ts';
import { opaque } from '../../enforcement/card-guard.ts';
import { PART_OF_VALUE } from '../../enforcement/classification.ts';
import { notUse } from '../../enforcement/site-use.ts';
import { textArgument } from '../../graphql/arguments.ts';
import { activeSelfOf, seeingPartnerOf, selfOf } from '../../graphql/callers.ts';
import { paging } from '../../graphql/connections.ts';
import { OBJECT_ID, ofPerson } from '../../graphql/object-ids.ts';
import { DENIABLE, fromAccount } from '../../graphql/personal-fields.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import { NULL_ONLY_BY_ERROR } from '../../graphql/semantic-nullability.ts';
import { followersOf, subscriptionsOf } from '../../subject/subscriptions.ts';
import { openGivenEmail } from '../../subject/vault.ts';
import { idempotencyKey, once } from '../idempotency/schema.ts';
import { mailSwitchOf } from '../newsletters/operations.ts';
import { pageOfPeople } from '../people/pages-of-people.ts';

export function defineBlog(part: SchemaPart): void {
  defineUserFields(part);
  const { builder } = part;
  builder.mutationFields((t) => ({
    subscribeToThread: t.boolean({
      description:
        'Subscribes to a blog thread by mail: the signed-in person, or anybody with an address. Nothing is mailed but a ' +
        'request to verify, until the mailbox answers it; an address gets one such request an hour. An address that does ' +
        'not answer is forgotten after 30 days. For addresses without an account one request and one network have ' +
        'limits. The answer is the same for a known and an unknown address, within the limits and beyond.',
      args: {
        thread: t.arg.id({ required: true, description: 'The thread, up to 200 characters.' }),
        email: t.arg({ type: 'EmailAddress', description: 'Where to, for a caller that is not signed in.' }),
        ...idempotencyKey(t.arg),
      },
      resolve: async (_root, args, context, info) => {
        const { thread, email } = args;
        const { blog, vaultOf } = context.services;
        textArgument('thread', thread, 200);
        if (context.caller.kind === 'MEMBER' && email == null) {
          const { sid, person } = activeSelfOf(context);
          const vault = await vaultOf(sid);
          const own = openGivenEmail(vault, person.values);
          if (own === undefined) throw badInput('email', 'an address: the account has none');
          await once(context, info, args, async ({ made }) => {
            if (!made) await blog.subscribe({ sid, vault }, thread, own);
          });
        } else {
          if (email == null) throw badInput('email', 'an address, since nobody is signed in');
          if (await context.mayStore('FOLLOWER'))
            await once(context, info, args, async ({ made }) => {
              if (!made) await blog.follow(thread, email);
            });
        }
        return true;
      },
    }),
    verifySubscription: t.boolean({
      description:
        'Verifies a subscription with the token from the mail that asked for it. The answer is the same for a token ' +
        'that is good and one that is not.',
      extensions: notUse(),
      args: { token: t.arg.string({ required: true, description: 'The token from the mail.', extensions: opaque() }) },
      resolve: async (_root, { token }, { services, now }) => {
        const link = services.links.open(token);
        if (link?.action === 'VERIFY_THREAD' && now.getTime() < link.until) await services.blog.verify(link);
        return true;
      },
    }),
    forgetAddress: t.boolean({
      description:
        'Mails a link to an address by which everything is forgotten that is held of it without an account: the blog ' +
        'threads that it follows, and mail that waits for it. Every mail to such an address has the same link. An ' +
        'account is not touched: `eraseAccount` ends one. An address gets one such mail an hour; one request and one ' +
        'network have limits. The answer is always the same.',
      extensions: notUse(),
      args: { email: t.arg({ type: 'EmailAddress', required: true, description: 'The address.' }) },
      resolve: async (_root, { email }, context) => {
        if (await context.mayStore('FORGETTING')) await context.services.blog.askToForget(email);
        return true;
      },
    }),
    unsubscribeFromThread: t.field({
      type: 'User',
      description: 'The signed-in person gets no more mail about a blog thread. Leaving twice is no error.',
      extensions: notUse(),
      args: { thread: t.arg.id({ required: true, description: 'The thread.' }) },
      resolve: async (_root, { thread }, context) => {
        const { sid, person } = selfOf(context);
        const changed = await context.services.blog.leave(sid, thread);
        return context.subjects.adopt(changed?.document ?? person);
      },
    }),
  }));

  builder.queryFields((t) => ({
    threadFollowers: t.field({
      type: 'UserConnection',
      nullable: true,
      description:
        'For a partner that mails about blog threads: the followers of a thread with an account and a verified ' +
        'subscription in force. Each is put on record as a disclosure. The gateway itself mails followers ' +
        'without an account.',
      extensions: NULL_ONLY_BY_ERROR,
      args: { thread: t.arg.id({ required: true, description: 'The thread.' }), ...paging(t) },
      resolve: async (_root, { thread, ...args }, context) => {
        const { purpose, recipient } = seeingPartnerOf(
          context,
          'Followers of a thread are for the partner that mails them.',
        );
        if (!mailSwitchOf(context.services.table, purpose, recipient.kind)?.subscription)
          throw forbiddenOperation('The token is for another list than blog threads.', 'WRONG_PURPOSE');
        return pageOfPeople(context, args, followersOf(String(thread)));
      },
    }),
  }));
}

/** The fields of `User` that belong to this feature, and their types. */
function defineUserFields({ builder }: SchemaPart): void {
  builder.objectType('BlogSubscription', {
    description: 'A blog thread that a person subscribed to by mail.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      id: t.id({
        description: OBJECT_ID,
        resolve: ({ sid, thread }, _args, { objectIds }) => objectIds('BlogSubscription', sid, thread),
      }),
      thread: t.exposeID('thread', { nullable: true, description: 'The thread.' }),
      verified: t.exposeBoolean('verified', {
        description: 'Whether the address was verified; mail is sent only then.',
      }),
    }),
  });
  builder.objectFields('User', (t) => ({
    subscriptions: t.field({
      type: ['BlogSubscription'],
      description: `Blog threads that the person subscribed to. ${DENIABLE}`,
      ...fromAccount((person) => ofPerson(person, subscriptionsOf(person.facts))),
    }),
  }));
}
