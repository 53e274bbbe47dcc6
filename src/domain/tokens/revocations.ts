import type { Store } from '../../store/connection.ts';

/** Tokens that are refused although they have not ended yet, by their `jti`. */
export function createRevocations({ connection, read, write }: Pick<Store, 'connection' | 'read' | 'write'>) {
  const collection = connection
    .getClient()
    .db(connection.name)
    .collection<{ _id: string; revokedAt: Date }>('revoked_tokens');
  return {
    isRevoked: async (tokenId: string) =>
      (await collection.findOne({ _id: tokenId }, { ...read, projection: { _id: 1 } })) !== null,
    revoke: async (tokenId: string, revokedAt: Date) => {
      const set = { $setOnInsert: { revokedAt } };
      await collection.updateOne({ _id: tokenId }, set, { upsert: true, writeConcern: write });
    },
  };
}
