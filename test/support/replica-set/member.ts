import { EventEmitter } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import { type Engine, openEngine } from './engine.ts';
import { CODES, Refusal } from './refusal.ts';
import { createSessions, type Done } from './sessions.ts';
import { bytesOf, type Document, Int32, ObjectId } from './wire.ts';

/** The effect of a write on one document: the document before it, and the document since; null where there is none. */
export interface Operation {
  readonly database: string;
  readonly collection: string;
  readonly id: unknown;
  readonly before: Document | null;
  readonly after: Document | null;
}

/** An entry of the log that members copy from their primary. An entry without content only proves that there is a primary. */
export interface Entry {
  readonly id: string;
  readonly term: number;
  /** When the primary wrote it, in milliseconds of this process. */
  readonly at: number;
  readonly operations: readonly Operation[];
  /** A command that writes no documents, as it was asked. */
  readonly command?: { readonly database: string; readonly command: Document };
  /** The statement of a retryable write, with its answer. */
  readonly done?: Done;
}

/** How many members have to hold an entry. */
export type Width = number | 'majority';

interface Waiter {
  readonly index: number;
  readonly width: Width;
  readonly resolve: () => void;
  readonly reject: (error: Refusal) => void;
}

/** Lets one at a time through. */
class Lock {
  #tail: Promise<unknown> = Promise.resolve();
  run<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(work);
    this.#tail = turn.catch(() => {});
    return turn;
  }
}

const steppedDown = () => new Refusal(CODES.PRIMARY_STEPPED_DOWN, 'Primary stepped down while waiting for replication');

const keyOf = (id: unknown) => bytesOf({ id }).toString('base64');

/** A document that is to stand in a collection, or to be gone from it. */
interface Placement {
  readonly database: string;
  readonly collection: string;
  readonly id: unknown;
  readonly document: Document | null;
}

/** One command for each run of like placements, in their order: a document may need a unique value that another gave up. */
function commandsOf(placements: readonly Placement[]): { readonly database: string; readonly command: Document }[] {
  const runs: Placement[][] = [];
  const isAlike = (a: Placement, b: Placement) =>
    a.database === b.database && a.collection === b.collection && (a.document === null) === (b.document === null);
  for (const placement of placements) {
    const run = runs.at(-1);
    if (run?.[0] && isAlike(run[0], placement)) run.push(placement);
    else runs.push([placement]);
  }
  return runs.map((run) => {
    const { database, collection, document } = run[0] as Placement;
    const command = document
      ? { update: collection, updates: run.map(({ id, document: u }) => ({ q: { _id: id }, u, upsert: true })) }
      : { delete: collection, deletes: run.map(({ id }) => ({ q: { _id: id }, limit: new Int32(1) })) };
    return { database, command };
  });
}

/** One server of the set: a log, and the data that its log has led to. */
export class Member {
  readonly id: number;
  readonly engine: Engine;
  /** Held by everything that changes the log and the data. */
  readonly lock = new Lock();
  readonly #majority: number;
  host = '';
  state: 'PRIMARY' | 'SECONDARY' | 'DOWN' = 'SECONDARY';
  /** The newest term that it has heard of, which is also the term that it has voted in. */
  term = 0;
  log: Entry[] = [];
  /** How many entries a majority holds, as far as it knows. */
  committed = 0;
  /** How many entries each member has told it that it holds; of a primary. */
  readonly told = new Map<number, number>();
  /** How long an entry takes to come to it from the primary, in milliseconds. */
  lagMs = 0;
  /** How far its clock is ahead of the others’, in milliseconds. */
  aheadMs = 0;
  /** Tells drivers that something has changed. */
  topology = { processId: new ObjectId(), counter: 0 };
  /** Tells of each change of its topology. */
  readonly news = new EventEmitter().setMaxListeners(0);
  readonly waiters = new Set<Waiter>();
  readonly sessions = createSessions();
  /** The cursors that proven reads have left open, each with the level of its proof. */
  readonly cursors = new Map<string, string>();
  readonly tally = { elections: 0, repeated: 0, rollbacks: 0, rolledBack: 0 };

  /** @param count  of the members of its set */
  constructor(id: number, count: number) {
    this.id = id;
    this.#majority = Math.floor(count / 2) + 1;
    this.engine = openEngine(`member${id}`);
  }

  /** @param term  the term of the entry, if that may be over by now */
  append(entry: Partial<Entry>, term = this.term): number {
    this.#add({ id: new ObjectId().toString(), at: performance.now(), operations: [], ...entry, term });
    this.acknowledge(this.id, this.log.length);
    return this.log.length;
  }

