import { describe, expect, test } from 'vitest';
import {
  askedPause,
  healthAfter,
  LONGEST_PAUSE,
  type Outcome,
  outcomeOf,
  pushAfterFailure,
  TRIED_FOR,
} from '../../src/features/webhooks/retries.ts';
import type { NoticePush } from '../../src/store/mongo/repositories/notice-pushes.ts';
import type { WebhookHealth } from '../../src/store/mongo/repositories/webhooks.ts';
import { DAY, HOUR } from '../support/clock.ts';

const NOW = new Date('2026-03-10T12:00:00.000Z');
const later = (milliseconds: number) => new Date(NOW.getTime() + milliseconds);
const answered = (status: number, retryAfter: string | null = null) => ({ status, retryAfter });
const attempts = (...outcomes: Outcome[]) => outcomes.map((outcome) => ({ outcome, asked: 0 }));

const SOUND: WebhookHealth = {
  ...{ lastDeliveredAt: null, failures: 0, failingSince: null, pausedUntil: null },
  ...{ disabledAt: null, disabledBecause: null },
};

describe('the outcome of an attempt', () => {
  test.each([
    ...[200, 202, 204, 299].map((status) => ({ answer: answered(status), outcome: 'DELIVERED' })),
    ...[301, 307, 400, 404, 429, 500, 503].map((status) => ({ answer: answered(status), outcome: 'REFUSED' })),
    { answer: answered(410), outcome: 'GONE' },
    { answer: { failure: 'TIMED_OUT' as const }, outcome: 'TIMED_OUT' },
    { answer: { failure: 'CUT_OFF' as const }, outcome: null },
  ])('$answer is $outcome', ({ answer, outcome }) => expect(outcomeOf(answer)).toBe(outcome));
});

describe('the pause that a receiver asks for', () => {
  test.each([
    { header: '120', pause: 120_000 },
    { header: '0', pause: 0 },
    { header: 'Tue, 10 Mar 2026 12:01:00 GMT', pause: 60_000 },
    { header: 'Tue, 10 Mar 2026 11:00:00 GMT', pause: 0 },
    { header: '999999999', pause: LONGEST_PAUSE },
    { header: 'Tue, 10 Mar 2099 12:00:00 GMT', pause: LONGEST_PAUSE },
    { header: 'soon', pause: 0 },
    { header: '-5', pause: 0 },
    { header: null, pause: 0 },
  ])('$header is $pause ms', ({ header, pause }) => expect(askedPause(answered(503, header), NOW)).toBe(pause));
});

describe('a notice that fails', () => {
  test('is tried for three days, ever more rarely, and then given up', () => {
    const pauses: number[] = [];
    let now = NOW;
    let push: NoticePush | undefined;
    while (push?.state !== 'GIVEN_UP') {
      push = pushAfterFailure(push ?? {}, 0, now);
      if (push.state !== 'WAITING') break;
      pauses.push(push.dueAt.getTime() - now.getTime());
      now = push.dueAt;
    }
    expect(push.since).toEqual(NOW);
    expect(now.getTime() - NOW.getTime()).toBeGreaterThanOrEqual(TRIED_FOR);
    expect(now.getTime() - NOW.getTime()).toBeLessThan(TRIED_FOR + 1.2 * LONGEST_PAUSE);
    expect(push.attempts).toBe(pauses.length + 1);
    expect(pauses.length).toBeGreaterThan(12);
    expect(pauses.length).toBeLessThan(22);
    for (const [index, pause] of pauses.entries()) {
      const plain = Math.min(5_000 * 4 ** index, 8 * HOUR);
      expect(pause / plain).toBeGreaterThanOrEqual(0.79);
      expect(pause / plain).toBeLessThanOrEqual(1.21);
    }
  });

  test('does not come again at the same moment as others that failed with it', () => {
    const times = Array.from({ length: 50 }, () => pushAfterFailure({ attempts: 3, since: NOW }, 0, NOW));
    expect(new Set(times.map((push) => ('dueAt' in push ? push.dueAt.getTime() : 0))).size).toBeGreaterThan(40);
  });

  test('waits as long as its receiver asks for', () => {
    expect(pushAfterFailure({}, HOUR, NOW)).toEqual({ attempts: 1, since: NOW, state: 'WAITING', dueAt: later(HOUR) });
  });
});

describe('a webhook', () => {
  const failing = { ...SOUND, failures: 2, failingSince: later(-HOUR) };

  test('pauses where all attempts failed', () => {
    const health = healthAfter(failing, attempts('TIMED_OUT', 'REFUSED'), NOW);
    expect(health).toMatchObject({ failures: 3, failingSince: later(-HOUR), disabledAt: null });
    expect(health.pausedUntil?.getTime()).toBeGreaterThan(NOW.getTime() + 60_000);
  });

  test('pauses as long as its receiver asks for', () => {
    const health = healthAfter(SOUND, [{ outcome: 'REFUSED', asked: 2 * HOUR }], NOW);
    expect(health.pausedUntil).toEqual(later(2 * HOUR));
  });

  test('is sound again as soon as one attempt arrives', () => {
    expect(healthAfter(failing, attempts('REFUSED', 'DELIVERED'), NOW)).toEqual({ ...SOUND, lastDeliveredAt: NOW });
  });

  test('is disabled at once where its receiver is gone', () => {
    expect(healthAfter(SOUND, attempts('DELIVERED', 'GONE'), NOW)).toMatchObject({
      ...{ disabledAt: NOW, disabledBecause: 'GONE' },
    });
  });

  test.each([
    { since: -3 * DAY + 1, disabledAt: null, disabledBecause: null },
    { since: -3 * DAY, disabledAt: NOW, disabledBecause: 'FAILING' },
  ])('that fails since $since ms is disabled: $disabledBecause', ({ since, ...expected }) => {
    expect(healthAfter({ ...failing, failingSince: later(since) }, attempts('UNREACHABLE'), NOW)).toMatchObject(
      expected,
    );
  });

  test('stays as it is where nothing was tried', () => expect(healthAfter(failing, [], NOW)).toEqual(failing));
});
