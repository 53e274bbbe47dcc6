import mongoose from 'mongoose';

const { BSON } = mongoose.mongo;
export const { Double, Int32, Long, ObjectId, Timestamp } = BSON;

// biome-ignore lint/suspicious/noExplicitAny: commands and replies have many forms
export type Document = Record<string, any>;

const CHECKSUM = 1;
export const MORE_TO_COME = 2;
export const EXHAUST_ALLOWED = 0x10000;
const OP_REPLY = 1;
const OP_QUERY = 2004;
const HEADER = 16;

/** A request: its command as one document, with the documents of its further sections in it. */
export interface Message {
  readonly requestId: number;
  readonly flags: number;
  /** Asked with OP_QUERY, as a driver begins, and answered with OP_REPLY. */
  readonly legacy: boolean;
  readonly command: Document;
}

// as they are on the wire: a number of 64 bits must not come back as one of 32
const parse = (bytes: Buffer): Document =>
  BSON.deserialize(bytes, { promoteValues: false, promoteLongs: false, promoteBuffers: false, bsonRegExp: true });

export const bytesOf = (document: Document): Buffer => Buffer.from(BSON.serialize(document, { ignoreUndefined: true }));

/** @see https://www.mongodb.com/docs/manual/reference/mongodb-wire-protocol/ */
export function readMessage(message: Buffer): Message {
  const requestId = message.readInt32LE(4);
  const opcode = message.readInt32LE(12);
  if (opcode === OP_REPLY) return { requestId, flags: 0, legacy: true, command: parse(message.subarray(HEADER + 20)) };
  if (opcode === OP_QUERY) {
    const end = message.indexOf(0, HEADER + 4);
    const [$db] = message.toString('utf8', HEADER + 4, end).split('.');
    return { requestId, flags: 0, legacy: true, command: { ...parse(message.subarray(end + 9)), $db } };
  }
  const flags = message.readUInt32LE(HEADER);
  const end = message.length - (flags & CHECKSUM ? 4 : 0);
  let command: Document = {};
  for (let at = HEADER + 4; at < end; ) {
    const kind = message[at++];
    const size = message.readInt32LE(at);
    const section = message.subarray(at, at + size);
    if (kind === 0) command = { ...parse(section), ...command };
    else {
      const nul = section.indexOf(0, 4);
      const documents: Document[] = [];
      for (let next = nul + 1; next < size; next += section.readInt32LE(next))
        documents.push(parse(section.subarray(next, next + section.readInt32LE(next))));
      command[section.toString('utf8', 4, nul)] = documents;
    }
    at += size;
  }
  return { requestId, flags, legacy: false, command };
}

export const OK = (): Document => ({ ok: new Double(1) });

/** Fields that a replica set sees to, and a single server need not know of. */
const OF_THE_SET = [
  ...['lsid', 'txnNumber', 'stmtId', 'writeConcern', 'readConcern', '$readPreference', '$db', 'maxTimeMS'],
  ...['$clusterTime', 'commitQuorum'],
];

/** A command as a single server is asked it. */
export const bare = (command: Document): Document =>
  Object.fromEntries(Object.entries(command).filter(([name]) => !OF_THE_SET.includes(name)));

let lastId = 0;

/** @returns the message and its id, which the next message of a stream answers to */
export function writeMessage(
  document: Document,
  { responseTo = 0, flags = 0, legacy = false } = {},
): { readonly id: number; readonly bytes: Buffer } {
  lastId = (lastId + 1) & 0x7fffffff;
  const body = bytesOf(document);
  const head = Buffer.alloc(legacy ? HEADER + 20 : HEADER + 5);
  head.writeInt32LE(head.length + body.length, 0);
  head.writeInt32LE(lastId, 4);
  head.writeInt32LE(responseTo, 8);
  head.writeInt32LE(legacy ? OP_REPLY : 2013, 12);
  if (legacy) head.writeInt32LE(1, HEADER + 16);
  else head.writeUInt32LE(flags, HEADER);
  return { id: lastId, bytes: Buffer.concat([head, body]) };
}
