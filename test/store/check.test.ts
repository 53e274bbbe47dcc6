import { randomBytes, randomUUID } from 'node:crypto';
import mongoose from 'mongoose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { layoutOf } from '../../src/gateway/layout.ts';
import { markPresentForm, markSteps } from '../../src/migrations/form.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { readConfig } from '../../src/process/config.ts';
import { checkDatabase } from '../../src/process/database-check.ts';
import { OWN_PREFIX } from '../../src/store/mongo/check/facts/own-collection.ts';
import type { Finding, Level } from '../../src/store/mongo/check/finding.ts';
import { findingOnOpening } from '../../src/store/mongo/check/findings/opening.ts';
import { type Layout, prepareIndexes } from '../../src/store/mongo/collection-layout.ts';
import { openSharedSecret } from '../../src/store/secrets.ts';
import { mongoUri } from '../support/mongo-uri.ts';
import { openReplicaSet, type ReplicaSet, type Request } from '../support/replica-set/replica-set.ts';
import { standAsRouter } from '../support/router/stand-in.ts';
import { openSetStore, openTestStore, type TestStore } from '../support/store.ts';
import { wordsWith } from '../support/words.ts';

const ROUNDS = 6;
const HOUR = 3_600_000;
/** The server's error code for a command without the right to it. */
const UNAUTHORIZED = 13;
const KEY = randomBytes(32).toString('base64');

const loaded = await loadPolicy(readConfig({}).bundle);
const layouts = layoutOf(wordsWith(...loaded.policy.consents.map(({ id }) => id)));

const check = (MONGODB_URI: string, env: Record<string, string> = {}, signal = new AbortController().signal) =>
  checkDatabase(readConfig({ MONGODB_URI, DATA_DIR: '/nowhere', ...env }), loaded, { rounds: ROUNDS, signal });

/** The lines that are neither fine nor a note. */
const troublesIn = (findings: readonly Finding[]) =>
  findings.filter(({ level }) => level === 'warning' || level === 'FAULT');
const linesOf = (findings: readonly Finding[]) =>
  findings.map(({ level, subject, found, advice }) => `${level} ${subject}: ${found} ${advice}`.trim());

interface Case {
  readonly name: string;
  readonly arrange?: () => unknown;
  /** Options of the address. */
  readonly options?: string;
  readonly level: Level;
  readonly line: RegExp;
  /** Other troubles that follow from it. */
  readonly also?: readonly RegExp[];
}

/** The findings are exactly this trouble and the troubles that follow from it. */
const expectTold = (findings: readonly Finding[], { level, line, also = [] }: Case) => {
  const lines = linesOf(findings);
  expect(lines).toContainEqual(expect.stringMatching(line));
  expect(lines.find((text) => line.test(text))).toMatch(new RegExp(`^${level} `));
  const others = linesOf(troublesIn(findings)).filter((text) => ![line, ...also].some((one) => one.test(text)));
  expect(others).toEqual([]);
};

