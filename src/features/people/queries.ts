import { badInput, forbiddenOperation } from '../../base/errors.ts';
import { notUse } from '../../enforcement/site-use.ts';
import { requireSight } from '../../graphql/callers.ts';
import { paging } from '../../graphql/connections.ts';
import type { Context } from '../../graphql/context.ts';
import { parseNodeId } from '../../graphql/node-id.ts';
import { capitalized, handleWords, withArticle } from '../../graphql/policy-words.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import { NULL_ONLY_BY_ERROR } from '../../graphql/semantic-nullability.ts';
import { categoryWith } from '../../policy/vocabulary.ts';
import { definePagesOfPeople, pageOfPeople } from './pages-of-people.ts';

const isOwnId = (id: unknown, { caller }: Pick<Context, 'caller'>) =>
  caller.kind === 'MEMBER' && id === caller.person.publicId;

/** The ways to people. */
export function defineWaysToPeople({ builder, nodes, vocabulary }: SchemaPart): void {
  const handle = categoryWith(vocabulary, 'handle')?.field ?? '';
  builder.interfaceType('Node', {
    description: 'Something that `node(id)` finds again by its id.',
    fields: (t) => ({ id: t.id({ description: 'The id, the same for ever.' }) }),
  });

  definePagesOfPeople({ builder });

  builder.queryFields((t) => ({
    me: t.field({
      type: 'User',
      nullable: true,
      extensions: notUse(),
      description: 'The signed-in person; null for every other caller.',
      resolve: (_root, _args, { caller, subjects }) =>
        caller.kind === 'MEMBER' ? subjects.find(caller.person.publicId) : null,
    }),

    user: t.field({
      type: 'User',
      nullable: true,
      extensions: notUse(({ id }, context) => isOwnId(id, context)),
      description:
        `One person, by the id that this caller was shown or by ${handleWords(vocabulary)}. Null, without an error, both for a person ` +
        'that the caller may see nothing about and for one that never existed.',
      args: {
        id: t.arg.id({ description: 'An id that this caller was shown.' }),
        [handle]: t.arg.string({
          description: `${capitalized(withArticle(handleWords(vocabulary)))}, in any letter case and width; characters that nobody sees do not count.`,
        }),
      },
      resolve: (_root, args, context) => {
        requireSight(context);
        const { id, [handle]: avatarName } = args as Readonly<Record<string, string | null | undefined>>;
        if (id != null && avatarName == null) return context.subjects.find(id);
        if (avatarName != null && id == null) return context.subjects.findByAvatarName(avatarName);
        throw badInput('id', `either an id or ${handle}`);
      },
    }),

    users: t.field({
      type: 'UserConnection',
      nullable: true,
      description:
        'The people that a partner or a member of staff may see anything about. Others look people up one by one.',
      extensions: NULL_ONLY_BY_ERROR,
      args: paging(t),
      resolve: async (_root, args, context) => {
        requireSight(context);
        if (context.caller.kind !== 'PARTNER' && context.caller.kind !== 'STAFF')
          throw forbiddenOperation('Lists of people are for partners and staff.', 'NOT_PERMITTED');
        return pageOfPeople(context, args);
      },
    }),

    node: t.field({
      type: 'Node',
      nullable: true,
      extensions: notUse(({ id }, context) => isOwnId(id, context) || parseNodeId(String(id)).type !== null),
      description:
        'Anything that has an id. Any string is a possible id; null for a thing that is not there, or not for the caller.',
      args: { id: t.arg.id({ required: true, description: 'The id.' }) },
      resolve: (_root, { id }, context) => {
        requireSight(context);
        const { type, id: localId } = parseNodeId(id);
        if (type === null) return context.subjects.find(id);
        return nodes.get(type)?.(localId, context) ?? null;
      },
    }),
  }));
}
