import type { mongo } from 'mongoose';
import { collectionOf } from '../ledger/collections.ts';
import type { BlindIndex } from '../store/derive.ts';
import type { Store } from '../store/mongo/connection.ts';
import { isDuplicateKey } from '../store/mongo/duplicate-key.ts';
import { eachFound } from '../store/mongo/each-found.ts';
import { fold, looksOf } from './names.ts';

export const NAME_CLAIMS = 'name_claims';

interface Claim {
  /** Marks a name, or what a name looks like; tells nothing of it. */
  readonly _id: string;
  /** Marks the id of the only person that may have the name, registered or not yet; missing once that person is erased. */
  readonly holder?: string;
}

/** What a refused name should have been, for the error. It says nothing of anybody here now. */
export const FREE_NAME = 'an avatar name that nobody has or had, nor one that looks like it';

export interface Named {
  readonly name: string;
  /** The id by which members know the person. */
  readonly publicId: string;
}

export type NameClaims = ReturnType<typeof createNameClaims>;

/**
 * Avatar names are given to one person each, decided by the database, and never to another: not when the person takes
 * another name, not when the person is erased, not when time passes. A claim holds for an id, so that a registration that
 * was cut off stands in nobody's way but others'.
 */
export function createNameClaims(
  { connection, read, write }: Pick<Store, 'connection' | 'read' | 'write'>,
  blindIndex: BlindIndex,
) {
  const collection = collectionOf<Claim>(connection, NAME_CLAIMS);
  const settings = { writeConcern: write };

  /** In one order for everybody, the name first: of several people that want what overlaps, one gets all of it. */
  const idsOf = (name: string) => [
    `NAME:${blindIndex('avatar name', fold(name))}`,
    ...looksOf(name)
      .map((look) => `LOOK:${blindIndex('look of an avatar name', look)}`)
      .sort(),
  ];
  const holderOf = (publicId: string) => blindIndex('holder of avatar names', publicId);

  const upsert = (filter: mongo.Filter<Claim>, holder: string) => ({
    updateOne: { filter, update: { $setOnInsert: { holder } }, upsert: true },
  });

  return {
    /** Takes a name for a person; false where it, or one that looks like it, is another's or was. Idempotent. */
    async take({ name, publicId }: Named): Promise<boolean> {
      const ids = idsOf(name);
      const holder = holderOf(publicId);
      const operations = ids.map((_id) => upsert({ _id, holder }, holder));
      // a claim that was taken meanwhile may be the same person's, and is found by the next attempt
      for (const _attempt of [...ids, 'the last']) {
        const found = await collection.find({ _id: { $in: ids } }, read).toArray();
        if (found.some((claim) => claim.holder !== holder)) return false;
        try {
          await collection.bulkWrite(operations, { ...settings, ordered: true });
          return true;
        } catch (error) {
          if (!isDuplicateKey(error)) throw error;
        }
      }
      return false;
    },

    /** Takes the names that nobody has, and what they look like, in one command; leaves the others as they are. */
    async takeFree(people: readonly Named[]): Promise<void> {
      const operations = people.flatMap(({ name, publicId }) =>
        idsOf(name).map((_id) => upsert({ _id }, holderOf(publicId))),
      );
      if (operations.length > 0) await collection.bulkWrite(operations, { ...settings, ordered: false });
    },

    /** Forgets the person that these names belong to; nobody gets them. */
    async disown(publicId: string): Promise<void> {
      const holder = holderOf(publicId);
      await eachFound(collection, { holder }, read, (_id) =>
        collection.updateOne({ _id, holder }, { $unset: { holder: 1 } }, settings),
      );
    },
  };
}
