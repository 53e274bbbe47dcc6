import type { Policy } from './clause.ts';
import { names } from './condition.ts';
import type { ConditionLeaf } from './leaf.ts';
import { audiencesWhen } from './reveals-when.ts';
import { idsOf } from './vocabulary.ts';

/** The kinds of partner to whom a clause shows something on account of a leaf: those with whom it can come about. */
export const kindsWith = (policy: Policy, leaf: ConditionLeaf): ReadonlySet<string> => {
  const audiences = audiencesWhen(policy, leaf);
  const isAskedOfAll = names(policy.partnerRequirements, leaf);
  return new Set(idsOf(policy.partnerKinds).filter((kind) => isAskedOfAll || audiences.has(kind)));
};

/** What a contract is measured against. */
export interface ContractRules {
  readonly promotionalPurposes: readonly string[];
  readonly partnerKinds: ReadonlyMap<string, { readonly serviceProvider: boolean }>;
}

export const contractRulesOf = ({ purposes, partnerKinds }: Policy): ContractRules => ({
  promotionalPurposes: purposes.filter(({ promotional }) => promotional).map(({ id }) => id),
  partnerKinds: new Map(partnerKinds.map((kind) => [kind.id, kind])),
});

/** Whether a purpose is promotional and the kind of partner works for us, so that no contract may join the two. */
export const isPromotionFor =
  ({ promotionalPurposes, partnerKinds }: ContractRules) =>
  (kind: unknown, purpose: unknown): boolean =>
    (promotionalPurposes as readonly unknown[]).includes(purpose) &&
    partnerKinds.get(kind as string)?.serviceProvider === true;
