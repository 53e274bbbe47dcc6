import type { Head } from '../ledger/entry.ts';
import type { BlindIndex } from '../store/derive.ts';
import type { Store } from '../store/mongo/connection.ts';
import type { SubjectId } from './identifiers.ts';
import { markOfPublicId } from './public-ids.ts';

/** What is left of a person who was erased: that their ids were given out, and how far their ledger went. */
interface Tombstone {
  readonly _id: SubjectId;
  readonly head: Head;
  /** Marks the id by which members knew the person. */
  readonly publicIndex: string;
  readonly erasedAt: Date;
}

export type Tombstones = ReturnType<typeof createTombstones>;

export function createTombstones(
  { connection, read, write }: Pick<Store, 'connection' | 'read' | 'write'>,
  blindIndex: BlindIndex,
) {
  const collection = connection.getClient().db(connection.name).collection<Tombstone>('tombstones');
  const markOf = (publicId: string) => markOfPublicId(blindIndex, publicId);
  return {
    /** Whether the id was somebody's who is erased; it is never given out again. */
    isErased: async (publicId: string): Promise<boolean> =>
      (await collection.findOne({ publicIndex: markOf(publicId) }, { ...read, projection: { _id: 1 } })) !== null,

    /** Those of the ids that were somebody's who is erased, in one command. */
    async findErased(publicIds: readonly string[]): Promise<string[]> {
      const marks = new Map(publicIds.map((publicId) => [markOf(publicId), publicId]));
      const found = await collection.find({ publicIndex: { $in: [...marks.keys()] } }, read).toArray();
      return found.flatMap(({ publicIndex }) => marks.get(publicIndex) ?? []);
    },

    /** Stands before the person's document goes, so that their ledger is never without either. Idempotent. */
    async raise(sid: SubjectId, publicId: string, head: Head, erasedAt: Date): Promise<void> {
      const tombstone = { head, publicIndex: markOf(publicId), erasedAt };
      await collection.updateOne({ _id: sid }, { $set: tombstone }, { upsert: true, writeConcern: write });
    },
  };
}
