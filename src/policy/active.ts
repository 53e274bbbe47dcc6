import type { Condition } from './condition.ts';
import type { Measures } from './facts.ts';
import type { FactName } from './known-facts.ts';
import { implies } from './satisfiable.ts';
import { type StaffRole, staffAudience } from './vocabulary.ts';

/**
 * Only active people are shown to others: that is built in, and no policy has to write it. A closed account stays open
 * to the person, and to these roles where a fact stands in the place of an active person.
 */
const WHATEVER_STATUS: { readonly [Role in StaffRole]?: FactName } = {
  privacy: 'openPrivacyCase',
  legal: 'legalProcess',
};

const EXCEPTIONS = new Map(
  Object.entries(WHATEVER_STATUS).map(([role, fact]) => [staffAudience(role as StaffRole), fact]),
);

/** What every reveal to an audience asks; null toward the person, who is asked nothing. */
export function activeFor(audience: string): Condition | null {
  if (audience === 'SELF') return null;
  const exception = EXCEPTIONS.get(audience);
  const active: Condition = { fact: 'personActive' };
  return exception ? { any: [active, { fact: exception }] } : active;
}

/** Whether a condition shows an audience active people alone, and those whom it may see whatever their status. */
export function asksForActive(audience: string, condition: Condition, measures: Measures): boolean {
  const active = activeFor(audience);
  return active === null || implies(audience, condition, active, measures);
}
