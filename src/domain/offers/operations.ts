import { randomUUID } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { collectionOf } from '../../ledger/collections.ts';
import { isDuplicateKey } from '../../ledger/duplicate-key.ts';
import { openBytes, sealBytes } from '../../store/aead.ts';
import type { Store } from '../../store/connection.ts';
import { type BlindIndex, deriveSecret } from '../../store/derive.ts';
import type { Log } from '../../store/log.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { Mailboxes } from '../../subject/mailboxes.ts';
import type { People } from '../../subject/people.ts';
import type { Vault } from '../../subject/vault.ts';
import { CREDITS, contentCollection, sealItem } from '../content/content.ts';

/** What an offer site reports of somebody who completed its offer. */
export interface Completion {
  /** The site's own id of it. */
  readonly completionId: string;
  readonly email: string;
  readonly credits: number;
}

type Reward = Pick<Completion, 'email' | 'credits'> & { readonly partner: string };

/** A report that waits to be matched; gone once it is. */
interface Queued {
  /** Marks the partner and its id of the completion. */
  readonly _id: string;
  /** Tells two reports with the same mark apart. */
  readonly report: string;
  readonly receivedAt: Date;
  readonly sealed: string;
}

/** What is left of a report, whether or not it was of anybody here: that its id is used up, and by which report. */
type Receipt = Pick<Queued, '_id' | 'report'>;

const BATCH = 100;

export type OfferOperations = ReturnType<typeof createOfferOperations>;

/**
 * Offers that people completed elsewhere. A report is taken into a durable queue, one write whomever it is about, and
 * matched with a person in the background, so that neither the answer nor its time tells whether there is one.
 */
export function createOfferOperations(services: {
  readonly store: Pick<Store, 'connection' | 'read' | 'write'>;
  readonly mailboxes: Pick<Mailboxes, 'findHolder'>;
  readonly people: Pick<People, 'findBySids'>;
  readonly vaultOf: (sid: SubjectId) => Promise<Vault>;
  readonly blindIndex: BlindIndex;
  readonly sharedSecret: Buffer;
  readonly clock: Clock;
  readonly log: Log;
}) {
  const { store, mailboxes, people, vaultOf, blindIndex, clock, log } = services;
  const key = deriveSecret(services.sharedSecret, 'offer completions');
  const queue = collectionOf<Queued>(store.connection, 'offer_completions');
  const receipts = collectionOf<Receipt>(store.connection, 'offer_receipts');
  const credits = contentCollection(store.connection, CREDITS);
  const settings = { writeConcern: store.write };
  const insertOnce = { ...settings, upsert: true };

  const findEarner = async (email: string): Promise<SubjectId | null> => {
    const sid = await mailboxes.findHolder(email);
    const [person] = sid === null ? [] : await people.findBySids([sid]);
    return person?.facts.status === 'ACTIVE' ? person._id : null;
  };

  /** Doing it again books nothing twice. */
  const book = async (sid: SubjectId, { report, receivedAt }: Queued, { partner, credits: amount }: Reward) => {
    const credit = { id: report, at: receivedAt, partner, credits: amount };
    const { _id, sid: _, ...item } = sealItem(await vaultOf(sid), CREDITS, sid, credit);
    await credits.updateOne({ _id, sid }, { $setOnInsert: item }, insertOnce);
  };

  const settle = async (queued: Queued): Promise<void> => {
    const { _id, report, sealed } = queued;
    await receipts.updateOne({ _id }, { $setOnInsert: { report } }, insertOnce);
    const receipt = await receipts.findOne({ _id }, store.read);
    // of several reports with the same id, the first counts
    if (receipt?.report === report) {
      const reward = JSON.parse(openBytes(key, _id, sealed).toString()) as Reward;
      const sid = await findEarner(reward.email);
      if (sid !== null) await book(sid, queued, reward);
    }
    await queue.deleteOne({ _id, report }, settings);
  };

  const settleBatch = async (): Promise<number> => {
    const found = await queue.find({}, { ...store.read, sort: { receivedAt: 1 }, limit: BATCH }).toArray();
    const outcomes = await Promise.allSettled(found.map(settle));
    const failures = outcomes.filter((outcome) => outcome.status === 'rejected');
    for (const { reason } of failures)
      log.warn({ code: (reason as Error).name }, 'an offer completion stays in the queue for now');
    return found.length - failures.length;
  };

  let work = Promise.resolve();
  let isDue = false;

  /** Matches what is in the queue; asked for again meanwhile, it looks once more. */
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
    /** Takes a report; one whose id this partner has used before changes nothing. */
    async submit(partner: string, { completionId, ...rest }: Completion): Promise<void> {
      const _id = blindIndex('offer completion', JSON.stringify([partner, completionId]));
      const sealed = sealBytes(key, _id, Buffer.from(JSON.stringify({ partner, ...rest } satisfies Reward)));
      try {
        await queue.insertOne({ _id, report: randomUUID(), receivedAt: clock.now(), sealed }, settings);
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
      settleInBackground();
    },

    /** Matches what an earlier gateway left behind. */
    settleLeftovers: settleInBackground,

    /** Resolves once nothing is being matched. */
    idle: (): Promise<void> => work,
  };
}
