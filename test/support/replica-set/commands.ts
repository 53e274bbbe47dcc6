import { type Member, NOT_PRIMARY, OK, type Operation, Refusal } from './member.ts';
import { type Document, Double, Int32 } from './wire.ts';

const READS = new Set(['find', 'aggregate', 'count', 'distinct', 'getMore', 'listIndexes', 'listCollections']);
const DOCUMENT_WRITES = new Set(['insert', 'update', 'delete', 'findAndModify']);
const OTHER_WRITES = new Set(['create', 'createIndexes', 'drop', 'dropDatabase', 'dropIndexes']);
/** What a replica set sees to, and a single server need not know of. */
const OF_THE_SET = [
  ...['lsid', 'txnNumber', 'writeConcern', 'readConcern', '$readPreference', '$db', 'stmtId', 'maxTimeMS'],
  ...['$clusterTime', 'commitQuorum'],
];

const WRITE_CONCERN_TIMEOUT = 64;
const TOO_LATE = 50;
const CURSOR_NOT_LINEARIZABLE = 187;
/** How long a server waits for a majority before the further part of a linearizable read fails. */
const CURSOR_MS = 15_000;

const DURABLE = { writeConcern: { w: new Int32(1), j: true } };

const bare = (command: Document): Document =>
  Object.fromEntries(Object.entries(command).filter(([name]) => !OF_THE_SET.includes(name)));

const sessionOf = ({ lsid, txnNumber }: Document) =>
  txnNumber === undefined ? null : `${Buffer.from(lsid.id.buffer).toString('hex')} ${txnNumber}`;

interface Written {
  readonly reply: Document;
  readonly operations: readonly Operation[];
}

async function insert({ engine }: Member, database: string, command: Document): Promise<Written> {
  const reply = await engine.ask(database, { ...bare(command), ...DURABLE });
  const failed = new Set((reply.writeErrors ?? []).map(({ index }: Document) => Number(index)));
  const documents: Document[] = Number(reply.ok) ? command.documents : [];
  const end = command.ordered !== false && failed.size > 0 ? Math.min(...([...failed] as number[])) : documents.length;
  const made = documents.slice(0, end).filter((_, index) => !failed.has(index));
  return {
    reply,
    operations: made.map((after) => ({
      ...{ database, collection: command.insert, id: after._id },
      ...{ before: null, after },
    })),
  };
}

/** One after the other, so that it is known what each has done. */
async function statements(member: Member, database: string, name: 'update' | 'delete', command: Document) {
  const list: Document[] = command[`${name}s`];
  const operations: Operation[] = [];
  const upserted: Document[] = [];
  const writeErrors: Document[] = [];
  const sums = { n: 0, nModified: 0 };
  for (const [index, statement] of list.entries()) {
    const one = { ...bare(command), ...DURABLE, [`${name}s`]: [statement] };
    const ask = () => member.engine.ask(database, one);
    const { reply, operations: done } = await member.tracked(database, command[name], statement.q, ask);
    if (!Number(reply.ok)) return { reply, operations };
    operations.push(...done);
    sums.n += Number(reply.n);
    sums.nModified += Number(reply.nModified ?? 0);
    upserted.push(...(reply.upserted ?? []).map((made: Document) => ({ ...made, index: new Int32(index) })));
    writeErrors.push(...(reply.writeErrors ?? []).map((error: Document) => ({ ...error, index: new Int32(index) })));
    if (writeErrors.length > 0 && command.ordered !== false) break;
  }
  const reply = {
    n: new Int32(sums.n),
    ...(name === 'update' && { nModified: new Int32(sums.nModified) }),
    ...(upserted.length > 0 && { upserted }),
    ...(writeErrors.length > 0 && { writeErrors }),
    ...OK(),
  };
  return { reply, operations };
}

