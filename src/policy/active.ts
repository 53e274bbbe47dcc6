import type { Condition } from './condition.ts';
import type { Measures } from './facts.ts';
import type { FactName } from './known-facts.ts';
import { implies } from './satisfiable.ts';
import { staffAudience, type Vocabulary } from './vocabulary.ts';

/**
 * Others see active people only: this rule is built in, and no policy has to write it. A closed account stays open to
 * the person, and to roles of staff with a fact that replaces the active status.
 *
 * @returns the condition of every reveal to an audience; null for the person, since there is none
 */
export function activeFor({ staff }: Pick<Vocabulary, 'staff'>, audience: string): Condition | null {
  if (audience === 'SELF') return null;
  const exception = staff.find(({ id }) => staffAudience(id) === audience)?.whateverStatus;
  const active: Condition = { fact: 'personActive' };
  return exception === undefined ? active : { any: [active, { fact: exception as FactName }] };
}

/** Whether a condition shows an audience only active people, and people that it may see in every status. */
export function asksForActive(
  vocabulary: Pick<Vocabulary, 'staff'>,
  audience: string,
  condition: Condition,
  measures: Measures,
): boolean {
  const active = activeFor(vocabulary, audience);
  return active === null || implies(audience, condition, active, measures);
}
