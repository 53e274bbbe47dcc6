import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dateEverywhere, latestBirth } from '../../src/base/birthdays.ts';
import type { Policy } from '../../src/policy/clause.ts';
import { compile } from '../../src/policy/compile.ts';
import { compileCondition } from '../../src/policy/condition.ts';
import { createAccess } from '../../src/policy/decide.ts';
import type { Facts, Measures, Recipient } from '../../src/policy/facts.ts';
import type { ConditionLeaf } from '../../src/policy/leaf.ts';
import { lint } from '../../src/policy/lint.ts';
import { EVERY_CATEGORY, NO_CATEGORIES } from '../../src/policy/vocabulary.ts';
import { ageOn, isOldEnough } from '../../src/subject/age.ts';
import { clauseOf, revise } from '../support/policy.ts';

const NOW = new Date('2026-06-15T12:00:00Z');
const daysAgo = (days: number, milliseconds = 0) => new Date(NOW.getTime() - days * 86_400_000 + milliseconds);

const measures: Measures = {
  noticeHours: 0,
  transferRegion: new Set(),
  regions: new Map([['NORTH', new Set(['NO', 'SE'])]]),
  consentPeriods: new Map([
    ['access', 90 * 86_400_000],
    ['study', 90 * 86_400_000],
  ]),
};

const recipient = (fields: Partial<Recipient> = {}): Recipient => ({
  ...{ clientId: 'lab', kind: 'LAB', active: true, jurisdiction: 'NO', successionAnnouncedAt: null },
  contract: null,
  ...fields,
});
const saying = (attributes: Record<string, unknown>) =>
  recipient({ contract: { from: null, until: null, purposes: [], attributes } });

const born = (date: string): Facts => ({ bornOn: new Date(`${date}T00:00:00Z`) });
const given = (at: Date): Facts => ({ consents: { study: { given: true, at } } });
const accessFor = (partner: string, at: Date): Facts => ({ recipientConsents: [{ purpose: 'access', partner, at }] });

