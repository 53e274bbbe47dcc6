import type { Clause, Policy, Purpose } from '../../policy/clause.ts';
import type { PolicyDiff } from '../../policy/diff.ts';
import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import { createPolicyOperations, type PolicyAcceptance, type PolicyOperations } from './operations.ts';
import type { PartOfPolicy } from './parts.ts';
import { definePolicies } from './schema.ts';

export const policyVersions = feature({
  operations: ({ changes, ledger, table }: Core) => ({ policies: createPolicyOperations(changes, ledger, table) }),
  fields: definePolicies,
});

declare module '../../graphql/builder.ts' {
  interface Objects {
    Policy: Policy;
    Clause: PartOfPolicy<Clause>;
    PolicyPurpose: PartOfPolicy<Purpose>;
    PolicyDiff: PolicyDiff;
    PolicyAcceptance: PolicyAcceptance;
  }
}

declare module '../../graphql/context.ts' {
  interface Services {
    readonly policies: PolicyOperations;
  }
}
