import type { Policy } from '../policy/clause.ts';
import type { Facts } from '../policy/facts.ts';

/**
 * The consents that a person is to be asked for. Data may not leave the transfer region without them, so the policy asks
 * every resident of it, and every person without a known residence. A consent that the person ever acted on is answered.
 *
 * @returns ids of consents
 */
export function unansweredConsents(policy: Policy, { residence, consents }: Pick<Facts, 'residence' | 'consents'>) {
  const elsewhere = typeof residence === 'string' && !policy.transferRegion.countries.includes(residence);
  return policy.consents
    .filter(({ id, givenBy }) => givenBy === 'EXPLICIT_ACCEPTANCE' && !elsewhere && !Object.hasOwn(consents ?? {}, id))
    .map(({ id }) => id);
}

/** Those of them that accepting a policy gives along with it: by saying so, never by merely staying. */
export const bundledConsents = (
  policy: Policy,
  facts: Pick<Facts, 'residence' | 'consents'>,
  mode: 'EXPLICIT' | 'DEEMED',
): string[] => (mode === 'EXPLICIT' ? unansweredConsents(policy, facts) : []);
