import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fold, looksOf, skeleton } from '../../src/subject/names.ts';

const text = fc.string({ unit: 'binary', maxLength: 20 });

describe('a folded name', () => {
  test.each([
    { of: 'letter case', names: ['Neko', 'NEKO', 'nEkO'] },
    { of: 'full width', names: ['Neko', 'Ｎｅｋｏ'] },
    { of: 'half width', names: ['ﾈｺ', 'ネコ'] },
    { of: 'space', names: ['Old Hand', ' old \u00a0 hand ', 'Old\u3000Hand', 'Old\tHand'] },
    { of: 'zero-width characters', names: ['Neko', 'Ne\u200bko', '\u200dNeko\u2060', 'Ne\u00adko'] },
    { of: 'bidirectional controls', names: ['Neko', '\u202eNeko\u202c', '\u2066Neko\u2069'] },
    { of: 'fillers that are letters', names: ['Neko', 'Ne\u3164ko', '\u115fNeko'] },
    { of: 'variation selectors', names: ['Neko♥', 'Neko♥\ufe0f', 'Neko♥\ufe0e'] },
    { of: 'composition', names: ['Zoë', 'Zoe\u0308', 'ZOE\u0308'] },
    { of: 'letters that upper case writes as two', names: ['Strauß', 'STRAUSS', 'strauẞ'] },
    { of: 'the last sigma of a word', names: ['ΝΕΚΟΣ', 'νεκος', 'νεκοσ'] },
    { of: 'compatibility forms', names: ['Neko2', 'Neko²', 'Ⓝⓔⓚⓞ２', '𝐍𝐞𝐤𝐨𝟐'] },
  ])('does not depend on $of', ({ names }) => {
    expect(new Set(names.map(fold)).size).toBe(1);
  });

  test.each([
    ['Neko', 'Nekó'],
    ['Neko', 'Nеko'],
    ['Old Hand', 'OldHand'],
    ['ネコ', 'ねこ'],
  ])('keeps different names apart: %s, %s', (a, b) => {
    expect(fold(a)).not.toBe(fold(b));
  });

  test('is folded already', () => {
    fc.assert(
      fc.property(text, (name) => {
        expect(fold(fold(name))).toBe(fold(name));
      }),
      { numRuns: 2_000 },
    );
    for (let code = 0; code < 0x30000; code++) {
      const once = fold(`a${String.fromCodePoint(code)}b`);
      if (fold(once) !== once) expect(fold(once), `U+${code.toString(16)}`).toBe(once);
    }
  });

  test('does not depend on the case, the form and the ignorable characters of the name', () => {
    const ignorable = fc.constantFrom('\u200b', '\u200d', '\u00ad', '\u2060', '\ufe0f', '\u202e', '\u{e0001}');
    fc.assert(
      fc.property(text, ignorable, fc.nat(20), (name, hidden, place) => {
        const folded = fold(name);
        const at = Math.min(place, name.length);
        const isWithinPair = /[\ud800-\udbff]$/.test(name.slice(0, at));
        if (!isWithinPair) expect(fold(name.slice(0, at) + hidden + name.slice(at))).toBe(folded);
        expect(fold(name.normalize('NFD'))).toBe(folded);
        expect(fold(` ${name}  `)).toBe(folded);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('the skeleton of a text', () => {
  test.each([
    { of: 'paypal', texts: ['paypal', '𝔭𝒶ỿ𝕡𝕒ℓ', 'ρ⍺у𝓅𝒂ן', 'раураl', 'p\u200baypal'] },
    { of: 'letters that join', texts: ['modern', 'rnodern'] },
    { of: 'digits', texts: ['lO', '10', 'l0', 'I0', '|O'] },
    { of: 'Cherokee', texts: ['ᎪᏢᏢᏞᎬ', 'APPLE'] },
  ])('is the same for texts that look alike: $of', ({ texts }) => {
    expect(new Set(texts.map(skeleton)).size).toBe(1);
  });

  test.each([
    ['neko', 'niko'],
    ['paypal', 'PAYPAL'],
    ['scope', 'scape'],
  ])('keeps texts apart that no reader confuses: %s, %s', (a, b) => {
    expect(skeleton(a)).not.toBe(skeleton(b));
  });

  test('does not depend on composition and ignorable characters', () => {
    fc.assert(
      fc.property(text, (name) => {
        expect(skeleton(name.normalize('NFC'))).toBe(skeleton(name.normalize('NFD')));
        expect(skeleton(`\u200b${name}\u2060`)).toBe(skeleton(name));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('the looks of names', () => {
  const isTakenFor = (a: string, b: string) => looksOf(a).some((look) => looksOf(b).includes(look));

  test.each([
    ['Neko', 'Nеko', 'a Cyrillic letter'],
    ['Neko', 'ΝΕΚΟ', 'Greek capitals'],
    ['Neko', 'Nek0', 'a digit'],
    ['Paypal', 'PaypaI', 'a capital that looks like a small letter'],
    ['Mika', 'rnika', 'two letters that look like one, once folded'],
    ['Meko', 'rnek0', 'both'],
    ['Old Hand', 'OId Hand', 'a capital among small letters'],
  ])('%s and %s look alike: %s', (a, b) => {
    expect([fold(a) === fold(b), isTakenFor(a, b), isTakenFor(b, a)]).toEqual([false, true, true]);
  });

  test.each([
    ['Neko', 'Niko'],
    ['Ada', 'Eda'],
    ['Person 1', 'Person 2'],
    ['Zoe', 'Zoë'],
  ])('%s and %s do not', (a, b) => {
    expect(isTakenFor(a, b)).toBe(false);
  });

  test('names with the same folded form always look alike', () => {
    fc.assert(
      fc.property(text, (name) => {
        for (const other of [name.toUpperCase(), name.toLowerCase(), name.normalize('NFKC'), fold(name)])
          if (fold(other) === fold(name)) expect(isTakenFor(name, other)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});
