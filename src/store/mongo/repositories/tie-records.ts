import type { mongo } from 'mongoose';
import type { Layout } from '../collection-layout.ts';
import { type Access, collectionOf } from '../collections.ts';
import { isAdded } from '../duplicate-key.ts';

/**
 * The state of a tie. ENTERED: it waits for confirmation. CONFIRMING: it is confirmed, and the ledgers of its ends are
 * about to record that. CONFIRMED: it counts. ENDED: it no longer counts, and the ledgers are about to record that.
 */
export type TieState = 'ENTERED' | 'CONFIRMING' | 'CONFIRMED' | 'ENDED';

/** A tie between two people, by their internal ids: the only authoritative record. */
export interface TieRecord {
  /** Marks the kind and both ends, so that each tie exists once. */
  readonly _id: string;
  readonly kind: string;
  /** The holder; for a symmetric tie the end with the internal id that sorts first. */
  readonly from: string;
  /** The other end. */
  readonly to: string;
  /** The end that confirms the tie, unless staff does. */
  readonly confirmer: string;
  readonly state: TieState;
  /** The time of the last change of state. */
  readonly at: Date;
  /** Whether the ledgers of its ends are behind. */
  readonly behind?: true;
}

const TIES = 'ties';

/** The id alone makes a tie unique over all shards, since it depends on the kind and both ends. */
export const TIES_LAYOUT: Layout = {
  name: TIES,
  indexes: [{ key: { from: 1 } }, { key: { to: 1 } }, { key: { behind: 1 }, sparse: true }],
  shardKey: { from: 1 },
};

/** A confirmed tie, as decisions read it. */
export type TieThatCounts = Pick<TieRecord, 'kind' | 'from' | 'to'>;

export function createTieRecords({ connection, read, write }: Access) {
  const collection = collectionOf<TieRecord>(connection, TIES);
  const settings = { writeConcern: write };
  const ofEither = (sids: readonly string[]): mongo.Filter<TieRecord> => ({
    $or: [{ from: { $in: [...sids] } }, { to: { $in: [...sids] } }],
  });

  return {
    /**
     * The ties in force that a person holds.
     *
     * @param symmetric  the symmetric kinds: a person holds these from either end
     */
    findCounting: (
      sid: string,
      kinds: readonly string[],
      symmetric: readonly string[],
      limit: number,
    ): Promise<TieThatCounts[]> => {
      const held: mongo.Filter<TieRecord> = { from: sid, kind: { $in: [...kinds] }, state: 'CONFIRMED' };
      const holding: mongo.Filter<TieRecord> = { to: sid, kind: { $in: [...symmetric] }, state: 'CONFIRMED' };
      return collection
        .find<TieThatCounts>(symmetric.length > 0 ? { $or: [held, holding] } : held, {
          ...read,
          projection: { _id: 0, kind: 1, from: 1, to: 1 },
          limit,
        })
        .toArray();
    },

    /** Every tie of these people that has not ended, in one command. */
    findOf: (sids: readonly string[]): Promise<TieRecord[]> =>
      collection.find({ ...ofEither(sids), state: { $ne: 'ENDED' } }, read).toArray(),

    find: (_id: string): Promise<TieRecord | null> => collection.findOne({ _id }, read),

    /** The ties with ledgers behind, of everybody or of one person. */
    findBehind: (sid: string | null): Promise<TieRecord[]> =>
      collection.find({ ...(sid !== null && ofEither([sid])), behind: true }, read).toArray(),

    /** The number of a person's ties, counted up to `most`. */
    count: (sid: string, most: number): Promise<number> =>
      collection.countDocuments(ofEither([sid]), { ...read, limit: most }),

    /** @returns false if the tie already exists */
    add: (tie: TieRecord): Promise<boolean> => isAdded(collection.insertOne(tie, settings)),

    /** Changes the state of a tie in one write, unless it has changed since the read. */
    async turn({ _id, from, state, at }: TieRecord, to: Pick<TieRecord, 'state' | 'at' | 'behind'>): Promise<boolean> {
      const set = { state: to.state, at: to.at };
      const update = to.behind
        ? { $set: { ...set, behind: to.behind } }
        : { $set: set, $unset: { behind: 1 as const } };
      return (await collection.updateOne({ _id, from, state, at }, update, settings)).matchedCount === 1;
    },

    /** Deletes a tie, unless it has changed since the read. */
    async drop({ _id, from, state, at }: TieRecord): Promise<boolean> {
      return (await collection.deleteOne({ _id, from, state, at }, settings)).deletedCount === 1;
    },
  };
}
