import { mkdtemp, rm } from 'node:fs/promises';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CallerClaims, openSigner } from '../../src/http/signing.ts';
import { readConfig } from '../../src/process/config.ts';
import { until } from '../support/engines.ts';
import { type MainProcess, spawnMain, startMain } from '../support/main-process.ts';
import { mongoUri } from '../support/mongo-uri.ts';
import { createRelay } from '../support/relay.ts';
import { type Question, send as sendTo } from '../support/send.ts';
import { openTestStore, type TestStore } from '../support/store.ts';
import { member, partner } from '../support/world.ts';

// The program itself, over a way to its database that the test can hold up and cut.

let dataDir: string;
let store: TestStore;

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'assent-life-'));
  store = await openTestStore();
  // the demo world is made once, for every test
  const MONGODB_URI = mongoUri().replace('/?', `/${store.connection.name}?`);
  const first = await startMain({ DATA_DIR: dataDir, MONGODB_URI, LOG_LEVEL: 'warn' });
  await first.stop();
}, 120_000);

afterAll(async () => {
  await store.drop();
  await rm(dataDir, { recursive: true });
});

/** A way of its own to the database, and the settings of a gateway that takes it. */
const openWay = async (env: Readonly<Record<string, string>> = {}) => {
  const relay = createRelay();
  await relay.mend();
  return { relay, settings: { DATA_DIR: dataDir, MONGODB_URI: relay.uri(store.connection.name), ...env } };
};

const tokenOf = async (claims: CallerClaims) => {
  const signer = await openSigner(dataDir, readConfig({}).auth);
  return signer.sign(claims, new Date(), new Date(Date.now() + 3_600_000));
};

interface Reply {
  readonly status: number | undefined;
  readonly connection: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: a response has the shape of its query
  readonly body: any;
}

const send = async ({ origin }: MainProcess, target: string, question: Question = {}): Promise<Reply> => {
  const { status, headers, body } = await sendTo(origin, target, question);
  return { status, connection: headers.connection, body: JSON.parse(body) };
};

const ME = '{ me { id name email } }';

const messages = ({ logged }: Pick<MainProcess, 'logged'>): string[] =>
  logged()
    .split('\n')
    .flatMap((line) => (line === '' ? [] : [JSON.parse(line).msg]));

const openSockets = ({ sockets }: Agent) => Object.values(sockets).flat().length;

/** The wait for slow steps on a busy machine. */
const PATIENCE_MS = 60_000;
/** Time for sent bytes to arrive. */
const ARRIVAL_MS = 300;

