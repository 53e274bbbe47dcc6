import type { SchemaPart } from '../../graphql/refs.ts';
import { staffOf } from '../../graphql/staff.ts';
import { serves } from '../../policy/serves.ts';
import { idempotencyKey, once } from '../idempotency/schema.ts';
import type { SuccessionNotice } from './operations.ts';

export function defineSuccession({ builder, refs }: SchemaPart): void {
  const Notice = builder.objectRef<SuccessionNotice>('SuccessionNotice');
  builder.objectType(Notice, {
    description:
      'Notice to everyone that people’s data may pass to a successor. Nothing of anyone is shown to it before the ' +
      'notice has run in full.',
    fields: (t) => ({
      partner: t.expose('partner', { type: refs.Partner, description: 'The successor.' }),
      announcedAt: t.expose('announcedAt', { type: 'DateTime', description: 'Since when the notice stands.' }),
      effectiveAt: t.expose('effectiveAt', { type: 'DateTime', description: 'When it will have run in full.' }),
    }),
  });

  builder.mutationFields((t) => ({
    announceSuccession: t.field({
      type: Notice,
      description:
        'Legal staff post the notice of a succession, from now. The first announcement is the one that counts.',
      extensions: serves('sharing.successor'),
      args: {
        partner: t.arg.id({ required: true, description: 'The client id of the successor.' }),
        ...idempotencyKey(t.arg),
      },
      resolve: (_root, args, context, info) => {
        staffOf(context, 'legal');
        // announcing it again changes nothing anyway: the key sees to it that it is the same succession
        return once(context, info, args, () => context.services.successions.announce(args.partner));
      },
    }),
  }));
}
