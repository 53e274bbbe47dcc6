import { DAY, HOUR } from '../../base/durations.ts';
import type { Allowance, Allowances } from '../../store/allowances.ts';
import { mailboxKey } from '../../subject/email.ts';

/** How often one address gets mail of a kind. */
interface CoolDown extends Pick<Allowance, 'most' | 'withinMs'> {
  /** The name that kinds share which are counted together; else each kind is counted alone. */
  readonly together?: string;
  /** Mail of this kind about another thread is counted apart. */
  readonly perThread?: true;
}

const HOURLY: CoolDown = { most: 1, withinMs: HOUR };
/**
 * For mail to an address that accounts give as theirs. More than one may go: an account that was opened first, in bad
 * faith or by a slip, must not keep the link from the owner of the mailbox.
 */
const PROOF: CoolDown = { most: 5, withinMs: DAY, together: 'PROVE_EMAIL' };

/**
 * Every kind of mail that is sent, and its cool-down. A kind without one is never withheld: the person has a right to
 * know, and nobody but staff can set it off.
 */
export const MAIL_KINDS = {
  /** Anybody can follow a thread in the name of any address. */
  VERIFY_SUBSCRIPTION: HOURLY,
  /** Anybody can ask that any address be forgotten. */
  FORGET_ADDRESS: HOURLY,
  /** Every account can be opened with any address, and changed to any. */
  ACCOUNT_OPENED: PROOF,
  ADDRESS_CHANGED: PROOF,
  ADDRESS_ASKED_AGAIN: PROOF,
  ADDRESS_TAKEN: PROOF,
  /** A person can move back and forth without end. */
  CONSENT_REQUESTED: HOURLY,
  /** Each tells of all that end within a week; a mail that was sent before a gateway ended is not sent again. */
  CONSENTS_END: HOURLY,
  /** A follower asked for it; one member can still write in a thread without end. */
  NEW_COMMENT: { ...HOURLY, perThread: true },
  /** Privacy staff opened a record to themselves (`children.guardians`): the person must hear of each. */
  GUARDIAN_CASE_VERIFIED: null,
} as const satisfies Record<string, CoolDown | null>;

export type MailKind = keyof typeof MAIL_KINDS;

/** A message that a mailer has yet to send. The mailer makes its text from `kind` and `data`, in its own words. */
export interface Mail {
  readonly to: string;
  /** Which message it is. */
  readonly kind: MailKind;
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * A mailbox as its mail is counted: subaddresses (`ada+shop@`) reach one mailbox on most mail servers, and count as one.
 *
 * @see RFC 5233 (subaddresses)
 */
export const mailboxOf = (address: string): string => mailboxKey(address).replace(/^(.[^@]*?)\+.*@/, '$1@');

/** Tells whether a mail may go out, over all gateways together. The database keeps a mark of the address alone. */
export const createCoolDowns =
  (allowances: Pick<Allowances, 'take'>) =>
  async ({ to, kind, data }: Mail): Promise<boolean> => {
    const coolDown: CoolDown | null = MAIL_KINDS[kind];
    if (!coolDown) return true;
    const { most, withinMs, perThread, together = kind } = coolDown;
    const about = perThread ? `\0${data.thread}` : '';
    return allowances.take({ of: `mail ${together}`, most, withinMs }, `${mailboxOf(to)}${about}`);
  };
