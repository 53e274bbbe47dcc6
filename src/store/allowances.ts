import type { BlindIndex } from './derive.ts';
import type { Store } from './mongo/connection.ts';

/** How often one thing may be done, over all gateways together. */
export interface Allowance {
  /** Which thing, e.g. `mail VERIFY_SUBSCRIPTION`. */
  readonly of: string;
  /** How often it may be done for one key. */
  readonly most: number;
  /** Within how long, in milliseconds, from the first time on. */
  readonly withinMs: number;
}

/** What was taken of an allowance. The id marks the key, and tells nothing of it. */
interface Taken {
  readonly _id: string;
  /** At most one more than there is to take. */
  readonly count: number;
  /** When the whole allowance is there again. */
  readonly expiresAt: Date;
}

export const ALLOWANCES = 'allowances';

export type Allowances = ReturnType<typeof createAllowances>;

/** Counts how often things are done in the database, so that several gateways share each limit. */
export function createAllowances(
  { connection, write }: Pick<Store, 'connection' | 'write'>,
  blindIndex: BlindIndex,
  clock: { readonly now: () => Date },
) {
  const collection = connection.getClient().db(connection.name).collection<Taken>(ALLOWANCES);
  const settings = { writeConcern: write };

  return {
    /**
     * Takes one of an allowance: one write, whatever the answer.
     *
     * @param key  what the allowance is counted for, an address for instance; only a mark of it is kept
     * @returns false where nothing is left of it
     */
    async take({ of, most, withinMs }: Allowance, key: string): Promise<boolean> {
      const now = clock.now();
      const isWhole = { $lte: [{ $ifNull: ['$expiresAt', now] }, now] };
      const count = { $cond: [isWhole, 1, { $min: [{ $add: ['$count', 1] }, most + 1] }] };
      const expiresAt = { $cond: [isWhole, new Date(now.getTime() + withinMs), '$expiresAt'] };
      const taken = await collection.findOneAndUpdate(
        { _id: blindIndex(`allowance of ${of}`, key) },
        [{ $set: { count, expiresAt } }],
        { ...settings, upsert: true, returnDocument: 'after' },
      );
      return taken !== null && taken.count <= most;
    },

    /** Forgets the allowances that are whole again. */
    async sweep(): Promise<void> {
      await collection.deleteMany({ expiresAt: { $lte: clock.now() } }, settings);
    },
  };
}
