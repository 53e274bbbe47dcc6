import { readFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { IS_SOAK } from '../support/rounds.ts';
import { createWorld, member } from '../support/world.ts';
import { createClient, inTurns, openStage, report, SOAK_TIMEOUT_MS } from './soak.ts';

const MB = 1024 * 1024;

const heapUsed = () => {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
};

test('documents that are sent once do not stay in memory', async () => {
  const world = await createWorld({ users: [{ id: 'u1', avatarName: 'Neko' }] });
  const comment = `#${'x'.repeat(49_000)}\n`;
  // good ones, ones that do not fit the schema, and ones that are no documents
  const ends = ['{ me { id } }', '{ me { nothing } }', '{ me '];
  const send = (n: number) => world.ask(member('u1'), `#${n}\n${comment}${ends[n % ends.length]}`).then(() => {});
  await inTurns(30, 1, send);
  const before = heapUsed();
  await inTurns(300, 4, (n) => send(n + 30));
  const grown = (heapUsed() - before) / MB;
  await world.close();
  expect(grown).toBeLessThan(8);
}, 120_000);

const residentOf = async (pid: number) => {
  const [, kilobytes = '0'] = /VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
};

test.runIf(IS_SOAK)(
  'over 100,000 requests with documents of their own, resident memory at the end is within 20 % of that at half',
  async () => {
    const requests = 100_000;
    const stage = await openStage();
    const { ask, close } = createClient(stage.gateway.origin, 32);
    const tokens = await Promise.all(Array.from({ length: 40 }, (_, n) => stage.token(member(`u${n + 1}`))));
    const documents = [
      (n: number) =>
        `query Q${n} { me { id a${n}: avatarName email preferences { imvuNewsletter } consents { purpose } } }`,
      (n: number) => `{ user(id: "u${n % 300}") { b${n}: avatarName photos { c${n}: caption } } }`,
      (n: number) => `{ me { d${n} } }`,
      (n: number) => `{ e${n} me { id }`,
    ];
    const statuses = new Map<number, number>();
    const resident: number[] = [];
    const begun = performance.now();
    await inTurns(requests, 32, async (n) => {
      const document = documents[n % documents.length] as (n: number) => string;
      const { status } = await ask(tokens[n % tokens.length] as string, document(n));
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      if ((n + 1) % (requests / 20) !== 0) return;
      const megabytes = await residentOf(stage.gateway.pid);
      resident.push(megabytes);
      report(`${megabytes.toFixed(0)} MB after ${n + 1} requests`);
    });
    const [half = 0, end = 0] = [resident[9], resident.at(-1)];
    const seconds = (performance.now() - begun) / 1_000;
    report(`${requests} requests in ${seconds.toFixed(0)} s, by status: ${JSON.stringify([...statuses])}`);
    close();
    await stage.close();
    expect([...statuses.keys()].filter((status) => ![200, 400].includes(status))).toEqual([]);
    expect(end).toBeLessThan(1.2 * half);
  },
  SOAK_TIMEOUT_MS,
);
