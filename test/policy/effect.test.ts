import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Policy } from '../../src/policy/clause.ts';
import { compile } from '../../src/policy/compile.ts';
import { type Audience, createAccess } from '../../src/policy/decide.ts';
import { type Effect, effectOf } from '../../src/policy/effect.ts';
import type { Facts } from '../../src/policy/facts.ts';
import { audiences, NOW, soundFacts } from '../support/arbitraries.ts';
import { clauseOf, type Draft, referencePolicy, revise } from '../support/policy.ts';

const advertising = (change: (condition: { all: object[] }) => unknown) => (draft: Draft) => {
  const [reveal] = clauseOf(draft, 'ads.interaction').reveals ?? [];
  if (!reveal) throw new Error('The policy has no advertising.');
  reveal.when = change(reveal.when as { all: object[] });
};

const CHANGES: readonly { name: string; change: (draft: Draft) => void; effect: Effect }[] = [
  { name: 'fewer conditions', change: advertising(({ all }) => ({ all: all.slice(1) })), effect: 'WIDER' },
  {
    name: 'a condition more',
    change: advertising(({ all }) => ({ all: [...all, { preference: 'friendAdded' }] })),
    effect: 'NARROWER',
  },
  {
    name: 'another condition',
    change: advertising(({ all }) => ({ all: [...all.slice(1), { preference: 'friendAdded' }] })),
    effect: 'CHANGES',
  },
  {
    name: 'the same conditions in another order',
    change: advertising(({ all }) => ({ all: [...all].reverse() })),
    effect: 'CHANGES',
  },
  { name: 'one condition of several', change: advertising(({ all }) => ({ any: all })), effect: 'WIDER' },
  {
    name: 'a condition that follows from another',
    change: (draft) => {
      const [, reveal] = clauseOf(draft, 'purchases.billing').reveals ?? [];
      if (reveal) reveal.when = { all: [{ fact: 'personActive' }, { any: [{ fact: 'unsettledOrder' }, { all: [] }] }] };
    },
    effect: 'WIDER',
  },
];

test.each(CHANGES)('$name: $effect', ({ change, effect }) => {
  expect(effectOf(referencePolicy, revise(change))).toBe(effect);
});

test('the other way round, a wider change is a narrower one', () => {
  const opposite = { WIDER: 'NARROWER', NARROWER: 'WIDER', CHANGES: 'CHANGES' };
  for (const { change, effect } of CHANGES) expect(effectOf(revise(change), referencePolicy)).toBe(opposite[effect]);
});

test('a wider policy shows no caller less of anybody, and a narrower one no caller more', () => {
  const maskUnder = (policy: Policy, audience: Audience, facts: Facts) =>
    createAccess(compile([policy], policy.version), audience, NOW).decide(facts).mask;
  const revised = CHANGES.filter(({ effect }) => effect !== 'CHANGES').map(({ change, effect }) => ({
    policy: revise(change),
    effect,
  }));
  fc.assert(
    fc.property(
      fc.constantFrom(...revised),
      audiences(compile([referencePolicy], referencePolicy.version)),
      soundFacts([referencePolicy.version]),
      ({ policy, effect }, audience, facts) => {
        const [was, will] = [maskUnder(referencePolicy, audience, facts), maskUnder(policy, audience, facts)];
        expect(effect === 'WIDER' ? was & ~will : will & ~was).toBe(0n);
      },
    ),
    { numRuns: 100 },
  );
});
