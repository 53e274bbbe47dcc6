import type { mongo } from 'mongoose';
import type { Layout } from '../collection-layout.ts';
import { type Access, collectionOf } from '../collections.ts';
import { isAdded } from '../duplicate-key.ts';

/**
 * Where a tie stands. ENTERED: it waits to be confirmed. CONFIRMING: it is confirmed, and the ledgers of its ends are about
 * to say so. CONFIRMED: it counts. ENDED: it counts no more, and the ledgers are about to say so.
 */
export type TieState = 'ENTERED' | 'CONFIRMING' | 'CONFIRMED' | 'ENDED';

/** A tie between two people, by their internal ids: the only truth of it. */
export interface TieRecord {
  /** Marks the kind and both ends, so that one tie is there once. */
  readonly _id: string;
  readonly kind: string;
  /** The end that holds the tie; of a tie that both hold to each other, the end whose internal id sorts first. */
  readonly from: string;
  /** The other end. */
  readonly to: string;
  /** The end whose word confirms the tie where no staff does. */
  readonly confirmer: string;
  readonly state: TieState;
  /** When it came into this state. */
  readonly at: Date;
  /** Whether the ledgers of its ends are behind. */
  readonly behind?: true;
}

const TIES = 'ties';

/** The id of a tie decides which end is `from`, so that it is one of its kind on every shard. */
export const TIES_LAYOUT: Layout = {
  name: TIES,
  indexes: [{ key: { from: 1 } }, { key: { to: 1 } }, { key: { behind: 1 }, sparse: true }],
  shardKey: { from: 1 },
};

/** A tie that counts, as decisions read it. */
export type TieThatCounts = Pick<TieRecord, 'kind' | 'from' | 'to'>;

export function createTieRecords({ connection, read, write }: Access) {
  const collection = collectionOf<TieRecord>(connection, TIES);
  const settings = { writeConcern: write };
  const ofEither = (sids: readonly string[]): mongo.Filter<TieRecord> => ({
    $or: [{ from: { $in: [...sids] } }, { to: { $in: [...sids] } }],
  });

  return {
    /**
     * The ties that count and that a person holds.
     *
     * @param symmetric  those of the kinds that a person holds from either end
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

    /** The ties of which the ledgers are behind, also those of one person alone. */
    findBehind: (sid: string | null): Promise<TieRecord[]> =>
      collection.find({ ...(sid !== null && ofEither([sid])), behind: true }, read).toArray(),

    /** How many ties a person has, and up to `most` of them. */
    count: (sid: string, most: number): Promise<number> =>
      collection.countDocuments(ofEither([sid]), { ...read, limit: most }),

    /** @returns false where the tie is there already */
    add: (tie: TieRecord): Promise<boolean> => isAdded(collection.insertOne(tie, settings)),

    /** Moves a tie on, in one write, unless something has happened to it since it was read. */
    async turn({ _id, from, state, at }: TieRecord, to: Pick<TieRecord, 'state' | 'at' | 'behind'>): Promise<boolean> {
      const set = { state: to.state, at: to.at };
      const update = to.behind
        ? { $set: { ...set, behind: to.behind } }
        : { $set: set, $unset: { behind: 1 as const } };
      return (await collection.updateOne({ _id, from, state, at }, update, settings)).matchedCount === 1;
    },

    /** Takes a tie off the record, unless something has happened to it since it was read. */
    async drop({ _id, from, state, at }: TieRecord): Promise<boolean> {
      return (await collection.deleteOne({ _id, from, state, at }, settings)).deletedCount === 1;
    },
  };
}
