import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile, measuresOf } from '../../src/policy/compile.ts';
import { compileCondition } from '../../src/policy/condition.ts';
import { createAccess } from '../../src/policy/decide.ts';
import { heldBounds, NEVER, UNCOUNTED } from '../../src/policy/held-times.ts';
import { endOfKeep } from '../../src/policy/keep.ts';
import { PolicyError, parsePolicy as parse } from '../../src/policy/load.ts';
import { EVERY_CATEGORY, isIn } from '../../src/policy/vocabulary.ts';
import { DAY } from '../support/clock.ts';
import { parsePolicy } from '../support/policy.ts';
import { type ShopDraft, shopText } from '../support/ties.ts';

const NOW = new Date('2026-03-30T12:00:00.000Z');

const anytime = fc.date({ min: new Date('1990-01-01'), max: new Date('2090-01-01'), noInvalidDate: true });
/** Within three days of the turn of a month, where calendars are uneven. */
const turns = fc
  .tuple(fc.integer({ min: 0, max: 1_200 }), fc.integer({ min: -3 * DAY, max: 3 * DAY }))
  .map(([month, offset]) => new Date(Date.UTC(1990, month) + offset));
const keeps = fc.record({
  count: fc.integer({ min: 1, max: 40 }),
  unit: fc.constantFrom('hours' as const, 'days' as const, 'months' as const, 'years' as const),
});
const offsets = fc.integer({ min: 0, max: 5 * DAY });

test('a value that counts from later than `surely` is held, and one that counts from no later than `over` is over', () => {
  fc.assert(
    fc.property(keeps, fc.oneof(anytime, turns), offsets, (keep, now, offset) => {
      const { surely, over } = heldBounds([[keep]], now);
      const endOf = (from: Date, by: number) => endOfKeep(keep, new Date(from.getTime() + by)).getTime();
      expect(endOf(surely, 1 + offset)).toBeGreaterThan(now.getTime());
      expect(endOf(over, -offset)).toBeLessThanOrEqual(now.getTime());
    }),
    { numRuns: 5_000 },
  );
});

