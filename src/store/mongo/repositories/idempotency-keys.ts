import type { Layout } from '../collection-layout.ts';
import { type Access, collectionOf } from '../collections.ts';

/** The record of a call under a key. It holds marks only: they reveal no value of the caller. */
export interface IdempotencyKeyRecord {
  /** Marks the caller, the operation and the key. */
  readonly _id: string;
  /** Marks the arguments; null if they had faults, so that the key is free for other arguments. */
  readonly args: string | null;
  /** The person that made the call. The record is deleted with the person. */
  readonly sid: string | null;
  readonly at: Date;
  readonly made: boolean;
  readonly expiresAt: Date;
}

export const IDEMPOTENCY_KEYS = 'idempotency_keys';

export const IDEMPOTENCY_KEYS_LAYOUT: Layout = {
  name: IDEMPOTENCY_KEYS,
  indexes: [{ key: { expiresAt: 1 } }, { key: { sid: 1 } }],
  shardKey: null,
};

export function createIdempotencyKeys({ connection, write }: Pick<Access, 'connection' | 'write'>) {
  const collection = collectionOf<IdempotencyKeyRecord>(connection, IDEMPOTENCY_KEYS);
  const settings = { writeConcern: write };
  /** A call that began at this time and has no result yet. */
  const unmade = (_id: string, at: Date) => ({ _id, at, made: false });

  return {
    /**
     * Takes a free or expired key: one write in every case. A key of another call stays with that call, and gets the
     * arguments of this call if it has none.
     *
     * @returns the record before this call; null if there was none
     */
    take({ _id, ...fresh }: IdempotencyKeyRecord, now: Date): Promise<IdempotencyKeyRecord | null> {
      const isOver = { $lte: [{ $ifNull: ['$expiresAt', now] }, now] };
      const set = Object.entries(fresh).map(([name, value]) => [
        name,
        { $cond: [isOver, { $literal: value }, `$${name}`] },
      ]);
      const whole = {
        ...Object.fromEntries(set),
        args: { $cond: [isOver, fresh.args, { $ifNull: ['$args', fresh.args] }] },
      };
      return collection.findOneAndUpdate({ _id }, [{ $set: whole }], {
        ...settings,
        upsert: true,
        returnDocument: 'before',
      });
    },

    /** The call has had its effect. */
    async markMade(_id: string, at: Date, args: string | null): Promise<void> {
      await collection.updateOne(unmade(_id, at), { $set: { made: true, args } }, settings);
    },

    /** The call had no effect: the key is free for other arguments. */
    async free(_id: string, at: Date): Promise<void> {
      await collection.updateOne(unmade(_id, at), { $set: { args: null } }, settings);
    },

    async dropExpired(now: Date): Promise<void> {
      await collection.deleteMany({ expiresAt: { $lte: now } }, settings);
    },
  };
}
