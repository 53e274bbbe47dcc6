import { type Access, collectionOf } from '../collections.ts';

/** The texts of a case in a person's record. */
export interface CaseTextRecord {
  /** Marks the case. */
  readonly _id: string;
  readonly sid: string;
  readonly sealed: string;
}

export const CASE_TEXTS = 'privacy_case_texts';

export function createCaseTextRecords({ connection, read, write }: Access) {
  const collection = collectionOf<CaseTextRecord>(connection, CASE_TEXTS);
  const settings = { writeConcern: write };

  return {
    find: (ids: readonly string[]): Promise<CaseTextRecord[]> =>
      collection.find({ _id: { $in: [...ids] } }, read).toArray(),

    /** A second call keeps the newer text. */
    async keep({ _id, ...text }: CaseTextRecord): Promise<void> {
      await collection.updateOne({ _id }, { $set: text }, { ...settings, upsert: true });
    },

    async forget(_id: string, sid: string): Promise<void> {
      await collection.deleteOne({ _id, sid }, settings);
    },
  };
}