describe('a leaf of a condition', () => {
  test.each<{ it: string; leaf: ConditionLeaf; facts?: Facts; by?: Recipient | null; is: boolean | undefined }>([
    { it: 'a resident of the region', leaf: { resides: 'NORTH' }, facts: { residence: 'SE' }, is: true },
    { it: 'a resident of another country', leaf: { resides: 'NORTH' }, facts: { residence: 'FR' }, is: false },
    { it: 'a person of no known residence', leaf: { resides: 'NORTH' }, facts: {}, is: undefined },
    { it: 'a region that this version lacks', leaf: { resides: 'SOUTH' }, facts: { residence: 'SE' }, is: undefined },
    { it: 'a recipient within the region', leaf: { recipientIn: 'NORTH' }, by: recipient(), is: true },
    { it: 'a recipient elsewhere', leaf: { recipientIn: 'NORTH' }, by: recipient({ jurisdiction: 'US' }), is: false },
    { it: 'no recipient', leaf: { recipientIn: 'NORTH' }, by: null, is: undefined },
    { it: 'a recipient, for another region', leaf: { recipientIn: 'SOUTH' }, by: recipient(), is: undefined },
    {
      it: 'an attribute that a contract grants',
      leaf: { recipient: 'certified' },
      by: saying({ certified: true }),
      is: true,
    },
    { it: 'one that it denies', leaf: { recipient: 'certified' }, by: saying({ certified: false }), is: false },
    {
      it: 'one that it grants until later',
      leaf: { recipient: 'certified' },
      by: saying({ certified: daysAgo(-1) }),
      is: true,
    },
    {
      it: 'one that it granted until now',
      leaf: { recipient: 'certified' },
      by: saying({ certified: NOW }),
      is: false,
    },
    { it: 'one that it does not name', leaf: { recipient: 'certified' }, by: saying({}), is: undefined },
    {
      it: 'one in another form',
      leaf: { recipient: 'certified' },
      by: saying({ certified: 'yes' }),
      is: undefined,
    },
    { it: 'no contract', leaf: { recipient: 'certified' }, by: recipient(), is: undefined },
    { it: 'a consent within its days', leaf: { consent: 'study' }, facts: given(daysAgo(90, 1)), is: true },
    { it: 'a consent at the end of its days', leaf: { consent: 'study' }, facts: given(daysAgo(90)), is: undefined },
    { it: 'a consent of a later day', leaf: { consent: 'study' }, facts: given(daysAgo(-1)), is: undefined },
    {
      it: 'a consent for the recipient',
      leaf: { recipientConsent: 'access' },
      by: recipient(),
      facts: accessFor('lab', NOW),
      is: true,
    },
    {
      it: 'a consent for another one',
      leaf: { recipientConsent: 'access' },
      by: recipient(),
      facts: accessFor('app', NOW),
      is: false,
    },
    {
      it: 'a consent for it that has ended',
      leaf: { recipientConsent: 'access' },
      by: recipient(),
      facts: accessFor('lab', daysAgo(90)),
      is: false,
    },
    { it: 'a birthday that has begun everywhere', leaf: { age: { atLeast: 18 } }, facts: born('2008-06-15'), is: true },
    { it: 'a birthday of tomorrow', leaf: { age: { atLeast: 18 } }, facts: born('2008-06-16'), is: false },
    { it: 'a birth of a later day', leaf: { age: { atLeast: 18 } }, facts: born('2027-01-01'), is: undefined },
    { it: 'an unknown birth', leaf: { age: { below: 13 } }, facts: {}, is: undefined },
    { it: 'a child', leaf: { age: { below: 13 } }, facts: born('2013-06-16'), is: true },
    { it: 'no child any more', leaf: { age: { below: 13 } }, facts: born('2013-06-15'), is: false },
  ])('$it: $is', ({ leaf, facts = {}, by = null, is }) =>
    expect(compileCondition(leaf).test({ facts, recipient: by, now: NOW, measures })).toBe(is));
});

test.each([
  ['2028-02-29T23:00:00Z', 18, '2010-02-28'],
  ['2028-02-28T23:00:00Z', 18, '2010-02-28'],
  ['2027-03-01T23:00:00Z', 19, '2008-03-01'],
  ['2026-06-15T11:59:59.999Z', 18, '2008-06-14'],
])('at %s the youngest people of %d years were born on %s', (at, years, birth) =>
  expect(
    latestBirth(years, dateEverywhere(new Date(at)))
      .toISOString()
      .slice(0, 10),
  ).toBe(birth));

test('an account and a decision know the same age of a person of no known country', () => {
  const days = fc.date({ min: new Date('2000-01-01'), max: new Date('2030-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(days, days, fc.constantFrom(1, 13, 18), (birth, now, years) => {
      const birthDate = birth.toISOString().slice(0, 10);
      const leaf = compileCondition({ age: { atLeast: years } });
      const isOld = isOldEnough(birthDate, years, now);
      expect(leaf.test({ facts: born(birthDate), recipient: null, now, measures }) === true).toBe(isOld);
      expect((ageOn(birthDate, dateEverywhere(now)) ?? -1) >= years).toBe(isOld);
    }),
  );
});

describe('a policy with conditions on regions, attributes and ages', () => {
  const policy = revise((draft) => {
    draft.regions = [{ id: 'NORTH', says: 'The north.', countries: ['NO', 'SE'] }];
    draft.recipientAttributes = [{ id: 'certified', says: 'It is certified.' }];
    for (const reveal of clauseOf(draft, 'sharing.opt-in-offers').reveals ?? [])
      reveal.when = {
        all: [
          reveal.when,
          { recipient: 'certified' },
          { age: { atLeast: 18 } },
          { any: [{ not: { resides: 'NORTH' } }, { recipientIn: 'NORTH' }] },
        ],
      };
  });

  test('has no error of lint', () => expect(lint(policy).filter(({ severity }) => severity === 'ERROR')).toEqual([]));
  test('compiles', () => expect(() => compile([policy], policy.version)).not.toThrow());
});

