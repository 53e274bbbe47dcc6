import type { Layout } from '../collection-layout.ts';
import { type Access, collectionOf } from '../collections.ts';

interface RevokedTokenRecord {
  /** The `jti` of the token. */
  readonly _id: string;
  readonly revokedAt: Date;
}

const REVOKED_TOKENS = 'revoked_tokens';

export const REVOKED_TOKENS_LAYOUT: Layout = {
  name: REVOKED_TOKENS,
  indexes: [{ key: { revokedAt: 1 } }],
  shardKey: null,
};

/** Tokens that are refused before their end, by their `jti`. */
export function createRevokedTokens({ connection, read, write }: Access) {
  const collection = collectionOf<RevokedTokenRecord>(connection, REVOKED_TOKENS);

  return {
    /** Whether each of the tokens is revoked. */
    async areRevoked(tokenIds: readonly string[]): Promise<boolean[]> {
      const found = await collection.find({ _id: { $in: tokenIds } }, { ...read, projection: { _id: 1 } }).toArray();
      const revoked = new Set(found.map(({ _id }) => _id));
      return tokenIds.map((tokenId) => revoked.has(tokenId));
    },

    async revoke(tokenId: string, revokedAt: Date): Promise<void> {
      const set = { $setOnInsert: { revokedAt } };
      await collection.updateOne({ _id: tokenId }, set, { upsert: true, writeConcern: write });
    },

    async dropBefore(instant: Date): Promise<void> {
      await collection.deleteMany({ revokedAt: { $lt: instant } }, { writeConcern: write });
    },
  };
}
