import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../base/clock.ts';
import { MINUTE } from '../../base/durations.ts';
import { groupBy } from '../../base/group-by.ts';
import type { Log } from '../../base/log.ts';
import { shareRuns } from '../../base/shared-runs.ts';
import type { NoticePushes } from '../../store/mongo/repositories/notice-pushes.ts';
import type { Partners } from '../../store/mongo/repositories/partners.ts';
import type { Lease, WebhookRecord, WebhookRecords } from '../../store/mongo/repositories/webhooks.ts';
import type { EventForm, PartnerEvent } from '../erasure/partner-event.ts';
import type { StoredNotice } from '../erasure/stored-notice.ts';
import { bodyOf, keyNamesOf, type WebhookKeys } from './message.ts';
import type { Post } from './post.ts';
import { type Attempted, askedPause, healthAfter, outcomeOf, pushAfterFailure } from './retries.ts';

/** The most messages under way to one partner at once; only one to a partner that fails. */
const AT_ONCE = 8;
/** How long a gateway may be silent before another one takes its place, in milliseconds: longer than an attempt. */
const LEASE_MS = 30_000;
/** When it looks again at a webhook that another gateway sends to, in milliseconds. */
const LOOK_AGAIN_MS = 1_000;
/** Acts come in bursts: one search finds the acts of so many milliseconds. */
const GATHER_MS = 100;
/** So long, in milliseconds, a search for webhooks that found none holds. */
const NONE_HOLDS_MS = 10_000;

interface Attempt extends Attempted {
  readonly stored: StoredNotice;
  readonly event: PartnerEvent;
  readonly at: Date;
  readonly status: number | null;
  readonly milliseconds: number;
}

export type Dispatcher = ReturnType<typeof createDispatcher>;

/**
 * Sends notices to the webhooks of their recipients. A message has no record besides its notice: the notice holds
 * whether it waits, whether it was delivered and when to try again. If a gateway ends between sending and noting, the
 * message is sent again under the same id.
 *
 * One gateway at a time sends to a webhook: it holds the webhook's lease. Each webhook has a line of its own, so that
 * none waits for another. Of a person's notices, only the first that is neither delivered nor given up is sent.
 */
