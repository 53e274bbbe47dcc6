import { LRUCache } from 'lru-cache';
import { collectionOf } from '../ledger/collections.ts';
import type { Store } from '../store/connection.ts';
import { isDuplicateKey } from '../store/duplicate-key.ts';
import { createSubjectId, type SubjectId } from './identifiers.ts';

export const PUBLIC_IDS = 'public_ids';

/** The id by which members know a person, and the internal id that it leads to: to no other, ever. */
interface PublicId {
  readonly _id: string;
  readonly sid: SubjectId;
}

/** As many as a gateway remembers; each takes about 200 bytes. */
const REMEMBERED = 50_000;

export type PublicIds = ReturnType<typeof createPublicIds>;

/**
 * People are spread over shards by their internal ids, which partners’ ids hold. So that a public id is one person's
 * alone and leads to one shard as well, it has a document of its own.
 */
export function createPublicIds({ connection, read, write }: Pick<Store, 'connection' | 'read' | 'write'>) {
  const collection = collectionOf<PublicId>(connection, PUBLIC_IDS);
  const remembered = new LRUCache<string, SubjectId>({ max: REMEMBERED });

  /** In one command, whether or not an id leads to somebody. */
  async function find(ids: readonly string[]): Promise<Map<string, SubjectId>> {
    const found = await collection.find({ _id: { $in: [...ids] } }, read).toArray();
    return new Map(found.map(({ _id, sid }) => [_id, sid]));
  }

  return {
    find,

    /**
     * The same, without a command where the ids were met before: an id never leads to another person. How long it takes
     * tells whether the gateway has met an id, so this is for those who have proven that it is theirs.
     */
    async recall(ids: readonly string[]): Promise<Map<string, SubjectId>> {
      const held = new Map<string, SubjectId>();
      for (const id of ids) {
        const sid = remembered.get(id);
        if (sid !== undefined) held.set(id, sid);
      }
      const others = ids.filter((id) => !held.has(id));
      const found = others.length > 0 ? await find(others) : new Map<string, SubjectId>();
      for (const [id, sid] of found) {
        remembered.set(id, sid);
        held.set(id, sid);
      }
      return held;
    },

    /** What is remembered of these ids leads to nobody: they are to be looked for again. */
    doubt(ids: readonly string[]): void {
      for (const id of ids) remembered.delete(id);
    },

    /** An internal id for each of the ids: the one that it leads to already, or a new one. Idempotent. */
    async give(ids: readonly string[]): Promise<Map<string, SubjectId>> {
      if (ids.length === 0) return new Map();
      const given = new Map(ids.map((id) => [id, createSubjectId()]));
      const documents = [...given].map(([_id, sid]) => ({ _id, sid }));
      try {
        await collection.insertMany(documents, { writeConcern: write, ordered: false });
        return given;
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        return find(ids);
      }
    },

    /** The id leads to nobody any more. Idempotent. */
    async forget(id: string): Promise<void> {
      remembered.delete(id);
      await collection.deleteOne({ _id: id }, { writeConcern: write });
    },
  };
}
