import { type Access, collectionOf, PEOPLE, PERSON_LEDGER } from '../collections.ts';
import { isAdded } from '../duplicate-key.ts';

/** A version of the policy on record. */
export interface PolicyRecord {
  /** The version. */
  readonly _id: string;
  readonly hash: string;
  readonly canonical: string;
  readonly recordedAt: Date;
}

const POLICIES = 'policies';

export type PolicyRecords = ReturnType<typeof createPolicyRecords>;

export function createPolicyRecords({ connection, read, write }: Access) {
  const collection = collectionOf<PolicyRecord>(connection, POLICIES);
  const settings = { writeConcern: write };

  return {
    /** Every version, in the order of their recording. */
    findAll: (): Promise<PolicyRecord[]> => collection.find({}, { ...read, sort: { recordedAt: 1, _id: 1 } }).toArray(),

    async areNone(): Promise<boolean> {
      return (await collection.findOne({}, { ...read, projection: { _id: 1 } })) === null;
    },

    find: (version: string): Promise<PolicyRecord | null> => collection.findOne({ _id: version }, read),

    /** The last recorded version other than this one. */
    findLastBut: (version: string): Promise<PolicyRecord | null> =>
      collection.findOne({ _id: { $ne: version } }, { ...read, sort: { recordedAt: -1 } }),

    /** @returns false if the version is already on record: that one stays */
    add: (policy: PolicyRecord): Promise<boolean> => isAdded(collection.insertOne(policy, settings)),

    /** Replaces the content of a version. @returns whether the version had the content with that hash */
    async edit({ _id, hash }: Pick<PolicyRecord, '_id' | 'hash'>, content: Pick<PolicyRecord, 'hash' | 'canonical'>) {
      const { hash: by, canonical } = content;
      const { matchedCount } = await collection.updateOne({ _id, hash }, { $set: { hash: by, canonical } }, settings);
      return matchedCount > 0;
    },

    /** Whether anybody has accepted a version, now or once. */
    async isAccepted(version: string): Promise<boolean> {
      const settings = { ...read, projection: { _id: 1 } };
      const [person, act] = await Promise.all([
        collectionOf(connection, PEOPLE).findOne({ 'facts.acceptedVersion': version }, settings),
        collectionOf(connection, PERSON_LEDGER).findOne({ type: 'ACCEPTANCE', version }, settings),
      ]);
      return person !== null || act !== null;
    },
  };
}
