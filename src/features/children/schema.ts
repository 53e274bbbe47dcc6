import { textArgument } from '../../graphql/arguments.ts';
import { occasionOf } from '../../graphql/callers.ts';
import type { Context } from '../../graphql/context.ts';
import { DENIABLE, fromAccount } from '../../graphql/personal-fields.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import type { Changed } from '../../subject/change.ts';
import type { Subject } from '../../subject/subject.ts';
import { idempotencyKey, once } from '../idempotency/schema.ts';

interface Treated {
  readonly user: Subject;
  readonly deletionDueAt: Date | null;
}

const LONGEST_ID = 255;
const LONGEST_TEXT = 10_000;

const treated = async (changed: Changed | null, { subjects }: Context): Promise<Treated | null> =>
  changed && {
    user: await subjects.adopt(changed.document),
    deletionDueAt: changed.document.deletionDueAt ?? null,
  };

export function defineChildren(part: SchemaPart): void {
  defineUserFields(part);
  const { builder } = part;
  const payload = (name: string, description: string) => {
    const Payload = builder.objectRef<Treated>(name);
    builder.objectType(Payload, {
      description,
      fields: (t) => ({
        user: t.expose('user', { type: 'User', description: 'The person, decided anew.' }),
        deletionDueAt: t.expose('deletionDueAt', {
          type: 'DateTime',
          nullable: true,
          description: 'When everything that is held of them is deleted; null where nothing is to be.',
        }),
      }),
    });
    return Payload;
  };
  const SealPayload = payload('SealChildPayload', 'The account is sealed.');
  const UnsealPayload = payload('UnsealAccountPayload', 'The account is not sealed any more.');

  builder.mutationFields((t) => ({
    sealChild: t.field({
      type: SealPayload,
      nullable: true,
      description:
        'Privacy staff, at work on an open case of the person, seals the account of a child at once and queues ' +
        'everything for deletion. It takes a birth date on record below the policy’s age, or an open case of a ' +
        'verified guardian; with neither it is `FORBIDDEN`, and `recordChildFinding` is the way. Null for a person ' +
        'out of their sight.',
      args: { user: t.arg.id({ required: true, description: 'The id of the person.' }) },
      resolve: async (_root, { user }, context) => {
        const occasion = occasionOf(context, 'sealAccounts');
        const subject = await context.subjects.find(user);
        return subject && treated(await context.services.children.seal(subject.sid, occasion), context);
      },
    }),
    unsealAccount: t.field({
      type: UnsealPayload,
      nullable: true,
      description:
        'Privacy staff opens a sealed account again, as it was before, until `deletionDueAt`. It takes an open case ' +
        'that the person opened themself. A birth date on record that is a child’s is taken for wrong and goes: the ' +
        'person can give another. Notices to partners to erase stand. Null for a person out of their sight.',
      args: { user: t.arg.id({ required: true, description: 'The id of the person.' }) },
      resolve: async (_root, { user }, context) => {
        const occasion = occasionOf(context, 'sealAccounts');
        const subject = await context.subjects.find(user);
        return subject && treated(await context.services.children.unseal(subject.sid, occasion), context);
      },
    }),
    recordChildFinding: t.id({
      description:
        'A member of privacy staff puts down why an account is a child’s, such as a post that says so. The finding ' +
        'waits in `privacyCases` until another member confirms it. Answers its id, whether or not there is such an ' +
        'account.',
      args: {
        user: t.arg.id({ required: true, description: 'The id of the account, as members see it.' }),
        seen: t.arg.string({ required: true, description: 'The observation and its place, up to 10,000 characters.' }),
        ...idempotencyKey(t.arg),
      },
      resolve: (_root, args, context, info) => {
        const occasion = occasionOf(context, 'sealAccounts');
        const user = textArgument('user', args.user, LONGEST_ID);
        const seen = textArgument('seen', args.seen, LONGEST_TEXT);
        const { findings } = context.services;
        return once(context, info, args, (making) => findings.record(user, seen, occasion, making));
      },
    }),
    confirmChildFinding: t.boolean({
      description:
        'A second member of privacy staff confirms a finding of the first: the account is sealed at ' +
        'once and queued for deletion. The answer does not tell whether there is such an account.',
      args: { id: t.arg.id({ required: true, description: 'The id of the finding.' }) },
      resolve: async (_root, { id }, context) => {
        await context.services.findings.confirm(id, occasionOf(context, 'sealAccounts'));
        return true;
      },
    }),
  }));
}

/** The fields of `User` that belong to this feature, and their types. */
function defineUserFields({ builder }: SchemaPart): void {
  builder.objectFields('User', (t) => ({
    deletionDueAt: t.field({
      type: 'DateTime',
      description:
        'When all that is held of the person is deleted: the account was sealed as a child’s, and can be opened ' +
        `again until then. Null where nothing is to be deleted. ${DENIABLE}`,
      ...fromAccount(({ deletionDueAt }) => deletionDueAt),
    }),
  }));
}
