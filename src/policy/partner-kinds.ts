import type { Policy } from './clause.ts';
import type { FactName } from './known-facts.ts';
import { audiencesWhen } from './reveals-when.ts';

/** The kinds of partner to whom a clause shows something on account of a fact: those with whom it can come about. */
export const kindsWith = (policy: Policy, fact: FactName): ReadonlySet<string> => {
  const audiences = audiencesWhen(policy, { fact });
  return new Set(policy.partnerKinds.map(({ id }) => id).filter((kind) => audiences.has(kind)));
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
