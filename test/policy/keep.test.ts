import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { endOfKeep, type Keep, keepText, parseKeep } from '../../src/policy/keep.ts';

describe('a retention time', () => {
  test.each<[string, Keep]>([
    ['12 months', { count: 12, unit: 'months' }],
    ['1 month', { count: 1, unit: 'months' }],
    ['1 year', { count: 1, unit: 'years' }],
    ['90 days', { count: 90, unit: 'days' }],
    ['48 hours', { count: 48, unit: 'hours' }],
    ['9999 years', { count: 9_999, unit: 'years' }],
  ])('is read from "%s"', (text, keep) => expect(parseKeep(text)).toEqual(keep));

  test.each([
    '',
    '12',
    'months',
    '12months',
    '0 days',
    '-1 days',
    '1.5 years',
    '01 days',
    '10000 days',
    '2 weeks',
  ])('is not read from "%s"', (text) => expect(parseKeep(text)).toBeNull());

  test.each(['1 day', '2 days', '1 hour', '13 months', '1 year'])('"%s" is told as it is written', (text) =>
    expect(keepText(parseKeep(text) as Keep)).toBe(text));

  test.each([
    ['1 month', '2026-01-31T12:00:00.000Z', '2026-02-28T12:00:00.000Z'],
    ['1 month', '2024-01-31T12:00:00.000Z', '2024-02-29T12:00:00.000Z'],
    ['12 months', '2024-02-29T00:00:00.000Z', '2025-02-28T00:00:00.000Z'],
    ['1 year', '2024-02-29T00:00:00.000Z', '2025-02-28T00:00:00.000Z'],
    ['4 years', '2024-02-29T00:00:00.000Z', '2028-02-29T00:00:00.000Z'],
    ['11 months', '2025-12-31T23:59:59.999Z', '2026-11-30T23:59:59.999Z'],
    ['30 days', '2026-02-01T00:00:00.000Z', '2026-03-03T00:00:00.000Z'],
    ['36 hours', '2026-03-28T18:00:00.000Z', '2026-03-30T06:00:00.000Z'],
  ])('%s from %s end at %s', (keep, from, end) =>
    expect(endOfKeep(parseKeep(keep) as Keep, new Date(from)).toISOString()).toBe(end));

  test('ends later the longer it is and the later it begins', () => {
    const unit = fc.constantFrom(...(['hours', 'days', 'months', 'years'] as const));
    const instant = fc.date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(unit, fc.integer({ min: 1, max: 500 }), instant, instant, (unit, count, one, other) => {
        const [first, later] = [one, other].sort((a, b) => a.getTime() - b.getTime()) as [Date, Date];
        const end = endOfKeep({ count, unit }, first).getTime();
        expect(end).toBeGreaterThan(first.getTime());
        expect(endOfKeep({ count: count + 1, unit }, first).getTime()).toBeGreaterThan(end);
        expect(endOfKeep({ count, unit }, later).getTime()).toBeGreaterThanOrEqual(end);
      }),
    );
  });
});