export function createDispatcher(services: {
  readonly webhooks: WebhookRecords;
  readonly pushes: NoticePushes<StoredNotice>;
  /** Puts in place the notices of acts on record. */
  readonly placeNotices: () => Promise<void>;
  readonly partners: Pick<Partners, 'find'>;
  readonly eventOf: EventForm;
  readonly keys: WebhookKeys;
  readonly post: Post;
  readonly clock: Clock;
  readonly log: Log;
}) {
  const { webhooks, pushes, placeNotices, partners, eventOf, keys, post, clock, log } = services;
  const holder = randomUUID();
  const ending = new AbortController();
  const lines = new Map<string, ReturnType<typeof shareRuns>>();
  const timers = new Map<string, NodeJS.Timeout>();
  const searches = new Set<Promise<void>>();
  let noneUntil = 0;

  const newLease = (now: Date): Lease => ({ holder, until: new Date(now.getTime() + LEASE_MS) });

  const report = (error: unknown) =>
    log.warn({ code: (error as Error).name }, 'notices wait for the next time to be sent');

  async function attempt(webhook: WebhookRecord, stored: StoredNotice): Promise<Attempt | null> {
    const event = eventOf(stored);
    const at = clock.now();
    const body = bodyOf(event);
    const headers = keys.headersFor(keyNamesOf(webhook, at), event.id, at, body);
    const begun = performance.now();
    const answer = await post({ url: webhook.url, headers, body, signal: ending.signal });
    const outcome = outcomeOf(answer);
    if (outcome === null) return null;
    const status = 'status' in answer ? answer.status : null;
    const milliseconds = Math.round(performance.now() - begun);
    return { stored, event, at, outcome, status, milliseconds, asked: askedPause(answer, at) };
  }

  const noteOf = ({ stored, outcome, asked, at }: Attempt) => {
    const { attempts = 0, since = at } = stored.push ?? {};
    return pushes.note(
      stored,
      outcome === 'DELIVERED'
        ? { state: 'DELIVERED', attempts: attempts + 1, since }
        : pushAfterFailure(stored.push ?? {}, asked, clock.now()),
    );
  };

  const deliveryOf = ({ stored, event, at, outcome, status, milliseconds }: Attempt) => ({
    ...{ at, type: event.kind, event: event.id, outcome, status, milliseconds },
    attempt: (stored.push?.attempts ?? 0) + 1,
  });

  /** Those of the notices that are the first of their person, once the others are held back as long as it takes. */
  async function firstOfEach(recipient: string, due: readonly StoredNotice[]): Promise<StoredNotice[]> {
    const open = await pushes.findOpen(recipient, [...new Set(due.map(({ personId }) => personId))]);
    const firsts: StoredNotice[] = [];
    for (const [personId, [first]] of groupBy(open, (notice) => notice.personId)) {
      const ofPerson = due.filter((notice) => notice.personId === personId);
      if (ofPerson.some(({ _id }) => _id === first?._id)) firsts.push(first as StoredNotice);
      else if (first?.push?.state === 'WAITING')
        await pushes.postpone(
          ofPerson.map(({ _id }) => _id),
          first.push.dueAt,
        );
    }
    return firsts;
  }

  /** While a webhook fails, another message than those that failed shows whether it still does. */
  async function findDue({ _id: recipient, failures }: WebhookRecord, now: Date): Promise<readonly StoredNotice[]> {
    if (failures === 0) return pushes.findDue(recipient, now, AT_ONCE);
    const untried = await pushes.findUntried(recipient);
    return untried ? [untried] : pushes.findDue(recipient, now, 1);
  }

  /** @returns the webhook as it stands afterwards; null where there is nothing to send now, or the lease is lost */
  async function sendSome(webhook: WebhookRecord): Promise<WebhookRecord | null> {
    const { _id: recipient } = webhook;
    const due = await findDue(webhook, clock.now());
    if (due.length === 0) return null;
    const firsts = await firstOfEach(recipient, due);
    const attempts = (await Promise.all(firsts.map((stored) => attempt(webhook, stored)))).flatMap((one) => one ?? []);
    await Promise.all(attempts.map(noteOf));
    const now = clock.now();
    const health = healthAfter(webhook, attempts, now);
    if (health.disabledAt)
      log.warn({ partner: recipient, reason: health.disabledBecause }, 'a webhook is disabled; its notices wait');
    return webhooks.note(recipient, newLease(now), health, attempts.map(deliveryOf));
  }

  /** A partner that is suspended is sent nothing. */
  const mayBeSent = async (recipient: string) =>
    !ending.signal.aborted && (await partners.find(recipient))?.status === 'ACTIVE';

  async function drain(leased: WebhookRecord): Promise<void> {
    let webhook: WebhookRecord | null = leased;
    while (webhook && !webhook.disabledAt && !webhook.pausedUntil && (await mayBeSent(webhook._id)))
      webhook = await sendSome(webhook);
  }

  const lookAgain = (recipient: string, milliseconds: number) => {
    clearTimeout(timers.get(recipient));
    if (ending.signal.aborted) return;
    const timer = setTimeout(() => begin(recipient), Math.max(milliseconds, 0));
    timers.set(recipient, timer.unref());
  };

  /** Sends all that may be sent to one partner now, and sees to it that the rest is sent when its time comes. */
  async function serve(recipient: string): Promise<void> {
    if (!(await mayBeSent(recipient))) return;
    const now = clock.now();
    const leased = await webhooks.lease(recipient, newLease(now), now);
    if (leased)
      try {
        await drain(leased);
      } finally {
        await webhooks.release(recipient, holder);
      }
    const webhook = await webhooks.find(recipient);
    if (!webhook || webhook.disabledAt) return;
    // the gateway with the lease has ended the pause
    if (webhook.lease && !webhook.pausedUntil) return lookAgain(recipient, LOOK_AGAIN_MS);
    const next = webhook.pausedUntil ?? (await pushes.findNextTime(recipient));
    if (next) lookAgain(recipient, next.getTime() - clock.now().getTime());
  }

  const lineOf = (recipient: string) => {
    const line = lines.get(recipient) ?? shareRuns(() => serve(recipient));
    lines.set(recipient, line);
    return line;
  };

  function begin(recipient: string): void {
    if (ending.signal.aborted) return;
    lineOf(recipient)
      .run()
      .catch((error: unknown) => {
        report(error);
        lookAgain(recipient, MINUTE);
      });
  }

  async function search(among?: readonly string[]): Promise<void> {
    for (const recipient of await webhooks.findEnabled(among)) begin(recipient);
  }

  const placing = shareRuns(async () => {
    await sleep(GATHER_MS, undefined, { signal: ending.signal });
    if ((await webhooks.findEnabled()).length > 0) await placeNotices();
    else noneUntil = performance.now() + NONE_HOLDS_MS;
  });

  /** Sees to it that the notices of an act are sent soon. Without any webhook they wait until partners read them. */
  function follow(): void {
    if (ending.signal.aborted || performance.now() < noneUntil) return;
    placing.run().catch((error: unknown) => {
      if (ending.signal.aborted) return;
      report(error);
      setTimeout(follow, LOOK_AGAIN_MS).unref();
    });
  }

  return {
    follow,

    /**
     * Begins to send the notices that wait.
     *
     * @param among the partners to send to; all of them if it is left out
     * @returns once it is known to which partners
     */
    wake(among?: readonly string[]): Promise<void> {
      if (ending.signal.aborted) return Promise.resolve();
      noneUntil = 0;
      const searching = search(among)
        .catch(report)
        .finally(() => searches.delete(searching));
      searches.add(searching);
      return searching;
    },

    /** Cuts off the attempts under way, which count for nothing, and begins nothing more. */
    async stop(): Promise<void> {
      ending.abort();
      for (const timer of timers.values()) clearTimeout(timer);
      await placing.idle();
      await Promise.all(searches);
      await Promise.all([...lines.values()].map((line) => line.idle()));
    },
  };
}
