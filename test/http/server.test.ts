import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpServer, type HttpServer } from '../../src/http/server.ts';
import { until } from '../support/engines.ts';
import { createWorld, member, type TestWorld } from '../support/world.ts';

// The treatment of hostile connections by a server with little patience.

const PATIENCE = { headers: 6_000, request: 6_500, idle: 500, answer: 30_000, checks: 100 };

let log = '';
const stream = new Writable({
  write: (chunk, _encoding, done) => {
    log += chunk;
    done();
  },
});

let world: TestWorld;
let server: HttpServer;
let port: number;

beforeAll(async () => {
  const people = { users: [{ id: 'u1', avatarName: 'Neko', email: 'neko@example.com' }] };
  world = await createWorld(people, { log: pino({}, stream) });
  server = createHttpServer(world.gateway.fetch, PATIENCE);
  port = await server.listen(0, '127.0.0.1');
  await askMe();
});
afterAll(async () => {
  await server.drain({ delay: 0, limit: 1_000 });
  await world.close();
});

interface Line {
  readonly socket: Socket;
  /** All that came, once the other side has closed the connection. */
  readonly closed: Promise<string>;
}

const connect = async (to = port): Promise<Line> => {
  const socket = createConnection(to, '127.0.0.1').on('error', () => {});
  let received = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    received += text;
  });
  const closed = new Promise<string>((resolve) => socket.on('close', () => resolve(received)));
  await once(socket, 'connect');
  return { socket, closed };
};

const exchange = async (text: string): Promise<string> => {
  const { socket, closed } = await connect();
  socket.write(text);
  return closed;
};

/** A connection that is closed while more is being sent may break before its answer is read. */
const UNREADABLE = 0;

const statusOf = (received: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(received)?.[1] ?? UNREADABLE);

