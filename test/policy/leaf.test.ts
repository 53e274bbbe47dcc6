import { describe, expect, test } from 'vitest';
import { compile } from '../../src/policy/compile.ts';
import { compileCondition } from '../../src/policy/condition.ts';
import type { Facts, Measures, Recipient } from '../../src/policy/facts.ts';
import { latestBirth } from '../../src/policy/known-facts.ts';
import type { ConditionLeaf } from '../../src/policy/leaf.ts';
import { lint } from '../../src/policy/lint.ts';
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
    { it: 'what a contract says', leaf: { recipient: 'certified' }, by: saying({ certified: true }), is: true },
    { it: 'what it denies', leaf: { recipient: 'certified' }, by: saying({ certified: false }), is: false },
    {
      it: 'what it says until later',
      leaf: { recipient: 'certified' },
      by: saying({ certified: daysAgo(-1) }),
      is: true,
    },
    { it: 'what it said until now', leaf: { recipient: 'certified' }, by: saying({ certified: NOW }), is: false },
    { it: 'what it says of nothing', leaf: { recipient: 'certified' }, by: saying({}), is: undefined },
    {
      it: 'what it says in another form',
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
  expect(latestBirth(years, new Date(at)).toISOString().slice(0, 10)).toBe(birth));

describe('a policy whose conditions name regions, attributes and ages', () => {
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

  test('is one that lint finds no error in', () =>
    expect(lint(policy).filter(({ severity }) => severity === 'ERROR')).toEqual([]));
  test('compiles', () => expect(() => compile([policy], policy.version)).not.toThrow());
});
