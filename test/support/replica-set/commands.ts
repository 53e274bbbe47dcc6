import type { Member } from './member.ts';
import { CODES, interrupted, Refusal } from './refusal.ts';
import { bare, type Document, OK } from './wire.ts';
import { isWrite, runWrite, type Write } from './writes.ts';

const READS = new Set([
  ...['find', 'aggregate', 'count', 'distinct', 'getMore', 'explain', 'dbStats', 'collStats'],
  ...['listIndexes', 'listCollections', 'listDatabases'],
]);

/** How long a server waits for a majority before the further part of a proven read fails. */
const CURSOR_MS = 15_000;

const PROVEN = ['majority', 'linearizable'];

async function read(member: Member, { database, name, command }: Write, spread: () => void): Promise<Document> {
  const { term } = member;
  const isFurther = name === 'getMore';
  const level: string = isFurther ? member.cursors.get(String(command.getMore)) : command.readConcern?.level;
  const isOfPrimary = PROVEN.includes(level) || (command.$readPreference?.mode ?? 'primary') === 'primary';
  if (member.state !== 'PRIMARY' && isOfPrimary)
    throw new Refusal(CODES.NOT_PRIMARY_NO_SECONDARY_OK, 'not primary and secondaryOk=false');
  const reply = await member.engine.ask(database, bare(command));
  if (!PROVEN.includes(level) || !Number(reply.ok)) return reply;
  if (Number(reply.cursor?.id ?? 0) !== 0) member.cursors.set(String(reply.cursor.id), level);
  // under the lock, so that every write that the read has seen is in the log by now
  const index = await member.lock.run(async () => {
    if (member.state !== 'PRIMARY' || member.term !== term) throw interrupted();
    // a majority that holds an entry made after the read bears out that this was the primary during the read
    return level === 'linearizable' ? member.append({}) : member.log.length;
  });
  spread();
  const [limit, code] = isFurther
    ? [CURSOR_MS, CODES.LINEARIZABLE_READ_CONCERN_ERROR]
    : [Number(command.maxTimeMS ?? 0), CODES.EXCEEDED_TIME_LIMIT];
  await member.replicated(index, 'majority', limit, code);
  return reply;
}

/**
 * The answer of a member of a replica set to a command.
 *
 * @param spread  has the other members copy missing entries
 * @throws {Refusal} the refusal of the server
 */
export async function run(member: Member, write: Write, spread: () => void): Promise<Document> {
  const { database, name, command } = write;
  if (command.startTransaction || command.autocommit !== undefined)
    throw new Refusal(CODES.OPERATION_NOT_SUPPORTED_IN_TRANSACTION, 'the simulated set has no transactions');
  if (isWrite(name)) return runWrite(member, write, spread);
  if (READS.has(name)) return read(member, write, spread);
  if (name === 'endSessions' || name === 'refreshSessions') return OK();
  return member.engine.ask(database, bare(command));
}
