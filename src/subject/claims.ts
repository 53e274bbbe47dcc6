import { collectionOf } from '../ledger/collections.ts';
import { isDuplicateKey } from '../ledger/duplicate-key.ts';
import type { Clock } from '../clock.ts';
import type { Store } from '../store/connection.ts';
import type { BlindIndex } from '../store/derive.ts';
import type { SubjectId } from './identifiers.ts';
import { personModel } from './model.ts';

/** What no two people may have. */
export type ClaimKind = 'AVATAR_NAME' | 'EMAIL';

interface Claim {
  /** The kind and a mark of the value, which tells nothing of it. */
  readonly _id: string;
  readonly sid: SubjectId;
  readonly kind: ClaimKind;
  readonly at: Date;
}

export interface Claimed {
  readonly kind: ClaimKind;
  readonly value: string;
  readonly sid: SubjectId;
}

export type Claims = ReturnType<typeof createClaims>;

/** How long somebody who claims a value may take to come into being; a claim of nobody is void after that. */
const GRACE_MS = 60_000;

/** Two values that differ in letter case, width or surrounding space alone are the same value. */
const sameness = (value: string) => value.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase();

/** Who has an email address or an avatar name: one person each, decided by the database. */
export function createClaims(
  { connection, read, write }: Pick<Store, 'connection' | 'read' | 'write'>,
  blindIndex: BlindIndex,
  clock: Clock,
) {
  const collection = collectionOf<Claim>(connection, 'claims');
  const people = personModel(connection);
  const claimOf = ({ kind, value, sid }: Claimed): Claim => ({
    _id: `${kind}:${blindIndex(kind, sameness(value))}`,
    sid,
    kind,
    at: clock.now(),
  });

  const isVoid = async ({ sid, at }: Claim) =>
    clock.now().getTime() - at.getTime() > GRACE_MS && !(await people.exists({ _id: sid }).exec());

  return {
    /** Takes a value for a person; false where it is somebody else's. Taking it again changes nothing. */
    async take(claimed: Claimed): Promise<boolean> {
      const claim = claimOf(claimed);
      try {
        await collection.insertOne(claim, { writeConcern: write });
        return true;
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
      const held = await collection.findOne({ _id: claim._id }, read);
      if (held?.sid === claim.sid) return true;
      if (!held || !(await isVoid(held))) return false;
      const abandoned = { _id: held._id, sid: held.sid, at: held.at };
      const { modifiedCount } = await collection.updateOne(
        abandoned,
        { $set: { sid: claim.sid, at: claim.at } },
        { writeConcern: write },
      );
      return modifiedCount === 1;
    },

    /** Takes values that nobody has yet, in one command, and leaves the others with whom they are. */
    async takeFree(claimed: readonly Claimed[]): Promise<void> {
      const operations = claimed.map(claimOf).map(({ _id, ...rest }) => ({
        updateOne: { filter: { _id }, update: { $setOnInsert: rest }, upsert: true },
      }));
      if (operations.length > 0) await collection.bulkWrite(operations, { ordered: false, writeConcern: write });
    },

    /** Who has a value; null for nobody. */
    async findHolder(kind: ClaimKind, value: string): Promise<SubjectId | null> {
      const { _id } = claimOf({ kind, value, sid: '' });
      return (await collection.findOne({ _id }, read))?.sid ?? null;
    },

    async release(claimed: Claimed): Promise<void> {
      const { _id, sid } = claimOf(claimed);
      await collection.deleteOne({ _id, sid }, { writeConcern: write });
    },

    async releaseAll(sid: SubjectId): Promise<void> {
      await collection.deleteMany({ sid }, { writeConcern: write });
    },

    ensureIndexes: async (): Promise<void> => {
      await collection.createIndex({ sid: 1 });
    },
  };
}

/** Whether two values are one and the same to a claim. */
export const isSameClaim = (a: string, b: string) => sameness(a) === sameness(b);
