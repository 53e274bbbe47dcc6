import { PROVIDER_ALGORITHMS } from '../base/algorithms.ts';
import { withHeaders } from '../base/errors.ts';

/** How long a token may live at the most, in seconds: a lost token can be used for no longer. */
export const MAXIMUM_AGE = 24 * 3600;

/** The words before the description of a refusal. */
export const REFUSED = 'The token is not accepted: ';

/** Why a token without a holder is refused, in the words of a refusal. */
export const NO_HOLDER = {
  member: 'its account was erased',
  partner: 'its partner is not on record or is suspended',
} as const;

const ALGORITHMS = `algs="${PROVIDER_ALGORITHMS.join(' ')}"`;

/**
 * The remedy that a refusal asks of the client: another token, the same token with a proof, or another proof.
 *
 * @see RFC 6750, 3 (Bearer) and RFC 9449, 7.1 (DPoP)
 */
const CHALLENGES = {
  TOKEN: 'Bearer error="invalid_token"',
  BOUND_TOKEN: `DPoP error="invalid_token", ${ALGORITHMS}`,
  PROOF: `DPoP error="invalid_dpop_proof", ${ALGORITHMS}`,
} as const;

/** @param description  why, in words that hold nothing of the token */
export const refused = (description: string, challenge: keyof typeof CHALLENGES = 'TOKEN') =>
  withHeaders('UNAUTHENTICATED', `${REFUSED}${description}.`, { 'www-authenticate': CHALLENGES[challenge] });
