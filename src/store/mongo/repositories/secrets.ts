import { type Access, collectionOf } from '../collections.ts';

export interface SecretRecord {
  readonly _id: string;
  /** The secret, sealed under the key encryption key. */
  readonly wrapped: string;
}

export const SECRETS = 'gateway_secrets';

/** The wrapped secrets that the gateways on a database share. */
export function createSecretRecords({ connection, read, write }: Access) {
  const collection = collectionOf<SecretRecord>(connection, SECRETS);

  return {
    isEmpty: async (): Promise<boolean> => (await collection.findOne({}, read)) === null,

    find: (id: string): Promise<SecretRecord | null> => collection.findOne({ _id: id }, read),

    /** An existing secret stays. */
    async add({ _id, wrapped }: SecretRecord): Promise<void> {
      await collection.updateOne({ _id }, { $setOnInsert: { wrapped } }, { upsert: true, writeConcern: write });
    },

    all: (): AsyncIterable<SecretRecord> => collection.find({}, read),

    /** Replaces the content of a secret, unless it has changed meanwhile. @returns whether it was replaced */
    async exchange({ _id, wrapped }: SecretRecord, next: string): Promise<boolean> {
      const { matchedCount } = await collection.updateOne(
        { _id, wrapped },
        { $set: { wrapped: next } },
        { writeConcern: write },
      );
      return matchedCount === 1;
    },
  };
}
