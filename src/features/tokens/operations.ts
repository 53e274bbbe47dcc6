import type { Store } from '../../store/mongo/connection.ts';

/** Tokens that are refused although they have not ended yet, by their `jti`. */
export function createRevocations({ connection, read, write }: Pick<Store, 'connection' | 'read' | 'write'>) {
  const collection = connection
    .getClient()
    .db(connection.name)
    .collection<{ _id: string; revokedAt: Date }>('revoked_tokens');
  return {
    /** Whether each of the tokens is revoked. */
    areRevoked: async (tokenIds: readonly string[]): Promise<boolean[]> => {
      const found = await collection.find({ _id: { $in: tokenIds } }, { ...read, projection: { _id: 1 } }).toArray();
      const revoked = new Set(found.map(({ _id }) => _id));
      return tokenIds.map((tokenId) => revoked.has(tokenId));
    },
    revoke: async (tokenId: string, revokedAt: Date) => {
      const set = { $setOnInsert: { revokedAt } };
      await collection.updateOne({ _id: tokenId }, set, { upsert: true, writeConcern: write });
    },
  };
}
