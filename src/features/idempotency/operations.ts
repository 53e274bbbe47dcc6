import { randomUUID } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { DAY } from '../../base/durations.ts';
import { ApiError } from '../../base/errors.ts';
import type { BlindIndex } from '../../store/derive.ts';
import type { Access } from '../../store/mongo/collections.ts';
import { createIdempotencyKeys } from '../../store/mongo/repositories/idempotency-keys.ts';
import type { SubjectId } from '../../subject/identifiers.ts';

/** A call of an operation that makes something, under a key by which the caller tells it from other calls. */
export interface KeyedCall {
  /** Names the caller, and no other. */
  readonly caller: string;
  readonly operation: string;
  /** The caller's own key. */
  readonly key: string;
  /** The arguments, as text that is the same for the same arguments. */
  readonly args: string;
  /** The internal id of the calling person, since the record goes with them; null for every other caller. */
  readonly sid: SubjectId | null;
}

/** The id and the time of the thing that an operation is to make. */
export interface Making {
  /** Random for a call without a key; the same for every repetition of a call with a key. */
  readonly id: string;
  /** When it was first called for. */
  readonly at: Date;
  /** Whether the call has a key: then others like it may have come before, or come now, and begun to make the thing. */
  readonly keyed: boolean;
  /** Whether it was made to the end. Nothing is made again then, even if the thing has changed or gone since. */
  readonly made: boolean;
}

/** How long a key stands for its call, in milliseconds. */
const LASTS = DAY;

const otherCall = () =>
  new ApiError(
    'CONFLICT',
    'idempotencyKey: within the last 24 hours this key stood for a call of this operation with other arguments. Send ' +
      'the same arguments again, or take a new key.',
    { argument: 'idempotencyKey' },
  );

/** A mark as a UUID that its holder may make as they like. @see RFC 9562, 5.8 (version 8) */
function uuidOf(mark: string): string {
  const bytes = Buffer.from(mark, 'hex').subarray(0, 16);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** A call without a key makes something new each time. */
export const newMaking = (at: Date): Making => ({ id: randomUUID(), at, keyed: false, made: false });

export type Idempotency = ReturnType<typeof createIdempotency>;

/**
 * Calls that may be made again without making anything twice, from any gateway. The id of the thing follows from the
 * key, so that an operation which was cut off, or is under way elsewhere, comes upon its own traces; one record of each
 * key tells whether the thing was made to the end.
 */
export function createIdempotency(store: Access, blindIndex: BlindIndex, clock: Clock) {
  const keys = createIdempotencyKeys(store);

  /** Takes the key for this call, or finds the call that it stands for: one write, whichever it is. */
  async function begin({ caller, operation, key, args, sid }: KeyedCall) {
    const now = clock.now();
    const mark = blindIndex('idempotency key', JSON.stringify([caller, operation, key]));
    const fresh = {
      ...{ _id: mark, args: blindIndex('idempotent arguments', `${mark} ${args}`), sid, at: now, made: false },
      expiresAt: new Date(now.getTime() + LASTS),
    };
    const before = await keys.take(fresh, now);
    const standing = before && before.expiresAt > now ? before : null;
    if (standing && standing.args !== null && standing.args !== fresh.args) throw otherCall();
    const { at, made } = standing ?? fresh;
    const id = uuidOf(blindIndex('made under a key', `${mark} ${at.getTime()}`));
    const making: Making = { id, at, keyed: true, made };
    return { making, mark, argsMark: fresh.args };
  }

  return {
    /**
     * Makes something, once for each key.
     *
     * @param call  null for a call without a key
     * @param make  makes the thing; begun again where it was cut off, and called also where the thing was made already,
     *   to tell of it
     * @throws {ApiError} CONFLICT where the key stands for a call with other arguments, made less than a day ago
     */
    async once<Result>(call: KeyedCall | null, make: (making: Making) => Promise<Result>): Promise<Result> {
      if (call === null) return make(newMaking(clock.now()));
      const { making, mark, argsMark } = await begin(call);
      try {
        const result = await make(making);
        if (!making.made) await keys.markMade(mark, making.at, argsMark);
        return result;
      } catch (error) {
        // nothing was made of it, and the caller will put it right
        if (error instanceof ApiError && error.code === 'BAD_INPUT') await keys.free(mark, making.at);
        throw error;
      }
    },

    /** Forgets the keys that stand for nothing any more. */
    sweep: (): Promise<void> => keys.dropExpired(clock.now()),
  };
}
