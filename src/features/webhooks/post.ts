import type { LookupAddress } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { request as requestInClear } from 'node:http';
import { request as requestOverTls } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { hostOf, mayReach, outboundUrlOf, type Reach } from '../../base/public-address.ts';

/** What became of one attempt at sending. */
export type Answer =
  /** `retryAfter` is the header as it came. */
  | { readonly status: number; readonly retryAfter: string | null }
  /** `CUT_OFF`: this gateway ended the attempt because it ends itself. */
  | { readonly failure: 'TIMED_OUT' | 'UNREACHABLE' | 'ADDRESS_REFUSED' | 'CUT_OFF' };

/** Finds all addresses of a host. */
export type Resolve = (host: string) => Promise<readonly LookupAddress[]>;

/** Sends a message to an address that somebody else has chosen. It never throws. */
export type Post = (message: {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Cuts the attempt off. */
  readonly signal: AbortSignal;
}) => Promise<Answer>;

/** From the search for the host to the end of the headers of the answer, in milliseconds. */
const TIME_LIMIT_MS = 10_000;
/** So much of an answer is taken before the connection is closed, in bytes; none of it is kept. */
const MOST_READ = 16_384;

class AddressRefusedError extends Error {
  override readonly name = 'AddressRefusedError';
}

const LOOPBACK = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/**
 * Resolves by DNS alone. The resolver of the system has a few threads, which it shares with files and cryptography: a
 * slow name server of one partner would hold up everything.
 */
function createResolve(): Resolve {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  return async (host) => {
    if (host === 'localhost') return LOOPBACK;
    const [ipv4, ipv6] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    if (ipv4.status === 'rejected' && ipv6.status === 'rejected') throw ipv4.reason;
    return [
      ...(ipv4.status === 'fulfilled' ? ipv4.value.map((address) => ({ address, family: 4 })) : []),
      ...(ipv6.status === 'fulfilled' ? ipv6.value.map((address) => ({ address, family: 6 })) : []),
    ];
  };
}

const unlessAborted = <T>(signal: AbortSignal, work: Promise<T>): Promise<T> =>
  Promise.race([
    work,
    new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  ]);

/** Gives the addresses that were checked, whatever the name of the host resolves to by now. */
const pinTo =
  (addresses: readonly [LookupAddress, ...LookupAddress[]]): LookupFunction =>
  (_host, { all }, done) =>
    all ? done(null, [...addresses]) : done(null, addresses[0].address, addresses[0].family);

interface Sending {
  readonly url: URL;
  readonly lookup: LookupFunction;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

/** Follows no redirect, keeps no connection, and lets the answer go. */
const exchange = ({ url, body, ...options }: Sending): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const send = url.protocol === 'https:' ? requestOverTls : requestInClear;
    const request = send(url, { ...options, method: 'POST', agent: false });
    let answer: Answer | null = null;
    // what fails behind the headers of the answer takes nothing from it
    request.on('error', (error) => (answer ? resolve(answer) : reject(error)));
    // without a listener the connection would end without an answer and without an error
    request.once('upgrade', ({ statusCode: status = 0 }, socket) => {
      socket.destroy();
      resolve({ status, retryAfter: null });
    });
    request.once('response', (response) => {
      const { statusCode: status = 0, headers } = response;
      const came = { status, retryAfter: headers['retry-after'] ?? null };
      answer = came;
      let read = 0;
      response.on('data', (chunk: Buffer) => {
        read += chunk.length;
        if (read > MOST_READ) response.destroy();
      });
      response.on('error', () => {});
      response.once('close', () => resolve(came));
    });
    request.end(body);
  });

/**
 * Sends to public addresses alone. The name of the host is resolved once, each of its addresses is checked, and the
 * connection goes to one of these addresses: a name that resolves to another address afterwards changes nothing.
 */
export function createPost(options: Reach & { readonly resolve?: Resolve; readonly timeLimitMs?: number }): Post {
  const { resolve = createResolve(), timeLimitMs = TIME_LIMIT_MS } = options;

  async function addressesOf(host: string): Promise<readonly [LookupAddress, ...LookupAddress[]]> {
    const family = isIP(host);
    const [first, ...others] = family === 0 ? await resolve(host) : [{ address: host, family }];
    if (!first || ![first, ...others].every(({ address }) => mayReach(address, options)))
      throw new AddressRefusedError();
    return [first, ...others];
  }

  async function send(address: string, rest: Omit<Sending, 'url' | 'lookup'>): Promise<Answer> {
    const url = outboundUrlOf(address, options);
    if (!url) throw new AddressRefusedError();
    const addresses = await unlessAborted(rest.signal, addressesOf(hostOf(url)));
    return exchange({ url, lookup: pinTo(addresses), ...rest });
  }

  return async ({ url, signal: ending, headers, body }) => {
    if (ending.aborted) return { failure: 'CUT_OFF' };
    const cut = new AbortController();
    const end = () => cut.abort();
    const timer = setTimeout(end, timeLimitMs);
    ending.addEventListener('abort', end);
    const length = { 'content-length': String(Buffer.byteLength(body)) };
    try {
      return await send(url, { headers: { ...headers, ...length }, body, signal: cut.signal });
    } catch (error) {
      if (ending.aborted) return { failure: 'CUT_OFF' };
      if (cut.signal.aborted) return { failure: 'TIMED_OUT' };
      return { failure: error instanceof AddressRefusedError ? 'ADDRESS_REFUSED' : 'UNREACHABLE' };
    } finally {
      clearTimeout(timer);
      ending.removeEventListener('abort', end);
    }
  };
}
