import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import mongoose from 'mongoose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isUnavailable } from '../../src/store/mongo/connection.ts';
import { until } from '../support/engines.ts';
import { type Fault, openReplicaSet, type ReplicaSet, type Request } from '../support/replica-set/replica-set.ts';
import { isWrite } from '../support/replica-set/writes.ts';
import { openSetStore, type TestStore } from '../support/store.ts';

const APP = 'gateway';
const SRC = new URL('../../src/', import.meta.url);
/** As the gateway writes, but soon over. */
const CONCERN = { w: 'majority', j: true, wtimeoutMS: 100 } as const;

interface Note {
  readonly _id: number;
  n?: number;
}

let set: ReplicaSet;
let store: TestStore;
let next = 0;

beforeAll(async () => {
  set = await openReplicaSet();
  store = await openSetStore(set, APP);
});
afterAll(async () => {
  await store.close();
  await set.close();
});

const write = { writeConcern: CONCERN };
const inc = { $inc: { n: 1 } };

/** Fills collections with documents for the methods. */
async function prepare() {
  const database = store.connection.getClient().db(store.connection.name);
  const name = `notes${next++}`;
  const notes = database.collection<Note>(name);
  const other = database.collection<Note>(`${name}-other`);
  const settled = { writeConcern: store.write };
  await notes.insertMany(
    Array.from({ length: 20 }, (_, _id) => ({ _id, n: 0 })),
    settled,
  );
  await other.insertOne({ _id: 0 }, settled);
  await database.createCollection(`${name}-third`);
  await notes.createIndex({ n: 1 });
  const model = store.connection.model(name, new mongoose.Schema({ _id: Number, n: Number }), name);
  await set.settled();
  return { database, name, notes, other, model };
}
type Prepared = Awaited<ReturnType<typeof prepare>>;

/** The driver's methods for the writes of the source. */
const OF_DRIVER: Readonly<Record<string, (prepared: Prepared) => Promise<unknown>>> = {
  insertOne: ({ notes }) => notes.insertOne({ _id: 100 }, write),
  insertMany: ({ notes }) => notes.insertMany([{ _id: 101 }, { _id: 102 }], { ordered: false, ...write }),
  updateOne: ({ notes }) => notes.updateOne({ _id: 1 }, inc, write),
  updateMany: ({ notes }) => notes.updateMany({ _id: { $in: [2, 3] } }, inc, write),
  replaceOne: ({ notes }) => notes.replaceOne({ _id: 4 }, { n: 2 }, { upsert: true, ...write }),
  deleteOne: ({ notes }) => notes.deleteOne({ _id: 5 }, write),
  deleteMany: ({ notes }) => notes.deleteMany({ _id: { $in: [6, 7] } }, write),
  findOneAndUpdate: ({ notes }) => notes.findOneAndUpdate({ _id: 8 }, inc, { returnDocument: 'after', ...write }),
  bulkWrite: ({ notes }) =>
    notes.bulkWrite(
      [9, 10].map((_id) => ({ updateOne: { filter: { _id }, update: inc } })),
      { ordered: false, ...write },
    ),
  createIndex: ({ notes }) => notes.createIndex({ k: 1 }, write as object),
  createIndexes: ({ database, name }) => database.collection(name).createIndexes([{ key: { m: 1 } }], write as object),
  dropIndex: ({ notes }) => notes.dropIndex('n_1', write),
  drop: ({ other }) => other.drop(write),
  dropCollection: ({ database, name }) => database.dropCollection(`${name}-third`, write),
  command: ({ database, name }) =>
    database.command({ create: `${name}-made`, writeConcern: { w: 'majority', j: true, wtimeout: 100 } }),
};

/** Mongoose's methods for the writes of the source, beside the driver's. */
const OF_MONGOOSE: typeof OF_DRIVER = {
  updateOne: ({ model }) => model.updateOne({ _id: 11 }, inc, write).exec(),
  findOneAndUpdate: ({ model }) =>
    model.findOneAndUpdate({ _id: 12 }, inc, { returnDocument: 'after', ...write }).exec(),
  bulkWrite: ({ model }) =>
    model.bulkWrite(
      [13, 14].map((_id) => ({ updateOne: { filter: { _id }, update: inc } })),
      { ordered: true, ...write },
    ),
};

/** Forms of these methods that take another way through the driver. */
const FURTHER: typeof OF_DRIVER = {
  'updateOne of nobody': ({ notes }) => notes.updateOne({ _id: -1 }, inc, write),
  'updateOne that inserts': ({ notes }) => notes.updateOne({ _id: 103 }, inc, { upsert: true, ...write }),
  'insertMany in order': ({ notes }) => notes.insertMany([{ _id: 104 }, { _id: 105 }], write),
  "insertMany of mongoose's own collection": ({ model }) =>
    model.collection.insertMany([{ _id: 107 as never }], { ordered: false, ...write }),
  'bulkWrite that inserts': ({ notes }) => notes.bulkWrite([{ insertOne: { document: { _id: 106 } } }], write),
};

/** The reads that a decision needs. */
const PROVEN: typeof OF_DRIVER = {
  'proven findOne': ({ notes }) => notes.findOne({ _id: 1 }, { ...store.read, maxTimeMS: 100 }),
  'proven aggregate': ({ notes }) =>
    notes.aggregate([{ $match: { _id: 1 } }], { ...store.read, maxTimeMS: 100 }).toArray(),
};

