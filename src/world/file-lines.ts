import { isUtf8 } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';

/** The most bytes of a line, without its end: far more than a person can have. */
const LONGEST = 64 * 1_048_576;
const CHUNK = 1_048_576;
const END_OF_LINE = 0x0a;

/** A line that is not blank. */
export type Line = {
  /** From 1; blank lines count. */
  readonly number: number;
  /** Bytes of the file up to the end of the line. */
  readonly end: number;
} & ({ readonly text: string; readonly fault?: never } | { readonly text?: never; readonly fault: string });

const isBlank = (text: string) => /^[ \t\r]*$/.test(text);

/** A line ends with a line feed only: JSON can hold other line separators in its strings. */
const readLine = (bytes: Buffer, longest: number): { readonly text: string } | { readonly fault: string } => {
  if (bytes.length > longest) return { fault: `expected a line of at most ${longest} bytes` };
  return isUtf8(bytes) ? { text: bytes.toString('utf8') } : { fault: 'expected UTF-8' };
};

/**
 * Splits bytes into lines. Memory never holds more than one line and one chunk.
 *
 * @param longest  the most bytes of a line; a longer line is a fault, and reading goes on after it
 */
export async function* splitLines(chunks: AsyncIterable<Buffer>, longest = LONGEST): AsyncGenerator<Line> {
  let held: Buffer[] = [];
  let length = 0;
  let number = 0;
  let end = 0;
  const hold = (part: Buffer) => {
    // only the length of a too long line counts
    if (length <= longest) held.push(part);
    length += part.length;
  };
  function* finish(): Generator<Line> {
    const read = readLine(Buffer.concat(held), longest);
    [held, length, number] = [[], 0, number + 1];
    if ('fault' in read || !isBlank(read.text)) yield { number, end, ...read };
  }
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(END_OF_LINE); at >= 0; at = chunk.indexOf(END_OF_LINE, from)) {
      hold(chunk.subarray(from, at));
      end += at + 1 - from;
      from = at + 1;
      yield* finish();
    }
    hold(chunk.subarray(from));
    end += chunk.length - from;
  }
  if (length > 0) yield* finish();
}

/** The lines of the first `size` bytes of a file, which can be read again. */
export async function* linesOf(file: FileHandle, size: number): AsyncGenerator<Line> {
  if (size === 0) return;
  yield* splitLines(file.createReadStream({ start: 0, end: size - 1, autoClose: false, highWaterMark: CHUNK }));
}