describe('the end', () => {
  test('on SIGTERM readiness goes off, each of 50 requests under way is answered with its data, then books and store close', async () => {
    const { relay, settings } = await openWay({ DRAIN_DELAY_SECONDS: '1' });
    const gateway = await startMain(settings);
    const agent = new Agent({ keepAlive: true, maxSockets: 50 });
    const [person, provider] = await Promise.all([
      tokenOf(member('u1')),
      tokenOf(partner('mailwing', 'imvu-newsletter', 'name email')),
    ]);

    relay.hold();
    const own = Array.from({ length: 25 }, () => send(gateway, '/graphql', { agent, token: person, query: ME }));
    const lists = Array.from({ length: 25 }, () =>
      send(gateway, '/graphql', {
        agent,
        token: provider,
        query: '{ users(first: 5) { edges { node { name email } } } }',
      }),
    );
    await until(() => openSockets(agent) === 50);
    await sleep(ARRIVAL_MS);
    gateway.signal('SIGTERM');
    await until(() => messages(gateway).includes('draining'));

    const ready = await send(gateway, '/health/ready');
    expect(ready).toEqual({ status: 503, connection: 'close', body: { status: 'draining' } });
    relay.release();

    const answers = await Promise.all([...own, ...lists]);
    const shown = answers.map(({ body: { data } }) => data?.me ?? data?.users.edges.map(({ node }: never) => node));
    expect(shown.slice(0, 25)).toEqual(
      Array(25).fill({ id: 'u1', name: 'Nora Kestrelmoor', email: 'neko@example.com' }),
    );
    expect(shown.slice(25)).toEqual(
      Array(25).fill(Array(5).fill({ name: expect.any(String), email: expect.any(String) })),
    );
    expect(answers.map(({ connection }) => connection)).toEqual(Array(50).fill('close'));
    expect(await gateway.ended).toBe(0);
    expect(
      messages(gateway)
        .filter((message) => message !== 'answered')
        .slice(-2),
    ).toEqual(['draining', 'ended']);
    await relay.cut();
  });

  test('a request that is not answered within the time is cut off, and the exit code says so', async () => {
    const { relay, settings } = await openWay({ DRAIN_SECONDS: '2' });
    const gateway = await startMain(settings);
    relay.hold();
    const asked = send(gateway, '/graphql', { token: await tokenOf(member('u1')), query: ME });
    const failed = expect(asked).rejects.toThrow();
    await sleep(ARRIVAL_MS);
    const start = performance.now();
    gateway.signal('SIGTERM');
    expect(await gateway.ended).toBe(1);
    expect(performance.now() - start).toBeLessThan(8_000);
    await failed;
    expect(messages(gateway)).toContain('requests were cut off');
    await relay.cut();
  });

  test('a second signal ends it at once', async () => {
    const { relay, settings } = await openWay({ DRAIN_SECONDS: '60' });
    const gateway = await startMain(settings);
    relay.hold();
    const asked = send(gateway, '/graphql', { token: await tokenOf(member('u1')), query: ME });
    const failed = expect(asked).rejects.toThrow();
    await sleep(ARRIVAL_MS);
    gateway.signal('SIGINT');
    await until(() => messages(gateway).includes('draining'));
    await sleep(ARRIVAL_MS);
    const start = performance.now();
    gateway.signal('SIGINT');
    expect(await gateway.ended).toBe(1);
    expect(performance.now() - start).toBeLessThan(10_000);
    await failed;
    await relay.cut();
  });
});

describe.concurrent('the database', () => {
  test('the start waits for a database that is not there yet, and says so', async ({ expect }) => {
    const { relay, settings } = await openWay();
    await relay.cut();
    const gateway = spawnMain(settings);
    await until(() => messages(gateway).length === 2, PATIENCE_MS);
    expect(messages(gateway)).toEqual([
      'Waiting for the database.',
      'The database cannot be reached yet; next try in 1 s.',
    ]);
    expect(gateway.told()).toBe('');
    await relay.mend();
    expect(await send({ ...gateway, origin: await gateway.listening }, '/health/ready')).toMatchObject({ status: 200 });
    await gateway.stop();
    await relay.cut();
  }, 90_000);

  test('while it is lost nothing is revealed; then the same gateway answers again', async ({ expect }) => {
    const { relay, settings } = await openWay();
    const gateway = await startMain(settings);
    const token = await tokenOf(member('u1'));
    const ask = () => send(gateway, '/graphql', { token, query: ME });
    const shown = { status: 200, body: { data: { me: { email: 'neko@example.com' } } } };
    expect(await ask()).toMatchObject(shown);

    const losses = [
      { lose: relay.cut, restore: relay.mend },
      { lose: relay.hold, restore: relay.release },
    ];
    for (const { lose, restore } of losses) {
      await lose();
      const start = performance.now();
      const [answer, ready, live] = await Promise.all([
        ask(),
        send(gateway, '/health/ready'),
        send(gateway, '/health/live'),
      ]);
      expect(performance.now() - start).toBeLessThan(15_000);
      expect(answer).toMatchObject({
        status: 503,
        body: { errors: [{ message: expect.any(String), extensions: { code: 'UNAVAILABLE' } }] },
      });
      expect(Object.keys(answer.body)).toEqual(['errors']);
      expect([ready.status, live.status]).toEqual([503, 200]);

      await restore();
      await until(async () => (await send(gateway, '/health/ready')).status === 200, PATIENCE_MS);
      expect(await ask()).toMatchObject(shown);
    }
    await gateway.stop();
    await relay.cut();
  }, 90_000);
});
