import { forbiddenOperation } from '../../base/errors.ts';
import { classified, PART_OF_VALUE } from '../../enforcement/classification.ts';
import { notUse } from '../../enforcement/site-use.ts';
import { adopt } from '../../graphql/adopt.ts';
import { textArgument } from '../../graphql/arguments.ts';
import { activeSelfOf, partnerOf, selfOf } from '../../graphql/callers.ts';
import { OBJECT_ID, ofPerson } from '../../graphql/object-ids.ts';
import { DENIABLE, fromAccount } from '../../graphql/personal-fields.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import { kindsWith } from '../../policy/partner-kinds.ts';
import { socialLinksOf } from '../../subject/ties.ts';
import { idempotencyKey, once } from '../idempotency/schema.ts';

const MOST_CHARACTERS = { kind: 32, text: 10_000 } as const;

export function defineSocial(part: SchemaPart): void {
  defineUserFields(part);
  const { builder, enums } = part;
  builder.mutationFields((t) => {
    const partner = () => t.arg.id({ required: true, description: 'The client id of the site.' });
    return {
      connectSocial: t.field({
        type: 'User',
        description:
          'The signed-in person links their account with one on a social site, and agrees that this site takes in data ' +
          'from there. Whether activity is posted begins as the policy says. Linking again changes only the categories taken in.',
        args: {
          partner: partner(),
          takenIn: t.arg({
            type: [enums.DataCategory],
            required: true,
            description: 'The categories that this site takes in from there.',
          }),
        },
        resolve: async (_root, { partner: clientId, takenIn }, context) => {
          const { sid } = activeSelfOf(context);
          const { social } = context.services;
          return adopt(context, await social.connect(sid, await social.prepare(clientId, takenIn)));
        },
      }),
      setAutoPost: t.field({
        type: 'User',
        description:
          'The signed-in person lets recent activity be posted to a linked site, or no longer. Once answered, it ' +
          'governs every read that starts afterwards.',
        extensions: { ...notUse(({ on }) => on === false) },
        args: { partner: partner(), on: t.arg.boolean({ required: true, description: 'Whether it may be posted.' }) },
        resolve: async (_root, { partner: clientId, on }, context) => {
          const { sid } = on ? activeSelfOf(context) : selfOf(context);
          return adopt(context, await context.services.social.setAutoPost(sid, clientId, on));
        },
      }),
      disconnectSocial: t.field({
        type: 'User',
        description:
          'The signed-in person ends a link. Ending it twice is no error. Once answered, it governs every read that ' +
          'starts afterwards.',
        extensions: notUse(),
        args: { partner: partner() },
        resolve: async (_root, { partner: clientId }, context) => {
          const { sid } = selfOf(context);
          return adopt(context, await context.services.social.disconnect(sid, clientId));
        },
      }),
      postActivity: t.field({
        type: 'User',
        description:
          'Adds to the signed-in person’s recent activity, of which the oldest goes as new is added. Linked sites may ' +
          'be shown it as long as the person lets it be posted there.',
        args: {
          kind: t.arg.string({ required: true, description: 'The kind of activity, in a word.' }),
          text: t.arg.string({ required: true, description: 'The activity in words.' }),
          ...idempotencyKey(t.arg),
        },
        resolve: async (_root, args, context, info) => {
          const { sid } = activeSelfOf(context);
          const activity = {
            kind: textArgument('kind', args.kind, MOST_CHARACTERS.kind),
            text: textArgument('text', args.text, MOST_CHARACTERS.text),
          };
          const { social } = context.services;
          return adopt(context, await once(context, info, args, (making) => social.post(sid, activity, making)));
        },
      }),
      reportDisconnect: t.boolean({
        description:
          'A social site gives notice that a person has ended the link on its side. Always true: it does not tell ' +
          'whether there was a link, nor whether the id is anybody’s. Once answered, the link is no more.',
        args: { user: t.arg.id({ required: true, description: 'The person’s id, as this partner was shown it.' }) },
        resolve: async (_root, { user }, context) => {
          const { recipient } = partnerOf(context);
          const { social, table, pseudonymsOf } = context.services;
          // Ending needs neither a contract nor a purpose: it only ever hides.
          if (!kindsWith(table.current, { fact: 'autoPostToRecipient' }).has(recipient.kind))
            throw forbiddenOperation('Accounts are not linked with this kind of partner.', 'NO_CLAUSE');
          await social.endByNotice(recipient.clientId, pseudonymsOf(recipient.clientId).open(user));
          return true;
        },
      }),
    };
  });
}

/** The fields of `User` that belong to this feature, and their types. */
function defineUserFields({ builder, enums }: SchemaPart): void {
  builder.objectType('Activity', {
    description: 'Something that a person did lately.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id among the activities of the person.' }),
      kind: t.exposeString('kind', { nullable: true, description: 'The kind of activity, in a word.' }),
      text: t.exposeString('text', { nullable: true, description: 'The activity in words.' }),
      at: t.expose('at', { type: 'DateTime', description: 'When it was done.' }),
    }),
  });
  builder.objectType('SocialLink', {
    description: 'A link with an account on a social site.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      id: t.id({
        description: OBJECT_ID,
        resolve: ({ sid, partner }, _args, { objectIds }) => objectIds('SocialLink', sid, partner),
      }),
      partner: t.field({
        type: 'Partner',
        nullable: true,
        description: 'The partner; null for a partner no longer on record.',
        resolve: ({ partner }, _args, { partners }) => partners.load(partner),
      }),
      autoPost: t.exposeBoolean('autoPost', { description: 'Whether recent activity may be posted there.' }),
      takenIn: t.field({
        type: [enums.DataCategory],
        nullable: true,
        description:
          'The categories that the person let this site take in from there; null where the record does not say.',
        resolve: ({ takenIn }) => takenIn,
      }),
      at: t.expose('at', {
        type: 'DateTime',
        nullable: true,
        description: 'When the person agreed to it; null where the record does not say.',
      }),
    }),
  });
  builder.objectFields('User', (t) => ({
    recentActivity: t.field({
      type: ['Activity'],
      nullable: true,
      description: `The latest activities of the person. ${DENIABLE}`,
      extensions: classified('ACTIVITY'),
      resolve: (subject) => subject.reveal('ACTIVITY'),
    }),
    socialLinks: t.field({
      type: ['SocialLink'],
      description: `Social accounts that the person linked. ${DENIABLE}`,
      ...fromAccount((person) => ofPerson(person, socialLinksOf(person.facts))),
    }),
  }));
}
