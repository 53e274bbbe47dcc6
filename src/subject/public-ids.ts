import { LRUCache } from 'lru-cache';
import { HOUR } from '../base/durations.ts';
import type { BlindIndex } from '../store/derive.ts';
import { giveEach } from '../store/give-each.ts';
import type { Access } from '../store/mongo/collections.ts';
import { createPublicIdRecords } from '../store/mongo/repositories/public-ids.ts';
import { createSubjectId, type SubjectId } from './identifiers.ts';

/** Marks the id by which members know a person; an id that was somebody's is never anybody else's. */
export const markOfPublicId = (blindIndex: BlindIndex, publicId: string): string => blindIndex('public id', publicId);

/**
 * A gateway remembers so many ids, each for so long. They take about 200 bytes each. The number is a `maxSize`, since the
 * cache allocates a `max` at once.
 */
const REMEMBERED = { maxSize: 50_000, sizeCalculation: () => 1, ttl: HOUR };

export type PublicIds = ReturnType<typeof createPublicIds>;

/**
 * People are spread over shards by their internal ids, which partners’ ids hold. So that a public id is one person’s
 * alone and leads to one shard as well, it has a document of its own.
 */
export function createPublicIds(store: Access, blindIndex: BlindIndex) {
  const records = createPublicIdRecords(store);
  const remembered = new LRUCache<string, SubjectId>(REMEMBERED);
  const markOf = (id: string) => markOfPublicId(blindIndex, id);

  /** In one command, whether or not an id leads to somebody. */
  async function find(ids: readonly string[]): Promise<Map<string, SubjectId>> {
    const marks = new Map(ids.map((id) => [markOf(id), id]));
    const found = await records.find([...marks.keys()]);
    return new Map(found.flatMap(({ _id, sid }) => [[marks.get(_id) as string, sid]]));
  }

  const put = (given: ReadonlyMap<string, SubjectId>) =>
    records.add([...given].map(([id, sid]) => ({ _id: markOf(id), sid })));

  return {
    find,

    /**
     * The same, without a command where the gateway has met the ids: an id never leads to another person. The time that
     * it takes tells whether the gateway has met an id, so only callers that have proven the id to be theirs may use
     * it.
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
      await records.forget({ _id: markOf(id), sid });
    },
  };
}
