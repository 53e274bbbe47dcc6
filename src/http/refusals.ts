/** How long a token may live at the most, in seconds: what is lost can be used for no longer. */
export const MAXIMUM_AGE = 24 * 3600;

/** The words before the description of a refusal. */
export const REFUSED = 'The token is not accepted: ';

/** Why a token without a holder is refused, in the words of a refusal. */
export const NO_HOLDER = {
  member: 'its account was erased',
  partner: 'its partner is not on record or is suspended',
} as const;