test('the bounds of a held value are as near to each other as can be', () => {
  fc.assert(
    fc.property(keeps, fc.oneof(anytime, turns), (keep, now) => {
      const { surely, over } = heldBounds([[keep]], now);
      expect(endOfKeep(keep, surely).getTime()).toBeLessThanOrEqual(now.getTime());
      // the last millisecond of a day is nearer to the end of a month than any bound
      const next = endOfKeep(keep, new Date(over.getTime() + 1)).getTime();
      expect(next > now.getTime() || now.getTime() % DAY === DAY - 1).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

/** The shop, where neighbours see the home of a person with a door code. */
const shop = (change: (draft: ShopDraft) => void = () => {}) =>
  shopText((draft) => {
    draft.clauses.push({
      ...{
        id: 'held.home',
        section: 'Doors',
        summary: 'Members see the home of a person with a door.',
        kind: ['reveal'],
      },
      ...{ reading: 'LITERAL', legalBasis: 'CONTRACT' },
      reveals: [{ to: 'MEMBER', categories: ['HOME'], when: { held: 'DOOR_CODE' } }],
    });
    change(draft);
  });
const { policy } = parsePolicy(shop(), 'shop');
const keeping = (version: string, keep: string | undefined) =>
  parsePolicy(
    shop((draft) => {
      draft.version = version;
      const code = draft.vocabulary.categories.find(({ id }) => id === 'DOOR_CODE');
      Object.assign(code as object, { keep });
      draft.clauses.splice(0, draft.clauses.length, ...draft.clauses.filter(({ keeps }) => keep || !keeps));
    }),
    'shop',
  ).policy;

const SIX_MONTHS = new Date('2025-09-30T12:00:00.000Z');
const later = (instant: Date) => new Date(instant.getTime() + 1);

describe('whether a value is held', () => {
  test.each<{ it: string; held: unknown; by?: readonly (typeof policy)[]; is: boolean | undefined }>([
    { it: 'holds for one that is kept', held: { DOOR_CODE: NOW }, is: true },
    { it: 'holds until its time is over', held: { DOOR_CODE: later(SIX_MONTHS) }, is: true },
    { it: 'fails once its time is over', held: { DOOR_CODE: SIX_MONTHS }, is: false },
    { it: 'fails for a person without one', held: { DOOR_CODE: NEVER }, is: false },
    { it: 'is unknown where nothing is on record', held: {}, is: undefined },
    { it: 'is unknown where the record is no instant', held: { DOOR_CODE: true }, is: undefined },
    { it: 'is unknown where the record is a list', held: [NOW], is: undefined },
  ])('$it', ({ held, is }) => {
    const situation = { facts: { held }, recipient: null, now: NOW, measures: measuresOf(policy) };
    expect(compileCondition({ held: 'DOOR_CODE' }).test(situation)).toBe(is);
    expect(compileCondition({ not: { held: 'DOOR_CODE' } }).test(situation)).toBe(is === undefined ? is : !is);
  });

  test.each<{ it: string; before: string | undefined; since: Date; shown: boolean }>([
    { it: 'a shorter time of the current version counts', before: '2 years', since: SIX_MONTHS, shown: false },
    { it: 'a time that the accepted version lacked counts', before: undefined, since: SIX_MONTHS, shown: false },
    { it: 'a value is held that is kept under both', before: '1 months', since: NOW, shown: true },
    { it: 'a shorter time of an earlier version counts', before: '1 months', since: later(SIX_MONTHS), shown: false },
    { it: 'a longer time of an earlier version does not', before: '2 years', since: later(SIX_MONTHS), shown: true },
  ])('$it', ({ before, since, shown }) => {
    const earlier = keeping('earlier', before);
    const table = compile([earlier, policy], policy.version);
    const access = createAccess(table, { name: 'MEMBER', purpose: null, recipient: null, scope: EVERY_CATEGORY }, NOW);
    const facts = { status: 'ACTIVE', acceptedVersion: 'earlier', held: { DOOR_CODE: since } };
    expect(isIn(access.decide(facts).mask, 'HOME')).toBe(shown);
  });

  test('a value without a record of its beginning is held', () => {
    const situation = {
      facts: { held: { DOOR_CODE: UNCOUNTED } },
      recipient: null,
      now: NOW,
      measures: measuresOf(policy),
    };
    expect(compileCondition({ held: 'DOOR_CODE' }).test(situation)).toBe(true);
  });

  test('a value without a time is held for good', () => {
    const access = createAccess(
      compile([keeping('for-good', undefined)], 'for-good'),
      { name: 'MEMBER', purpose: null, recipient: null, scope: EVERY_CATEGORY },
      NOW,
    );
    const shows = (since: Date) =>
      isIn(access.decide({ status: 'ACTIVE', acceptedVersion: 'for-good', held: { DOOR_CODE: since } }).mask, 'HOME');
    expect([shows(UNCOUNTED), shows(NEVER)]).toEqual([true, false]);
  });
});

test.each([
  ['NICKNAME', 'not "NICKNAME"'],
  ['TOWN', 'not "TOWN"'],
  ['DOOR_CODES', 'not "DOOR_CODES"; did you mean DOOR_CODE?'],
])('a condition asks for a category with a value of its own, and not for %s', (id, told) => {
  const text = shop((draft) => {
    Object.assign((draft.clauses.at(-1)?.reveals as { when: object }[])[0] as object, { when: { held: id } });
  });
  expect(() => parse(text, 'shop')).toThrow(PolicyError);
  expect(() => parse(text, 'shop')).toThrow(/when\.held: expected (a|one of the) categor/);
  expect(() => parse(text, 'shop')).toThrow(told);
});