const written = (member: Member, database: string, name: string, command: Document): Promise<Written> => {
  if (name === 'insert') return insert(member, database, command);
  if (name === 'update' || name === 'delete') return statements(member, database, name, command);
  const ask = () => member.engine.ask(database, { ...bare(command), ...DURABLE });
  return member.tracked(database, command.findAndModify, command.query ?? {}, ask);
};

/** Waits until as many members hold the write as its write concern asks for. */
async function concern(member: Member, index: number, { writeConcern }: Document, reply: Document): Promise<Document> {
  const { w = 'majority', wtimeout = 0 } = writeConcern ?? {};
  if (w !== 'majority') return reply;
  try {
    await member.replicated(index, Number(wtimeout), WRITE_CONCERN_TIMEOUT);
    return reply;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ...reply, writeConcernError: { code: new Int32(error.code), errmsg: error.message } };
  }
}

async function write(member: Member, database: string, name: string, command: Document, spread: () => void) {
  const { reply, index } = await member.lock.run(async () => {
    if (member.state !== 'PRIMARY') throw new Refusal(NOT_PRIMARY, 'not primary');
    const key = sessionOf(command);
    const answered = key !== null && member.sessions.get(key);
    if (answered) return { reply: answered, index: member.log.length };
    if (OTHER_WRITES.has(name)) {
      const asked = bare(command);
      const reply = await member.engine.ask(database, asked);
      if (Number(reply.ok)) member.append({ command: { database, command: asked } });
      return { reply, index: member.log.length };
    }
    const { reply, operations } = await written(member, database, name, command);
    const session = key === null ? {} : { session: { key, reply } };
    if (operations.length > 0) member.append({ operations, ...session });
    return { reply, index: member.log.length };
  });
  spread();
  return concern(member, index, command, reply);
}

/** The cursors that a linearizable read has left open, by member. */
const linearizable = new WeakMap<Member, Set<string>>();

async function read(member: Member, database: string, name: string, command: Document, spread: () => void) {
  if (member.state !== 'PRIMARY') throw new Refusal(13435, 'not primary and secondaryOk=false');
  const reply = await member.engine.ask(database, bare(command));
  const cursors = linearizable.get(member) ?? new Set<string>();
  linearizable.set(member, cursors);
  const isFurther = name === 'getMore' && cursors.has(String(command.getMore));
  if ((command.readConcern?.level !== 'linearizable' && !isFurther) || !Number(reply.ok)) return reply;
  if (String(reply.cursor?.id ?? 0) !== '0') cursors.add(String(reply.cursor.id));
  // what was read is proven once a majority holds an entry that was made after it
  const index = await member.lock.run(async () => {
    if (member.state !== 'PRIMARY') throw new Refusal(NOT_PRIMARY, 'no longer primary');
    return member.append({});
  });
  spread();
  const limit = isFurther ? CURSOR_MS : Number(command.maxTimeMS ?? 0);
  await member.replicated(index, limit, isFurther ? CURSOR_NOT_LINEARIZABLE : TOO_LATE);
  return reply;
}

/**
 * What a member of a replica set answers to a command.
 *
 * @param spread  has the other members copy what they lack
 * @throws {Refusal} what the server refuses
 */
export async function run(
  member: Member,
  database: string,
  name: string,
  command: Document,
  spread: () => void,
): Promise<Document> {
  if (DOCUMENT_WRITES.has(name) || OTHER_WRITES.has(name)) return write(member, database, name, command, spread);
  if (READS.has(name)) return read(member, database, name, command, spread);
  if (name === 'endSessions') return OK();
  return member.engine.ask(database, bare(command));
}

/** Errors by which a driver knows that it may try a write again. */
const RETRYABLE = new Set([6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436]);

export const refusalOf = (code: number, errmsg: string, { txnNumber }: Document): Document => ({
  ok: new Double(0),
  errmsg,
  code: new Int32(code),
  ...(txnNumber !== undefined && RETRYABLE.has(code) && { errorLabels: ['RetryableWriteError'] }),
});
