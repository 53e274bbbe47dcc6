import type { Clock } from '../../base/clock.ts';
import { ApiError } from '../../base/errors.ts';
import type { Preference } from '../../policy/vocabulary.ts';
import type { Changes } from '../../subject/change.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { Mailboxes } from '../../subject/mailboxes.ts';
import type { Change, PersonDocument } from '../../subject/model.ts';
import type { Home } from '../../subject/new-person.ts';
import type { PersonOpener } from '../../subject/open-person.ts';
import { openGivenEmail, openValue } from '../../subject/vault.ts';
import { type Link, type Links, TIME_TO_ANSWER } from '../mail/links.ts';
import type { OutgoingMail } from '../mail/operations.ts';
import type { Suppressions } from '../newsletters/suppressions.ts';
import { isOn, withPreferences } from '../preferences/operations.ts';

/** Why an address is asked to answer. */
export type Occasion = 'ACCOUNT_OPENED' | 'ADDRESS_CHANGED' | 'ADDRESS_ASKED_AGAIN';

/** The outcome of following a link. */
export type Proof =
  | 'PROVEN'
  /** Another account has proven the address before. */
  | 'TAKEN'
  /** The address is not the person's any more. */
  | 'STALE';

/** The address counts, and its owner stays off the lists that they left: nobody else can put them on again. */
function proof({ facts }: PersonDocument, sealed: string, left: readonly Preference[], at: string): Change {
  const off = Object.fromEntries(left.filter((name) => isOn(facts, name)).map((name) => [name, false]));
  const isOff = Object.keys(off).length > 0;
  return {
    set: {
      'values.EMAIL': sealed,
      'mailbox.proven': true,
      ...(isOff && { 'facts.preferences': withPreferences(facts, { preferences: off }).preferences }),
    },
    unset: ['values.UNPROVEN_EMAIL'],
    entries: [
      { type: 'EMAIL_PROOF', at },
      ...(isOff ? [{ type: 'PREFERENCES' as const, at, changes: off, source: 'SUPPRESSION' as const }] : []),
    ],
  };
}

/** How often a person is read again because the address changes meanwhile. */
const ATTEMPTS = 5;

export type Proofs = ReturnType<typeof createProofs>;

/**
 * Proof that people have the addresses they give: a link is mailed there, and a reader that follows it has the mailbox. Until
 * then nothing is mailed or credited by the address, and no partner is shown it.
 */
export function createProofs(services: {
  readonly changes: Changes;
  readonly clock: Clock;
  readonly links: Links;
  readonly mail: Pick<OutgoingMail, 'queue'>;
  readonly mailboxes: Mailboxes;
  readonly openPerson: PersonOpener;
  readonly suppressions: Pick<Suppressions, 'find'>;
}) {
  const { changes, clock, links, mail, mailboxes, openPerson, suppressions } = services;

  const linkFor = (sid: SubjectId, address: string, at: Date) => {
    const mailedTo = mailboxes.linkMarkOf(address);
    return links.issue({ action: 'PROVE_EMAIL', sid, mailedTo, until: at.getTime() + TIME_TO_ANSWER });
  };

  /**
   * Mails the link; or, where another account has proven the address, that somebody has given it. The same is read and
   * written in either case.
   */
  async function ask(home: Home, address: string, kind: Occasion): Promise<void> {
    const at = clock.now();
    const holder = await mailboxes.findHolder(address);
    const isTaken = holder !== null && holder !== home.sid;
    const token = linkFor(home.sid, address, at);
    const what = isTaken ? ({ kind: 'ADDRESS_TAKEN', data: {} } as const) : { kind, data: { token } };
    await mail.queue({ to: address, ...what }, at, home);
  }

  return {
    ask,

    /** Mails the link once more. A person with a proven address, or none, gets nothing. */
    async askAgain(sid: SubjectId): Promise<void> {
      const person = await openPerson(sid);
      if (!person) return;
      const { vault, document } = person;
      const address = openValue(vault, document.values, 'UNPROVEN_EMAIL');
      if (address !== undefined) await ask({ sid, vault }, address, 'ADDRESS_ASKED_AGAIN');
    },

    /**
     * A link was followed. If several accounts have one address, the first to follow a link has it; following it again
     * changes nothing.
     *
     * @throws {ApiError} CONFLICT after many lost races
     */
    async prove({ sid, mailedTo }: Extract<Link, { action: 'PROVE_EMAIL' }>): Promise<Proof> {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const person = await openPerson(sid);
        if (!person) return 'STALE';
        const { vault, document } = person;
        const address = openGivenEmail(vault, document.values);
        if (address === undefined || mailboxes.linkMarkOf(address) !== mailedTo) return 'STALE';
        const held = document.values.UNPROVEN_EMAIL;
        if (held === undefined) return 'PROVEN';
        if (!(await mailboxes.take(address, held, sid))) return 'TAKEN';
        const left = await suppressions.find(mailboxes.markOf(address));
        // no seal is ever the same again: this one was there all along, since before the mailbox was taken
        const changed = await changes.apply(sid, (now, at) =>
          now.values.UNPROVEN_EMAIL === held ? proof(now, vault.seal('EMAIL', address), left, at.toISOString()) : null,
        );
        if (!changed) return 'STALE';
        if (changed.entries.length > 0) return 'PROVEN';
      }
      throw new ApiError('CONFLICT', 'The address was changed at the same time. Try again.');
    },
  };
}
