import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Resolve } from '../../src/base/outbound.ts';
import { createPost } from '../../src/features/webhooks/post.ts';

const HERE = { address: '127.0.0.1', family: 4 };
const PUBLIC = { address: '203.0.112.1', family: 4 };
const METADATA = { address: '169.254.169.254', family: 4 };

let server: Server;
let port: number;
let received: { url: string | undefined; host: string | undefined; body: string }[] = [];
let answer: (response: ServerResponse, request: IncomingMessage) => void;

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    received.push({ url: request.url, host: request.headers.host, body });
    answer(response, request);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
beforeEach(() => {
  received = [];
  answer = (response) => response.end();
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const never = new AbortController().signal;
const send = (
  url: string,
  {
    resolve,
    timeLimitMs = 2_000,
    loopback = true,
  }: { resolve?: Resolve; timeLimitMs?: number; loopback?: boolean } = {},
  signal = never,
) =>
  createPost({ loopback, timeLimitMs, ...(resolve && { resolve }) })({
    ...{ url, signal, body: '{"a":"ä"}' },
    headers: { 'content-type': 'application/json' },
  });
/** A resolver that gives the listed answers one after the other, and repeats the last. */
const resolving = (...answers: readonly (typeof HERE)[][]): Resolve & { readonly asked: string[] } => {
  const asked: string[] = [];
  const resolve = async (host: string) => answers[Math.min(asked.push(host), answers.length) - 1] ?? [];
  return Object.assign(resolve, { asked });
};

describe('a message is sent', () => {
  test('with its whole body, and the status comes back', async () => {
    answer = (response) => response.writeHead(202).end('thanks');
    expect(await send(`http://127.0.0.1:${port}/in?a=1`)).toEqual({ status: 202, retryAfter: null });
    expect(received).toEqual([{ url: '/in?a=1', host: `127.0.0.1:${port}`, body: '{"a":"ä"}' }]);
  });

  test('to this machine by its name, in development alone', async () => {
    expect(await send(`http://localhost:${port}/`)).toEqual({ status: 200, retryAfter: null });
    expect(await send(`https://localhost:${port}/`, { loopback: false })).toEqual({ failure: 'ADDRESS_REFUSED' });
    expect(received).toHaveLength(1);
  });

  test('and the pause that is asked for comes back as it is', async () => {
    answer = (response) => response.writeHead(503, { 'retry-after': '120' }).end();
    expect(await send(`http://127.0.0.1:${port}/`)).toEqual({ status: 503, retryAfter: '120' });
  });

  test('and a redirect is not followed', async () => {
    answer = (response) => response.writeHead(307, { location: '/other' }).end();
    expect(await send(`http://127.0.0.1:${port}/`)).toEqual({ status: 307, retryAfter: null });
    expect(received.map(({ url }) => url)).toEqual(['/']);
  });

  test('and an answer that asks for another protocol ends it', async () => {
    answer = (response) => response.writeHead(101, { connection: 'upgrade', upgrade: 'x' }).end();
    expect(await send(`http://127.0.0.1:${port}/`)).toEqual({ status: 101, retryAfter: null });
  });

  test('and an answer that dawdles behind its status counts as it came', async () => {
    answer = (response) => response.writeHead(200, { 'content-length': 100 }).write('thanks');
    expect(await send(`http://127.0.0.1:${port}/`, { timeLimitMs: 300 })).toEqual({ status: 200, retryAfter: null });
  });

  test('and an answer without an end is let go', async () => {
    answer = (response) => {
      response.writeHead(200);
      const more = () => response.write('x'.repeat(4_096)) && setImmediate(more);
      response.on('error', () => {}).on('drain', more);
      more();
    };
    expect(await send(`http://127.0.0.1:${port}/`)).toEqual({ status: 200, retryAfter: null });
  });
});

describe('a message is not sent', () => {
  test('to a receiver that does not answer in time', async () => {
    answer = () => {};
    const begun = performance.now();
    expect(await send(`http://127.0.0.1:${port}/`, { timeLimitMs: 200 })).toEqual({ failure: 'TIMED_OUT' });
    expect(performance.now() - begun).toBeLessThan(1_500);
  });

  test('to a name that is not resolved in time', async () => {
    const resolve = () => sleep(60_000, [PUBLIC], { ref: false });
    expect(await send('https://slow.example/', { resolve, timeLimitMs: 100 })).toEqual({ failure: 'TIMED_OUT' });
  });

  test('to a name that is not resolved', async () => {
    const resolve = () => Promise.reject(new Error('ENOTFOUND'));
    expect(await send('https://nobody.example/', { resolve })).toEqual({ failure: 'UNREACHABLE' });
  });

  test('to a receiver without TLS', async () => {
    expect(await send(`https://127.0.0.1:${port}/`)).toEqual({ failure: 'UNREACHABLE' });
    expect(received).toEqual([]);
  });

  test('once this gateway ends', async () => {
    answer = () => {};
    const ending = new AbortController();
    const sending = send(`http://127.0.0.1:${port}/`, {}, ending.signal);
    setTimeout(() => ending.abort(), 50);
    expect(await sending).toEqual({ failure: 'CUT_OFF' });
    expect(await send(`http://127.0.0.1:${port}/`, {}, ending.signal)).toEqual({ failure: 'CUT_OFF' });
    expect(received).toHaveLength(1);
  });
});

describe('no address inside a network is reached', () => {
  test.each([
    { name: 'a literal address of this machine', url: () => `https://127.0.0.1:${port}/` },
    { name: 'the same without TLS', url: () => `http://127.0.0.1:${port}/` },
    { name: 'a name that resolves to this machine', url: () => `https://a.example:${port}/`, found: [[HERE]] },
    { name: 'a name that resolves to a private address', url: () => 'https://a.example/', found: [[METADATA]] },
    { name: 'one address of several that is not public', url: () => 'https://a.example/', found: [[PUBLIC, METADATA]] },
    { name: 'a name that resolves to nothing', url: () => 'https://a.example/', found: [[]] },
  ])('by $name', async ({ url, found = [] }) => {
    expect(await send(url(), { loopback: false, resolve: resolving(...found) })).toEqual({
      failure: 'ADDRESS_REFUSED',
    });
    expect(received).toEqual([]);
  });

  test('by a name that resolves to another address once it was checked: the connection goes to the one that was checked', async () => {
    let connections = 0;
    const tcp = createTcpServer((socket) => {
      connections += 1;
      socket.destroy();
    }).listen(0, '127.0.0.1');
    await once(tcp, 'listening');
    const resolve = resolving([HERE], [METADATA]);
    const { port: pinned } = tcp.address() as AddressInfo;
    expect(await send(`https://rebind.example:${pinned}/`, { resolve })).toEqual({ failure: 'UNREACHABLE' });
    expect({ connections, asked: resolve.asked }).toEqual({ connections: 1, asked: ['rebind.example'] });
    expect(await send(`https://rebind.example:${pinned}/`, { resolve })).toEqual({ failure: 'ADDRESS_REFUSED' });
    tcp.close();
  });
});
