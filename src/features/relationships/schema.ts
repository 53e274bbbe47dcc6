import { PART_OF_VALUE } from '../../enforcement/classification.ts';
import { notUse } from '../../enforcement/site-use.ts';
import { adopt } from '../../graphql/adopt.ts';
import { activeSelfOf, selfOf } from '../../graphql/callers.ts';
import { DENIABLE, fromAccount } from '../../graphql/personal-fields.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import { relationshipsOf } from '../../subject/ties.ts';

export function defineRelationships(part: SchemaPart): void {
  defineUserFields(part);
  const { builder } = part;
  builder.mutationFields((t) => {
    const args = () => ({
      partner: t.arg.id({ required: true, description: 'The client id of the partner.' }),
    });
    return {
      enterRelationship: t.field({
        type: 'User',
        description:
          'The signed-in person enters a relationship with a co-branded partner, which may see their name and email ' +
          'address until they leave it. Entering what is already entered changes nothing.',
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

/** The fields of `User` that belong to this feature, and their types. */
function defineUserFields({ builder }: SchemaPart): void {
  builder.objectType('Relationship', {
    description: 'A co-branded relationship that a person entered.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      partner: t.field({
        type: 'Partner',
        nullable: true,
        description: 'With whom; null for a partner no longer on record.',
        resolve: ({ partner }, _args, { partners }) => partners.load(partner),
      }),
      active: t.exposeBoolean('active', { description: 'Whether it goes on.' }),
    }),
  });
  builder.objectFields('User', (t) => ({
    relationships: t.field({
      type: ['Relationship'],
      description: `Co-branded relationships that the person entered. ${DENIABLE}`,
      ...fromAccount(({ facts }) => relationshipsOf(facts)),
    }),
  }));
}
