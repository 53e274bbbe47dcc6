import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { textOf } from '../../src/subject/forms.ts';
import { isOnOneLine, isVisible } from '../../src/subject/text.ts';

describe('a text on one line', () => {
  test.each([
    { name: 'letters of any script', text: 'Zoë Ångström 李小龍 नमस्ते' },
    { name: 'an emoji of several characters', text: '👩‍👩‍👧 and 🏴󠁧󠁢󠁥󠁮󠁧󠁿' },
    { name: 'a joiner that a script needs', text: 'می‌خواهم' },
    { name: 'punctuation', text: 'O’Neill-Smith, Jr. (née Müller)' },
  ])('may have $name', ({ text }) => {
    expect([isOnOneLine(text), isVisible(text)]).toEqual([true, true]);
  });

  test.each([
    { name: 'a line feed', text: 'a\nb' },
    { name: 'a carriage return', text: 'a\rb' },
    { name: 'NUL', text: 'a\0b' },
    { name: 'a tabulator', text: 'a\tb' },
    { name: 'a C1 control', text: 'a\u0085b' },
    { name: 'a separator of lines', text: 'a\u2028b' },
    { name: 'a separator of paragraphs', text: 'a\u2029b' },
    { name: 'an override of direction', text: 'a\u202eb' },
    { name: 'an isolate', text: 'a\u2067b\u2069' },
    { name: 'a mark of direction', text: 'a\u200fb' },
    { name: 'half a character', text: 'a\ud800b' },
    { name: 'a private character', text: 'a\ue000b' },
    { name: 'a code point that is no character', text: 'a\uffffb' },
  ])('may not have $name', ({ text }) => {
    expect(isOnOneLine(text)).toBe(false);
    expect(() => textOf('name', text, 200)).toThrow('name: expected text of 1 to 200 characters on one line');
  });
});

describe('a text has something visible', () => {
  test.each(['a', '1', '!', '♥', 'ネ', '👍', '\u0301a'])('%s', (text) => {
    expect(isVisible(text)).toBe(true);
  });

  test.each([
    { name: 'nothing', text: '' },
    { name: 'space', text: ' \u00a0\u3000\u2003' },
    { name: 'zero-width characters', text: '\u200b\u200c\u200d\u2060\ufeff' },
    { name: 'fillers', text: '\u3164\u115f\u1160\uffa0' },
    { name: 'a blank pattern', text: '\u2800' },
    { name: 'a blank note', text: '\u{1d159}' },
    { name: 'a mark without a letter', text: '\u0301' },
    { name: 'variation selectors', text: '\ufe0f\u{e0100}' },
    { name: 'tags', text: '\u{e0041}\u{e007f}' },
  ])('unlike $name', ({ text }) => {
    expect(isVisible(text)).toBe(false);
    expect(() => textOf('name', text, 200)).toThrow('name: expected text of 1 to 200 characters');
  });

  test('a form refuses a text, or keeps it without the space around it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 12 }), (text) => {
        let kept: string | null = null;
        try {
          kept = textOf('name', text, 10);
        } catch {
          return;
        }
        expect(kept).toBe(text.trim());
        expect(kept).toMatch(/^[^\p{Cc}\p{Zl}\p{Zp}\p{Cs}]{1,10}$/u);
        expect(isVisible(kept)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
