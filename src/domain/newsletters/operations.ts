import type { DecisionTable } from '../../policy/compile.ts';
import { leavesOf } from '../../policy/condition.ts';
import type { Preference } from '../../policy/vocabulary.ts';

/** What a person switches off to stop the mail of one purpose: read from the conditions that the policy puts on it. */
export interface MailSwitch {
  readonly preferences: readonly Preference[];
  /** Whether the mail is of the threads that a person subscribed to. */
  readonly subscription: boolean;
}

/** The switches behind the mail of a purpose, in any version of the policy; none where it can't be switched off. */
export function mailSwitchOf({ policies }: DecisionTable, purpose: string): MailSwitch | null {
  const conditions = [...policies.values()]
    .flatMap(({ clauses }) => clauses.flatMap(({ reveals }) => reveals))
    .filter(({ purposes }) => purposes?.includes(purpose))
    .flatMap(({ when }) => [...leavesOf(when)].filter(({ negated }) => !negated).map(({ leaf }) => leaf));
  const preferences = conditions.flatMap((leaf) => ('preference' in leaf ? [leaf.preference as Preference] : []));
  const subscription = conditions.some((leaf) => 'fact' in leaf && leaf.fact === 'verifiedSubscription');
  return preferences.length > 0 || subscription ? { preferences: [...new Set(preferences)], subscription } : null;
}
