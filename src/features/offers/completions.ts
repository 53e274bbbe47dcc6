import { randomUUID } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { BlindIndex } from '../../store/derive.ts';
import type { Access } from '../../store/mongo/collections.ts';
import { type CompletionRecord, createOfferCompletions } from '../../store/mongo/repositories/offer-completions.ts';
import { createSharedVault } from '../../subject/vault.ts';

/** An offer site's report of a completed offer. */
export interface Completion {
  /** The site's own id of it. */
  readonly completionId: string;
  readonly name: string;
  readonly email: string;
  readonly credits: number;
  /** Whether the contract of the site is one to try things out under; left out where it is not. */
  readonly isTrial?: true;
}

/** A report as it waits in the queue. */
export interface Reported extends Pick<Completion, 'email' | 'credits' | 'isTrial'> {
  /** The client id of the offer site. */
  readonly partner: string;
  /** Left out where an earlier version took the report in without it. */
  readonly name?: string;
}

export interface CompletionOptions {
  readonly store: Access;
  readonly blindIndex: BlindIndex;
  readonly sharedSecret: Buffer;
  readonly clock: Clock;
  readonly log: Log;
  /** Books the credits for the person that earned them, if there is one. Idempotent. */
  readonly reward: (reported: Reported, completion: Pick<CompletionRecord, 'report' | 'receivedAt'>) => Promise<void>;
}

const BATCH = 100;

/**
 * Reports of completed offers. A report enters a durable queue with one write in every case, and is matched with a
 * person in the background. So neither the answer nor its time tells whether there is such a person.
 */
export function createCompletions({ store, blindIndex, sharedSecret, clock, log, reward }: CompletionOptions) {
  const vault = createSharedVault(sharedSecret, 'offer completions');
  const records = createOfferCompletions(store);

  const settle = async (completion: CompletionRecord): Promise<void> => {
    // of several reports with the same id, the first counts
    if (await records.claim(completion))
      await reward(vault.open(completion._id, completion.sealed) as Reported, completion);
    await records.forget(completion);
  };

  const settleBatch = async (): Promise<number> => {
    const found = await records.findOldest(BATCH);
    const outcomes = await Promise.allSettled(found.map(settle));
    const failures = outcomes.filter((outcome) => outcome.status === 'rejected');
    for (const { reason } of failures)
      log.warn({ code: (reason as Error).name }, 'an offer completion stays in the queue for now');
    return found.length - failures.length;
  };

  let work = Promise.resolve();
  let isDue = false;

  /** Matches the reports in the queue; if asked again meanwhile, it looks once more. */
  const settleInBackground = () => {
    if (isDue) return;
    isDue = true;
    work = work
      .then(async () => {
        isDue = false;
        while ((await settleBatch()) === BATCH);
      })
      .catch((error: unknown) => log.warn({ code: (error as Error).name }, 'offer completions wait in the queue'));
  };

  return {
    /** Takes a report; if the partner has used the id before, the report changes nothing. */
    async submit(partner: string, { completionId, ...rest }: Completion): Promise<void> {
      const _id = blindIndex('offer completion', JSON.stringify([partner, completionId]));
      const sealed = vault.seal(_id, { partner, ...rest } satisfies Reported);
      await records.queue({ _id, report: randomUUID(), receivedAt: clock.now(), sealed });
      settleInBackground();
    },

    /** Matches reports that an earlier gateway left behind. */
    settleLeftovers: settleInBackground,

    /** Resolves once nothing is being matched. */
    idle: (): Promise<void> => work,
  };
}
