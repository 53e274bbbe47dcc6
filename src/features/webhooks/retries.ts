import { DAY, HOUR } from '../../base/durations.ts';
import type { NoticePush } from '../../store/mongo/repositories/notice-pushes.ts';
import type { WebhookHealth } from '../../store/mongo/repositories/webhooks.ts';
import type { Answer } from './post.ts';

/** How long a message, or a whole webhook, is tried, in milliseconds. */
export const TRIED_FOR = 3 * DAY;
const FIRST_PAUSE = 5_000;
/** Each pause is so many times as long as the one before, up to the longest. */
const GROWTH = 4;
/** A receiver that asks for more gets this. */
export const LONGEST_PAUSE = 8 * HOUR;
/** A pause is longer or shorter by this part of it at the most, so that failures do not come again together. */
const JITTER = 0.2;

/** The outcome of an attempt, as the log of deliveries tells it. */
export type Outcome = 'DELIVERED' | 'GONE' | 'REFUSED' | 'TIMED_OUT' | 'UNREACHABLE' | 'ADDRESS_REFUSED';

/** @returns null for an attempt that this gateway cut off: it counts for nothing */
export function outcomeOf(answer: Answer): Outcome | null {
  if ('failure' in answer) return answer.failure === 'CUT_OFF' ? null : answer.failure;
  if (answer.status >= 200 && answer.status < 300) return 'DELIVERED';
  return answer.status === 410 ? 'GONE' : 'REFUSED';
}

/** The pause that a receiver asks for, in milliseconds; 0 where it asks for none. @see RFC 9110, 10.2.3 */
export function askedPause(answer: Answer, now: Date): number {
  const text = ('retryAfter' in answer && answer.retryAfter) || '';
  const asked = /^\d{1,9}$/.test(text) ? Number(text) * 1_000 : Date.parse(text) - now.getTime();
  return Math.min(Math.max(asked || 0, 0), LONGEST_PAUSE);
}

/** @param failures  in a row, 1 or more */
const pauseAfter = (failures: number, asked: number): number => {
  const pause = Math.min(FIRST_PAUSE * GROWTH ** (failures - 1), LONGEST_PAUSE);
  return Math.max(pause * (1 + JITTER * (2 * Math.random() - 1)), asked);
};

const later = (time: Date, milliseconds: number) => new Date(time.getTime() + milliseconds);

const isOver = (since: Date, now: Date) => now.getTime() - since.getTime() >= TRIED_FOR;

/** Where a notice stands after an attempt that failed. */
export function pushAfterFailure({ attempts = 0, since }: Partial<NoticePush>, asked: number, now: Date): NoticePush {
  const begun = since ?? now;
  const tried = { attempts: attempts + 1, since: begun };
  if (isOver(begun, now)) return { ...tried, state: 'GIVEN_UP' };
  return { ...tried, state: 'WAITING', dueAt: later(now, pauseAfter(tried.attempts, asked)) };
}

/** One attempt of several that were made together. */
export interface Attempted {
  readonly outcome: Outcome;
  /** The pause that the receiver asked for, in milliseconds. */
  readonly asked: number;
}

const HEALTHY = { failures: 0, failingSince: null, pausedUntil: null, disabledAt: null, disabledBecause: null };

/**
 * Where a webhook stands after attempts that were made together. It fails where all of them did: one message that its
 * receiver can't take holds up no other.
 */
export function healthAfter(before: WebhookHealth, attempts: readonly Attempted[], now: Date): WebhookHealth {
  const { lastDeliveredAt, failures: failed, failingSince, pausedUntil, disabledAt, disabledBecause } = before;
  const standing = { lastDeliveredAt, failures: failed, failingSince, pausedUntil };
  if (attempts.length === 0) return { ...standing, disabledAt, disabledBecause };
  if (attempts.some(({ outcome }) => outcome === 'GONE'))
    return { ...standing, disabledAt: now, disabledBecause: 'GONE' };
  if (attempts.some(({ outcome }) => outcome === 'DELIVERED')) return { ...HEALTHY, lastDeliveredAt: now };
  const since = failingSince ?? now;
  const failures = failed + 1;
  const asked = Math.max(...attempts.map((attempt) => attempt.asked));
  const isDisabled = isOver(since, now);
  return {
    ...{ lastDeliveredAt, failures, failingSince: since },
    pausedUntil: later(now, pauseAfter(failures, asked)),
    disabledAt: isDisabled ? now : null,
    disabledBecause: isDisabled ? 'FAILING' : null,
  };
}
