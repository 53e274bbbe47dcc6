import { notUse } from '../../enforcement/site-use.ts';
import { adopt } from '../../graphql/adopt.ts';
import type { SchemaPart } from '../../graphql/refs.ts';
import { activeSelfOf, selfOf } from '../../graphql/self.ts';
import { serves } from '../../policy/serves.ts';

export function defineRelationships({ builder, refs }: SchemaPart): void {
  builder.mutationFields((t) => {
    const args = () => ({
      partner: t.arg.id({ required: true, description: 'The client id of the partner.' }),
    });
    return {
      enterRelationship: t.field({
        type: refs.User,
        description:
          'The signed-in person enters a relationship with a co-branded partner, which may see their name and email ' +
          'address until they leave it. Entering what is already entered changes nothing.',
        extensions: serves('cobranded.share'),
        args: args(),
        resolve: async (_root, { partner }, context) => {
          const { sid } = activeSelfOf(context);
          return adopt(context, await context.services.relationships.enter(sid, partner));
        },
      }),
      leaveRelationship: t.field({
        type: refs.User,
        description:
          'The signed-in person leaves a relationship. Once answered, it governs every read that starts afterwards.',
        extensions: { ...notUse(), ...serves('cobranded.share') },
        args: args(),
        resolve: async (_root, { partner }, context) => {
          const { sid } = selfOf(context);
          return adopt(context, await context.services.relationships.leave(sid, partner));
        },
      }),
    };
  });
}
