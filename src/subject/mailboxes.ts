import { collectionOf, PEOPLE } from '../ledger/collections.ts';
import type { BlindIndex } from '../store/derive.ts';
import type { Store } from '../store/mongo/connection.ts';
import { isDuplicateKey } from '../store/mongo/duplicate-key.ts';
import { eachFound } from '../store/mongo/each-found.ts';
import { mailboxKey } from './email.ts';
import type { SubjectId } from './identifiers.ts';
import type { Mailbox } from './model.ts';
import { givenEmail, type PersonalValues } from './values.ts';

export const MAILBOXES = 'mailboxes';

interface Claim {
  /** Marks the mailbox; tells nothing of it. */
  readonly _id: string;
  /** The person that followed a link that was mailed there. */
  readonly sid: SubjectId;
  /** Marks the address as the person gave it that time: another one each time that the person gives it. */
  readonly stamp: string;
}

/** A claim with what the document of its person says now. */
interface Found extends Claim {
  readonly mailbox?: Mailbox;
  /** The address that the person has yet to prove, as it lies there. */
  readonly unproven?: string;
}

/** How often a claim is looked at again that others change meanwhile. */
const ATTEMPTS = 5;

export type Mailboxes = ReturnType<typeof createMailboxes>;

/**
 * Each proven mailbox is one person’s, decided by the database. A claim is void once the document of its person
 * speaks of another mailbox, of none, or of the same one given anew and not proven since: nothing has to be released when
 * an address changes.
 */
export function createMailboxes(
  { connection, read, write }: Pick<Store, 'connection' | 'read' | 'write'>,
  blindIndex: BlindIndex,
) {
  const collection = collectionOf<Claim>(connection, MAILBOXES);
  const settings = { writeConcern: write };
  const markOf = (address: string) => blindIndex('mailbox', mailboxKey(address));
  /** No seal is ever the same again, not of the same address either. */
  const stampOf = (sealed: string) => blindIndex('mailbox as given', sealed);

  /** One command, whatever it finds. */
  const find = async (_id: string): Promise<Found | null> => {
    const holder = { from: PEOPLE, localField: 'sid', foreignField: '_id', as: 'holder' };
    const [found] = await collection
      .aggregate<Found>(
        [
          { $match: { _id } },
          { $lookup: { ...holder, pipeline: [{ $project: { mailbox: 1, unproven: '$values.UNPROVEN_EMAIL' } }] } },
          { $replaceWith: { $mergeObjects: [{ $first: '$holder' }, '$$ROOT'] } },
          { $unset: 'holder' },
        ],
        read,
      )
      .toArray();
    return found ?? null;
  };

  /** Whether the person of a claim has proven the mailbox, or has followed the link and is about to have. */
  const isInForce = ({ _id, stamp, mailbox, unproven }: Found) =>
    mailbox?.mark === _id && (mailbox.proven || (unproven !== undefined && stampOf(unproven) === stamp));

  const insert = async (claim: Claim): Promise<boolean> => {
    try {
      await collection.insertOne(claim, settings);
      return true;
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      return false;
    }
  };

  return {
    /** Forgets which mailboxes a person has proven. Idempotent. */
    forget: (sid: SubjectId): Promise<void> =>
      eachFound(collection, { sid }, read, (_id) => collection.deleteOne({ _id, sid }, settings)),

    /** What a link is bound to that was mailed to an address: the same for no other spelling of it. */
    linkMarkOf: (address: string) => blindIndex('address of a link', address),

    /** Marks a mailbox; equal for all spellings of one. */
    markOf,

    /** What the document of a person says of the address among their values. */
    of(values: PersonalValues): Mailbox | undefined {
      const address = givenEmail(values);
      return address === undefined ? undefined : { mark: markOf(address), proven: values.EMAIL !== undefined };
    },

    /** The person that has proven an address and still has it; null for nobody. One command, whatever it finds. */
    async findHolder(address: string): Promise<SubjectId | null> {
      const found = await find(markOf(address));
      return found?.mailbox?.proven && found.mailbox.mark === found._id ? found.sid : null;
    },

    /**
     * Takes a mailbox for a person that gave this address and followed a link that was mailed there; false where another
     * did so before. Idempotent.
     *
     * @param sealed  the address as it lies in the document of the person
     */
    async take(address: string, sealed: string, sid: SubjectId): Promise<boolean> {
      const claim = { _id: markOf(address), sid, stamp: stampOf(sealed) };
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        if (await insert(claim)) return true;
        const found = await find(claim._id);
        if (!found) continue;
        if (found.sid !== sid && isInForce(found)) return false;
        const seen = { _id: found._id, sid: found.sid, stamp: found.stamp };
        const { matchedCount } = await collection.updateOne(seen, { $set: { sid, stamp: claim.stamp } }, settings);
        if (matchedCount === 1) return true;
      }
      return false;
    },

    /** Takes the mailboxes that nobody has proven, in one command; leaves the others as they are. */
    async takeFree(proven: readonly { readonly address: string; readonly sid: SubjectId }[]): Promise<void> {
      const operations = proven.map(({ address, sid }) => ({
        updateOne: {
          filter: { _id: markOf(address) },
          update: { $setOnInsert: { sid, stamp: '' } },
          upsert: true,
        },
      }));
      if (operations.length > 0) await collection.bulkWrite(operations, { ...settings, ordered: false });
    },
  };
}
