import type { Layout } from '../collection-layout.ts';
import { type Access, collectionOf } from '../collections.ts';
import { isAdded } from '../duplicate-key.ts';

export interface PersonKeyRecord {
  /** The internal id of the person that the key is for. */
  readonly _id: string;
  /** The data key, sealed under the key encryption key. */
  readonly wrapped: string;
}

export const PERSON_KEYS = 'person_keys';

export const PERSON_KEYS_LAYOUT: Layout = { name: PERSON_KEYS, indexes: [], shardKey: { _id: 1 } };

/** The wrapped data keys of people, one for each. */
export function createPersonKeyRecords({ connection, read, write }: Access) {
  const collection = collectionOf<PersonKeyRecord>(connection, PERSON_KEYS);

  return {
    /** The keys of people who have one, in one command. */
    find: (sids: readonly string[]): Promise<PersonKeyRecord[]> =>
      collection.find({ _id: { $in: [...sids] } }, read).toArray(),

    /** @returns false where one of the people has a key already; the others' are on record */
    add: (keys: readonly PersonKeyRecord[]): Promise<boolean> =>
      isAdded(collection.insertMany(keys, { writeConcern: write, ordered: false })),

    async forget(sid: string): Promise<void> {
      await collection.deleteOne({ _id: sid }, { writeConcern: write });
    },

    all: (): AsyncIterable<PersonKeyRecord> => collection.find({}, read),

    /** Exchanges the wrapping of a key, unless it has another one by now. */
    async exchange({ _id, wrapped }: PersonKeyRecord, next: string): Promise<void> {
      await collection.updateOne({ _id, wrapped }, { $set: { wrapped: next } }, { writeConcern: write });
    },
  };
}
