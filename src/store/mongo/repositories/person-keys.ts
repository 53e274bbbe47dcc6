import type { Layout } from '../collection-layout.ts';
import { type Access, collectionOf } from '../collections.ts';
import { isAdded } from '../duplicate-key.ts';

export interface PersonKeyRecord {
  /** The internal id of the key's person. */
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
    /** The existing keys of these people, in one command. */
    find: (sids: readonly string[]): Promise<PersonKeyRecord[]> =>
      collection.find({ _id: { $in: [...sids] } }, read).toArray(),

    /** @returns false if one of the people already has a key; the other keys are on record */
    add: (keys: readonly PersonKeyRecord[]): Promise<boolean> =>
      isAdded(collection.insertMany(keys, { writeConcern: write, ordered: false })),

    async forget(sid: string): Promise<void> {
      await collection.deleteOne({ _id: sid }, { writeConcern: write });
    },

    all: (): AsyncIterable<PersonKeyRecord> => collection.find({}, read),

    /** Replaces the wrapping of a key, unless it has changed meanwhile. */
    async exchange({ _id, wrapped }: PersonKeyRecord, next: string): Promise<void> {
      await collection.updateOne({ _id, wrapped }, { $set: { wrapped: next } }, { writeConcern: write });
    },
  };
}
