import { randomUUID } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { RecordStaffAct, StaffOccasion } from '../../ledger/book/audit.ts';
import { collectionOf } from '../../ledger/collections.ts';
import { openBytes, sealBytes } from '../../store/aead.ts';
import { type BlindIndex, deriveSecret } from '../../store/derive.ts';
import { eachAlone } from '../../store/each-alone.ts';
import type { PersonKeys } from '../../store/keys.ts';
import type { Store } from '../../store/mongo/connection.ts';
import { isDuplicateKey } from '../../store/mongo/duplicate-key.ts';
import {
  CREDITS,
  type Credit,
  contentCollection,
  contentId,
  openItem,
  type SealedItem,
  sealItem,
  WAITING_CREDITS,
  type WaitingCredit,
} from '../../subject/content.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { Mailboxes } from '../../subject/mailboxes.ts';
import type { PersonDocument } from '../../subject/model.ts';
import type { People } from '../../subject/people.ts';
import { createVault, openValue, type Vault } from '../../subject/vault.ts';
import { isSameName } from './names.ts';

/** What an offer site reports of somebody who completed its offer. */
export interface Completion {
  /** The site's own id of it. */
  readonly completionId: string;
  readonly name: string;
  readonly email: string;
  readonly credits: number;
}

interface Reward extends Pick<Completion, 'email' | 'credits'> {
  readonly partner: string;
  /** Left out where an earlier version took the report in without it. */
  readonly name?: string;
}

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

/** Credits that wait for support. */
interface SealedWaiting extends SealedItem {
  /** Support has accepted them, and they are on their way to the person. */
  readonly accepted?: true;
}

/** Credits that wait, with whose they may be. */
export interface Waiting extends WaitingCredit {
  readonly person: PersonDocument;
  /** When they are dropped, unless support decides before. */
  readonly until: Date;
}

export type OfferDecision = 'ACCEPTED' | 'REFUSED';

const BATCH = 100;
/** How long credits wait for support, in milliseconds: as long as an offer site can be asked about them. */
const WAIT_MS = 30 * 24 * 3_600_000;

/** When credits that were reported at this time are dropped. */
export const waitsUntil = (at: Date): Date => new Date(at.getTime() + WAIT_MS);

export type OfferOperations = ReturnType<typeof createOfferOperations>;

/**
 * Offers that people completed elsewhere. A report is taken into a durable queue, one write whoever it is about, and
 * matched with a person in the background, so that neither the answer nor its time tells whether there is one. Credits
 * are booked where both the address and the name are the person's. Where the address alone is, they wait for support,
 * sealed under the key of the person, and go with that person.
 */
