import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { IS_SOAK } from '../support/rounds.ts';
import { member } from '../support/world.ts';
import { createClient, inTurns, openStage, report, type Stage } from './soak.ts';

// How long a caller waits while others hold connections to the program and do nothing, or next to nothing, with them.

const MANY = IS_SOAK ? 5_000 : 500;
const ASKED = IS_SOAK ? 100 : 10;
/** The longest wait allowed, in milliseconds; without the soak it is longer, since other tests run too. */
const MOST_WAITED = IS_SOAK ? 250 : 5_000;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
}, 120_000);
afterAll(() => stage.close());

const HEADERS = 'POST /graphql HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\n';

test.each([
  { name: 'nothing at all', begin: '', more: '' },
  { name: 'one good request and then nothing', begin: 'GET /health/live HTTP/1.1\r\nhost: gateway\r\n\r\n', more: '' },
  { name: 'headers that never end', begin: HEADERS, more: 'x: y\r\n' },
  { name: 'a body that never ends', begin: `${HEADERS}content-length: 50000\r\n\r\n{`, more: ' ' },
])(`while ${MANY} connections send $name, another caller is answered`, async ({ name, begin, more }) => {
  const { ask, close } = createClient(stage.gateway.origin, 1);
  const token = await stage.token(member('u1'));
  const query = '{ me { name email preferences { imvuNewsletter } } }';
  for (let n = 0; n < 50; n++) await ask(token, query);

  const { port } = new URL(stage.gateway.origin);
  const sockets: Socket[] = [];
  await inTurns(MANY, 100, async () => {
    const socket = createConnection(Number(port), '127.0.0.1').on('error', () => {});
    await once(socket, 'connect');
    socket.resume().write(begin);
    sockets.push(socket);
  });
  const dribble = setInterval(() => {
    if (more !== '') for (const socket of sockets) socket.write(more);
  }, 2_000);
  const waits: number[] = [];
  for (let n = 0; n < ASKED; n++) {
    const { status, took, text } = await ask(token, query);
    expect([status, JSON.parse(text).data.me.email]).toEqual([200, 'neko@example.com']);
    waits.push(took);
    await sleep(20);
  }
  const held = sockets.filter(({ closed }) => !closed).length;
  clearInterval(dribble);
  for (const socket of sockets) socket.destroy();
  close();
  const sorted = waits.sort((a, b) => a - b);
  report(
    `${held} of ${MANY} held with ${name}: ${sorted[Math.floor(ASKED / 2)]?.toFixed(1)} ms median, ${sorted.at(-1)?.toFixed(1)} ms at most`,
  );
  expect(held).toBeGreaterThan(MANY / 2);
  expect(sorted.at(-1)).toBeLessThan(MOST_WAITED);
}, 60_000);