describe('a sealed person is not shown', () => {
  const underTwo = revise((draft) => {
    const consent = { description: 'Offers.', dpv: 'dpv:Marketing', givenBy: 'EXPRESS', per: 'RECIPIENT' } as const;
    draft.consents = [...draft.consents, { id: 'one', ...consent }, { id: 'other', ...consent }];
    draft.partnerRequirements = { all: [] };
    for (const reveal of clauseOf(draft, 'sharing.opt-in-offers').reveals ?? [])
      reveal.when = { all: [{ recipientConsent: 'one' }, { recipientConsent: 'other' }] };
  });
  const partner: Recipient = {
    ...recipient({ kind: 'OFFERS', jurisdiction: 'US' }),
    contract: { from: null, until: null, purposes: ['targeted-offers'] },
  };
  const audience = { name: 'OFFERS', purpose: 'targeted-offers', recipient: partner, scope: EVERY_CATEGORY };
  const consents = ['one', 'other'].map((purpose) => ({ purpose, partner: 'lab', at: NOW }));
  const decide = (facts: Facts) =>
    createAccess(compile([underTwo], underTwo.version), audience, NOW).decide({
      ...{ acceptedVersion: underTwo.version, residence: 'US', recipientConsents: consents },
      ...facts,
    }).mask;

  test('where a condition asks for two consents for the recipient, and a person can have given both', () => {
    expect(decide({ status: 'SEALED' })).toBe(NO_CATEGORIES);
    expect(decide({ status: 'ACTIVE' })).not.toBe(NO_CATEGORIES);
  });
});

test('a condition with twelve attributes of recipients is compiled at once', () => {
  const attributes = Array.from({ length: 12 }, (_, index) => `attribute${index}`);
  const policy = revise((draft) => {
    draft.recipientAttributes = attributes.map((id) => ({ id, says: 'It is so.' }));
    for (const reveal of clauseOf(draft, 'sharing.opt-in-offers').reveals ?? [])
      reveal.when = { all: attributes.map((attribute) => ({ recipient: attribute })) };
  });
  const begun = performance.now();
  compile([policy], policy.version);
  expect(performance.now() - begun).toBeLessThan(10_000);
});

describe('a version measures its own prohibitions with its own regions', () => {
  const regionOf = (...countries: string[]) => [{ id: 'UNION', says: 'A union.', countries }];
  const forbidding = (version: string, ...countries: string[]) =>
    revise((draft) => {
      draft.version = version;
      draft.regions = regionOf(...countries);
      const clause = clauseOf(draft, 'sharing.no-promotional-use');
      clause.kind = [...new Set([...clause.kind, 'limit' as const])];
      clause.forbids = [{ to: 'any', categories: { except: [] }, when: { resides: 'UNION' } }];
    });
  const shown = (policies: readonly Policy[], current: string, accepted: string, residence: string) =>
    createAccess(
      compile(policies, current),
      { name: 'VISITOR', purpose: null, recipient: null, scope: EVERY_CATEGORY },
      NOW,
    ).decide({ status: 'ACTIVE', acceptedVersion: accepted, residence }).mask !== NO_CATEGORIES;

  test.each([
    { it: 'the current version forbids more countries', old: ['DE'], now: ['DE', 'NO'], residence: 'NO', is: false },
    { it: 'the accepted version forbade more countries', old: ['DE', 'NO'], now: ['DE'], residence: 'NO', is: false },
    { it: 'neither version forbids the country', old: ['DE'], now: ['DE', 'NO'], residence: 'US', is: true },
  ])('$it: shown $is', ({ old, now, residence, is }) => {
    const policies = [forbidding('v-1', ...old), forbidding('v-2', ...now)];
    expect(shown(policies, 'v-2', 'v-1', residence)).toBe(is);
  });
});
