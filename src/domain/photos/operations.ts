import { randomUUID } from 'node:crypto';
import { badInput } from '../../errors.ts';
import type { Changes } from '../../subject/change.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { Photo } from '../../subject/model.ts';
import { openValue, type Vault } from '../../subject/vault.ts';

/** Photos are kept in the person's document, which must not grow without end. */
const MOST_PHOTOS = 500;

export const createPhotoOperations = (changes: Changes, vaultOf: (sid: SubjectId) => Promise<Vault>) => {
  const amend = async (
    sid: SubjectId,
    type: 'PHOTO_ADDED' | 'PHOTOS_REMOVED',
    change: (photos: readonly Photo[]) => readonly Photo[],
  ) => {
    const vault = await vaultOf(sid);
    return changes.apply(sid, ({ values }, at) => {
      const photos = openValue(vault, values, 'PHOTOS') ?? [];
      const wanted = change(photos);
      if (wanted.length === photos.length) return null;
      return {
        set: { 'values.PHOTOS': vault.seal('PHOTOS', wanted) },
        entries: [{ type, at: at.toISOString(), count: Math.abs(wanted.length - photos.length) }],
      };
    });
  };

  return {
    /** Records an uploaded photo; where the image lies is the uploader's. */
    add(sid: SubjectId, photo: Omit<Photo, 'id'>) {
      const id = randomUUID();
      return amend(sid, 'PHOTO_ADDED', (photos) => {
        if (photos.length >= MOST_PHOTOS)
          throw badInput('url', `no more than ${MOST_PHOTOS} photos: remove some first`);
        return [...photos, { id, ...photo }];
      });
    },

    /** Removes photos one by one or as a group; every photo for null. What is gone already is no error. */
    remove: (sid: SubjectId, ids: readonly string[] | null) =>
      amend(sid, 'PHOTOS_REMOVED', (photos) => (ids === null ? [] : photos.filter(({ id }) => !ids.includes(id)))),
  };
};
