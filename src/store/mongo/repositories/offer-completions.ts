import { type Access, collectionOf } from '../collections.ts';
import { isAdded } from '../duplicate-key.ts';

/** A report that waits to be matched; gone once it is. */
export interface CompletionRecord {
  /** Marks the partner and its id of the completion. */
  readonly _id: string;
  /** Tells two reports with the same mark apart. */
  readonly report: string;
  readonly receivedAt: Date;
  readonly sealed: string;
}

/** What is left of a report, whether or not it was of anybody here: that its id is used up, and by which report. */
type ReceiptRecord = Pick<CompletionRecord, '_id' | 'report'>;

/** The queue of reports, and the receipts of those that were taken from it. */
export function createOfferCompletions({ connection, read, write }: Access) {
  const queue = collectionOf<CompletionRecord>(connection, 'offer_completions');
  const receipts = collectionOf<ReceiptRecord>(connection, 'offer_receipts');
  const settings = { writeConcern: write };

  return {
    /** Takes a report into the queue, unless one with the same mark waits there. */
    async queue(completion: CompletionRecord): Promise<void> {
      await isAdded(queue.insertOne(completion, settings));
    },

    findOldest: (limit: number): Promise<CompletionRecord[]> =>
      queue.find({}, { ...read, sort: { receivedAt: 1 }, limit }).toArray(),

    /** Uses up the id of a report. @returns whether this report has it: of several with the same id, the first */
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
