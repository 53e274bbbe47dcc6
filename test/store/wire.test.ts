import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFramer, replyHeader } from '../../src/store/mongo/engine/wire.ts';

const message = (body: Uint8Array) => {
  const bytes = Buffer.alloc(16 + body.length);
  bytes.writeInt32LE(bytes.length, 0);
  bytes.set(body, 16);
  return bytes;
};

const cut = (bytes: Buffer, sizes: readonly number[]) => {
  const chunks: Buffer[] = [];
  for (let start = 0, turn = 0; start < bytes.length; turn++) {
    const end = start + (sizes[turn % sizes.length] ?? 1);
    chunks.push(bytes.subarray(start, end));
    start = end;
  }
  return chunks;
};

const frame = (chunks: readonly Buffer[]) => {
  const messages: Buffer[] = [];
  const take = createFramer((complete) => messages.push(complete));
  for (const chunk of chunks) take(chunk);
  return messages;
};

test('however a stream is cut, the same messages come out', () => {
  const bodies = fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 8 });
  const sizes = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(bodies, sizes, (parts, lengths) => {
      const messages = parts.map(message);
      expect(frame(cut(Buffer.concat(messages), lengths))).toEqual(messages);
    }),
  );
});

test('an unfinished message is held back', () => {
  const whole = message(Buffer.from('hello'));
  expect(frame([whole, whole.subarray(0, 20)])).toEqual([whole]);
});

test.each([0, 15, -1, 48_000_001])('a message that says it has %i bytes is refused', (size) => {
  const bytes = Buffer.alloc(16);
  bytes.writeInt32LE(size);
  expect(() => frame([bytes])).toThrow(RangeError);
});

test.each([
  { legacy: false, opcode: 2013, length: 21 },
  { legacy: true, opcode: 1, length: 36 },
])('a reply (legacy: $legacy) names its request and its whole length', ({ legacy, opcode, length }) => {
  const response = Buffer.alloc(100);
  const header = replyHeader({ requestId: 7, moreToCome: false, legacy, response }, 3);
  const fields = [0, 4, 8, 12].map((offset) => header.readInt32LE(offset));
  expect(header).toHaveLength(length);
  expect(fields).toEqual([length + 100, 3, 7, opcode]);
});
