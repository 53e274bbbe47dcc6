/**
 * Types with an `id` that is unique only within one person, or that say something else of each of two people. A cache
 * keeps them under the object that holds them: by their ids it would take one person's for another's.
 */
export const PARTS_OF_A_PERSON: readonly string[] = [
  'Activity',
  'Correction',
  'Credit',
  'Order',
  'Photo',
  'Post',
  'PrivacyCase',
  'Tie',
  'Transaction',
  'WaitingCredit',
];

const policiesOf = <Value>(value: Value, further: readonly string[]): Record<string, Value> =>
  Object.fromEntries([...PARTS_OF_A_PERSON, ...further].map((type) => [type, value]));

/**
 * The `typePolicies` of Apollo Client’s `InMemoryCache`.
 *
 * @param further  types of the company’s own vocabulary that have an id
 */
export const apolloTypePolicies = (further: readonly string[] = []): Record<string, { keyFields: false }> =>
  policiesOf({ keyFields: false as const }, further);

/** The `keys` of urql’s Graphcache. */
export const graphcacheKeys = (further: readonly string[] = []): Record<string, () => null> =>
  policiesOf(() => null, further);

/** The `getDataID` of Relay’s `Environment`. */
export const relayDataId = (further: readonly string[] = []) => {
  const parts = new Set([...PARTS_OF_A_PERSON, ...further]);
  return (fields: { readonly id?: unknown }, type: string): unknown => (parts.has(type) ? null : fields.id);
};
