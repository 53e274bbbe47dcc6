import { type Access, collectionOf } from '../collections.ts';
import { isAdded } from '../duplicate-key.ts';

/** A report that waits for a match; deleted after it. */
export interface CompletionRecord {
  /** Marks the partner and its id of the completion. */
  readonly _id: string;
  /** Distinguishes two reports with the same mark. */
  readonly report: string;
  readonly receivedAt: Date;
  readonly sealed: string;
}

/** The receipt of a report, about a known person or not: its id is used up, and by which report. */
type ReceiptRecord = Pick<CompletionRecord, '_id' | 'report'>;

/** The queue of reports, and the receipts of matched ones. */
export function createOfferCompletions({ connection, read, write }: Access) {
  const queue = collectionOf<CompletionRecord>(connection, 'offer_completions');
  const receipts = collectionOf<ReceiptRecord>(connection, 'offer_receipts');
  const settings = { writeConcern: write };

  return {
    /** Queues a report, unless one with the same mark waits. */
    async queue(completion: CompletionRecord): Promise<void> {
      await isAdded(queue.insertOne(completion, settings));
    },

    findOldest: (limit: number): Promise<CompletionRecord[]> =>
      queue.find({}, { ...read, sort: { receivedAt: 1 }, limit }).toArray(),

    /** Uses up the id of a report. @returns whether this report got it: of several with the same id, the first does */
    async claim({ _id, report }: CompletionRecord): Promise<boolean> {
      await receipts.updateOne({ _id }, { $setOnInsert: { report } }, { ...settings, upsert: true });
      const receipt = await receipts.findOne({ _id }, read);
      return receipt?.report === report;
    },

    async forget({ _id, report }: CompletionRecord): Promise<void> {
      await queue.deleteOne({ _id, report }, settings);
    },
  };
}
