import type { Member, Operation } from './member.ts';
import { CODES, interrupted, Refusal, unconfirmed } from './refusal.ts';
import { retryableOf } from './sessions.ts';
import { bare, type Document, Int32, OK } from './wire.ts';

/** Commands that write documents, each with the field that lists its statements. */
const STATEMENTS: Readonly<Record<string, string | null>> = {
  insert: 'documents',
  update: 'updates',
  delete: 'deletes',
  findAndModify: null,
};
const OTHER_WRITES = new Set([
  ...['create', 'createIndexes', 'collMod', 'drop', 'dropDatabase', 'dropIndexes', 'renameCollection'],
]);

export const isWrite = (name: string) => name in STATEMENTS || OTHER_WRITES.has(name);

interface Outcome {
  readonly reply: Document;
  readonly operations: readonly Operation[];
}

export interface Write {
  readonly database: string;
  readonly name: string;
  readonly command: Document;
  /** Interrupts a command after its first statement. */
  readonly interrupt?: (() => Promise<void>) | undefined;
}

/** Inserts the documents at these places at once, for speed; each is an outcome of its own. */
async function insert({ engine }: Member, { database, command }: Write, places: readonly number[]): Promise<Outcome[]> {
  const documents: Document[] = places.map((place) => command.documents[place]);
  const reply = await engine.ask(database, { ...bare(command), documents });
  if (!Number(reply.ok)) return [{ reply, operations: [] }];
  const errors = new Map<number, Document>(
    (reply.writeErrors ?? []).map((error: Document) => [Number(error.index), error]),
  );
  const end = command.ordered === false || errors.size === 0 ? documents.length : Math.min(...errors.keys()) + 1;
  return documents.slice(0, end).map((after, index): Outcome => {
    const error = errors.get(index);
    if (error) return { reply: { n: new Int32(0), writeErrors: [error], ...OK() }, operations: [] };
    const operation = { database, collection: command.insert, id: after._id, before: null, after };
    return { reply: { n: new Int32(1), ...OK() }, operations: [operation] };
  });
}

/** Does one statement of an update or a deletion, or the only one of a findAndModify. */
function statement(member: Member, { database, name, command }: Write, place: number): Promise<Outcome> {
  const field = STATEMENTS[name];
  const one = field ? command[field][place] : null;
  const asked = field ? { ...bare(command), [field]: [one] } : bare(command);
  const filter = one ? one.q : (command.query ?? {});
  return member.tracked(database, command[name], filter, () => member.engine.ask(database, asked));
}

async function* outcomesOf(member: Member, write: Write, places: readonly number[]) {
  const { term } = member;
  if (write.name === 'insert') {
    const outcomes = places.length > 0 ? await insert(member, write, places) : [];
    for (const [index, outcome] of outcomes.entries()) yield [places[index] as number, outcome] as const;
    return;
  }
  for (const place of places) {
    if (member.state !== 'PRIMARY' || member.term !== term) throw interrupted();
    yield [place, await statement(member, write, place)] as const;
  }
}

/** The reply to a whole command, out of the replies to its statements by their places. */
function joined({ name }: Write, replies: ReadonlyMap<number, Document>, repeated: readonly number[]): Document {
  if (STATEMENTS[name] === null) return replies.get(0) as Document;
  const sum = (field: string) =>
    new Int32([...replies.values()].reduce((total, reply) => total + Number(reply[field] ?? 0), 0));
  const placed = (field: string) =>
    [...replies].flatMap(([place, reply]) =>
      (reply[field] ?? []).map((one: Document) => ({ ...one, index: new Int32(place) })),
    );
  const [upserted, writeErrors] = [placed('upserted'), placed('writeErrors')];
  return {
    n: sum('n'),
    ...(name === 'update' && { nModified: sum('nModified') }),
    ...(upserted.length > 0 && { upserted }),
    ...(writeErrors.length > 0 && { writeErrors }),
    ...(repeated.length > 0 && { retriedStmtIds: repeated.map((place) => new Int32(place)) }),
    ...OK(),
  };
}

/** Does the statements of a command that its session has not done yet, under the lock of a primary. */
async function writeDocuments(member: Member, write: Write): Promise<Document> {
  const { name, command, interrupt } = write;
  const { term } = member;
  const retryable = retryableOf(command);
  const known = retryable ? member.sessions.recall(retryable) : new Map<number, Document>();
  const field = STATEMENTS[name];
  const count: number = field ? command[field].length : 1;
  const replies = new Map(known);
  const open = Array.from({ length: count }, (_, place) => place).filter((place) => !known.has(place));
  const places = interrupt ? open.slice(0, 1) : open;

  for await (const [place, outcome] of outcomesOf(member, write, places)) {
    const { reply, operations } = outcome;
    if (!Number(reply.ok)) return reply;
    replies.set(place, reply);
    const isDone = retryable && !reply.writeErrors;
    const done = isDone ? { done: { ...retryable, statement: place, answer: reply } } : {};
    if (operations.length > 0) member.append({ operations, ...done }, term);
    if (reply.writeErrors && command.ordered !== false) break;
  }
  if (known.size > 0) member.tally.repeated += 1;
  if (interrupt) {
    await interrupt();
    throw interrupted();
  }
  return joined(write, replies, [...known.keys()]);
}

async function writeOther(member: Member, { database, command }: Write): Promise<Document> {
  const { term } = member;
  const asked = bare(command);
  const reply = await member.engine.ask(database, asked);
  if (Number(reply.ok)) member.append({ command: { database, command: asked } }, term);
  return reply;
}

/** Waits until as many members hold the write as its write concern asks for. */
async function concern(member: Member, index: number, { writeConcern }: Document, reply: Document): Promise<Document> {
  const { w = 'majority', wtimeout = 0 } = writeConcern ?? {};
  const width = w === 'majority' ? w : Number(w);
  if (width === 0) return reply;
  try {
    await member.replicated(index, width, Number(wtimeout), CODES.WRITE_CONCERN_TIMEOUT);
    return reply;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ...reply, ...unconfirmed(error.code, error.message) };
  }
}

/** @param spread  has the other members copy missing entries */
export async function runWrite(member: Member, write: Write, spread: () => void): Promise<Document> {
  const { reply, index } = await member.lock.run(async () => {
    if (member.state !== 'PRIMARY') throw new Refusal(CODES.NOT_WRITABLE_PRIMARY, 'not primary');
    const reply = await (write.name in STATEMENTS ? writeDocuments(member, write) : writeOther(member, write));
    return { reply, index: member.log.length };
  });
  spread();
  return concern(member, index, write.command, reply);
}
