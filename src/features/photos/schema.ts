import { badInput } from '../../base/errors.ts';
import { classified, PART_OF_VALUE } from '../../enforcement/classification.ts';
import { notUse } from '../../enforcement/site-use.ts';
import { adopt } from '../../graphql/adopt.ts';
import { textArgument } from '../../graphql/arguments.ts';
import { activeSelfOf, selfOf } from '../../graphql/callers.ts';
import { DENIABLE } from '../../graphql/personal-fields.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import { idempotencyKey, once } from '../idempotency/schema.ts';

export function definePhotos(part: SchemaPart): void {
  defineUserFields(part);
  const { builder } = part;
  builder.mutationFields((t) => ({
    addPhoto: t.field({
      type: 'User',
      description: 'Records a photo that the signed-in person uploaded. Other members may see it.',
      args: {
        url: t.arg({ type: 'URL', required: true, description: 'Where the image is.' }),
        caption: t.arg.string({ description: 'The text under it, up to 1,000 characters.' }),
        ...idempotencyKey(t.arg),
      },
      resolve: async (_root, args, context, info) => {
        const { sid } = activeSelfOf(context);
        const { url, caption } = args;
        const photo = { url, ...(caption != null && { caption: textArgument('caption', caption, 1_000) }) };
        const { photos } = context.services;
        return adopt(context, await once(context, info, args, (making) => photos.add(sid, photo, making)));
      },
    }),
    removePhotos: t.field({
      type: 'User',
      description:
        'Removes photos of the signed-in person: those that `ids` names, or every photo where `all` is true. They are ' +
        'gone on the next read, everywhere; partners that were shown photos are told to erase them. A photo that is gone ' +
        'already is no error.',
      extensions: notUse(),
      args: {
        ids: t.arg.idList({ description: 'The ids of the photos.' }),
        all: t.arg.boolean({ description: 'Whether to remove every photo; then no ids are given.' }),
      },
      resolve: async (_root, { ids, all }, context) => {
        const { sid } = selfOf(context);
        if ((ids == null) !== (all === true)) throw badInput('ids', 'the ids of photos, or `all: true` in their place');
        return adopt(context, await context.services.photos.remove(sid, ids ?? null));
      },
    }),
  }));
}

/** The fields of `User` that belong to this feature, and their types. */
function defineUserFields({ builder }: SchemaPart): void {
  builder.objectType('Photo', {
    description: 'An uploaded photo.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id among the photos of its owner.' }),
      url: t.expose('url', { type: 'URL', nullable: true, description: 'Where the image is.' }),
      caption: t.exposeString('caption', { nullable: true, description: 'The owner’s text under it.' }),
    }),
  });
  builder.objectFields('User', (t) => ({
    photos: t.field({
      type: ['Photo'],
      nullable: true,
      description: `Uploaded photos. ${DENIABLE}`,
      extensions: classified('PHOTOS'),
      resolve: (subject) => subject.reveal('PHOTOS'),
    }),
  }));
}
