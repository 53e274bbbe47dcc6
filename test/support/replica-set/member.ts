import { isDeepStrictEqual } from 'node:util';
import { type Engine, openEngine } from './engine.ts';
import { bytesOf, type Document, Double, Int32, ObjectId } from './wire.ts';

/** What a write did to one document: what it was before, and what it is since; null where there is none. */
export interface Operation {
  readonly database: string;
  readonly collection: string;
  readonly id: unknown;
  readonly before: Document | null;
  readonly after: Document | null;
}

/** An entry of the log that members copy from their primary. One without content only proves that there is a primary. */
export interface Entry {
  readonly id: string;
  readonly term: number;
  readonly operations: readonly Operation[];
  /** What is no write of documents, as it was asked. */
  readonly command?: { readonly database: string; readonly command: Document };
  /** The write by which a client may try again, and what it was answered. */
  readonly session?: { readonly key: string; readonly reply: Document };
}

interface Waiter {
  readonly index: number;
  readonly resolve: () => void;
  readonly reject: (error: Refusal) => void;
}

/** What a server refuses with. */
export class Refusal extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export const NOT_PRIMARY = 10107;
export const STEPPED_DOWN = 189;

/** Lets one at a time through. */
class Lock {
  #tail: Promise<unknown> = Promise.resolve();
  run<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(work);
    this.#tail = turn.catch(() => {});
    return turn;
  }
}

const keyOf = (id: unknown) => bytesOf({ id }).toString('base64');

/** One server of the set: a log, and the data that its log has led to. */
export class Member {
  readonly id: number;
  readonly engine: Engine;
  readonly lock = new Lock();
  host = '';
  state: 'PRIMARY' | 'SECONDARY' | 'DOWN' = 'SECONDARY';
  term = 0;
  log: Entry[] = [];
  /** How many entries a majority holds, as far as it knows. */
  committed = 0;
  /** How many entries each member has told it that it holds; of a primary. */
  readonly told = new Map<number, number>();
  /** Whether nothing is copied to it. */
  held = false;
  /** How far its clock is ahead of the others’, in milliseconds. */
  aheadMs = 0;
  /** Tells drivers that something has changed. */
  topology = { processId: new ObjectId(), counter: 0 };
  readonly waiters = new Set<Waiter>();
  sessions = new Map<string, Document>();

  constructor(id: number) {
    this.id = id;
    this.engine = openEngine(`member${id}`);
  }

  append(entry: Partial<Entry>): number {
    this.log.push({ id: new ObjectId().toString(), term: this.term, operations: [], ...entry });
    if (entry.session) this.sessions.set(entry.session.key, entry.session.reply);
    this.told.set(this.id, this.log.length);
    return this.log.length;
  }

  /** As in Raft: what an older term has left is committed by an entry of this term after it. */
  advance(majority: number): void {
    const places = [...this.told.values()].sort((a, b) => b - a);
    const point = places[majority - 1] ?? 0;
    if (point > this.committed && this.log[point - 1]?.term === this.term) this.committed = point;
    for (const waiter of this.waiters) if (waiter.index <= this.committed) waiter.resolve();
  }

  /** @throws {Refusal} not within the limit, or it is no primary any more */
  async replicated(index: number, limit: number, code: number): Promise<void> {
    if (this.state !== 'PRIMARY') throw new Refusal(STEPPED_DOWN, 'Primary stepped down while waiting for replication');
    if (index <= this.committed) return;
    let timer: NodeJS.Timeout | undefined;
    let waiter: Waiter | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        waiter = { index, resolve, reject };
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
    this.topology.counter += 1;
    if (!wasPrimary) return;
    for (const { reject } of [...this.waiters])
      reject(new Refusal(STEPPED_DOWN, 'Primary stepped down while waiting for replication'));
  }

  async #put({ database, collection, id }: Operation, document: Document | null): Promise<void> {
    const command = document
      ? { update: collection, updates: [{ q: { _id: id }, u: document, upsert: true }] }
      : { delete: collection, deletes: [{ q: { _id: id }, limit: new Int32(1) }] };
    const reply = await this.engine.ask(database, { ...command, writeConcern: { w: new Int32(1), j: true } });
    if (!Number(reply.ok) || reply.writeErrors) throw new Error(`member ${this.id} can't copy a write`);
  }

  async copy(entries: readonly Entry[]): Promise<void> {
    for (const entry of entries) {
      for (const operation of entry.operations) await this.#put(operation, operation.after);
      if (entry.command) await this.engine.ask(entry.command.database, entry.command.command);
      if (entry.session) this.sessions.set(entry.session.key, entry.session.reply);
      this.log.push(entry);
    }
  }

  /** Gives up every entry from a place on, as if none of it had been. */
  async rollBack(length: number): Promise<void> {
    for (const { operations, session } of this.log.splice(length).reverse()) {
      for (const operation of [...operations].reverse()) await this.#put(operation, operation.before);
      if (session) this.sessions.delete(session.key);
    }
  }

  async #images(database: string, collection: string, filter: Document): Promise<Map<string, Document>> {
    const command = { find: collection, filter, batchSize: new Int32(10_000), singleBatch: true };
    const reply = await this.engine.ask(database, command);
    if (!Number(reply.ok)) throw new Refusal(Number(reply.code), reply.errmsg);
    return new Map(reply.cursor.firstBatch.map((document: Document) => [keyOf(document._id), document]));
  }

  /** What a write of one statement did, seen from the documents that it speaks of. */
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

export const OK = () => ({ ok: new Double(1) });
