/** How long a token may live at the most, in seconds: what is lost can be used for no longer. */
export const MAXIMUM_AGE = 24 * 3600;

/** What the description of a refusal stands behind. */
export const REFUSED = 'The token is not accepted: ';

/** Why a token is refused whose holder is none, in the words of a refusal. */
export const NO_HOLDER = {
  member: 'its account was erased',
  partner: 'its partner is not on record or is suspended',
} as const;
