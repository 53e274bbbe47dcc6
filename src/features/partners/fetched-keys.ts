import { LRUCache } from 'lru-cache';
import type { Clock } from '../../base/clock.ts';
import { HOUR, MINUTE } from '../../base/durations.ts';
import type { Log } from '../../base/log.ts';
import type { Exchange } from '../../base/outbound.ts';
import { parseJson } from '../../base/parse-json.ts';
import type { PublicKey } from '../../store/mongo/repositories/partners.ts';
import { readKeySet } from './key-set.ts';
import type { PartnerDocument } from './recipient.ts';

/** Keys count for so long before their address is asked again, in milliseconds: a key that was taken away is gone then. */
const FRESH = 5 * MINUTE;
/** The same while the address fails; afterwards the partner has no keys. */
const KEPT = HOUR;
/** An address is asked at most once in so many milliseconds, for any keys that assertions name. */
const PAUSE = 30_000;
/** In bytes; ten keys of RSA with 8,192 bits take half of it. */
const MOST_READ = 65_536;
/** The number of addresses for which a gateway remembers keys. */
const REMEMBERED = 1_000;

/** @see RFC 7517, 8.5.2 */
const KEY_SET_TYPES = ['application/json', 'application/jwk-set+json'];

const NO_KEYS: readonly PublicKey[] = [];

/** The latest answer of an address. */
interface Learned {
  readonly keys: readonly PublicKey[];
  /** When the address gave these keys, in milliseconds since the epoch; null where it never gave any. */
  readonly at: number | null;
  /** When it was last asked. */
  readonly askedAt: number;
}

const NOTHING: Learned = { keys: NO_KEYS, at: null, askedAt: Number.NEGATIVE_INFINITY };

/** Finds the keys that a partner may have signed with. */
export type FindKeys = (partner: PartnerDocument, kid: string | undefined) => Promise<readonly PublicKey[]>;

/**
 * The keys of partners, from their records or from the addresses that these name. An address is asked when its keys are
 * no longer fresh, and for a key that is not among them; never more than once at a time, and after a pause.
 */
export function createFindKeys(services: {
  readonly exchange: Exchange;
  readonly clock: Clock;
  readonly log: Log;
}): FindKeys {
  const { exchange, clock, log } = services;
  const learned = new LRUCache<string, Learned>({ max: REMEMBERED });
  const asking = new Map<string, Promise<void>>();

  /** The keys that an address gives; or in a word why it gives none. */
  async function ask(url: string): Promise<readonly PublicKey[] | string> {
    const headers = { accept: KEY_SET_TYPES.join(', '), 'user-agent': 'assent' };
    const answer = await exchange({ method: 'GET', url, headers, mostRead: MOST_READ });
    if ('failure' in answer) return answer.failure;
    if (answer.status !== 200) return `STATUS_${answer.status}`;
    const [type = ''] = (answer.headers['content-type'] ?? '').split(';');
    if (!KEY_SET_TYPES.includes(type.trim().toLowerCase())) return 'CONTENT_TYPE';
    if (answer.body === null) return 'BODY';
    const read = readKeySet(parseJson(answer.body));
    return 'keys' in read ? read.keys : 'KEYS';
  }

  async function learn(partner: string, url: string, before: Learned): Promise<void> {
    const askedAt = clock.now().getTime();
    const keys = await ask(url);
    if (typeof keys === 'string') {
      log.warn({ partner, reason: keys }, 'the keys of a partner could not be had from their address');
      learned.set(url, { ...before, askedAt });
    } else learned.set(url, { keys, at: askedAt, askedAt });
  }

  /** Callers that need the keys of an address while it is asked wait for the same answer. */
  const learnOnce = (partner: string, url: string, before: Learned): Promise<void> => {
    const underWay = asking.get(url) ?? learn(partner, url, before).finally(() => asking.delete(url));
    asking.set(url, underWay);
    return underWay;
  };

  const isWithin = ({ at }: Learned, time: number) => at !== null && clock.now().getTime() < at + time;

  return async ({ _id, keys = NO_KEYS, jwksUri }, kid) => {
    if (jwksUri == null) return keys;
    const known = learned.get(jwksUri) ?? NOTHING;
    const isKnown = kid === undefined || known.keys.some((key) => key.kid === kid);
    const maySay = clock.now().getTime() >= known.askedAt + PAUSE;
    if (maySay && !(isKnown && isWithin(known, FRESH))) await learnOnce(_id, jwksUri, known);
    const latest = learned.get(jwksUri) ?? NOTHING;
    return isWithin(latest, KEPT) ? latest.keys : NO_KEYS;
  };
}
