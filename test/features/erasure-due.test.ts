import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Counts,
  countDue,
  grow,
  isDue,
  type NoticeState,
  type TakingBack,
} from '../../src/features/erasure/due.ts';
import type { Received } from '../../src/ledger/disclosure/recipients.ts';
import type { DataCategory } from '../../src/policy/vocabulary.ts';

const CATEGORIES = ['NAME', 'GENDER', 'PHOTOS'] as const satisfies readonly DataCategory[];
const AT = new Date('2026-03-10T12:00:00.000Z');
const shown = (position: number, ...categories: DataCategory[]): Received => ({
  ...{ recipient: 'offers', purpose: 'targeted-offers', position, categories, times: 1 },
});
const erased = (n: number, scope: TakingBack['scope']): TakingBack => ({ n, at: AT, scope });

test.each<{ name: string; received: Received[]; erasures: TakingBack[]; expected: Counts }>([
  { name: 'nothing was erased', received: [shown(3, 'GENDER')], erasures: [], expected: {} },
  {
    name: 'it was shown before',
    received: [shown(3, 'GENDER')],
    erasures: [erased(4, ['GENDER'])],
    expected: { GENDER: 1 },
  },
  { name: 'it was shown after', received: [shown(4, 'GENDER')], erasures: [erased(4, ['GENDER'])], expected: {} },
  { name: 'something else was shown', received: [shown(3, 'NAME')], erasures: [erased(4, ['GENDER'])], expected: {} },
  {
    name: 'it was erased twice, which counts once',
    received: [shown(3, 'GENDER'), shown(5, 'GENDER')],
    erasures: [erased(4, ['GENDER']), erased(6, ['GENDER', 'PHOTOS'])],
    expected: { GENDER: 2 },
  },
  {
    name: 'the person was erased, and one response showed an id alone',
    received: [shown(3, 'GENDER'), shown(5)],
    erasures: [erased(9, 'EVERYTHING')],
    expected: { GENDER: 1, EVERYTHING: 2 },
  },
])('what is due where $name', ({ received, erasures, expected }) => {
  expect(countDue(received, erasures)).toEqual(expected);
  expect(received.some((one) => isDue(one, erasures))).toBe(Object.keys(expected).length > 0);
});

/** The events between one recipient and one person, in any order; a showing may be recorded long after the read. */
type Event =
  | { readonly type: 'SHOWN'; readonly ago: number; readonly categories: readonly DataCategory[] }
  | { readonly type: 'ERASED'; readonly scope: TakingBack['scope'] }
  | { readonly type: 'CHANGED' | 'ACKNOWLEDGED' };
const someCategories = fc.subarray([...CATEGORIES]);
const event: fc.Arbitrary<Event> = fc.oneof(
  fc.record({ type: fc.constant('SHOWN' as const), ago: fc.nat({ max: 4 }), categories: someCategories }),
  fc.record({
    type: fc.constant('ERASED' as const),
    scope: fc.oneof(
      { weight: 6, arbitrary: fc.subarray([...CATEGORIES], { minLength: 1 }) },
      { weight: 1, arbitrary: fc.constant('EVERYTHING' as const) },
    ),
  }),
  fc.constantFrom({ type: 'CHANGED' as const }, { type: 'ACKNOWLEDGED' as const }),
);

test('a notice names exactly the categories shown before their erasure and not acknowledged, in any order of events', () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      const received: Received[] = [];
      const erasures: TakingBack[] = [];
      let head = 1;
      let notice = null as NoticeState | null;
      /** For each response, the categories that the recipient has erased. */
      const settled: Set<string>[] = [];

      const outstanding = (response: Received, index: number) =>
        [...response.categories, 'EVERYTHING'].filter((key) =>
          erasures.some(
            ({ n, scope }) =>
              response.position < n &&
              (scope === 'EVERYTHING' || scope.includes(key as DataCategory)) &&
              !settled[index]?.has(key),
          ),
        );

      for (const happened of events) {
        if (happened.type === 'SHOWN') {
          received.push(shown(Math.max(0, head - happened.ago), ...happened.categories));
          settled.push(new Set());
        } else if (happened.type === 'ERASED') {
          head += 1;
          erasures.push(erased(head, happened.scope));
        } else if (happened.type === 'CHANGED') head += 1;
        else if (notice) {
          for (const [index, response] of received.entries())
            for (const key of outstanding(response, index)) settled[index]?.add(key);
          notice = { ...notice, pending: false, categories: [], settled: notice.due };
        }
        notice = grow(notice, countDue(received, erasures), erasures, CATEGORIES) ?? notice;
        const due = new Set(received.flatMap(outstanding));
        expect(notice?.pending ?? false).toBe(due.size > 0);
        expect(notice?.categories ?? []).toEqual(CATEGORIES.filter((category) => due.has(category)));
      }
    }),
    { numRuns: 500 },
  );
});

test('a notice that nothing is added to stays as it is', () => {
  const erasures = [erased(4, ['GENDER'])];
  const counts = countDue([shown(3, 'GENDER')], erasures);
  const notice = grow(null, counts, erasures, CATEGORIES);
  expect(notice).toMatchObject({ revision: 1, categories: ['GENDER'], everything: false, at: AT });
  expect(grow(notice, counts, erasures, CATEGORIES)).toBeNull();
  // books that were read earlier, by a gateway that was held up
  expect(grow(notice, {}, erasures, CATEGORIES)).toBeNull();
});