describe('a check of a replica set', () => {
  let set: ReplicaSet;
  beforeAll(async () => {
    set = await openReplicaSet();
    const store = await openSetStore(set, 'test');
    await prepareIndexes(store, layouts);
    await set.settled();
    await store.close();
  });
  afterAll(() => set.close());
  afterEach(async () => {
    set.greet = (hello) => hello;
    set.faults.clear();
    for (const member of set.members) member.aheadMs = 0;
    for (const { id, state } of set.members) if (state === 'DOWN') set.restart(id);
    set.release();
    await set.settled();
    // after a failure, too, no collection of a check is left
    for (const { engine } of set.members)
      expect((await namesIn(engine)).filter((name) => name.startsWith(OWN_PREFIX))).toEqual([]);
  });

  const namesIn = async (engine: ReplicaSet['members'][number]['engine']) => {
    const { cursor } = await engine.ask('test', { listCollections: 1, nameOnly: true });
    return cursor.firstBatch.map(({ name }: { name: string }) => name) as string[];
  };
  const greetAs = (change: (id: number) => object) => {
    set.greet = (hello, { id }) => ({ ...hello, ...change(id) });
  };
  const refuse = (when: (request: Request) => boolean, by: number) => set.faults.add({ when, by });
  const hostOf = (id: number) => set.members[id]?.host ?? '';
  const isRead = (id: string) => (request: Request) =>
    request.name === 'find' && String(request.command.find).startsWith(OWN_PREFIX) && request.command.filter._id === id;

  test('describes the set, its writes and its reads, and that the next read sees each withdrawal', async () => {
    const findings = await check(set.uri('test', 'check'));
    expect(troublesIn(findings)).toEqual([]);
    const report = linesOf(findings).join('\n');
    for (const line of [
      /^ok database: test is on a replica set\.$/m,
      /^ok version: MongoDB \d+\.\d+\.\S+: 6\.0 is the least; the driver is \d+\.\d+\.\d+\.$/m,
      /^ok members: 3 members with a vote hold data, and 2 of them acknowledge a write\.$/m,
      /^ok address: /m,
      /^ok clock: The primary's clock is \d+ ms (ahead of|behind) this machine's, give or take \d+ ms\.$/m,
      /^ok indexes: All \d+ of the gateway are there\.$/m,
      /^ok form: The database is empty/m,
      /^ok writes: A write with w: majority, j: true is acknowledged, after \d+ ms\.$/m,
      /^ok reads: A read from the primary, linearizable, finds the write before it\.$/m,
      /^ok withdrawals: The next read through another connection saw each of 6 withdrawals; the slowest took \d+ ms\.$/m,
    ])
      expect(report).toMatch(line);
    expect(report.match(/^ok clock: The clock of 127\.0\.0\.1:\d+ is \d+ ms/gm)).toHaveLength(2);
  });

  test('writes in a collection of its own and nowhere else', async () => {
    set.commands.length = 0;
    await check(set.uri('test', 'check'));
    const writes = set.commands.filter(({ name }) =>
      /^(insert|update|delete|findAndModify|create|createIndexes|drop)$/.test(name),
    );
    expect(writes.length).toBeGreaterThan(2 * ROUNDS);
    for (const { name, command } of writes) expect(command[name]).toMatch(/^assent_check_[0-9a-f]{16}$/);
  });

  const CASES: readonly Case[] = [
    {
      name: 'servers that are too old',
      arrange: () => greetAs(() => ({ maxWireVersion: 13 })),
      level: 'FAULT',
      line: /^FAULT version: The server is older than MongoDB 6\.0\. Update/,
    },
    {
      name: 'a secondary that is too old',
      arrange: () => greetAs((id) => (id === 2 ? { maxWireVersion: 13 } : {})),
      level: 'FAULT',
      line: /version: 127\.0\.0\.1:\d+ is older than MongoDB 6\.0/,
    },
    {
      name: 'w=1 in the address',
      options: 'w=1',
      level: 'note',
      line: /address: Its write concern has no effect: the gateway writes with w: majority, j: true\. Remove/,
    },
    {
      name: 'journal=false in the address',
      options: 'w=majority&journal=false',
      level: 'note',
      line: /address: Its write concern has no effect/,
    },
    {
      name: 'readPreference=secondary in the address',
      options: 'readPreference=secondary',
      level: 'note',
      line: /address: readPreference=secondary has no effect: reads go to the primary\./,
    },
    {
      name: 'readConcernLevel=available in the address',
      options: 'readConcernLevel=available',
      level: 'warning',
      line: /address: readConcernLevel=available holds for reads that name none; facts are read linearizable\./,
    },
    {
      name: 'retryWrites=false in the address',
      options: 'retryWrites=false',
      level: 'warning',
      line: /address: retryWrites=false: writes fail at each election/,
    },
    {
      name: 'retryReads=false in the address',
      options: 'retryReads=false',
      level: 'warning',
      line: /address: retryReads=false: reads fail at each election/,
    },
    {
      name: 'an arbiter in the place of a member that holds data',
      arrange: () =>
        greetAs((id) => ({
          ...{ hosts: [hostOf(0), hostOf(1)], arbiters: [hostOf(2)] },
          ...(id === 2 && { arbiterOnly: true, secondary: false }),
        })),
      level: 'warning',
      line: /members: 1 arbiter: it votes and acknowledges nothing/,
      also: [/members: 2 members with a vote hold data, and 2 of them acknowledge a write: none can fail/],
    },
    {
      name: 'a member that is away',
      arrange: () => set.crash(2),
      level: 'warning',
      line: /members: 127\.0\.0\.1:\d+ does not answer\. Bring it back\./,
    },
    {
      name: 'no majority that acknowledges',
      arrange: async () => {
        await set.settled();
        set.hold();
      },
      level: 'FAULT',
      line: /writes: A write with w: majority, j: true is not answered as it has to be \(\w+\)\./,
      also: [/(form|secrets): .* could not be seen: the database did not answer/, /own collection: \w+ could not be/],
    },
    {
      name: 'linearizable reads that are not answered',
      arrange: () => refuse(({ command }) => command.readConcern?.level === 'linearizable', 50),
      level: 'FAULT',
      line: /reads: A read from the primary, linearizable, is not answered as it has to be \(\w+\)\./,
      also: [/(form|secrets): .* could not be seen/],
    },
    {
      name: 'a write that the user may not do',
      arrange: () => refuse(({ name }) => name === 'insert', UNAUTHORIZED),
      level: 'FAULT',
      line: /writes: A write with .* is refused \(\w+\)\. Give the user the role readWrite/,
    },
    {
      name: 'a connection that breaks in the midst of the withdrawals',
      arrange: () => {
        let updates = 0;
        const isLate = ({ name }: Request) => name === 'update' && ++updates > 5;
        set.faults.add({ when: isLate, by: 'BREAKING_BEFORE' });
      },
      level: 'FAULT',
      line: /withdrawals: After 2 withdrawals another one is not answered as it has to be \(\w+\)\./,
    },
    {
      name: 'a stale member that answers in the place of the primary',
      arrange: () => {
        const stale = set.members[2] as (typeof set.members)[number];
        const by = ({ command: { find, filter, $db } }: Request) => {
          set.delay(Number.POSITIVE_INFINITY, stale.id);
          return stale.engine.ask($db, { find, filter });
        };
        set.faults.add({ when: isRead('consent'), by });
      },
      level: 'FAULT',
      line: /withdrawals: After [56] of 6 withdrawals the next read through another connection did not see it\. Do not use/,
    },
    {
      name: 'a read that does not find its own write',
      arrange: () => set.faults.add({ when: isRead('run'), by: ({ command }) => emptyReply(command.find) }),
      level: 'FAULT',
      line: /reads: .* did not find the write before it\. Do not use/,
    },
    {
      name: 'a clock of the primary that is 5 s ahead',
      arrange: () => setClocks(5_000, 5_000, 5_000),
      level: 'warning',
      line: /clock: The primary's clock is (49\d\d|50\d\d) ms ahead of this machine's/,
    },
    {
      name: 'a clock of the primary that is an hour behind',
      arrange: () => setClocks(-HOUR, -HOUR, -HOUR),
      level: 'FAULT',
      line: /clock: The primary's clock is (3599\d\d\d|3600\d\d\d) ms behind this machine's, .* 10 s ahead at the most\. Keep/,
    },
    {
      name: 'clocks of members that are 3 s apart',
      arrange: () => setClocks(0, 3_000, 0),
      level: 'warning',
      line: /clock: The clock of 127\.0\.0\.1:\d+ is (29\d\d|30\d\d) ms ahead of the primary's/,
    },
    {
      name: 'clocks of members that are 20 s apart',
      arrange: () => setClocks(0, 0, -20_000),
      level: 'FAULT',
      line: /clock: The clock of 127\.0\.0\.1:\d+ is (199\d\d|200\d\d) ms behind the primary's, .* in an election\. Keep/,
    },
  ];
  const setClocks = (...ahead: number[]) => {
    for (const [id, member] of set.members.entries()) member.aheadMs = ahead[id] ?? 0;
  };
  const emptyReply = (find: string) => ({ ok: 1, cursor: { id: 0n, ns: `test.${find}`, firstBatch: [] } });

  test.each(CASES)('tells of $name', async (one) => {
    await one.arrange?.();
    expectTold(await check(`${set.uri('test', 'check')}${one.options ? `&${one.options}` : ''}`), one);
  });

  test('tells of an address that leads to one member alone', async () => {
    expectTold(await check(`mongodb://${hostOf(0)}/test?directConnection=true`), {
      ...{ name: '', level: 'FAULT' },
      line: /address: directConnection=true: the gateway stays with one member/,
    });
  });

  test('tells of members that answer where none is the primary', async () => {
    set.crash(0);
    const client = new mongoose.mongo.MongoClient(set.uri('test', 'check'), { serverSelectionTimeoutMS: 200 });
    const error = await client.connect().catch((refusal: unknown) => refusal);
    await client.close();
    expect(linesOf([findingOnOpening(error)])).toEqual([
      'FAULT members: Members of the set answer, and none of them is the primary. Bring a majority of them back.',
    ]);
    set.restart(0);
    await set.elect(0);
  });

  test('tells a user without rights over the cluster the limits of its sight, and calls that no fault', async () => {
    const forbidden = ['getDefaultRWConcern', 'replSetGetStatus', 'serverStatus', 'getParameter', 'buildInfo'];
    refuse(({ name }) => forbidden.includes(name), UNAUTHORIZED);
    const findings = await check(set.uri('test', 'check'));
    expect(troublesIn(findings)).toEqual([]);
    const unseen = findings.filter(({ found }) =>
      found.endsWith('could not be seen: that needs the role clusterMonitor.'),
    );
    expect(unseen.map(({ level, subject }) => `${level} ${subject}`)).toEqual([
      'note version',
      'note version',
      'note storage',
      'note defaults',
      'note members',
    ]);
  });

  test.each([
    {
      name: 'majority',
      w: 'majority',
      line: /^ok defaults: Commands that name none write with w: majority and read local\.$/,
    },
    {
      name: 'one member',
      w: 1,
      line: /^note defaults: Commands that name none write with w: 1 and read local\. The gateway/,
    },
  ])('tells of a default write concern of $name', async ({ w, line }) => {
    const reply = { ok: 1, defaultWriteConcern: { w }, defaultReadConcern: { level: 'local' } };
    set.faults.add({ when: ({ name }) => name === 'getDefaultRWConcern', by: () => reply });
    expect(linesOf(await check(set.uri('test', 'check')))).toContainEqual(expect.stringMatching(line));
  });

  test.each([
    { name: 'three members with a vote that hold data', writable: 3, majority: 2, line: /^ok members: 3 members/ },
    { name: 'two beside an arbiter', writable: 2, majority: 2, line: /^warning members: 2 members .* none can fail/ },
  ])('believes the set itself about $name', async ({ writable, majority, line }) => {
    const reply = { ok: 1, writableVotingMembersCount: writable, writeMajorityCount: majority };
    set.faults.add({ when: ({ name }) => name === 'replSetGetStatus', by: () => reply });
    expect(linesOf(await check(set.uri('test', 'check')))).toContainEqual(expect.stringMatching(line));
  });

  test('that is interrupted removes its collection, and says how far it was', async () => {
    const findings = await check(set.uri('test', 'check'), {}, AbortSignal.abort());
    expect(linesOf(findings)).toContainEqual(
      'note withdrawals: It was interrupted after 0 withdrawals; the next read saw each.',
    );
  });

  test('refuses to judge withdrawals where another check removed its collection', async () => {
    const removing = async ({ command: { find, filter, $db }, member }: Request) => {
      await member.engine.ask($db, { drop: find });
      return member.engine.ask($db, { find, filter });
    };
    set.faults.add({ when: isRead('consent'), times: 1, by: removing });
    expectTold(await check(set.uri('test', 'check')), {
      ...{ name: '', level: 'warning' },
      line: /withdrawals: Another check removed the collection of this one\. Run one check at a time\./,
    });
  });

  test('with a refused user names neither the user nor the password', async () => {
    const lines = linesOf(await check(`mongodb://neko:s3cret@${hostOf(0)}/test?replicaSet=rs0`));
    expect(lines).toEqual([expect.stringMatching(/^FAULT user: The database refuses the user \(\w+\)\./)]);
    expect(lines.join()).not.toMatch(/neko|s3cret/);
  });

  describe('behind a router', () => {
    const keysOf = (changes: Readonly<Record<string, object | null>> = {}) => {
      const spread = layouts.flatMap(({ name, shardKey }: Layout) => (shardKey ? [[name, shardKey] as const] : []));
      return Object.entries({ ...Object.fromEntries(spread), ...changes }).flatMap(([name, key]) =>
        key ? [{ _id: `test.${name}`, key }] : [],
      );
    };
    const route = (recorded: readonly object[]) => standAsRouter(set, recorded);
    const routed = () => check(`mongodb://${hostOf(0)}/test`);

    test('says how many shards there are, and that each collection is spread or together as it should be', async () => {
      route(keysOf());
      const findings = await routed();
      expect(troublesIn(findings)).toEqual([]);
      const lines = linesOf(findings);
      expect(lines).toContain('ok database: test is on the router of a sharded cluster of 2 shards.');
      expect(lines).toContainEqual(
        expect.stringMatching(/^ok shard keys: 14 collections are spread as they should be, the others together\.$/),
      );
    });

    test.each([
      {
        name: 'a collection that is not spread',
        keys: { people: null },
        line: /^FAULT shard keys: people is not spread by _id\. Run `assent store prepare`\.$/,
      },
      {
        name: 'a collection that is spread by another key',
        keys: { posts: { _id: 1 } },
        line: /^FAULT shard keys: posts is spread by _id instead of sid\. Run reshardCollection on it\.$/,
      },
      {
        name: 'a collection that has to stay together and is spread',
        keys: { tombstones: { _id: 1 } },
        line: /^FAULT shard keys: tombstones is spread by _id, and has to stay together\. Run unshardCollection on it\.$/,
      },
    ])('tells of $name', async ({ keys, line }) => {
      route(keysOf(keys));
      expectTold(await routed(), { name: '', level: 'FAULT', line });
    });

    test('tells a user without sight of the cluster’s own records that it could not see them', async () => {
      route([]);
      set.faults.clear();
      refuse(({ command }) => command.$db === 'config', UNAUTHORIZED);
      const findings = await routed();
      expect(troublesIn(findings)).toEqual([]);
      expect(linesOf(findings)).toContain(
        'note shard keys: The shard keys could not be seen: that needs the role clusterMonitor.',
      );
    });
  });
});

