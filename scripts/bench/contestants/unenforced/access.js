import { NO_RETENTION } from '../../../../dist/policy/retention.js';
import { EVERY_CATEGORY } from '../../../../dist/policy/vocabulary.js';

const EVERYTHING = { mask: EVERY_CATEGORY, grounds: [] };

const open = (vocabulary, now) => ({
  vocabulary,
  audience: { name: 'SELF', purpose: null, recipient: null, scope: EVERY_CATEGORY },
  now,
  processor: null,
  ties: [],
  retention: NO_RETENTION,
  reach: EVERY_CATEGORY,
  decide: () => EVERYTHING,
  candidates: () => [],
  weighed: () => [],
  reasonFor: () => 'NO_CLAUSE',
  refusal: () => null,
  filter: () => true,
});

/** Everybody may see everything of everybody. */
export const createCallerAccess = ({ vocabulary }, _caller, now) => {
  const access = open(vocabulary, now);
  return { others: access, toward: () => access };
};
