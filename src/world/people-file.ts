import type { FileHandle } from 'node:fs/promises';
import { type Line, linesOf } from './file-lines.ts';
import { BATCH, type Batch } from './load-world.ts';
import { createUserReader, parseJson, WorldFileError, type WorldRules, type WorldUser } from './schema.ts';

/** Bytes of a file that are held as one batch; a longer line is a batch of its own. */
const BATCH_BYTES = 8 * 1_048_576;
/** Faults that are told one by one. */
const TOLD = 100;

/** A file of one person a line, as it was when it was opened. */
export interface PeopleFile {
  readonly file: FileHandle;
  /** Bytes that are read; what is appended later is not. */
  readonly size: number;
}

/** What people are measured against. */
export interface PeopleRules {
  readonly world: WorldRules;
  /** Those of the ids that were somebody's who is erased. */
  readonly findErased: (ids: readonly string[]) => Promise<readonly string[]>;
  /** What is too much about a person, if anything is; `characters` is the length of the line. */
  readonly excessOf: (user: WorldUser, characters: number) => string | null;
}

/** People of a file that stand together. */
export interface PeopleBatch extends Batch {
  /** Lines that are not blank, up to the end of the batch. */
  readonly people: number;
  /** Bytes of the file up to there. */
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

/** Holds every id of the file: the one thing that grows with it. */
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

/** Reads people and every fault of theirs, in batches. */
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
 * Reads the whole file before anything of it is loaded.
 *
 * @param onChecked  told how far that has come
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
 * The people of a file that was checked.
 *
 * @throws {WorldFileError} where the file, or somebody's erasure, has brought a fault since
 */
export async function* readPeopleFile(from: PeopleFile, rules: PeopleRules): AsyncGenerator<PeopleBatch> {
  for await (const batch of checkedBatches(from, rules)) {
    if (batch.faults.length > 0)
      throw new WorldFileError([...batch.faults.slice(0, TOLD), 'This has become so since the file was checked.']);
    yield batch;
  }
}
