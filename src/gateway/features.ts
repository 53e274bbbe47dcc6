import { advertising } from '../features/advertising/index.ts';
import { ages } from '../features/ages/index.ts';
import { blog } from '../features/blog/index.ts';
import { children } from '../features/children/index.ts';
import { consents } from '../features/consents/index.ts';
import { corrections } from '../features/corrections/index.ts';
import { devices } from '../features/devices/index.ts';
import { erasure } from '../features/erasure/index.ts';
import { explanations } from '../features/explanations/index.ts';
import { dataExport } from '../features/export/index.ts';
import type { Feature } from '../features/feature.ts';
import { idempotency } from '../features/idempotency/index.ts';
import { legal } from '../features/legal/index.ts';
import { mail } from '../features/mail/index.ts';
import { mailboxes } from '../features/mailboxes/index.ts';
import { newsletters } from '../features/newsletters/index.ts';
import { notices } from '../features/notices/index.ts';
import { offers } from '../features/offers/index.ts';
import { orders } from '../features/orders/index.ts';
import { partnerEvents } from '../features/partner-events/index.ts';
import { partners } from '../features/partners/index.ts';
import { people } from '../features/people/index.ts';
import { photos } from '../features/photos/index.ts';
import { policyVersions } from '../features/policy-versions/index.ts';
import { posts } from '../features/posts/index.ts';
import { preferences } from '../features/preferences/index.ts';
import { privacyCases } from '../features/privacy-cases/index.ts';
import { programs } from '../features/programs/index.ts';
import { receipts } from '../features/receipts/index.ts';
import { registration } from '../features/registration/index.ts';
import { relationships } from '../features/relationships/index.ts';
import { restrictions } from '../features/restrictions/index.ts';
import { retention } from '../features/retention/index.ts';
import { shares } from '../features/shares/index.ts';
import { social } from '../features/social/index.ts';
import { statistics } from '../features/statistics/index.ts';
import { succession } from '../features/succession/index.ts';
import { ties } from '../features/ties/index.ts';
import { tokens } from '../features/tokens/index.ts';
import { transactions } from '../features/transactions/index.ts';
import { values } from '../features/values/index.ts';
import { viewer } from '../features/viewer/index.ts';
import { webhooks } from '../features/webhooks/index.ts';
import type { Services } from '../graphql/context.ts';
import type { Choices } from '../policy/known-facts.ts';
import type { Vocabulary } from '../policy/vocabulary.ts';

/** Every feature, each after the features that it needs operations of; the compiler refuses another order. */
export const FEATURES = [
  people,
  mail,
  newsletters,
  consents,
  mailboxes,
  partners,
  tokens,
  erasure,
  partnerEvents,
  webhooks,
  retention,
  ages,
  shares,
  preferences,
  policyVersions,
  photos,
  posts,
  transactions,
  orders,
  programs,
  social,
  relationships,
  advertising,
  devices,
  blog,
  idempotency,
  values,
  statistics,
  registration,
  corrections,
  privacyCases,
  children,
  legal,
  ties,
  restrictions,
  succession,
  notices,
  offers,
  dataExport,
  receipts,
  explanations,
  viewer,
] as const;

/** The same features for a loop that hands each of them all services: each takes the part that it needs. */
export const EVERY_FEATURE: readonly Feature<Services>[] = FEATURES as readonly Feature<Services>[];

/** The words of a company that its features follow from. */
export type FeatureWords = Pick<Vocabulary, 'features'> & Pick<Choices, 'ties' | 'restrictions'>;

/**
 * The features that a company has: those that every company has, those that its vocabulary names, and those that are about
 * words which its policies have.
 */
export const featuresOf = (words: FeatureWords): readonly Feature<Services>[] =>
  EVERY_FEATURE.filter(
    ({ optional, about }) =>
      (optional === undefined || words.features.includes(optional)) && (about === undefined || words[about].length > 0),
  );
