import { LRUCache } from 'lru-cache';
import { collectionOf } from '../ledger/collections.ts';
import type { BlindIndex } from '../store/derive.ts';
import type { Store } from '../store/mongo/connection.ts';
import { giveEach } from '../store/mongo/give-each.ts';
import { createSubjectId, type SubjectId } from './identifiers.ts';

export const PUBLIC_IDS = 'public_ids';

/** Marks the id by which members know a person; an id that was somebody's is never anybody else's. */
export const markOfPublicId = (blindIndex: BlindIndex, publicId: string): string => blindIndex('public id', publicId);

export interface PublicId {
  /** The mark of the id; tells nothing of it. */
  readonly _id: string;
  /** The internal id that it leads to. */
  readonly sid: SubjectId;
}

/** What a gateway remembers: so many ids, each for so long. They take about 200 bytes each. */
const REMEMBERED = { max: 50_000, ttl: 3_600_000 };

export type PublicIds = ReturnType<typeof createPublicIds>;

/**
 * People are spread over shards by their internal ids, which partners’ ids hold. So that a public id is one person’s
 * alone and leads to one shard as well, it has a document of its own.
 */
export function createPublicIds(
  { connection, read, write }: Pick<Store, 'connection' | 'read' | 'write'>,
  blindIndex: BlindIndex,
) {
  const collection = collectionOf<PublicId>(connection, PUBLIC_IDS);
  const settings = { writeConcern: write };
  const remembered = new LRUCache<string, SubjectId>(REMEMBERED);
  const markOf = (id: string) => markOfPublicId(blindIndex, id);

  /** In one command, whether or not an id leads to somebody. */
  async function find(ids: readonly string[]): Promise<Map<string, SubjectId>> {
    const marks = new Map(ids.map((id) => [markOf(id), id]));
    const found = await collection.find({ _id: { $in: [...marks.keys()] } }, read).toArray();
    return new Map(found.flatMap(({ _id, sid }) => [[marks.get(_id) as string, sid]]));
  }

  const put = (given: ReadonlyMap<string, SubjectId>) => {
    const documents = [...given].map(([id, sid]) => ({ _id: markOf(id), sid }));
    return collection.insertMany(documents, { ...settings, ordered: false });
  };

  return {
    find,

    /**
     * The same, without a command where the gateway has met the ids: an id never leads to another person. The time that
     * it takes tells whether the gateway has met an id, so it is for callers who have proven that the id is theirs.
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

    /** Nobody is where these ids were remembered to lead: they are to be looked for again. */
    doubt(ids: readonly string[]): void {
      for (const id of ids) remembered.delete(id);
    },

    /** An internal id for each of the ids: the one that it leads to already, or a new one. Idempotent. */
    give: (ids: readonly string[]) => giveEach(ids, createSubjectId, put, find),

    /** The id leads to this person no more. Idempotent. */
    async forget(id: string, sid: SubjectId): Promise<void> {
      remembered.delete(id);
      await collection.deleteOne({ _id: markOf(id), sid }, settings);
    },
  };
}
