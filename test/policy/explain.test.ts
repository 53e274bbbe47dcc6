import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compile } from '../../src/policy/compile.ts';
import { createAccess, reveals } from '../../src/policy/decide.ts';
import { explain } from '../../src/policy/explain.ts';
import { bitOf, EVERY_CATEGORY } from '../../src/policy/vocabulary.ts';
import { anyFacts, audiences, NOW } from '../support/arbitraries.ts';
import { referencePolicy } from '../support/policy.ts';
import { DATA_CATEGORIES } from '../support/words.ts';

const table = compile([referencePolicy], referencePolicy.version);
const advertiser = {
  clientId: 'ads',
  kind: 'ADVERTISER',
  active: true,
  jurisdiction: 'US',
  contract: { from: null, until: null, purposes: ['advertising'] },
  successionAnnouncedAt: null,
};

test('an explanation has the outcome of the decision, by the clauses that it names', () =>
  fc.assert(
    fc.property(
      audiences(table),
      anyFacts([referencePolicy.version]),
      fc.constantFrom(...DATA_CATEGORIES),
      (audience, facts, category) => {
        const access = createAccess(table, audience, NOW);
        const decision = access.decide(facts);
        const { outcome, reason, clauses } = explain(access, facts, category);
        expect(outcome).toBe(reveals(decision, category) ? 'REVEAL' : 'DENY');
        expect(reason).toBe(outcome === 'REVEAL' ? null : access.reasonFor(category));
        expect(clauses.flatMap(({ applies, holds, clauseId }) => (applies && holds ? [clauseId] : []))).toEqual(
          decision.grounds.filter(({ mask }) => mask & bitOf(category)).map(({ ruling }) => ruling.clause.id),
        );
        for (const { holds, conditions } of clauses) expect(conditions.holds).toBe(holds);
      },
    ),
    { numRuns: 1_000 },
  ));

test('the whole reasoning of a denial is told, step by step', () => {
  const access = createAccess(
    table,
    { name: 'ADVERTISER', purpose: 'advertising', recipient: advertiser, scope: EVERY_CATEGORY },
    NOW,
  );
  const facts = {
    status: 'ACTIVE',
    acceptedVersion: referencePolicy.version,
    residence: 'US',
    preferences: { adTargeting: true },
    standingOptOut: true,
  };
  const step = (operator: string, holds: unknown, ...of: unknown[]) => expect.objectContaining({ operator, holds, of });
  const fact = (says: string, holds: unknown) => ({ operator: 'FACT', says, holds, of: [] });

  expect(explain(access, facts, 'GENDER')).toEqual({
    category: 'GENDER',
    outcome: 'DENY',
    reason: 'NOT_PERMITTED',
    acceptedVersion: referencePolicy.version,
    contractInForce: true,
    clauses: [
      {
        clauseId: 'ads.interaction',
        policyVersion: referencePolicy.version,
        applies: true,
        holds: false,
        conditions: step(
          'ALL',
          false,
          step(
            'ALL',
            true,
            fact('the person is active: not sealed, not refused, not erased', true),
            step(
              'ANY',
              true,
              step('NOT', true, fact('the person resides in the region whose data needs consent to leave it', false)),
              fact('the consent `euTransfer` is in force', undefined),
              fact('this recipient is established in the region the data would otherwise leave', false),
            ),
          ),
          step(
            'ALL',
            false,
            fact('the person interacted with an advertisement of this recipient', undefined),
            fact('the preference `adTargeting` is on', true),
            step('NOT', false, fact('a Global Privacy Control opt-out stands', true)),
          ),
        ),
      },
    ],
  });
});

test('a clause does not apply to a category that the scope leaves out', () => {
  const audience = { name: 'ADVERTISER', purpose: 'advertising', recipient: advertiser, scope: bitOf('GENDER') };
  const { reason, clauses } = explain(
    createAccess(table, audience, NOW),
    { acceptedVersion: referencePolicy.version },
    'AGE_BAND',
  );
  expect(reason).toBe('MISSING_SCOPE');
  expect(clauses.map(({ clauseId, applies }) => ({ clauseId, applies }))).toEqual([
    { clauseId: 'ads.interaction', applies: false },
  ]);
});
