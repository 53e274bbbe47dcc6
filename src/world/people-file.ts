import type { FileHandle } from 'node:fs/promises';
import { type Line, linesOf } from './file-lines.ts';
import { BATCH, type Batch } from './load-world.ts';
import { createUserReader, parseJson, WorldFileError, type WorldRules, type WorldUser } from './schema.ts';

/** The bytes of one batch; a longer line is a batch of its own. */
const BATCH_BYTES = 8 * 1_048_576;
/** The number of faults that are reported one by one. */
const TOLD = 100;

/** An open file with one person per line. */
export interface PeopleFile {
  readonly file: FileHandle;
  /** The size at opening; later additions are not read. */
  readonly size: number;
}

/** The rules for the people of a file. */
export interface PeopleRules {
  readonly world: WorldRules;
  /** The ids among these that belonged to people since erased. */
  readonly findErased: (ids: readonly string[]) => Promise<readonly string[]>;
  /** The fault of a person with too much data, else null; `characters` is the length of the line. */
  readonly excessOf: (user: WorldUser, characters: number) => string | null;
}

/** People on neighbouring lines of a file. */
export interface PeopleBatch extends Batch {
  /** The number of lines up to the end of the batch, without blank ones. */
  readonly people: number;
  /** The bytes of the file up to the end of the batch. */
  readonly bytes: number;
}

interface Fault {
  readonly line: number;
  readonly text: string;
}

interface CheckedBatch extends PeopleBatch {
  /** In the order of the lines. */
  readonly faults: readonly string[];
}

async function* batchesOf(lines: AsyncIterable<Line>): AsyncGenerator<readonly Line[]> {
  let batch: Line[] = [];
  let begun = 0;
  for await (const line of lines) {
    batch.push(line);
    if (batch.length < BATCH && line.end - begun < BATCH_BYTES) continue;
    yield batch;
    [batch, begun] = [[], line.end];
  }
  if (batch.length > 0) yield batch;
}

/** Holds every id of the file: the only memory that grows with it. */
const createIdCheck = () => {
  const ids = new Set<string>();
  return (json: unknown): string[] => {
    const id = (json as { readonly id?: unknown } | null)?.id;
    if (typeof id !== 'string') return [];
    if (ids.has(id)) return ['id: expected a value that no earlier line has'];
    ids.add(id);
    return [];
  };
};

/** Reads people and all their faults, in batches. */
async function* checkedBatches(
  { file, size }: PeopleFile,
  { world, findErased, excessOf }: PeopleRules,
): AsyncGenerator<CheckedBatch> {
  const readUser = createUserReader(world);
  const checkId = createIdCheck();

  const readLine = (line: Line) => {
    if (line.fault !== undefined) return { faults: [line.fault] };
    const json = parseJson(line.text, line.number);
    const read = readUser(json);
    const excess = 'user' in read ? excessOf(read.user, line.text.length) : null;
    const faults = [...('faults' in read ? read.faults : []), ...checkId(json), ...(excess === null ? [] : [excess])];
    return 'user' in read ? { user: read.user, faults } : { faults };
  };

  let people = 0;
  for await (const lines of batchesOf(linesOf(file, size))) {
    const faults: Fault[] = [];
    const found = new Map<string, { readonly user: WorldUser; readonly line: number }>();
    for (const line of lines)
      try {
        const read = readLine(line);
        faults.push(...read.faults.map((fault) => ({ line: line.number, text: `line ${line.number}: ${fault}` })));
        if (read.user && read.faults.length === 0) found.set(read.user.id, { user: read.user, line: line.number });
      } catch (error) {
        if (!(error instanceof WorldFileError)) throw error;
        faults.push({ line: line.number, text: error.message });
      }
    for (const id of await findErased([...found.keys()])) {
      const line = found.get(id)?.line ?? 0;
      faults.push({ line, text: `line ${line}: id: expected a person who was not erased` });
    }
    people += lines.length;
    yield {
      users: [...found.values()].map(({ user }) => user),
      faults: faults.sort((a, b) => a.line - b.line).map(({ text }) => text),
      people,
      bytes: lines.at(-1)?.end ?? 0,
    };
  }
}

/**
 * Checks the whole file, so that no part of a faulty file is loaded.
 *
 * @param onChecked  called with each batch
 * @throws {WorldFileError} with the first hundred faults, and the number of the others
 */
export async function checkPeopleFile(
  from: PeopleFile,
  rules: PeopleRules,
  onChecked: (batch: PeopleBatch) => void,
): Promise<void> {
  const told: string[] = [];
  let others = 0;
  for await (const batch of checkedBatches(from, rules)) {
    const room = TOLD - told.length;
    told.push(...batch.faults.slice(0, room));
    others += Math.max(0, batch.faults.length - room);
    onChecked(batch);
  }
  if (others > 0) told.push(`and ${others} more ${others === 1 ? 'fault' : 'faults'}`);
  if (told.length > 0) throw new WorldFileError(told);
}

/**
 * The people of a checked file.
 *
 * @throws {WorldFileError} if the file has changed, or a person was erased, since the check
 */
export async function* readPeopleFile(from: PeopleFile, rules: PeopleRules): AsyncGenerator<PeopleBatch> {
  for await (const batch of checkedBatches(from, rules)) {
    if (batch.faults.length > 0)
      throw new WorldFileError([...batch.faults.slice(0, TOLD), 'This has become so since the file was checked.']);
    yield batch;
  }
}