export function createOfferOperations(services: {
  readonly store: Pick<Store, 'connection' | 'read' | 'write'>;
  readonly mailboxes: Pick<Mailboxes, 'findHolder'>;
  readonly people: Pick<People, 'findBySids'>;
  readonly vaultOf: (sid: SubjectId) => Promise<Vault>;
  readonly keys: Pick<PersonKeys, 'find'>;
  readonly recordAct: RecordStaffAct;
  readonly blindIndex: BlindIndex;
  readonly sharedSecret: Buffer;
  readonly clock: Clock;
  readonly log: Log;
}) {
  const { store, mailboxes, people, vaultOf, keys, recordAct, blindIndex, clock, log } = services;
  const key = deriveSecret(services.sharedSecret, 'offer completions');
  const queue = collectionOf<Queued>(store.connection, 'offer_completions');
  const receipts = collectionOf<Receipt>(store.connection, 'offer_receipts');
  const settings = { writeConcern: store.write };
  const insertOnce = { ...settings, upsert: true };

  const waiting = collectionOf<SealedWaiting>(store.connection, WAITING_CREDITS);

  /** The active person who has proven an address. */
  const findEarner = async (email: string): Promise<PersonDocument | null> => {
    const sid = await mailboxes.findHolder(email);
    const [person] = sid === null ? [] : await people.findBySids([sid]);
    return person?.facts.status === 'ACTIVE' ? person : null;
  };

  /** Puts something of a person in its place, once. */
  const insertItem = (name: string, vault: Vault, sid: SubjectId, credit: Credit) => {
    const { _id, sid: _, ...item } = sealItem(vault, name, sid, credit);
    return contentCollection(store.connection, name).updateOne({ _id, sid }, { $setOnInsert: item }, insertOnce);
  };

  /** Books the credits, or has them wait where the name is not the person's. Doing it again does nothing twice. */
  const reward = async ({ _id: sid, values }: PersonDocument, { report, receivedAt }: Queued, earned: Reward) => {
    const vault = await vaultOf(sid);
    const { partner, credits: amount, name } = earned;
    const credit: Credit = { id: report, at: receivedAt, partner, credits: amount };
    const known = openValue(vault, values, 'NAME');
    const isTheirs = known !== undefined && name !== undefined && isSameName(name, known);
    if (isTheirs) await insertItem(CREDITS, vault, sid, credit);
    else await insertItem(WAITING_CREDITS, vault, sid, { ...credit, ...(name !== undefined && { name }) } as Credit);
  };

  /** Books credits that support has accepted; they wait no more once they are booked. Of a person who is gone, none. */
  const finish = async (item: SealedWaiting): Promise<void> => {
    const { _id, sid } = item;
    const key = (await keys.find([sid])).get(sid);
    if (key) {
      const vault = createVault(sid, key);
      const { name: _name, ...credit } = openItem<WaitingCredit>(vault, WAITING_CREDITS, item);
      await insertItem(CREDITS, vault, sid, credit);
    }
    await waiting.deleteOne({ _id, sid }, settings);
  };

  const settle = async (queued: Queued): Promise<void> => {
    const { _id, report, sealed } = queued;
    await receipts.updateOne({ _id }, { $setOnInsert: { report } }, insertOnce);
    const receipt = await receipts.findOne({ _id }, store.read);
    // of several reports with the same id, the first counts
    if (receipt?.report === report) {
      const earned = JSON.parse(openBytes(key, _id, sealed).toString()) as Reward;
      const earner = await findEarner(earned.email);
      if (earner) await reward(earner, queued, earned);
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

  /** Of a person who is gone, or going, nothing can be opened. */
  const openAll = async (found: readonly SealedWaiting[]): Promise<Waiting[]> => {
    const sids = [...new Set(found.map(({ sid }) => sid))];
    const dataKeys = await keys.find(sids);
    const persons = new Map((await people.findBySids(sids)).map((person) => [person._id, person]));
    return found.flatMap((item) => {
      const key = dataKeys.get(item.sid);
      const person = persons.get(item.sid);
      if (!key || !person) return [];
      const credit = openItem<WaitingCredit>(createVault(item.sid, key), WAITING_CREDITS, item);
      return [{ ...credit, person, until: waitsUntil(credit.at) }];
    });
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

    /**
     * Credits that wait for support, the oldest first, in pages. A page lacks those of people who are gone.
     *
     * @param size  of a page
     */
    async *waiting(size: number): AsyncGenerator<Waiting[]> {
      const since = new Date(clock.now().getTime() - WAIT_MS);
      for (let last: SealedWaiting | undefined; ; ) {
        const later = last && { $or: [{ at: { $gt: last.at } }, { at: last.at, _id: { $gt: last._id } }] };
        const found: SealedWaiting[] = await waiting
          .find(
            { accepted: { $exists: false }, at: { $gt: since }, ...later },
            { ...store.read, sort: { at: 1, _id: 1 }, limit: size },
          )
          .toArray();
        yield openAll(found);
        if (found.length < size) return;
        last = found.at(-1);
      }
    },

    /** Credits that wait, by their id; null where they wait no more. */
    async findOne(id: string): Promise<Waiting | null> {
      const found = await waiting.find({ id, accepted: { $exists: false } }, { ...store.read, limit: 1 }).toArray();
      const [one = null] = await openAll(found);
      return one && clock.now() < one.until ? one : null;
    },

    /**
     * Support decides on credits that wait: they are booked, or dropped. That it did is on the audit log before.
     *
     * @returns whether they still waited
     */
    async decide({ id, person }: Waiting, decision: OfferDecision, occasion: StaffOccasion): Promise<boolean> {
      const { _id: sid } = person;
      await recordAct(occasion, { act: `OFFER_COMPLETION_${decision}`, case: id, sids: [sid] });
      const open = { _id: contentId(sid, id), sid, accepted: { $exists: false } };
      if (decision === 'REFUSED') return (await waiting.deleteOne(open, settings)).deletedCount === 1;
      const accepted = await waiting.findOneAndUpdate(open, { $set: { accepted: true } }, settings);
      if (accepted) await finish(accepted);
      return accepted !== null;
    },

    /** Books what was accepted and cut off, and drops what has waited for too long. */
    async sweep(): Promise<void> {
      const since = new Date(clock.now().getTime() - WAIT_MS);
      await waiting.deleteMany({ at: { $lte: since }, accepted: { $exists: false } }, settings);
      await eachAlone(waiting.find({ accepted: true }, store.read), finish);
    },

    /** Matches what an earlier gateway left behind. */
    settleLeftovers: settleInBackground,

    /** Resolves once nothing is being matched. */
    idle: (): Promise<void> => work,
  };
}
