import { revealsOf } from '../../policy/clause.ts';
import type { DecisionTable } from '../../policy/compile.ts';
import { leavesOf } from '../../policy/condition.ts';
import type { Facts } from '../../policy/facts.ts';
import type { Preference } from '../../policy/vocabulary.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import { follows } from '../../subject/subscriptions.ts';
import type { Link } from '../mail/links.ts';
import { isOn } from '../preferences/operations.ts';

/** The preferences that stop the mail of one purpose: read from the conditions that the policy puts on it. */
export interface MailSwitch {
  readonly preferences: readonly Preference[];
  /** Whether the mail is of the threads that a person subscribed to. */
  readonly subscription: boolean;
}

/**
 * The switches behind the mail of a purpose, in any version of the policy; null where it can't be switched off.
 *
 * @param to  the kind of partner that sends the mail; any where it is left out
 */
export function mailSwitchOf({ policies }: DecisionTable, purpose: string, to?: string): MailSwitch | null {
  const conditions = [...policies.values()]
    .flatMap(revealsOf)
    .filter((reveal) => reveal.purposes?.includes(purpose) && (to === undefined || reveal.to === to))
    .flatMap(({ when }) => [...leavesOf(when)].filter(({ negated }) => !negated).map(({ leaf }) => leaf));
  const preferences = conditions.flatMap((leaf) => ('preference' in leaf ? [leaf.preference as Preference] : []));
  const subscription = conditions.some((leaf) => 'fact' in leaf && leaf.fact === 'verifiedSubscription');
  return preferences.length > 0 || subscription ? { preferences: [...new Set(preferences)], subscription } : null;
}

/** The mail that a preference switches off, in the words that the policy has for its purposes. */
export function mailBehind(table: DecisionTable, preference: string): string[] {
  const purposes = new Map(
    [...table.policies.values()].flatMap((policy) => policy.purposes.map(({ id, description }) => [id, description])),
  );
  return [...purposes]
    .filter(([purpose]) => mailSwitchOf(table, purpose)?.preferences.some((name) => name === preference))
    .map(([, description]) => description);
}

/** The part of a person that says which mail goes to them. */
interface Addressee {
  readonly sid: SubjectId;
  readonly facts: Facts;
}

/**
 * The link that ends the mail of one list to a person: it leaves the thread that they follow, else switches off the
 * preference that is on. Null where neither is so: then nothing may be mailed.
 *
 * @param thread  the thread that the mail is about; null for mail about none
 */
export function unsubscribeLinkOf(
  { sid, facts }: Addressee,
  { preferences, subscription }: MailSwitch,
  thread: string | null,
): Link | null {
  if (subscription && thread !== null && follows(facts, thread))
    return { action: 'LEAVE_THREAD', subscriber: sid, thread };
  const preference = preferences.find((name) => isOn(facts, name));
  return preference === undefined ? null : { action: 'SWITCH_OFF', sid, preference };
}

/** The two headers that let a mail program unsubscribe with one click. */
export interface MailingHeaders {
  readonly listUnsubscribe: string;
  readonly listUnsubscribePost: string;
}

/** @see RFC 8058 */
export const mailingHeadersOf = (address: string): MailingHeaders => ({
  listUnsubscribe: `<${address}>`,
  // the value that mail programs send when their own unsubscribe button is pressed
  listUnsubscribePost: 'List-Unsubscribe=One-Click',
});
