import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CallerClaims, openSigner } from '../../src/http/signing.ts';
import { readConfig, readWorkers } from '../../src/process/config.ts';
import { isRunning, until } from '../support/engines.ts';
import { type MainProcess, spawnMain, startMain } from '../support/main-process.ts';
import { createRelay, type Relay } from '../support/relay.ts';
import { type Question, send as sendTo } from '../support/send.ts';
import { openTestStore, type TestStore } from '../support/store.ts';
import { member, partner, staff } from '../support/world.ts';

// The program with two workers, over a way to its database that the test can hold up.

const RATE = 30;
/** The wait for slow steps on a busy machine. */
const PATIENCE_MS = 60_000;

let dataDir: string;
let store: TestStore;
let relay: Relay;
let gateway: MainProcess;
const agents: Agent[] = [];

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'assent-workers-'));
  store = await openTestStore();
  relay = createRelay();
  await relay.mend();
  const env = { DATA_DIR: dataDir, MONGODB_URI: relay.uri(store.connection.name), METRICS: 'on', DRAIN_SECONDS: '30' };
  gateway = await startMain({ ...env, RATE_LIMIT: String(RATE) }, ['--workers', '2']);
}, 120_000);

afterAll(async () => {
  for (const agent of agents) agent.destroy();
  await gateway.stop();
  await relay.cut();
  await store.drop();
  await rm(dataDir, { recursive: true });
});

const tokenOf = async (claims: CallerClaims) => {
  const signer = await openSigner(dataDir, readConfig({}).auth);
  return signer.sign(claims, new Date(), new Date(Date.now() + 3_600_000));
};

const openAgent = (maxSockets = 1) => {
  const agent = new Agent({ keepAlive: true, maxSockets });
  agents.push(agent);
  return agent;
};

const send = async (target: string, question: Question = {}) => {
  const { status, headers, body } = await sendTo(gateway.origin, target, question);
  return { status, requestId: String(headers['x-request-id']), body };
};

const logged = (): { pid: number; msg: string; requestId?: string; worker?: number }[] =>
  gateway
    .logged()
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));

/** The process that answered a request: its line of the log tells. */
async function answeredBy({ requestId }: { requestId: string }): Promise<number> {
  const find = () => logged().find((line) => line.requestId === requestId);
  await until(() => find() !== undefined);
  return find()?.pid as number;
}

const HELLO = '{ __typename }';

/** A connection to each worker. */
async function connectToAll(): Promise<Map<number, Agent>> {
  const found = new Map<number, Agent>();
  await until(async () => {
    const agent = openAgent();
    found.set(await answeredBy(await send('/graphql', { agent, query: HELLO })), agent);
    return found.size === 2;
  }, PATIENCE_MS);
  return found;
}

test('the address is told once, and workers that are no primary answer there', async () => {
  const workers = [...(await connectToAll()).keys()];
  expect(gateway.told().match(/listening on/g)).toHaveLength(1);
  expect(workers).not.toContain(gateway.pid);
  expect(logged().filter(({ msg }) => msg.includes('demo world'))).toHaveLength(1);
});

test('a consent that is withdrawn through one is withdrawn for the other at once', async () => {
  const [one, other] = (await connectToAll()).values();
  const [person, offers] = await Promise.all([
    tokenOf(member('u1')),
    tokenOf(partner('offerly', 'targeted-offers', 'name')),
  ]);
  const known = await send('/graphql', { token: person, query: '{ me { partnerId(clientId: "offerly") } }' });
  const id = JSON.parse(known.body).data.me.partnerId;
  const read = async () => {
    const { body } = await send('/graphql', {
      ...{ agent: other as Agent, token: offers },
      query: `{ user(id: "${id}") { name } }`,
    });
    return JSON.parse(body).data.user?.name ?? null;
  };
  const change = (act: string) =>
    send('/graphql', {
      ...{ agent: one as Agent, token: person },
      query: `mutation { ${act}Consent(purpose: "targetedOffers") { consent { inForce } } }`,
    });

  const seen: (string | null)[] = [await read()];
  for (const act of ['withdraw', 'give', 'withdraw', 'give']) {
    await change(act);
    seen.push(await read());
    // one caller may not ask as often as they like here
    await sleep(200);
  }
  expect(seen).toEqual(['Nora Kestrelmoor', null, 'Nora Kestrelmoor', null, 'Nora Kestrelmoor']);
});

test('the limit of one caller holds over both together', async () => {
  const [one, other] = (await connectToAll()).values() as Iterable<Agent>;
  const token = await tokenOf(staff('support', 'customer-support'));
  const begun = performance.now();
  const answers = await Promise.all(
    Array.from({ length: 6 * RATE }, (_, turn) =>
      send('/graphql', { agent: (turn % 2 === 0 ? one : other) as Agent, token, query: HELLO }),
    ),
  );
  const seconds = Math.floor((performance.now() - begun) / 1_000) + 1;
  const passed = answers.filter(({ status }) => status === 200);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 429]));
  expect(passed.length).toBeGreaterThanOrEqual(RATE);
  expect(passed.length).toBeLessThanOrEqual(RATE * seconds);
  expect(new Set(await Promise.all(passed.map(answeredBy))).size).toBe(2);
});

