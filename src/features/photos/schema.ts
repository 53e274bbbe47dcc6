import { badInput } from '../../base/errors.ts';
import { notUse } from '../../enforcement/site-use.ts';
import { textArgument } from '../../graphql/arguments.ts';
import type { Context } from '../../graphql/context.ts';
import type { SchemaPart } from '../../graphql/refs.ts';
import { activeSelfOf, selfOf } from '../../graphql/self.ts';
import { serves } from '../../policy/serves.ts';
import type { Changed } from '../../subject/change.ts';
import { idempotencyKey, once } from '../idempotency/schema.ts';

export function definePhotos({ builder, refs }: SchemaPart): void {
  const adopted = async (context: Context, changed: Changed | null) => {
    if (!changed) throw new Error('The person who was read a moment ago is gone.');
    return context.subjects.adopt(changed.document);
  };

  builder.mutationFields((t) => ({
    addPhoto: t.field({
      type: refs.User,
      description: 'Records a photo that the signed-in person uploaded. Other members may see it.',
      extensions: serves('photos.visibility'),
      args: {
        url: t.arg({ type: 'URL', required: true, description: 'Where the image is.' }),
        caption: t.arg.string({ description: 'What stands under it, up to 1,000 characters.' }),
        ...idempotencyKey(t.arg),
      },
      resolve: async (_root, args, context, info) => {
        const { sid } = activeSelfOf(context);
        const { url, caption } = args;
        const photo = { url, ...(caption != null && { caption: textArgument('caption', caption, 1_000) }) };
        const { photos } = context.services;
        return adopted(context, await once(context, info, args, (making) => photos.add(sid, photo, making)));
      },
    }),
    removePhotos: t.field({
      type: refs.User,
      description:
        'Removes photos of the signed-in person: those that `ids` names, or every photo where `all` is true. They are ' +
        'gone on the next read, everywhere; partners that were shown photos are told to erase them. A photo that is gone ' +
        'already is no error.',
      extensions: { ...notUse(), ...serves('photos.removal') },
      args: {
        ids: t.arg.idList({ description: 'The ids of the photos.' }),
        all: t.arg.boolean({ description: 'Whether to remove every photo; then no ids are given.' }),
      },
      resolve: async (_root, { ids, all }, context) => {
        const { sid } = selfOf(context);
        if ((ids == null) !== (all === true)) throw badInput('ids', 'the ids of photos, or `all: true` in their place');
        return adopted(context, await context.services.photos.remove(sid, ids ?? null));
      },
    }),
  }));
}
