import { isBillingCategory, newestGiven, openBilled } from '../../../../dist/subject/billing.js';

/** The held value of a category of a person; null for nothing. Of cards and addresses to bill, the latest ones. */
export const opener = (document, vault) => (category) => {
  if (isBillingCategory(category)) {
    const billing = newestGiven(document.billings ?? [], category);
    return (billing && openBilled(vault, billing, category)) ?? null;
  }
  const sealed = document.values[category];
  return sealed === undefined ? null : vault.open(category, sealed);
};
