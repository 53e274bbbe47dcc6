import type { OfPerson } from '../../graphql/object-ids.ts';
import type { Relationship } from '../../subject/ties.ts';
import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import type { Counterparts } from '../partners/counterparts.ts';
import { createRelationshipOperations, type RelationshipOperations } from './operations.ts';
import { defineRelationships } from './schema.ts';

export const relationships = feature({
  optional: 'relationships',
  operations: ({ changes, counterparts }: Core & { readonly counterparts: Counterparts }) => ({
    relationships: createRelationshipOperations(changes, counterparts),
  }),
  fields: defineRelationships,
});

declare module '../../graphql/builder.ts' {
  interface Objects {
    Relationship: OfPerson<Relationship>;
  }
}

declare module '../../graphql/context.ts' {
  interface Services {
    readonly relationships: RelationshipOperations;
  }
}