/** How many operations of visitors both workers together have counted. */
const totalOf = async (agent: Agent | undefined) => {
  const { status, body } = await send('/metrics', agent && { agent });
  expect(status).toBe(200);
  const counts = [...body.matchAll(/^assent_operation_duration_seconds_count\{.*caller="VISITOR".*\} (\d+)$/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
};

/** How many files both workers together may have open. */
const filesOf = async () => /^process_max_fds (\d+)$/m.exec((await send('/metrics')).body)?.[1];

test('each tells the counts of both', async () => {
  const [one, other] = (await connectToAll()).values();
  const before = await totalOf(one);
  for (const agent of [one, other, other]) await send('/graphql', { ...(agent && { agent }), query: HELLO });
  expect([await totalOf(one), await totalOf(other)]).toEqual([before + 3, before + 3]);
});

test('one that is killed is replaced, and meanwhile the other answers everybody', async () => {
  const before = [...(await connectToAll()).keys()];
  const [killed] = before as [number];
  const totals = [await totalOf(new Agent())];
  const files = await filesOf();
  process.kill(killed, 'SIGKILL');
  const answerers = new Set<number>();
  await until(async () => {
    // one that is refused or never answered fails the test
    answerers.add(await answeredBy(await send('/graphql', { agent: new Agent(), query: HELLO })));
    totals.push(await totalOf(new Agent()));
    await sleep(50);
    return [...answerers].some((pid) => !before.includes(pid));
  }, PATIENCE_MS);
  expect(answerers).toContain(before[1]);
  // counts of the killed one still count, and the one that starts holds nobody up
  expect(totals).toEqual([...totals].sort((a, b) => a - b));
  // its open files do not count any more
  await until(async () => (await filesOf()) === files, PATIENCE_MS);
  expect(logged().filter(({ msg }) => msg === 'a worker ended')).toMatchObject([{ worker: killed }]);
}, 90_000);

test('on SIGTERM requests under way through both are answered, and all of them end', async () => {
  const workers = await connectToAll();
  const token = await tokenOf(member('u2'));
  relay.hold();
  const asked = [...workers.values()].map((agent) => send('/graphql', { agent, token, query: '{ me { id } }' }));
  await sleep(300);
  gateway.signal('SIGTERM');
  await until(() => logged().filter(({ msg }) => msg === 'draining').length === 3);
  relay.release();
  const answers = await Promise.all(asked);
  expect(answers.map(({ body }) => JSON.parse(body))).toEqual(Array(2).fill({ data: { me: { id: 'u2' } } }));
  expect(await gateway.ended).toBe(0);
  expect([...workers.keys()].filter(isRunning)).toEqual([]);
  expect(logged().at(-1)).toMatchObject({ pid: gateway.pid, msg: 'ended' });
});

test('where no worker can listen, the reason is told once and the exit code says so', async () => {
  const env = { DATA_DIR: dataDir, MONGODB_URI: relay.uri(store.connection.name), HOST: '192.0.2.1' };
  const failing = spawnMain(env, ['--workers', '2']);
  expect(await failing.ended).toBe(1);
  expect(failing.logged().match(/Assent can't start/g)).toHaveLength(1);
  expect(failing.logged()).toContain('EADDRNOTAVAIL');
}, 60_000);

describe('workers alone', () => {
  const PROGRAM = fileURLToPath(new URL('../support/workers-program.js', import.meta.url));

  const startProgram = async () => {
    const fault = path.join(dataDir, 'fault');
    const child = spawn(process.execPath, [PROGRAM, fault], { stdio: ['ignore', 'pipe', 'pipe'] });
    const output = text(child.stderr);
    const ended = once(child, 'exit');
    const [line] = await once(child.stdout, 'data');
    const pids = new Set<number>();
    await until(async () => {
      pids.add(Number(await (await fetch(`http://127.0.0.1:${Number(line)}/`)).text()));
      return pids.size === 2;
    });
    return { child, fault, pids: [...pids], ended, output };
  };

  test('end with their primary, however it ends', async () => {
    const { child, pids, ended } = await startProgram();
    child.kill('SIGKILL');
    await ended;
    await until(() => !pids.some(isRunning));
  });

  test('that all die as soon as they start are not started for ever', async () => {
    const { fault, pids, ended, output } = await startProgram();
    await writeFile(fault, '');
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    expect(await ended).toEqual([1, null]);
    // a worker that ends in the midst of its start may print more than the log
    const lines = (await output).split('\n').filter((line) => line.startsWith('{"level"'));
    const told: string[] = lines.map((line) => JSON.parse(line).msg);
    expect(told.filter((msg) => msg === 'a worker ended').length).toBeLessThan(20);
    expect(told.at(-1)).toBe('no worker stays');
  }, 60_000);
});

test.each([
  { args: [], workers: 1 },
  { args: ['--workers', '4'], workers: 4 },
  { args: ['--workers=64'], workers: 64 },
])('$args are $workers workers', ({ args, workers }) => {
  expect(readWorkers(args)).toBe(workers);
});

test.each([
  ['--workers'],
  ['--workers', '0'],
  ['--workers', '65'],
  ['--workers', 'all'],
  ['--worker', '2'],
  ['2'],
])('%s %s is refused', (...args) => {
  expect(() => readWorkers(args)).toThrow(/expected/);
});
