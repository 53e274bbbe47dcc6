import { type Access, collectionOf } from '../collections.ts';
import { isDuplicateKey } from '../duplicate-key.ts';
import { ERASURE_NOTICES, type NoticeRecord, SETTLED } from './erasure-notices.ts';

/** A notice that grows loses its position: then it is a new event. */
interface PlacedNotice extends NoticeRecord {
  readonly position?: number;
}

type Version = Pick<NoticeRecord, '_id' | 'revision'>;

/** How far the positions of one recipient have been given out. */
interface PositionLine {
  /** The client id. */
  readonly _id: string;
  /** The last position given out. */
  readonly n: number;
  /** The notices that get the last positions, in their order; empty once they have them. */
  readonly giving: readonly Version[];
}

/** So many notices get positions at once. */
const TOGETHER = 500;

/**
 * Positions of the notices of each recipient, in the order in which they can be read. A gateway first writes down which
 * notices get the next positions, and nobody gives out further ones before all of these stand with their notices. So a
 * reader never meets a position before a smaller one, through any gateways and wherever one of them ends.
 */
export function createEventPositions<Notice extends PlacedNotice>({ connection, read, write }: Access) {
  const notices = collectionOf<PlacedNotice>(connection, ERASURE_NOTICES);
  const lines = collectionOf<PositionLine>(connection, 'event_positions');
  const settings = { writeConcern: write };

  /** A notice that was acknowledged or has grown meanwhile leaves its position empty for good. */
  async function finish({ _id: recipient, n, giving }: PositionLine): Promise<void> {
    if (giving.length === 0) return;
    const first = n - giving.length + 1;
    const operations = giving.map(({ _id, revision }, index) => ({
      updateOne: {
        filter: { _id, revision, pending: true, position: null as never },
        update: { $set: { position: first + index } },
      },
    }));
    await notices.bulkWrite(operations, { ...settings, ordered: true });
    await lines.updateOne({ _id: recipient, n }, { $set: { giving: [] } }, settings);
  }

  /** @returns false where another gateway has given out positions since */
  async function begin({ _id, n }: PositionLine, giving: readonly Version[]): Promise<boolean> {
    try {
      const next = { $set: { n: n + giving.length, giving } };
      const { matchedCount, upsertedCount } = await lines.updateOne({ _id, n }, next, { ...settings, upsert: n === 0 });
      return matchedCount + upsertedCount === 1;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }

  return {
    /** Gives a position to every notice that waits for a recipient and has none. */
    async give(recipient: string): Promise<void> {
      for (;;) {
        const line = (await lines.findOne({ _id: recipient }, read)) ?? { _id: recipient, n: 0, giving: [] };
        await finish(line);
        const waiting = await notices
          .find<Version>(
            { recipient, pending: true, position: null as never },
            { ...read, sort: { at: 1, _id: 1 }, limit: TOGETHER, projection: { revision: 1 } },
          )
          .toArray();
        if (waiting.length === 0) return;
        await begin(line, waiting);
      }
    },

    /** Those that wait for a recipient beyond a position, in the order of their positions. */
    findAfter: (recipient: string, position: number, limit: number): Promise<Notice[]> =>
      notices
        .find<Notice>(
          { recipient, pending: true, position: { $gt: position } },
          { ...read, sort: { position: 1 }, limit },
        )
        .toArray(),

    /** The recipient has done all that its notices ask up to a position. */
    async settleThrough(recipient: string, position: number): Promise<void> {
      await notices.updateMany({ recipient, pending: true, position: { $gt: 0, $lte: position } }, SETTLED, settings);
    },
  };
}

export type EventPositions<Notice extends PlacedNotice> = ReturnType<typeof createEventPositions<Notice>>;
