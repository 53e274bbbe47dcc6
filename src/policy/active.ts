import type { Condition } from './condition.ts';
import type { Measures } from './facts.ts';
import type { FactName } from './known-facts.ts';
import { implies } from './satisfiable.ts';
import { staffAudience, type Vocabulary } from './vocabulary.ts';

/**
 * Only active people are shown to others: that is built in, and no policy has to write it. A closed account stays open
 * to the person, and to the roles of staff for which a fact stands in the place of an active person.
 *
 * @returns the condition of every reveal to an audience; null toward the person, where there is none
 */
export function activeFor({ staff }: Pick<Vocabulary, 'staff'>, audience: string): Condition | null {
  if (audience === 'SELF') return null;
  const exception = staff.find(({ id }) => staffAudience(id) === audience)?.whateverStatus;
  const active: Condition = { fact: 'personActive' };
  return exception === undefined ? active : { any: [active, { fact: exception as FactName }] };
}

/** Whether a condition shows an audience active people alone, and those whom it may see whatever their status. */
export function asksForActive(
  vocabulary: Pick<Vocabulary, 'staff'>,
  audience: string,
  condition: Condition,
  measures: Measures,
): boolean {
  const active = activeFor(vocabulary, audience);
  return active === null || implies(audience, condition, active, measures);
}
