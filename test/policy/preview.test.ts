import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compile } from '../../src/policy/compile.ts';
import { createAccess } from '../../src/policy/decide.ts';
import { preview } from '../../src/policy/preview.ts';
import { bitOf, EVERY_CATEGORY, maskOf } from '../../src/policy/vocabulary.ts';
import { anyFacts, audiences, NOW } from '../support/arbitraries.ts';
import { referencePolicy } from '../support/policy.ts';

const VERSION = referencePolicy.version;
const table = compile([referencePolicy], VERSION);

test('a preview is the difference of two decisions, for each audience', () =>
  fc.assert(
    fc.property(
      fc.array(audiences(table), { maxLength: 4 }),
      anyFacts([VERSION]),
      anyFacts([VERSION]),
      (callers, before, after) => {
        const accesses = callers.map((audience) => createAccess(table, audience, NOW));
        const differences = preview(accesses, before, after);
        for (const access of accesses) {
          const own = differences.filter((difference) => difference.access === access);
          const [was, will] = [access.decide(before), access.decide(after)];
          const maskFor = (change: string) =>
            maskOf(own.flatMap((one) => (one.change === change ? [one.category] : [])));
          expect(maskFor('REVEALED')).toBe(will.mask & ~was.mask);
          expect(maskFor('HIDDEN')).toBe(was.mask & ~will.mask);
          for (const { category, change, clauses } of own) {
            const { grounds } = change === 'REVEALED' ? will : was;
            const behind = grounds.filter(({ mask }) => mask & bitOf(category)).map(({ ruling }) => ruling.clause.id);
            expect(clauses).toEqual([...new Set(behind)]);
            expect(clauses).not.toEqual([]);
          }
        }
      },
    ),
    { numRuns: 500 },
  ));

test('nothing changes where nothing is changed', () =>
  fc.assert(
    fc.property(fc.array(audiences(table), { maxLength: 4 }), anyFacts([VERSION]), (callers, facts) => {
      const accesses = callers.map((audience) => createAccess(table, audience, NOW));
      expect(preview(accesses, facts, facts)).toEqual([]);
    }),
  ));

test('leaving a newsletter hides name and address from its sender alone', () => {
  const mailer = (purpose: string) => ({
    name: 'EMAIL_PROVIDER',
    purpose,
    recipient: {
      clientId: 'mailer',
      kind: 'EMAIL_PROVIDER',
      active: true,
      jurisdiction: 'US',
      contract: { from: null, until: null, purposes: [purpose] },
      successionAnnouncedAt: null,
    },
    scope: EVERY_CATEGORY,
  });
  const accesses = ['imvu-newsletter', 'service-notice'].map((purpose) => createAccess(table, mailer(purpose), NOW));
  const facts = (imvuNewsletter: boolean) => ({
    status: 'ACTIVE',
    acceptedVersion: VERSION,
    residence: 'US',
    preferences: { imvuNewsletter },
  });
  const hidden = { access: accesses[0], change: 'HIDDEN', clauses: ['newsletters.default-in'], policyVersion: VERSION };
  expect(preview(accesses, facts(true), facts(false))).toEqual([
    { ...hidden, category: 'NAME' },
    { ...hidden, category: 'EMAIL' },
  ]);
});