const WRITES = {
  ...OF_DRIVER,
  ...Object.fromEntries(Object.entries(OF_MONGOOSE).map(([name, work]) => [`mongoose's ${name}`, work])),
  ...FURTHER,
};

const isAsked = ({ name, app, command }: Request) =>
  app === APP && (isWrite(name) || command.readConcern?.level === 'linearizable');
const faulty = (by: Fault['by']) => ({
  begin: () => void set.faults.add({ when: isAsked, by }),
  end: () => void set.faults.clear(),
});

/**
 * Refusals of a server that is no primary, ends, can't reach the others or can't answer in time.
 *
 * @see https://www.mongodb.com/docs/manual/reference/error-codes/
 */
const CODES = [6, 7, 50, 64, 89, 91, 133, 134, 187, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436];
/** The codes of write concerns that time out, that nobody can fulfil, or that lose their primary. */
const OF_CONCERN = [64, 79, 91, 100, 189, 10107, 11600, 11602];

interface Way {
  readonly name: string;
  /** Where it does not happen to reads. */
  readonly toWritesAlone?: true;
  readonly begin: () => void;
  /** Happens while the methods wait for their answers. */
  readonly meanwhile?: () => void;
  readonly end: () => void | Promise<void>;
}

const electAgain = async () => {
  set.faults.clear();
  set.release();
  for (const { id, state } of set.members) if (state === 'DOWN') set.restart(id);
  await set.elect(0, 1, 2);
};

const WAYS: readonly Way[] = [
  { name: 'no majority holds it in time', begin: () => set.hold(), end: () => set.release() },
  {
    name: 'the primary steps down while it waits for the majority',
    begin: () => set.hold(),
    meanwhile: () => set.stepDown(),
    end: electAgain,
  },
  {
    name: 'the primary ends while it waits for the majority',
    begin: () => set.hold(),
    meanwhile: () => set.crash(set.primary().id),
    end: electAgain,
  },
  { name: 'there is no primary', begin: () => set.stepDown(), end: electAgain },
  {
    name: 'the primary steps down in the middle of a command',
    begin: () => void set.faults.add({ when: isAsked, times: 1, by: 'STEPPING_DOWN_MIDWAY' }),
    end: electAgain,
  },
  { name: 'every answer is lost', ...faulty('BREAKING_AFTER') },
  { name: 'every request is lost', ...faulty('BREAKING_BEFORE') },
  ...CODES.map((code) => ({ name: `the server refuses with ${code}`, ...faulty(code) })),
  ...OF_CONCERN.map((code) => ({
    name: `the write concern fails with ${code}`,
    toWritesAlone: true as const,
    ...faulty({ unconfirmed: code }),
  })),
];

const outcomeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'resolved',
    (error: unknown) => (isUnavailable(error) ? 'unavailable' : error),
  );

describe('every method of writing in the source recognises an outage', () => {
  test.each(WAYS)('where $name', async ({ toWritesAlone, begin, meanwhile, end }) => {
    const prepared = await prepare();
    begin();
    set.commands.length = 0;
    const methods = Object.entries(toWritesAlone ? WRITES : { ...WRITES, ...PROVEN });
    const outcomes = methods.map(async ([method, work]) => [method, await outcomeOf(work(prepared))] as const);
    if (meanwhile) {
      await until(() => set.commands.filter(isAsked).length >= methods.length);
      await sleep(20);
      meanwhile();
    }
    const found = Object.fromEntries(await Promise.all(outcomes));
    await end();
    await set.settled();
    expect(found).toEqual(Object.fromEntries(methods.map(([method]) => [method, 'unavailable'])));
  });
});

describe('the table of methods', () => {
  const READING = new Set([
    ...[
      'find',
      'findOne',
      'exists',
      'aggregate',
      'distinct',
      'count',
      'countDocuments',
      'estimatedDocumentCount',
      'watch',
    ],
    ...['options', 'isCapped', 'indexes', 'listIndexes', 'indexExists', 'indexInformation', 'listSearchIndexes'],
    ...['admin', 'collection', 'collections', 'listCollections', 'stats', 'profilingLevel', 'runCursorCommand'],
  ]);
  const methodsOf = (prototype: object) =>
    Object.entries(Object.getOwnPropertyDescriptors(prototype))
      .filter(([name, { value }]) => typeof value === 'function' && name !== 'constructor' && !READING.has(name))
      .map(([name]) => name);
  const { Collection, Db } = mongoose.mongo;
  const WRITING = new Set([...methodsOf(Collection.prototype), ...methodsOf(Db.prototype)]);

  const called = async (pattern: RegExp): Promise<string[]> => {
    const files = (await readdir(SRC, { recursive: true })).filter((file) => file.endsWith('.ts'));
    const texts = await Promise.all(files.map((file) => readFile(path.join(SRC.pathname, file), 'utf8')));
    const names = texts.flatMap((text) => [...text.matchAll(pattern)].map(([, name = '']) => name));
    return [...new Set(names)].sort();
  };

  test('has the driver’s methods for the writes of the source, and no others', async () => {
    const names = await called(/\.\s*(\w+)(?:<[^>()]*>)?\(/g);
    expect(names.filter((name) => WRITING.has(name))).toEqual(Object.keys(OF_DRIVER).sort());
  });

  test('has mongoose’s methods for the writes of the source, and no others', async () => {
    const names = await called(/\bmodel\s*\.\s*(\w+)(?:<[^>()]*>)?\(/g);
    expect(names.filter((name) => !READING.has(name))).toEqual(Object.keys(OF_MONGOOSE).sort());
  });
});
