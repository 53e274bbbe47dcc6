import { revealsOf } from '../../policy/clause.ts';
import type { DecisionTable } from '../../policy/compile.ts';
import { leavesOf } from '../../policy/condition.ts';
import type { Preference } from '../../policy/vocabulary.ts';

/** What a person switches off to stop the mail of one purpose: read from the conditions that the policy puts on it. */
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
