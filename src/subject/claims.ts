import type { Clock } from '../clock.ts';
import { collectionOf, PEOPLE } from '../ledger/collections.ts';
import { isDuplicateKey } from '../ledger/duplicate-key.ts';
import type { Store } from '../store/connection.ts';
import type { BlindIndex } from '../store/derive.ts';
import type { SubjectId } from './identifiers.ts';

export const CLAIMS = 'claims';

/** What no two people may have. */
export type ClaimKind = 'AVATAR_NAME' | 'EMAIL';

interface Claim {
  /** The kind and a mark of the value, which tells nothing of it; with the person's id where they wait for it. */
  readonly _id: string;
  readonly sid: SubjectId;
  readonly at: Date;
}

export interface Claimed {
  readonly kind: ClaimKind;
  readonly value: string;
  readonly sid: SubjectId;
}

export type Claims = ReturnType<typeof createClaims>;

/** How long somebody who claims a value may take to come into being; the claim of nobody is void after that. */
const GRACE_MS = 60_000;

/** Values that differ in letter case, width or space alone are the same. */
const sameness = (value: string) => value.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase();

/** Who has an email address or an avatar name: one person each, decided by the database. */
export function createClaims(
  { connection, read, write }: Pick<Store, 'connection' | 'read' | 'write'>,
  blindIndex: BlindIndex,
  clock: Clock,
) {
  const collection = collectionOf<Claim>(connection, CLAIMS);
  const settings = { writeConcern: write };

  const idOf = ({ kind, value }: Omit<Claimed, 'sid'>) => `${kind}:${blindIndex(kind, sameness(value))}`;
  const waitingIdOf = (claimed: Claimed) => `${idOf(claimed)}:${claimed.sid}`;

  /** The claim with whether its holder is there: one command, whatever it finds. */
  const find = async (_id: string) => {
    const holder = { from: PEOPLE, localField: 'sid', foreignField: '_id', as: 'holder' };
    const [found] = await collection
      .aggregate<Claim & { readonly holder: readonly object[] }>(
        [{ $match: { _id } }, { $lookup: { ...holder, pipeline: [{ $project: { _id: 1 } }] } }],
        read,
      )
      .toArray();
    return found ?? null;
  };

  const isVoid = ({ holder, at }: { readonly holder: readonly object[]; readonly at: Date }) =>
    holder.length === 0 && clock.now().getTime() - at.getTime() > GRACE_MS;

  const insert = async (claim: Claim): Promise<boolean> => {
    try {
      await collection.insertOne(claim, settings);
      return true;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      return false;
    }
  };

  /** Takes a value for a person; false where it is somebody else's. Taking it again changes nothing. */
  async function take(claimed: Claimed): Promise<boolean> {
    const claim = { _id: idOf(claimed), sid: claimed.sid, at: clock.now() };
    const held = await find(claim._id);
    if (!held) return insert(claim);
    if (held.sid !== claim.sid && !isVoid(held)) return false;
    const { _id, sid, at } = held;
    const { matchedCount } = await collection.updateOne(
      { _id, sid, at },
      { $set: { sid: claim.sid, at: claim.at } },
      settings,
    );
    return matchedCount === 1;
  }

  return {
    take,

    /**
     * Takes a value, or notes that the person would have it: either is one look and one durable write, so that time
     * does not tell whose the value is.
     */
    async takeOrWait(claimed: Claimed): Promise<boolean> {
      if (await take(claimed)) return true;
      const { sid } = claimed;
      await collection.updateOne(
        { _id: waitingIdOf(claimed) },
        { $set: { sid, at: clock.now() } },
        { ...settings, upsert: true },
      );
      return false;
    },

    /** Takes values that nobody has yet, in one command, and leaves the others with whom they are. */
    async takeFree(claimed: readonly Claimed[]): Promise<void> {
      const at = clock.now();
      const operations = claimed.map((one) => ({
        updateOne: { filter: { _id: idOf(one) }, update: { $setOnInsert: { sid: one.sid, at } }, upsert: true },
      }));
      if (operations.length > 0) await collection.bulkWrite(operations, { ...settings, ordered: false });
    },

    /** Who has a value; null for nobody. */
    async findHolder(kind: ClaimKind, value: string): Promise<SubjectId | null> {
      return (await collection.findOne({ _id: idOf({ kind, value }) }, read))?.sid ?? null;
    },

    async release(claimed: Claimed): Promise<void> {
      const { sid } = claimed;
      await collection.deleteMany({ _id: { $in: [idOf(claimed), waitingIdOf(claimed)] }, sid }, settings);
    },

    async releaseAll(sid: SubjectId): Promise<void> {
      await collection.deleteMany({ sid }, settings);
    },
  };
}

/** Whether two values are one and the same to a claim. */
export const isSameClaim = (a: string, b: string) => sameness(a) === sameness(b);
