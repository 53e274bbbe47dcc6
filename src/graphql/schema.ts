import type { GraphQLSchema } from 'graphql';
import { defineAccount } from '../domain/account/schema.ts';
import { defineAdvertising } from '../domain/advertising/schema.ts';
import { defineBlog } from '../domain/blog/schema.ts';
import { defineChildren } from '../domain/children/schema.ts';
import { defineConsents } from '../domain/consents/schema.ts';
import { defineCorrections } from '../domain/corrections/schema.ts';
import { defineDevices } from '../domain/devices/schema.ts';
import { defineErasure } from '../domain/erasure/schema.ts';
import { defineExplanations } from '../domain/explanations/schema.ts';
import { defineExport } from '../domain/export/schema.ts';
import { defineLegal } from '../domain/legal/schema.ts';
import { defineMailboxes } from '../domain/mailboxes/schema.ts';
import { defineNewsletters } from '../domain/newsletters/schema.ts';
import { defineNotices } from '../domain/notices/schema.ts';
import { defineOffers } from '../domain/offers/schema.ts';
import { defineOrders } from '../domain/orders/schema.ts';
import { definePartners } from '../domain/partners/schema.ts';
import { definePhotos } from '../domain/photos/schema.ts';
import { definePolicies } from '../domain/policy-versions/schema.ts';
import { definePosts } from '../domain/posts/schema.ts';
import { definePreferences } from '../domain/preferences/schema.ts';
import { definePrivacyCases } from '../domain/privacy-cases/schema.ts';
import { definePrograms } from '../domain/programs/schema.ts';
import { defineRegistration } from '../domain/registration/schema.ts';
import { defineRelationships } from '../domain/relationships/schema.ts';
import { defineShares } from '../domain/shares/schema.ts';
import { defineSocial } from '../domain/social/schema.ts';
import { defineStatistics } from '../domain/statistics/schema.ts';
import { defineSuccession } from '../domain/succession/schema.ts';
import { readClassification } from '../enforcement/classification.ts';
import { enforce } from '../enforcement/shield.ts';
import type { DecisionTable } from '../policy/compile.ts';
import { createBuilder } from './builder.ts';
import { finishMutations } from './mutations.ts';
import { createRefs } from './refs.ts';
import { defineRoot } from './root.ts';
import { defineScalars } from './scalars.ts';
import { defineUser } from './user.ts';
import { defineVocabulary } from './vocabulary.ts';

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
