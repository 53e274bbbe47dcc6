import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asksForActive } from '../../src/policy/active.ts';
import { compile, measuresOf } from '../../src/policy/compile.ts';
import type { Condition } from '../../src/policy/condition.ts';
import { type Audience, createAccess } from '../../src/policy/decide.ts';
import { wordingOf } from '../../src/policy/filter.ts';
import { lint } from '../../src/policy/lint.ts';
import { EVERY_CATEGORY, NO_CATEGORIES } from '../../src/policy/vocabulary.ts';
import { audiences, NOW, soundFacts } from '../support/arbitraries.ts';
import { referencePolicy, revise } from '../support/policy.ts';

// The author of this policy has forgotten that an account can be closed.
const careless = revise((draft) => {
  draft.partnerRequirements = { all: [] };
  for (const clause of draft.clauses)
    for (const reveal of clause.reveals ?? []) {
      reveal.when = { all: [] };
      if (!Array.isArray(reveal.categories) && 'namedBy' in reveal.categories) reveal.categories = ['EMAIL'];
    }
});
const table = compile([careless], careless.version);

const decide = (audience: Audience, facts: object) =>
  createAccess(table, audience, NOW).decide({ ...facts, acceptedVersion: careless.version }).mask;
const shows = (name: string, purpose: string | null, facts: object) =>
  decide({ name, purpose, recipient: null, scope: EVERY_CATEGORY }, facts) !== NO_CATEGORIES;

const openCase = { privacyCases: [{ id: 'c', from: 'SUBJECT', status: 'OPEN' }] };
const process = {
  legalProcesses: [
    { id: 'p', authority: 'A', categories: ['EMAIL'], from: new Date(0), until: new Date('2200-01-01') },
  ],
};

describe('a decision asks whether a person is active, even if the policy does not', () => {
  test('nobody else sees anything of an account that is closed, but staff on a case or under a process', () => {
    const closed = fc.record({
      facts: soundFacts([careless.version]),
      status: fc.constantFrom('SEALED', 'REFUSED', 'ERASED', 'X', null),
    });
    const exempt = ['SELF', 'STAFF_PRIVACY', 'STAFF_LEGAL'];
    fc.assert(
      fc.property(
        audiences(table).filter(({ name }) => !exempt.includes(name)),
        closed,
        (audience, { facts, status }) => {
          expect(decide(audience, { ...facts, status })).toBe(NO_CATEGORIES);
        },
      ),
    );
  });

  test.each([
    ['SELF', null, { status: 'REFUSED' }, true],
    ['STAFF_PRIVACY', 'privacy-request', { status: 'SEALED', privacyCases: [] }, false],
    ['STAFF_PRIVACY', 'privacy-request', { status: 'SEALED', ...openCase }, true],
    ['STAFF_PRIVACY', 'privacy-request', { status: 'SEALED', ...process }, false],
    ['STAFF_LEGAL', 'legal-process', { status: 'REFUSED', legalProcesses: [] }, false],
    ['STAFF_LEGAL', 'legal-process', { status: 'REFUSED', ...process }, true],
    ['STAFF_LEGAL', 'legal-process', { status: 'REFUSED', ...openCase }, false],
    ['STAFF_SUPPORT', 'customer-support', { status: 'REFUSED', ...openCase, ...process }, false],
    ['STAFF_SUPPORT', 'customer-support', { status: 'ACTIVE' }, true],
    ['MEMBER', null, { status: 'ACTIVE' }, true],
    ['MEMBER', null, { status: 'SEALED' }, false],
    ['VISITOR', null, { status: 'REFUSED' }, false],
  ] as const)('%s for %s with %j: %s', (name, purpose, facts, seen) => {
    expect(shows(name, purpose, facts)).toBe(seen);
  });

  test('the look-up of a list finds active people alone', () => {
    const support = { name: 'STAFF_SUPPORT', purpose: 'customer-support', recipient: null, scope: EVERY_CATEGORY };
    expect(wordingOf(createAccess(table, support, NOW).filter())).toContain('status equals "ACTIVE"');
  });
});

describe('lint', () => {
  const errors = (policy: typeof careless) =>
    lint(policy).filter(({ severity, message }) => severity === 'ERROR' && message.includes('personActive'));

  test('is an error for each reveal that does not write it', () => {
    const others = careless.clauses.flatMap(({ reveals }) => reveals.filter(({ to }) => to !== 'SELF'));
    expect(others.length).toBeGreaterThan(10);
    expect(errors(careless)).toHaveLength(others.length);
  });

  test('finds no such error in the reference policy', () => {
    expect(errors(referencePolicy)).toEqual([]);
  });
});

describe('a condition asks for an active person', () => {
  const measures = measuresOf(referencePolicy);
  test.each<{ audience: string; condition: Condition; asks: boolean }>([
    { audience: 'MEMBER', condition: { fact: 'personActive' }, asks: true },
    { audience: 'MEMBER', condition: { not: { not: { fact: 'personActive' } } }, asks: true },
    { audience: 'MEMBER', condition: { all: [] }, asks: false },
    { audience: 'MEMBER', condition: { any: [] }, asks: true },
    { audience: 'MEMBER', condition: { any: [{ fact: 'personActive' }, { preference: 'adTargeting' }] }, asks: false },
    { audience: 'SELF', condition: { all: [] }, asks: true },
    { audience: 'STAFF_PRIVACY', condition: { fact: 'openPrivacyCase' }, asks: true },
    { audience: 'STAFF_PRIVACY', condition: { fact: 'legalProcess' }, asks: false },
    { audience: 'STAFF_LEGAL', condition: { fact: 'legalProcess' }, asks: true },
    { audience: 'STAFF_SUPPORT', condition: { fact: 'openPrivacyCase' }, asks: false },
    { audience: 'OFFERS', condition: { all: [{ fact: 'noticeElapsed' }, { fact: 'personActive' }] }, asks: true },
  ])('to $audience with $condition: $asks', ({ audience, condition, asks }) => {
    expect(asksForActive(referencePolicy.vocabulary, audience, condition, measures)).toBe(asks);
  });
});