describe('a check of a single server', () => {
  let store: TestStore;
  let uri: string;
  beforeEach(async () => {
    store = await openTestStore();
    uri = mongoUri().replace('/?', `/${store.connection.name}?`);
  });
  afterEach(async () => {
    expect(await ownNames()).toEqual([]);
    await store.drop();
  });

  const database = () => store.connection.getClient().db(store.connection.name);
  const prepare = (only: string) =>
    prepareIndexes(
      store,
      layouts.filter(({ name }) => name === only),
    );
  const ownNames = async () =>
    (await database().listCollections().toArray())
      .map(({ name }) => name)
      .filter((name) => name.startsWith(OWN_PREFIX));
  const seal = () => openSharedSecret(store, Buffer.from(KEY, 'base64'), 'shared secret');
  const linesWith = async (env: Record<string, string> = {}) => linesOf(await check(uri, env));

  test('that is set up finds no fault', async () => {
    await prepareIndexes(store, layouts);
    await markPresentForm(store);
    await seal();
    const lines = await linesWith({ KEY_ENCRYPTION_KEY: KEY });
    expect(lines.filter((line) => /^(warning|FAULT)/.test(line))).toEqual([]);
    expect(lines[0]).toMatch(
      /^note database: test-\S+ is on a single server\. It has no other member that takes over\.$/,
    );
    expect(lines).toContain('ok form: The database has the present form.');
    expect(lines).toContain('ok secrets: The key of the configuration opens them.');
    expect(lines).toContainEqual(expect.stringMatching(/^ok writes: A write with w: 1, j: true is acknowledged/));
    expect(lines).toContainEqual(expect.stringMatching(/^ok withdrawals: .* saw each of 6 withdrawals/));
  });

  test('changes nothing in the database', async () => {
    await markPresentForm(store);
    const contents = async () => {
      const names = (await database().listCollections().toArray()).map(({ name }) => name).sort();
      const documents = names.map((name) => database().collection(name).find().toArray());
      const indexes = names.map((name) => database().collection(name).indexes());
      return [names, await Promise.all(documents), await Promise.all(indexes)];
    };
    const before = await contents();
    await check(uri);
    expect(await contents()).toEqual(before);
  });

  test.each([
    {
      name: 'a missing index',
      arrange: async () => {
        await prepare('people');
        await database()
          .collection('people')
          .dropIndex({ foldedName: 1 } as never);
      },
      line: 'FAULT indexes: people lacks the index foldedName. Run `assent store prepare`.',
    },
    {
      name: 'a collection without its indexes',
      arrange: () => prepare('people'),
      line: 'FAULT indexes: waiting_credits lacks all of its 4 indexes. Run `assent store prepare`.',
    },
    {
      name: 'an index that is not unique',
      arrange: () => database().collection('person_ledger').createIndex({ sid: 1, n: 1 }),
      line: 'FAULT indexes: The index of person_ledger on sid,n is not unique. Drop it. Run `assent store prepare`.',
    },
    {
      name: 'an index that makes the server delete',
      arrange: async () => {
        await database().collection('devices').createIndex({ expiresAt: 1 }, { expireAfterSeconds: 60 });
      },
      line: 'FAULT indexes: The index of devices on expiresAt is expiring. Drop it. Run `assent store prepare`.',
    },
    {
      name: 'an index that no gateway uses',
      arrange: () => database().collection('people').createIndex({ residence: -1 }),
      line: 'note indexes: people has indexes that no gateway uses: -residence.',
    },
    {
      name: 'the form of an earlier version',
      arrange: () => markSteps(store, ['seals']),
      line: /^FAULT form: The database has the form of a(n earlier| later) version/,
    },
    {
      name: 'a database that was filled before forms were on record',
      arrange: () => database().collection<{ _id: string }>('partners').insertOne({ _id: 'offers' }),
      line: /^FAULT form: The database has the form of an earlier version, \d+ steps behind\. Stop every gateway, .* migrate`\.$/,
    },
    {
      name: 'the form of a later version',
      arrange: async () => {
        await markPresentForm(store);
        await markSteps(store, ['a-step-to-come']);
      },
      line: 'FAULT form: The database has the form of a later version. Start that version or one after it.',
    },
    {
      name: 'secrets without a key',
      arrange: seal,
      line: /^FAULT secrets: The database holds sealed data, and the configuration has no key for it\. Set/,
    },
    {
      name: 'secrets under another key',
      arrange: seal,
      env: { KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64') },
      line: /^FAULT secrets: The key of the configuration does not open them\. Set KEY_ENCRYPTION_KEY/,
    },
    {
      name: 'collections of checks that were killed',
      arrange: async () => {
        for (const name of [randomUUID(), randomUUID()]) await database().createCollection(`${OWN_PREFIX}${name}`);
      },
      line: 'note own collection: 2 collections of checks that were killed: removed.',
    },
  ] as const)('tells of $name', async ({ arrange, line, ...rest }) => {
    await arrange();
    const expected = typeof line === 'string' ? line : expect.stringMatching(line);
    expect(await linesWith('env' in rest ? rest.env : {})).toContainEqual(expected);
  });
});