  #add(entry: Entry): void {
    this.log.push(entry);
    if (entry.done) this.sessions.remember(entry.done);
  }

  /** Takes note that a member holds so many of this primary’s entries. */
  acknowledge(id: number, length: number): void {
    this.told.set(id, length);
    const places = [...this.told.values()].sort((a, b) => b - a);
    const point = places[this.#majority - 1] ?? 0;
    // as in Raft: an entry of this term commits the entries of older terms before it
    if (this.state === 'PRIMARY' && point > this.committed && this.log[point - 1]?.term === this.term)
      this.committed = point;
    for (const waiter of this.waiters) if (this.#isHeld(waiter)) waiter.resolve();
  }

  #isHeld({ index, width }: Pick<Waiter, 'index' | 'width'>): boolean {
    if (width === 'majority') return index <= this.committed;
    return [...this.told.values()].filter((length) => length >= index).length >= width;
  }

  /**
   * Resolves once enough members hold an entry.
   *
   * @param limit  in milliseconds; none where it is 0
   * @throws {Refusal} with `code` when the limit is over, or because this is no primary any more
   */
  async replicated(index: number, width: Width, limit: number, code: number): Promise<void> {
    if (this.state !== 'PRIMARY') throw steppedDown();
    if (this.#isHeld({ index, width })) return;
    let timer: NodeJS.Timeout | undefined;
    let waiter: Waiter | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        waiter = { index, width, resolve, reject };
        this.waiters.add(waiter);
        if (limit > 0) timer = setTimeout(() => reject(new Refusal(code, 'not replicated in time')), limit);
      });
    } finally {
      clearTimeout(timer);
      if (waiter) this.waiters.delete(waiter);
    }
  }

  become(state: Member['state']): void {
    const wasPrimary = this.state === 'PRIMARY';
    this.state = state;
    this.change();
    if (!wasPrimary) return;
    for (const { reject } of [...this.waiters]) reject(steppedDown());
  }

  /** A primary that hears of a newer term steps down. */
  hear(term: number): void {
    if (term <= this.term) return;
    this.term = term;
    if (this.state === 'PRIMARY') this.become('SECONDARY');
  }

  change(): void {
    this.topology.counter += 1;
    this.news.emit('change');
  }

  async #put(placements: readonly Placement[]): Promise<void> {
    for (const { database, command } of commandsOf(placements)) {
      const reply = await this.engine.ask(database, command);
      if (!Number(reply.ok) || reply.writeErrors) throw new Error(`member ${this.id} can't copy a write`);
    }
  }

  async copy(entries: readonly Entry[]): Promise<void> {
    const waiting: Entry[] = [];
    const flush = async () => {
      const batch = waiting.splice(0);
      await this.#put(
        batch.flatMap(({ operations }) => operations.map(({ after, ...place }) => ({ ...place, document: after }))),
      );
      for (const entry of batch) this.#add(entry);
    };
    for (const entry of entries) {
      if (entry.command) await flush();
      if (entry.command) await this.engine.ask(entry.command.database, entry.command.command);
      waiting.push(entry);
    }
    await flush();
  }

  /** Gives up every entry from a place on, as if none of these writes had been. */
  async rollBack(length: number): Promise<void> {
    if (length < this.committed) throw new Error(`member ${this.id} would give up a write that a majority held`);
    const undone = this.log.splice(length);
    this.tally.rollbacks += 1;
    this.tally.rolledBack += undone.filter(({ operations }) => operations.length > 0).length;
    const operations = undone.flatMap((entry) => entry.operations).reverse();
    await this.#put(operations.map(({ before, ...place }) => ({ ...place, document: before })));
    this.sessions.clear();
    for (const { done } of this.log) if (done) this.sessions.remember(done);
  }

  async #images(database: string, collection: string, filter: Document): Promise<Map<string, Document>> {
    const command = { find: collection, filter, batchSize: new Int32(10_000), singleBatch: true };
    const reply = await this.engine.ask(database, command);
    if (!Number(reply.ok)) throw new Refusal(Number(reply.code), reply.errmsg);
    return new Map(reply.cursor.firstBatch.map((document: Document) => [keyOf(document._id), document]));
  }

  /** The effect of a write of one statement, seen from the documents that its filter finds. */
  async tracked(database: string, collection: string, filter: Document, write: () => Promise<Document>) {
    const before = await this.#images(database, collection, filter);
    const reply = await write();
    const made = [...(reply.upserted ?? []).map(({ _id }: Document) => _id), reply.lastErrorObject?.upserted];
    const ids = [...[...before.values()].map(({ _id }) => _id), ...made.filter((id) => id !== undefined)];
    const after =
      ids.length > 0 ? await this.#images(database, collection, { _id: { $in: ids } }) : new Map<string, Document>();
    const operations = ids.map((id): Operation => {
      const key = keyOf(id);
      return { database, collection, id, before: before.get(key) ?? null, after: after.get(key) ?? null };
    });
    return { reply, operations: operations.filter((one) => !isDeepStrictEqual(one.before, one.after)) };
  }
}
