import type { Policy } from '../policy/clause.ts';
import type { Facts } from '../policy/facts.ts';

/**
 * The consents that accepting a policy gives along with it: by saying so, never by merely staying; of people in the
 * region that data may not leave without it, and of those of whom nothing says that they live elsewhere. A consent
 * that the person ever acted on is not among them.
 *
 * @returns ids of consents
 */
export function bundledConsents(
  policy: Policy,
  { residence, consents }: Pick<Facts, 'residence' | 'consents'>,
  mode: 'EXPLICIT' | 'DEEMED',
): string[] {
  if (mode !== 'EXPLICIT') return [];
  const elsewhere = typeof residence === 'string' && !policy.transferRegion.countries.includes(residence);
  return policy.consents
    .filter(({ id, givenBy }) => givenBy === 'EXPLICIT_ACCEPTANCE' && !elsewhere && !Object.hasOwn(consents ?? {}, id))
    .map(({ id }) => id);
}