const askMe = async () => {
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${await world.token(member('u1'))}` },
    body: JSON.stringify({ query: '{ me { email } }' }),
  });
  return response.json();
};

const HEADERS = 'POST /graphql HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\n';

const QUESTION = JSON.stringify({ query: '{ user(avatarName: "Neko") { id avatarName } }' });

/** Sends a byte again and again until the connection closes. */
const trickle = async ({ socket, closed }: Line, text: string) => {
  let open = true;
  const end = closed.finally(() => {
    open = false;
  });
  while (open) {
    socket.write(text);
    await sleep(50);
  }
  return end;
};

describe.concurrent('40 connections that send', () => {
  test.each([
    { name: 'nothing at all', begin: '', more: '' },
    { name: 'a request line byte by byte', begin: 'GET /', more: 'a' },
    { name: 'one header after the other', begin: HEADERS, more: 'x: y\r\n' },
    { name: 'a body byte by byte', begin: `${HEADERS}content-length: 5000\r\n\r\n{`, more: ' ' },
    { name: 'a body of chunks', begin: `${HEADERS}transfer-encoding: chunked\r\n\r\n`, more: '1\r\n \r\n' },
  ])('$name are closed, with 408 where it can still be read, and others are answered meanwhile', async ({
    begin,
    more,
  }) => {
    const lines = await Promise.all(Array.from({ length: 40 }, () => connect()));
    let ended = 0;
    const ends = lines.map(async (line) => {
      line.socket.write(begin);
      const received = await (more === '' ? line.closed : trickle(line, more));
      ended += 1;
      return statusOf(received);
    });
    expect(await askMe()).toEqual({ data: { me: { email: 'neko@example.com' } } });
    expect(ended).toBe(0);
    const statuses = await Promise.all(ends);
    expect(statuses.filter((status) => status !== UNREADABLE && status !== 408)).toEqual([]);
    expect(statuses).toContain(408);
  });
});

test('a connection without a request is closed after its time', async () => {
  const { socket, closed } = await connect();
  socket.write('GET /health/live HTTP/1.1\r\nhost: gateway\r\n\r\n');
  const start = performance.now();
  expect(statusOf(await closed)).toBe(200);
  expect(performance.now() - start).toBeGreaterThan(PATIENCE.idle - 50);
});

test('a caller that does not read is let go', async () => {
  const length = 50_000_000;
  const answer = 500;
  const generous = createHttpServer(async () => new Response('x'.repeat(length)), { ...PATIENCE, answer });
  const { socket, closed } = await connect(await generous.listen(0, '127.0.0.1'));
  socket.pause();
  socket.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n');
  await sleep(2 * answer);
  socket.resume();
  const received = await closed;
  expect(statusOf(received)).toBe(200);
  expect(received.length).toBeLessThan(length);
});

test.each([
  { name: 'its body', length: 5_000 },
  { name: 'the wait for its answer', length: QUESTION.length },
])('a request that breaks off in $name is no fault and no outage', async ({ length }) => {
  const before = log.length;
  const broken = 20;
  await Promise.all(
    Array.from({ length: broken }, async (_, n) => {
      const { socket, closed } = await connect();
      socket.write(`${HEADERS}content-length: ${length}\r\n\r\n${QUESTION}`);
      await sleep(n);
      socket.resetAndDestroy();
      await closed;
    }),
  );
  const lines = () =>
    log
      .slice(before)
      .split('\n')
      .flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));
  await until(() => lines().length >= broken);
  expect(lines().filter(({ msg, status }) => msg !== 'answered' || status >= 500)).toEqual([]);
});

test.each([
  { name: 'no host', request: 'GET /health/live HTTP/1.1\r\n\r\n' },
  { name: 'two hosts', request: 'GET /health/live HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n' },
  { name: 'a host with a blank', request: 'GET /health/live HTTP/1.1\r\nhost: a b\r\n\r\n' },
  { name: 'a host with a path', request: 'GET /health/live HTTP/1.1\r\nhost: a/b?\r\n\r\n' },
  { name: 'a host with a user', request: 'GET /health/live HTTP/1.1\r\nhost: user:word@a\r\n\r\n' },
  { name: 'a port that is none', request: 'GET /health/live HTTP/1.1\r\nhost: a:99999\r\n\r\n' },
  { name: 'a target of another host', request: 'GET http://other/health/live HTTP/1.1\r\nhost: a\r\n\r\n' },
  { name: 'a target without a path', request: 'OPTIONS * HTTP/1.1\r\nhost: a\r\n\r\n' },
  { name: 'a control character', request: 'GET /health/live HTTP/1.1\r\nhost: a\u0001\r\n\r\n' },
])('a request with $name is refused with 400, and nothing of it comes back', async ({ request }) => {
  const received = await exchange(request);
  expect(statusOf(received)).toBe(400);
  expect(received).not.toMatch(/ at |user|word|other/);
});

test.each([
  { name: 'longer than 16 KB', headers: `x: ${'y'.repeat(17_000)}\r\n` },
  { name: 'many', headers: Array.from({ length: 4_000 }, (_, n) => `x${n}: y\r\n`).join('') },
])('headers that are $name are refused with 431', async ({ headers }) => {
  expect(statusOf(await exchange(`GET /health/live HTTP/1.1\r\nhost: a\r\n${headers}\r\n`))).toBe(431);
});

describe('a header that stands there twice', () => {
  const ask = (headers: readonly string[]) =>
    exchange(
      `${HEADERS}${headers.map((line) => `${line}\r\n`).join('')}content-length: ${QUESTION.length}\r\n\r\n${QUESTION}`,
    );

  test.each([
    { name: 'one of them good', words: (good: string) => [good, 'x'] },
    { name: 'the other good', words: (good: string) => ['x', good] },
    { name: 'both good', words: (good: string) => [good, good] },
  ])('is no token: $name', async ({ words }) => {
    const tokens = words(await world.token(member('u1')));
    expect(statusOf(await ask(tokens.map((token) => `authorization: Bearer ${token}`)))).toBe(401);
  });

  test('is no content type', async () => {
    expect(statusOf(await ask(['content-type: application/json']))).toBe(415);
  });
});

test('a token behind hundreds of other headers is read', async () => {
  const others = Array.from({ length: 1_500 }, (_, n) => `x${n % 10}:\r\n`).join('');
  const token = 'authorization: Bearer x\r\n';
  expect(
    statusOf(await exchange(`${HEADERS}${others}${token}content-length: ${QUESTION.length}\r\n\r\n${QUESTION}`)),
  ).toBe(401);
});

test('no answer names the software behind it', async () => {
  const { headers } = await fetch(`http://127.0.0.1:${port}/health/live`);
  expect([headers.get('server'), headers.get('x-powered-by')]).toEqual([null, null]);
});
