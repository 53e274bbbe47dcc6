import { badInput } from '../../base/errors.ts';
import type { PersonEntryBody, PersonLedger } from '../../ledger/chain/person-chain.ts';
import { wasAdded } from '../../subject/acts.ts';
import type { Changes } from '../../subject/change.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { PersonDocument } from '../../subject/model.ts';
import type { Photo } from '../../subject/values.ts';
import { openValue, type Vault } from '../../subject/vault.ts';
import type { Making } from '../idempotency/operations.ts';

/** Photos are kept in the person's document, which must not grow without end. */
const MOST_PHOTOS = 500;

type Photos = readonly Photo[];

export type PhotoOperations = ReturnType<typeof createPhotoOperations>;

export const createPhotoOperations = (
  changes: Changes,
  vaultOf: (sid: SubjectId) => Promise<Vault>,
  ledger: PersonLedger,
) => {
  const amend = async (
    sid: SubjectId,
    change: (photos: Photos, person: PersonDocument) => Photos | Promise<Photos>,
    entryOf: (at: string, count: number) => PersonEntryBody,
  ) => {
    const vault = await vaultOf(sid);
    return changes.apply(sid, async (person, at) => {
      const photos = openValue(vault, person.values, 'PHOTOS') ?? [];
      const wanted = await change(photos, person);
      if (wanted.length === photos.length) return null;
      return {
        set: { 'values.PHOTOS': vault.seal('PHOTOS', wanted) },
        entries: [entryOf(at.toISOString(), Math.abs(wanted.length - photos.length))],
      };
    });
  };

  return {
    /** Records an uploaded photo; the uploader chooses the place of the image. */
    add: (sid: SubjectId, photo: Omit<Photo, 'id'>, { id, keyed }: Making) =>
      amend(
        sid,
        async (photos, person) => {
          if (keyed && (await wasAdded(ledger, person, 'PHOTO_ADDED', id))) return photos;
          if (photos.length >= MOST_PHOTOS)
            throw badInput('url', `no more than ${MOST_PHOTOS} photos: remove some first`);
          return [...photos, { id, ...photo }];
        },
        (at, count) => ({ type: 'PHOTO_ADDED', at, count, ...(keyed && { added: id }) }),
      ),

    /** Removes photos one by one or as a group; every photo for null. A photo that is gone already is no error. */
    remove: (sid: SubjectId, ids: readonly string[] | null) =>
      amend(
        sid,
        (photos) => (ids === null ? [] : photos.filter(({ id }) => !ids.includes(id))),
        (at, count) => ({ type: 'PHOTOS_REMOVED', at, count }),
      ),
  };
};
