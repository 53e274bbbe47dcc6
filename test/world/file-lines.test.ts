import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { splitLines } from '../../src/world/file-lines.ts';

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
const split = async (bytes: Buffer, size = bytes.length, longest?: number) => {
  const lines = [];
  for await (const line of splitLines(inChunks(bytes, size), longest)) lines.push(line);
  return lines;
};
const read = async (text: string | Buffer, longest?: number) =>
  (await split(Buffer.from(text as string), 1_000, longest)).map(({ number, end, text, fault }) => [
    number,
    end,
    text ?? fault,
  ]);

describe('lines of a file', () => {
  test.each([
    {
      name: 'end with a line feed',
      bytes: 'a\nb\n',
      lines: [
        [1, 2, 'a'],
        [2, 4, 'b'],
      ],
    },
    {
      name: 'need no line feed at the end of the file',
      bytes: 'a\nb',
      lines: [
        [1, 2, 'a'],
        [2, 3, 'b'],
      ],
    },
    {
      name: 'keep a carriage return, which is white space of JSON',
      bytes: 'a\r\nb',
      lines: [
        [1, 3, 'a\r'],
        [2, 4, 'b'],
      ],
    },
    { name: 'are left out where they are blank, and count', bytes: '\n \t\r\n\nb\n\n', lines: [[4, 8, 'b']] },
    {
      name: 'do not end with a line separator',
      bytes: 'a\u2028b\nc',
      lines: [
        [1, 6, 'a\u2028b'],
        [2, 7, 'c'],
      ],
    },
    { name: 'are none in an empty file', bytes: '', lines: [] },
    {
      name: 'count bytes where characters have several',
      bytes: '\u00e9\u{1f431}\nb',
      lines: [
        [1, 7, '\u00e9\u{1f431}'],
        [2, 8, 'b'],
      ],
    },
    {
      name: 'are a fault where they are not UTF-8, and the others are read',
      bytes: Buffer.from([0x61, 0xff, 0x0a, 0x62]),
      lines: [
        [1, 3, 'expected UTF-8'],
        [2, 4, 'b'],
      ],
    },
  ])('$name', async ({ bytes, lines }) => {
    expect(await read(bytes)).toEqual(lines);
  });

  test('may be as long as the limit, and are a fault beyond it', async () => {
    const lines = [
      [1, 5, 'abcd'],
      [2, 11, 'expected a line of at most 4 bytes'],
      [3, 12, 'f'],
    ];
    expect(await read('abcd\nabcde\nf', 4)).toEqual(lines);
  });

  test('are the same in all divisions of the file into chunks', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', ' ', '\n', '\r', '\u20ac', '\u{1f431}') });
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 1, max: 9 }), async (text, size) => {
        const bytes = Buffer.from(text);
        expect(await split(bytes, size)).toEqual(await split(bytes));
        const expected = text.split('\n').map((line, index) => [index + 1, line] as const);
        const lines = (await split(bytes, size)).map(({ number, text }) => [number, text]);
        expect(lines).toEqual(expected.filter(([, line]) => line.trim() !== ''));
      }),
    );
  });

  test('with a too long one among them are the same in all divisions into chunks', async () => {
    const bytes = Buffer.from(`ab\n${'x'.repeat(50)}\ncd\n${'y'.repeat(50)}`);
    const whole = await split(bytes, bytes.length, 10);
    for (const size of [1, 3, 7, 20, 60]) expect(await split(bytes, size, 10)).toEqual(whole);
    expect(whole.map(({ fault }) => fault !== undefined)).toEqual([false, true, false, true]);
  });
});
