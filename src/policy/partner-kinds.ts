import type { Policy } from './clause.ts';
import { names } from './condition.ts';
import type { ConditionLeaf } from './leaf.ts';
import { audiencesWhen } from './reveals-when.ts';
import { idsOf } from './vocabulary.ts';

/** The kinds of partner for which a reveal depends on a leaf. */
export const kindsWith = (policy: Policy, leaf: ConditionLeaf): ReadonlySet<string> => {
  const audiences = audiencesWhen(policy, leaf);
  const isAskedOfAll = names(policy.partnerRequirements, leaf);
  return new Set(idsOf(policy.partnerKinds).filter((kind) => isAskedOfAll || audiences.has(kind)));
};

/** The rules for contracts. */
export interface ContractRules {
  readonly promotionalPurposes: readonly string[];
  readonly partnerKinds: ReadonlyMap<string, { readonly serviceProvider: boolean }>;
}

export const contractRulesOf = ({ purposes, partnerKinds }: Policy): ContractRules => ({
  promotionalPurposes: purposes.filter(({ promotional }) => promotional).map(({ id }) => id),
  partnerKinds: new Map(partnerKinds.map((kind) => [kind.id, kind])),
});

/** Whether a purpose is promotional and the partner kind a service provider, so that no contract may join the two. */
export const isPromotionFor =
  ({ promotionalPurposes, partnerKinds }: ContractRules) =>
  (kind: unknown, purpose: unknown): boolean =>
    (promotionalPurposes as readonly unknown[]).includes(purpose) &&
    partnerKinds.get(kind as string)?.serviceProvider === true;
