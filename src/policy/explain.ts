import type { Trace } from './condition.ts';
import type { Access } from './decide.ts';
import { contractInForce, reveals } from './decide.ts';
import type { Facts, Truth } from './facts.ts';
import { bitOf, type DataCategory, type DenialReason, isIn, NO_CATEGORIES } from './vocabulary.ts';

/** The answer of one clause to the question, with its reasoning. */
export interface ClauseReasoning {
  readonly clauseId: string;
  readonly policyVersion: string;
  /** Whether it reveals the category for this purpose when its conditions hold. */
  readonly applies: boolean;
  readonly holds: Truth;
  readonly conditions: Trace;
}

/** The whole reasoning behind one decision. */
export interface Explanation {
  readonly category: DataCategory;
  readonly outcome: 'REVEAL' | 'DENY';
  /** The reason that the caller would see; null on a reveal. */
  readonly reason: DenialReason | null;
  readonly acceptedVersion: string | null;
  /** Null for callers that need no contract. */
  readonly contractInForce: boolean | null;
  readonly clauses: readonly ClauseReasoning[];
}

/** Walks the same conditions as `decide`, for every clause about this category and audience. */
export function explain(access: Access, facts: Facts, category: DataCategory): Explanation {
  const { recipient } = access.audience;
  const revealed = reveals(access.decide(facts), category);
  const weighed = new Set(access.weighed(facts));
  const asked = bitOf(category) & access.audience.scope;
  const candidates = access.candidates(facts).filter((ruling) => isIn(ruling.mask, category));
  return {
    category,
    outcome: revealed ? 'REVEAL' : 'DENY',
    reason: revealed ? null : access.reasonFor(category),
    acceptedVersion: typeof facts.acceptedVersion === 'string' ? facts.acceptedVersion : null,
    contractInForce: recipient && contractInForce(recipient, access.now),
    clauses: candidates.map((ruling) => {
      const situation = { facts, recipient, now: access.now, measures: ruling.measures };
      return {
        clauseId: ruling.clause.id,
        policyVersion: ruling.version,
        applies: weighed.has(ruling) && (ruling.maskIn(situation) & asked) !== NO_CATEGORIES,
        holds: ruling.condition.test(situation),
        conditions: ruling.condition.trace(situation),
      };
    }),
  };
}
