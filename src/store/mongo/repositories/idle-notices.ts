import { type Access, collectionOf } from '../collections.ts';

/** Notices of a partner that ended nothing. */
interface IdleNoticesRecord {
  /** The client id of the partner. */
  readonly _id: string;
  readonly count: number;
}

export function createIdleNotices({ connection, write }: Pick<Access, 'connection' | 'write'>) {
  const collection = collectionOf<IdleNoticesRecord>(connection, 'idle_notices');
  return {
    async add(partner: string): Promise<void> {
      await collection.updateOne({ _id: partner }, { $inc: { count: 1 } }, { upsert: true, writeConcern: write });
    },
  };
}
