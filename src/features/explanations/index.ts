import type { Partners } from '../../store/mongo/repositories/partners.ts';
import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import { createExplanationOperations, type ExplanationOperations } from './operations.ts';
import { defineExplanations } from './schema.ts';

export const explanations = feature({
  operations: (needs: Core & { readonly partners: Partners }) => ({ explanations: createExplanationOperations(needs) }),
  fields: defineExplanations,
});

declare module '../../graphql/context.ts' {
  interface Services {
    readonly explanations: ExplanationOperations;
  }
}
