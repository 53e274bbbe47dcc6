import type { Words } from '../../src/gateway/layout.ts';
import {
  type CategoryMask,
  categoriesIn,
  type DataCategory,
  firstPartyAudiences,
  idsOf,
} from '../../src/policy/vocabulary.ts';
import { referencePolicy } from './policy.ts';

/** The words of the reference policy. */
const { vocabulary } = referencePolicy;
export const DATA_CATEGORIES = idsOf(vocabulary.categories);
export const PREFERENCES = idsOf(vocabulary.preferences);
export const STAFF_ROLES = idsOf(vocabulary.staff);
export const FIRST_PARTY_AUDIENCES = firstPartyAudiences(vocabulary);
export const categoriesOf = (mask: CategoryMask): DataCategory[] => categoriesIn(vocabulary, mask);

/** The words of the reference policy that a layout follows from, with these consents in place of its own. */
export const wordsWith = (...consents: readonly string[]): Words => ({
  preferences: PREFERENCES,
  consents,
  ...{ recipientConsents: [], ages: [], held: [], restrictions: [], ties: idsOf(vocabulary.ties) },
  features: vocabulary.features,
});
