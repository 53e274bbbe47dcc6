import type { BlindIndex } from '../store/derive.ts';
import type { Access } from '../store/mongo/collections.ts';
import { createMailboxRecords, type HeldMailbox } from '../store/mongo/repositories/mailboxes.ts';
import { mailboxKey } from './email.ts';
import type { SubjectId } from './identifiers.ts';
import type { Mailbox } from './model.ts';
import { givenEmail, type PersonalValues } from './values.ts';

/** How often a claim is looked at again that others change meanwhile. */
const ATTEMPTS = 5;

export type Mailboxes = ReturnType<typeof createMailboxes>;

/**
 * Each proven mailbox is one person’s, decided by the database. A claim is void once the document of its person
 * speaks of another mailbox, of none, or of the same one given anew and not proven since: nothing has to be released when
 * an address changes.
 */
export function createMailboxes(store: Access, blindIndex: BlindIndex) {
  const records = createMailboxRecords(store);
  const markOf = (address: string) => blindIndex('mailbox', mailboxKey(address));
  /** No seal is ever the same again, not of the same address either. */
  const stampOf = (sealed: string) => blindIndex('mailbox as given', sealed);

  /** Whether the person of a claim has proven the mailbox, or has followed the link and is about to have. */
  const isInForce = ({ _id, stamp, mailbox, unproven }: HeldMailbox) =>
    mailbox?.mark === _id && (mailbox.proven || (unproven !== undefined && stampOf(unproven) === stamp));

  return {
    /** Forgets which mailboxes a person has proven. Idempotent. */
    forget: (sid: SubjectId): Promise<void> => records.forget(sid),

    /** The mark that binds a link to the address it was mailed to: no other spelling of the address has the same. */
    linkMarkOf: (address: string) => blindIndex('address of a link', address),

    /** Marks a mailbox; equal for all spellings of one. */
    markOf,

    /** The part of a person's document that tells of the address among their values. */
    of(values: PersonalValues): Mailbox | undefined {
      const address = givenEmail(values);
      return address === undefined ? undefined : { mark: markOf(address), proven: values.EMAIL !== undefined };
    },

    /**
     * The person that has proven an address and still has it; null for nobody. One command, with the same cost for
     * every outcome.
     */
    async findHolder(address: string): Promise<SubjectId | null> {
      const found = await records.find(markOf(address));
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
        if (await records.add(claim)) return true;
        const found = await records.find(claim._id);
        if (!found) continue;
        if (found.sid !== sid && isInForce(found)) return false;
        if (await records.handOver(found, claim)) return true;
      }
      return false;
    },

    /** Takes the mailboxes that nobody has proven; leaves the others as they are. */
    takeFree: (proven: readonly { readonly address: string; readonly sid: SubjectId }[]): Promise<void> =>
      records.addFree(proven.map(({ address, sid }) => ({ _id: markOf(address), sid, stamp: '' }))),
  };
}
