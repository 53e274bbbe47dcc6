import { badInput, forbiddenOperation } from '../base/errors.ts';
import { opaque } from '../enforcement/card-guard.ts';
import { notUse } from '../enforcement/site-use.ts';
import { mailSwitchOf } from '../features/newsletters/operations.ts';
import { clauseOfId, purposeOfId } from '../features/policy-versions/schema.ts';
import type { Filter } from '../policy/filter.ts';
import { serves } from '../policy/serves.ts';
import type { SubjectPage } from '../subject/loader.ts';
import { followersOf } from '../subject/subscriptions.ts';
import { countOf } from './arguments.ts';
import { defineUserConnection } from './connections.ts';
import type { Context } from './context.ts';
import { parseNodeId } from './node-id.ts';
import type { SchemaPart } from './refs.ts';

const PAGE = { usual: 20, most: 100 } as const;

/** A caller who could see nothing of anyone is told so, whatever was asked for. */
const refuseWhoSeesNobody = ({ access }: Context) => {
  const reason = access.others.refusal();
  if (reason) throw forbiddenOperation('This token could see nothing of anyone.', reason);
};

const isOwnId = (id: unknown, { caller }: Context) => caller.kind === 'MEMBER' && id === caller.person.publicId;

interface PageArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
}

/** @throws {ApiError} BAD_INPUT for what is no number of people and no cursor of this caller */
const pageOf = async ({ subjects }: Context, { first, after }: PageArguments, among?: Filter): Promise<SubjectPage> => {
  const position = after == null ? null : subjects.positionOf(after);
  if (after != null && position === null) throw badInput('after', 'a cursor of this list');
  return subjects.page(countOf('first', first, PAGE.usual, PAGE.most), position, among);
};

/** The ways to people. */
export function defineRoot({ builder, refs }: SchemaPart): void {
  builder.interfaceType(refs.Node, {
    description: 'Something that `node(id)` finds again by its id.',
    fields: (t) => ({ id: t.id({ description: 'The id, the same for ever.' }) }),
  });

  const UserConnection = defineUserConnection({ builder, refs });

  builder.queryFields((t) => {
    const paging = () => ({
      first: t.arg.int({ description: `How many, up to ${PAGE.most}; ${PAGE.usual} where nothing is said.` }),
      after: t.arg.string({ description: 'The `endCursor` of the page before.', extensions: opaque() }),
    });
    return {
      me: t.field({
        type: refs.User,
        nullable: true,
        extensions: { ...notUse(), ...serves('rights.access') },
        description: 'The signed-in person; null for every other caller.',
        resolve: (_root, _args, { caller, subjects }) =>
          caller.kind === 'MEMBER' ? subjects.find(caller.person.publicId) : null,
      }),

      user: t.field({
        type: refs.User,
        nullable: true,
        extensions: notUse(({ id }, context) => isOwnId(id, context)),
        description:
          'One person, by the id that this caller was shown or by avatar name. Null, without an error, for a person ' +
          'of whom the caller may see nothing and for one who never was.',
        args: {
          id: t.arg.id({ description: 'An id that this caller was shown.' }),
          avatarName: t.arg.string({
            description: 'An avatar name, in any letter case and width; characters that nobody sees do not count.',
          }),
        },
        resolve: (_root, { id, avatarName }, context) => {
          refuseWhoSeesNobody(context);
          if (id != null && avatarName == null) return context.subjects.find(id);
          if (avatarName != null && id == null) return context.subjects.findByAvatarName(avatarName);
          throw badInput('id', 'either an id or an avatarName');
        },
      }),

      users: t.field({
        type: UserConnection,
        nullable: true,
        description:
          'The people of whom a partner or a member of staff may see anything. Others look people up one by one.',
        args: paging(),
        resolve: async (_root, args, context) => {
          refuseWhoSeesNobody(context);
          if (context.caller.kind !== 'PARTNER' && context.caller.kind !== 'STAFF')
            throw forbiddenOperation('Lists of people are for partners and staff.', 'NOT_PERMITTED');
          return pageOf(context, args);
        },
      }),

      threadFollowers: t.field({
        type: UserConnection,
        nullable: true,
        description:
          'For a partner that mails about blog threads: the people with an account who follow a thread, with a verified ' +
          'subscription in force. Each is put on record as a disclosure. The gateway itself mails people who follow it ' +
          'without an account.',
        extensions: serves('blog.subscription'),
        args: { thread: t.arg.id({ required: true, description: 'The thread.' }), ...paging() },
        resolve: async (_root, { thread, ...args }, context) => {
          const { caller, services } = context;
          if (caller.kind !== 'PARTNER')
            throw forbiddenOperation('Followers of a thread are for the partner that mails them.', 'NOT_PERMITTED');
          refuseWhoSeesNobody(context);
          if (!mailSwitchOf(services.table, caller.purpose, caller.recipient.kind)?.subscription)
            throw forbiddenOperation('The token is for another list than blog threads.', 'WRONG_PURPOSE');
          return pageOf(context, args, followersOf(String(thread)));
        },
      }),

      node: t.field({
        type: refs.Node,
        nullable: true,
        extensions: notUse(({ id }, context) => isOwnId(id, context) || parseNodeId(String(id)).type !== null),
        description:
          'Anything that has an id. Any string is a possible id; what is not there, or not for the caller, is null.',
        args: { id: t.arg.id({ required: true, description: 'The id.' }) },
        resolve: (_root, { id }, context) => {
          refuseWhoSeesNobody(context);
          const { type, id: localId } = parseNodeId(id);
          switch (type) {
            case null:
              return context.subjects.find(id);
            case 'Partner':
              return context.partners.load(localId);
            case 'Policy':
              return context.services.table.policies.get(localId) ?? null;
            case 'Clause':
              return clauseOfId(context.services.table, localId);
            case 'PolicyPurpose':
              return purposeOfId(context.services.table, localId);
            default:
              return null;
          }
        },
      }),
    };
  });
}
