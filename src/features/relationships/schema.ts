import { PART_OF_VALUE } from '../../enforcement/classification.ts';
import { notUse } from '../../enforcement/site-use.ts';
import { adopt } from '../../graphql/adopt.ts';
import { activeSelfOf, selfOf } from '../../graphql/callers.ts';
import { OBJECT_ID, ofPerson } from '../../graphql/object-ids.ts';
import { DENIABLE, fromAccount } from '../../graphql/personal-fields.ts';
import { capitalized, listed, roleWords, withArticle } from '../../graphql/policy-words.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import { revealsOf } from '../../policy/clause.ts';
import { names } from '../../policy/condition.ts';
import { scopeWord } from '../../policy/vocabulary.ts';
import { relationshipsOf } from '../../subject/ties.ts';

export function defineRelationships(part: SchemaPart): void {
  defineUserFields(part);
  const { builder } = part;
  const { kinds, shown } = wordsOf(part);
  builder.mutationFields((t) => {
    const args = () => ({
      partner: t.arg.id({ required: true, description: 'The client id of the partner.' }),
    });
    return {
      enterRelationship: t.field({
        type: 'User',
        description:
          `The signed-in person enters a relationship with ${withArticle([...kinds, 'partner'].join(' '))}, which may ` +
          `see ${shown} until they leave it. To enter it again changes nothing.`,
        args: args(),
        resolve: async (_root, { partner }, context) => {
          const { sid } = activeSelfOf(context);
          return adopt(context, await context.services.relationships.enter(sid, partner));
        },
      }),
      leaveRelationship: t.field({
        type: 'User',
        description:
          'The signed-in person leaves a relationship. Once answered, it governs every read that starts afterwards.',
        extensions: notUse(),
        args: args(),
        resolve: async (_root, { partner }, context) => {
          const { sid } = selfOf(context);
          return adopt(context, await context.services.relationships.leave(sid, partner));
        },
      }),
    };
  });
}

/** The partner kinds of relationships and the categories that they let see, in the words of the policy. */
function wordsOf({ current, vocabulary }: SchemaPart): { readonly kinds: readonly string[]; readonly shown: string } {
  const revealed = revealsOf(current).filter(({ when }) => names(when, { fact: 'relationshipWithRecipient' }));
  const kinds = [...new Set(revealed.map(({ to }) => scopeWord(to)))];
  const lists = revealed.map(({ categories }) =>
    Array.isArray(categories) ? roleWords(vocabulary, categories) : null,
  );
  const words = lists.every((list) => list !== null) ? [...new Set(lists.flat())] : [];
  return {
    kinds: kinds.length > 0 ? [kinds.join(' or ')] : [],
    shown: words.length > 0 ? `their ${listed(words)}` : 'the data that the policy names',
  };
}

/** The fields of `User` that belong to this feature, and their types. */
function defineUserFields(part: SchemaPart): void {
  const { builder } = part;
  const { kinds } = wordsOf(part);
  builder.objectType('Relationship', {
    description: `${capitalized(withArticle([...kinds, 'relationship'].join(' ')))} that a person entered.`,
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      id: t.id({
        description: OBJECT_ID,
        resolve: ({ sid, partner }, _args, { objectIds }) => objectIds('Relationship', sid, partner),
      }),
      partner: t.field({
        type: 'Partner',
        nullable: true,
        description: 'The partner; null for a partner no longer on record.',
        resolve: ({ partner }, _args, { partners }) => partners.load(partner),
      }),
      active: t.exposeBoolean('active', { description: 'Whether it goes on.' }),
    }),
  });
  builder.objectFields('User', (t) => ({
    relationships: t.field({
      type: ['Relationship'],
      description: `${capitalized([...kinds, 'relationships'].join(' '))} that the person entered. ${DENIABLE}`,
      ...fromAccount((person) => ofPerson(person, relationshipsOf(person.facts))),
    }),
  }));
}
