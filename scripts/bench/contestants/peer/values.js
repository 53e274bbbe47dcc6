import { isBillingCategory, newestGiven, openBilled } from '../../../../dist/subject/billing.js';

/** What is held of a person, by category; null for nothing. Of cards and addresses to bill, those that were given last. */
export const opener = (document, vault) => (category) => {
  if (isBillingCategory(category)) {
    const billing = newestGiven(document.billings ?? [], category);
    return (billing && openBilled(vault, billing, category)) ?? null;
  }
  const sealed = document.values[category];
  return sealed === undefined ? null : vault.open(category, sealed);
};
