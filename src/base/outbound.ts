import type { LookupAddress } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { type IncomingHttpHeaders, request as requestInClear } from 'node:http';
import { request as requestOverTls } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { hostOf, mayReach, outboundUrlOf, type Reach } from './public-address.ts';

/** The answer to a request; the body is null if it exceeds the limit or is incomplete. */
export interface Incoming {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string | null;
}

/** The reason for a missing answer. `CUT_OFF`: the caller ended the attempt. */
export interface Failed {
  readonly failure: 'TIMED_OUT' | 'UNREACHABLE' | 'ADDRESS_REFUSED' | 'CUT_OFF';
}

export interface Outgoing {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The most bytes of the answer; a longer answer closes the connection. */
  readonly mostRead: number;
  /** Ends the attempt. */
  readonly signal?: AbortSignal;
}

/** Sends a request to an address that a partner has chosen. It never throws. */
export type Exchange = (outgoing: Outgoing) => Promise<Incoming | Failed>;

/** Finds all addresses of a host. */
export type Resolve = (host: string) => Promise<readonly LookupAddress[]>;

export interface ExchangeOptions extends Reach {
  readonly resolve?: Resolve;
  readonly timeLimitMs?: number;
}

/** Milliseconds from the look-up of the host to the end of the answer. */
const TIME_LIMIT_MS = 10_000;

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

/** Always gives the checked addresses, even if the host's name resolves to others by now. */
const pinTo =
  (addresses: readonly [LookupAddress, ...LookupAddress[]]): LookupFunction =>
  (_host, { all }, done) =>
    all ? done(null, [...addresses]) : done(null, addresses[0].address, addresses[0].family);

interface Sending extends Pick<Outgoing, 'method' | 'headers' | 'body' | 'mostRead'> {
  readonly url: URL;
  readonly lookup: LookupFunction;
  readonly signal: AbortSignal;
}

/** Follows no redirect and keeps no connection. */
const send = ({ url, body, mostRead, ...options }: Sending): Promise<Incoming> =>
  new Promise((resolve, reject) => {
    const begin = url.protocol === 'https:' ? requestOverTls : requestInClear;
    const request = begin(url, { ...options, agent: false });
    let answer: Incoming | null = null;
    // a received status counts, even if the rest of the answer fails
    request.on('error', (error) => (answer ? resolve(answer) : reject(error)));
    // without a listener the connection would end without an answer and without an error
    request.once('upgrade', ({ statusCode: status = 0, headers }, socket) => {
      socket.destroy();
      resolve({ status, headers, body: null });
    });
    request.once('response', (response) => {
      const { statusCode: status = 0, headers } = response;
      answer = { status, headers, body: null };
      const chunks: Buffer[] = [];
      let read = 0;
      response.on('data', (chunk: Buffer) => {
        read += chunk.length;
        if (read > mostRead) response.destroy();
        else chunks.push(chunk);
      });
      response.on('error', () => {});
      response.once('close', () => {
        const isWhole = response.complete && read <= mostRead;
        resolve({ status, headers, body: isWhole ? Buffer.concat(chunks).toString() : null });
      });
    });
    request.end(body);
  });

/**
 * Connects to public addresses alone. The name of the host is resolved once, each of its addresses is checked, and the
 * connection goes to one of these addresses: a name that resolves to another address afterwards changes nothing.
 */
export function createExchange(options: ExchangeOptions): Exchange {
  const { resolve = createResolve(), timeLimitMs = TIME_LIMIT_MS } = options;

  async function addressesOf(host: string): Promise<readonly [LookupAddress, ...LookupAddress[]]> {
    const family = isIP(host);
    const [first, ...others] = family === 0 ? await resolve(host) : [{ address: host, family }];
    if (!first || ![first, ...others].every(({ address }) => mayReach(address, options)))
      throw new AddressRefusedError();
    return [first, ...others];
  }

  async function connect({ url: address, ...rest }: Outgoing & { readonly signal: AbortSignal }): Promise<Incoming> {
    const url = outboundUrlOf(address, options);
    if (!url) throw new AddressRefusedError();
    const addresses = await unlessAborted(rest.signal, addressesOf(hostOf(url)));
    return send({ url, lookup: pinTo(addresses), ...rest });
  }

  return async ({ signal: ending, ...outgoing }) => {
    if (ending?.aborted) return { failure: 'CUT_OFF' };
    const cut = new AbortController();
    const end = () => cut.abort();
    const timer = setTimeout(end, timeLimitMs);
    ending?.addEventListener('abort', end);
    try {
      return await connect({ ...outgoing, signal: cut.signal });
    } catch (error) {
      if (ending?.aborted) return { failure: 'CUT_OFF' };
      if (cut.signal.aborted) return { failure: 'TIMED_OUT' };
      return { failure: error instanceof AddressRefusedError ? 'ADDRESS_REFUSED' : 'UNREACHABLE' };
    } finally {
      clearTimeout(timer);
      ending?.removeEventListener('abort', end);
    }
  };
}
