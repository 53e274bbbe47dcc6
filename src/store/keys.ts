import { randomBytes } from 'node:crypto';
import { openBytes, rewrap, sealBytes } from './aead.ts';
import { giveEach } from './give-each.ts';
import type { Access } from './mongo/collections.ts';
import { createPersonKeyRecords, type PersonKeyRecord } from './mongo/repositories/person-keys.ts';

export type PersonKeys = ReturnType<typeof createPersonKeys>;

const place = (sid: string) => `key of ${sid}`;

/**
 * One data key for each person, in a collection of their own. Data and keys can have separate backups, and destroying a
 * key makes every copy of the person's data unreadable. No key is cached beyond a request.
 */
export function createPersonKeys(store: Access, kek: Buffer) {
  const records = createPersonKeyRecords(store);
  const open = ({ _id, wrapped }: PersonKeyRecord) => openBytes(kek, place(_id), wrapped);
  const wrap = (_id: string, key: Buffer): PersonKeyRecord => ({ _id, wrapped: sealBytes(kek, place(_id), key) });

  /** The existing keys of these people, in one command. */
  const find = async (sids: readonly string[]): Promise<Map<string, Buffer>> => {
    const found = await records.find(sids);
    return new Map(found.map((record) => [record._id, open(record)]));
  };

  const put = (keys: ReadonlyMap<string, Buffer>) => records.add([...keys].map(([sid, key]) => wrap(sid, key)));

  return {
    find,

    /** A key for each person, made if missing, and on record before it encrypts anything. */
    obtain: (sids: readonly string[]) => giveEach(sids, () => randomBytes(32), put, find),

    /** After this no copy of the person's encrypted data can be read any more. */
    destroy: (sid: string): Promise<void> => records.forget(sid),

    /**
     * Wraps every key under another key encryption key; an interrupted run can be repeated.
     *
     * @returns the number of rewrapped keys
     */
    async rewrap(next: Buffer): Promise<number> {
      let count = 0;
      for await (const record of records.all()) {
        const wrapped = rewrap(kek, next, place(record._id), record.wrapped);
        if (wrapped === null) continue;
        await records.exchange(record, wrapped);
        count += 1;
      }
      return count;
    },
  };
}
