import type { Head } from '../ledger/chain/entry.ts';
import type { BlindIndex } from '../store/derive.ts';
import type { Access } from '../store/mongo/collections.ts';
import { createTombstoneRecords } from '../store/mongo/repositories/tombstones.ts';
import type { SubjectId } from './identifiers.ts';
import { markOfPublicId } from './public-ids.ts';

export type Tombstones = ReturnType<typeof createTombstones>;

/** The tombstones of erased people. */
export function createTombstones(store: Access, blindIndex: BlindIndex) {
  const records = createTombstoneRecords(store);
  const markOf = (publicId: string) => markOfPublicId(blindIndex, publicId);

  return {
    /** Whether the id belonged to an erased person; it is never given out again. */
    isErased: (publicId: string): Promise<boolean> => records.isMarked(markOf(publicId)),

    /** Those of the ids that belonged to erased people, in one command. */
    async findErased(publicIds: readonly string[]): Promise<string[]> {
      const marks = new Map(publicIds.map((publicId) => [markOf(publicId), publicId]));
      const found = await records.findMarked([...marks.keys()]);
      return found.flatMap(({ publicIndex }) => marks.get(publicIndex) ?? []);
    },

    /** Stands before the person's document goes, so that their ledger is never without either. Idempotent. */
    raise: (sid: SubjectId, publicId: string, head: Head, erasedAt: Date): Promise<void> =>
      records.put({ _id: sid, head, publicIndex: markOf(publicId), erasedAt }),
  };
}
