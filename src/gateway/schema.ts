import type { GraphQLSchema } from 'graphql';
import { readClassification } from '../enforcement/classification.ts';
import { enforce } from '../enforcement/shield.ts';
import { defineAccount } from '../features/account/schema.ts';
import { defineAdvertising } from '../features/advertising/schema.ts';
import { defineBlog } from '../features/blog/schema.ts';
import { defineChildren } from '../features/children/schema.ts';
import { defineConsents } from '../features/consents/schema.ts';
import { defineCorrections } from '../features/corrections/schema.ts';
import { defineDevices } from '../features/devices/schema.ts';
import { defineErasure } from '../features/erasure/schema.ts';
import { defineExplanations } from '../features/explanations/schema.ts';
import { defineExport } from '../features/export/schema.ts';
import { defineLegal } from '../features/legal/schema.ts';
import { defineMailboxes } from '../features/mailboxes/schema.ts';
import { defineNewsletters } from '../features/newsletters/schema.ts';
import { defineNotices } from '../features/notices/schema.ts';
import { defineOffers } from '../features/offers/schema.ts';
import { defineOrders } from '../features/orders/schema.ts';
import { definePartners } from '../features/partners/schema.ts';
import { definePhotos } from '../features/photos/schema.ts';
import { definePolicies } from '../features/policy-versions/schema.ts';
import { definePosts } from '../features/posts/schema.ts';
import { definePreferences } from '../features/preferences/schema.ts';
import { definePrivacyCases } from '../features/privacy-cases/schema.ts';
import { definePrograms } from '../features/programs/schema.ts';
import { defineRegistration } from '../features/registration/schema.ts';
import { defineRelationships } from '../features/relationships/schema.ts';
import { defineShares } from '../features/shares/schema.ts';
import { defineSocial } from '../features/social/schema.ts';
import { defineStatistics } from '../features/statistics/schema.ts';
import { defineSuccession } from '../features/succession/schema.ts';
import { createBuilder } from '../graphql/builder.ts';
import { finishMutations } from '../graphql/mutations.ts';
import { defineVocabulary } from '../graphql/policy-enums.ts';
import { createRefs } from '../graphql/refs.ts';
import { defineRoot } from '../graphql/root.ts';
import { defineScalars } from '../graphql/scalars.ts';
import { defineUser } from '../graphql/user.ts';
import type { DecisionTable } from '../policy/compile.ts';

/** The schema as it is declared, with no rule in front of its resolvers yet. */
export function buildSchema(table: DecisionTable): GraphQLSchema {
  const builder = createBuilder();
  defineScalars(builder, table);
  const part = { builder, refs: createRefs(builder), vocabulary: defineVocabulary(builder) };
  defineUser(part);
  defineAccount(part);
  definePartners(part);
  defineConsents(part);
  const preferences = definePreferences(part);
  defineShares(part);
  const policies = definePolicies(part);
  defineExplanations(part, preferences);
  defineLegal(part);
  defineSuccession(part, defineNotices(part, policies));
  definePhotos(part);
  definePosts(part);
  defineOrders(part);
  definePrograms(part);
  definePrivacyCases(part);
  defineStatistics(part);
  defineDevices(part);
  defineNewsletters(part);
  defineBlog(part);
  defineRegistration(part);
  defineMailboxes(part);
  defineCorrections(part);
  defineErasure(part);
  defineChildren(part);
  defineExport(part);
  defineAdvertising(part);
  defineOffers(part);
  defineRelationships(part);
  defineSocial(part);
  defineRoot(part);
  return builder.toSchema();
}

/**
 * The schema with the policy's rules in front of every classified field.
 *
 * @throws {ClassificationError} where a field could show what the policy does not speak of
 */
export function createEnforcedSchema(table: DecisionTable): GraphQLSchema {
  const schema = buildSchema(table);
  enforce(schema, readClassification(schema, table));
  finishMutations(schema);
  return schema;
}
