import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isDate, parseInstant } from '../../src/subject/calendar.ts';

describe('an instant is RFC 3339 with a zone', () => {
  test.each([
    ['2014-09-12T00:00:00Z', '2014-09-12T00:00:00.000Z'],
    ['2014-09-12T00:00:00.5Z', '2014-09-12T00:00:00.500Z'],
    ['2014-09-12T00:00:00.123456789Z', '2014-09-12T00:00:00.123Z'],
    ['2014-09-12T00:59:59.999999999999999Z', '2014-09-12T00:59:59.999Z'],
    ['2014-09-12t00:00:00z', '2014-09-12T00:00:00.000Z'],
    ['2014-09-12T02:30:00+02:30', '2014-09-12T00:00:00.000Z'],
    ['2014-09-11T16:00:00-08:00', '2014-09-12T00:00:00.000Z'],
    ['2014-09-12T00:00:00-00:00', '2014-09-12T00:00:00.000Z'],
    ['2016-02-29T12:00:00Z', '2016-02-29T12:00:00.000Z'],
    ['1900-01-01T00:00:00Z', '1900-01-01T00:00:00.000Z'],
    ['2200-12-31T23:59:59.999Z', '2200-12-31T23:59:59.999Z'],
  ])('%s is %s', (text, instant) => {
    expect(parseInstant(text)?.toISOString()).toBe(instant);
  });

  test.each([
    ['', 'nothing'],
    ['12', 'a number'],
    ['foo 1', 'a word and a number'],
    ['2014-09-12', 'a date alone'],
    ['2014-09-12T00:00:00', 'no zone'],
    ['2014-09-12T00:00Z', 'no seconds'],
    ['2014-09-12 00:00:00Z', 'a space for the T'],
    ['2014-09-12T00:00:00+0200', 'an offset without a colon'],
    ['2014-09-12T00:00:00+24:00', 'an offset of a day'],
    ['2014-09-12T00:00:00+02:60', 'an offset of sixty minutes'],
    ['2014-02-31T00:00:00Z', 'a day that February lacks'],
    ['2015-02-29T00:00:00Z', 'a leap day in another year'],
    ['1900-02-29T00:00:00Z', 'a leap day in a century'],
    ['2014-13-01T00:00:00Z', 'a thirteenth month'],
    ['2014-09-12T24:00:00Z', 'the hour 24'],
    ['2014-09-12T00:60:00Z', 'the minute 60'],
    ['2016-12-31T23:59:60Z', 'a leap second'],
    ['1998-12-31T15:59:60.123-08:00', 'a leap second at an offset'],
    ['1998-12-31T23:58:60Z', 'a leap second in another minute'],
    ['1963-06-19T08:30:06.28123+01:00Z', 'an offset and a Z'],
    ['1985-04-12T23:20:50+01', 'an offset without minutes'],
    ['2014-09-12T00:00:00.Z', 'a fraction without digits'],
    ['2014-09-12T00:00:00,5Z', 'a comma'],
    [' 2014-09-12T00:00:00Z', 'a space before'],
    ['2014-09-12T00:00:00Z\n', 'a line break behind'],
    ['２014-09-12T00:00:00Z', 'a wide digit'],
    ['٢014-09-12T00:00:00Z', 'an Arabic-Indic digit'],
    ['1899-12-31T23:59:59Z', 'a year before 1900'],
    ['1900-01-01T00:30:00+01:00', 'a year before 1900 in UTC'],
    ['2201-01-01T00:00:00Z', 'a year after 2200'],
    ['+010000-01-01T00:00:00Z', 'a year of six digits'],
    ['2014-W37-5T00:00:00Z', 'a week date'],
    ['20140912T000000Z', 'the basic form'],
  ])('%j is none: %s', (text) => {
    expect(parseInstant(text)).toBeNull();
  });

  test('every instant of these years is read as it is written', () => {
    const instants = fc.date({ min: new Date('1900-01-01'), max: new Date('2200-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(instants, (instant) => {
        expect(parseInstant(instant.toISOString())).toEqual(instant);
      }),
    );
  });
});

describe('a date is a day of the calendar', () => {
  test.each(['1900-01-01', '1990-02-03', '2000-02-29', '2200-12-31'])('%s is one', (text) => {
    expect(isDate(text)).toBe(true);
  });

  test.each([
    ...['', '12', '1990-2-3', '1990-02-30', '2001-02-29', '1900-02-29', '1990-00-10', '1990-13-01', '1990-01-00'],
    ...['0001-01-01', '0400-02-29', '1582-10-10', '2100-02-29', '2020-11-31', '20200-01-01', '2020–01–01'],
    ...['1899-12-31', '2201-01-01', '0000-01-01', '1990-02-03T00:00:00Z', ' 1990-02-03', '1990-02-03\n', '１990-02-03'],
  ])('%j is none', (text) => {
    expect(isDate(text)).toBe(false);
  });
});
