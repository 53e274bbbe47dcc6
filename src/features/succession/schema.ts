import { staffOf } from '../../graphql/callers.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import { idempotencyKey, once } from '../idempotency/schema.ts';

export function defineSuccession({ builder }: SchemaPart): void {
  builder.mutationFields((t) => ({
    announceSuccession: t.field({
      type: 'Notice',
      description:
        'Legal staff post the notice of a succession, from now. The first announcement is the one that counts.',
      args: {
        partner: t.arg.id({ required: true, description: 'The client id of the successor.' }),
        ...idempotencyKey(t.arg),
      },
      resolve: (_root, args, context, info) => {
        staffOf(context, 'announceSuccessions');
        // announcing it again changes nothing anyway: the key sees to it that it is the same succession
        return once(context, info, args, () => context.services.successions.announce(args.partner));
      },
    }),
  }));
}
