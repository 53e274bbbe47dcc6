import { type GraphQLSchema, specifiedDirectives } from 'graphql';
import { readClassification } from '../enforcement/classification.ts';
import { enforce } from '../enforcement/shield.ts';
import { createBuilder } from '../graphql/builder.ts';
import { definePages } from '../graphql/connections.ts';
import { defineErrorCodes } from '../graphql/error-codes.ts';
import { finishMutations } from '../graphql/mutations.ts';
import { definePolicyEnums } from '../graphql/policy-enums.ts';
import { defineScalars } from '../graphql/scalars.ts';
import type { SchemaPart } from '../graphql/schema-part.ts';
import { SEMANTIC_NON_NULL } from '../graphql/semantic-nullability.ts';
import type { DecisionTable } from '../policy/compile.ts';
import { featuresOf } from './features.ts';
import { wordsOf } from './layout.ts';

/** The schema as it is declared, with no rule in front of its resolvers yet. */
export function buildSchema(table: DecisionTable): GraphQLSchema {
  const builder = createBuilder();
  const { vocabulary } = table;
  const policies = [...table.policies.values()];
  const part: SchemaPart = {
    ...{ builder, vocabulary, current: table.current, policies },
    enums: definePolicyEnums(builder, vocabulary),
    nodes: new Map(),
  };
  defineScalars(builder, table);
  definePages(part);
  defineErrorCodes(part);
  for (const { fields } of featuresOf(wordsOf(policies))) fields?.(part);
  return builder.toSchema({ directives: [...specifiedDirectives, SEMANTIC_NON_NULL] });
}

/**
 * The schema with the policy's rules in front of every classified field.
 *
 * @throws {ClassificationError} if a field could show data that the policy does not speak of
 */
export function createEnforcedSchema(table: DecisionTable): GraphQLSchema {
  const schema = buildSchema(table);
  enforce(schema, readClassification(schema, table));
  finishMutations(schema);
  return schema;
}
