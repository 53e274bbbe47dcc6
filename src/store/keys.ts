import { randomBytes } from 'node:crypto';
import { openBytes, rewrap, sealBytes } from './aead.ts';
import type { Store } from './mongo/connection.ts';
import { giveEach } from './mongo/give-each.ts';

interface WrappedKey {
  /** The internal id of the person whose key it is. */
  readonly _id: string;
  /** The data key, sealed under the key encryption key. */
  readonly wrapped: string;
}

export const PERSON_KEYS = 'person_keys';

export type PersonKeys = ReturnType<typeof createPersonKeys>;

const place = (sid: string) => `key of ${sid}`;

/**
 * One data key for each person, in a collection of their own: backups of what is encrypted and of keys can live and
 * die apart, and destroying a key makes every copy of what it encrypted unreadable. Never cached beyond a request.
 */
export function createPersonKeys(
  { connection, read, write }: Pick<Store, 'connection' | 'read' | 'write'>,
  kek: Buffer,
) {
  const collection = connection.getClient().db(connection.name).collection<WrappedKey>(PERSON_KEYS);
  const open = ({ _id, wrapped }: WrappedKey) => openBytes(kek, place(_id), wrapped);
  const wrap = (_id: string, key: Buffer): WrappedKey => ({ _id, wrapped: sealBytes(kek, place(_id), key) });

  /** The keys of people who have one, in one command. */
  const find = async (sids: readonly string[]): Promise<Map<string, Buffer>> => {
    const found = await collection.find({ _id: { $in: [...sids] } }, read).toArray();
    return new Map(found.map((document) => [document._id, open(document)]));
  };

  const put = (keys: ReadonlyMap<string, Buffer>) => {
    const documents = [...keys].map(([sid, key]) => wrap(sid, key));
    return collection.insertMany(documents, { writeConcern: write, ordered: false });
  };

  return {
    find,

    /** A key for each of them, on record before anything is encrypted under it; made for those who have none yet. */
    obtain: (sids: readonly string[]) => giveEach(sids, () => randomBytes(32), put, find),

    /** From here on nothing that was encrypted for the person can be read, wherever a copy of it lies. */
    async destroy(sid: string): Promise<void> {
      await collection.deleteOne({ _id: sid }, { writeConcern: write });
    },

    /**
     * Wraps every key under another key encryption key; safe to run again where it was cut off.
     *
     * @returns how many keys were wrapped anew
     */
    async rewrap(next: Buffer): Promise<number> {
      let count = 0;
      for await (const document of collection.find({}, read)) {
        const wrapped = rewrap(kek, next, place(document._id), document.wrapped);
        if (wrapped === null) continue;
        await collection.updateOne(document, { $set: { wrapped } }, { writeConcern: write });
        count += 1;
      }
      return count;
    },
  };
}
