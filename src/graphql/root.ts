import { opaque } from '../enforcement/card-guard.ts';
import { notUse } from '../enforcement/site-use.ts';
import { badInput, forbiddenOperation } from '../errors.ts';
import { serves } from '../policy/serves.ts';
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

/** The ways to people. */
export function defineRoot({ builder, refs }: SchemaPart): void {
  builder.interfaceType(refs.Node, {
    description: 'Something that `node(id)` finds again by its id.',
    fields: (t) => ({ id: t.id({ description: 'The id, the same for ever.' }) }),
  });

  const UserConnection = defineUserConnection({ builder, refs });

  builder.queryFields((t) => ({
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
      args: {
        first: t.arg.int({ description: `How many, up to ${PAGE.most}; ${PAGE.usual} where nothing is said.` }),
        after: t.arg.string({ description: 'The `endCursor` of the page before.', extensions: opaque() }),
      },
      resolve: async (_root, { first, after }, context) => {
        refuseWhoSeesNobody(context);
        if (context.caller.kind !== 'PARTNER' && context.caller.kind !== 'STAFF')
          throw forbiddenOperation('Lists of people are for partners and staff.', 'NOT_PERMITTED');
        const { subjects } = context;
        const position = after == null ? null : subjects.positionOf(after);
        if (after != null && position === null) throw badInput('after', 'a cursor of this list');
        return subjects.page(countOf('first', first, PAGE.usual, PAGE.most), position);
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
          default:
            return null;
        }
      },
    }),
  }));
}
