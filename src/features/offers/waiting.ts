import type { Clock } from '../../base/clock.ts';
import { DAY } from '../../base/durations.ts';
import type { RecordStaffAct, StaffOccasion } from '../../ledger/book/audit.ts';
import { eachAlone } from '../../store/each-alone.ts';
import type { PersonKeys } from '../../store/keys.ts';
import type { Access } from '../../store/mongo/collections.ts';
import type { ItemRecord } from '../../store/mongo/repositories/items.ts';
import {
  createWaitingCredits,
  WAITING_CREDITS,
  type WaitingCreditRecord,
} from '../../store/mongo/repositories/waiting-credits.ts';
import { type Credit, openItem, type WaitingCredit } from '../../subject/content.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { PersonDocument } from '../../subject/model.ts';
import type { People } from '../../subject/people.ts';
import { findVaults, type Vault } from '../../subject/vault.ts';

/** Credits that wait, each with the person that it may belong to. */
export interface Waiting extends WaitingCredit {
  readonly person: PersonDocument;
  /** When they are dropped, unless support decides before. */
  readonly until: Date;
}

export type OfferDecision = 'ACCEPTED' | 'REFUSED';

/** How long credits wait for support, in milliseconds: as long as an offer site can be asked about them. */
const WAIT_MS = 30 * DAY;

/** When credits that were reported at this time are dropped. */
export const waitsUntil = (at: Date): Date => new Date(at.getTime() + WAIT_MS);

export interface WaitingOptions {
  readonly store: Access;
  readonly people: Pick<People, 'findBySids'>;
  readonly keys: Pick<PersonKeys, 'find'>;
  readonly recordAct: RecordStaffAct;
  readonly clock: Clock;
  /** Books credits of a person, once. */
  readonly book: (vault: Vault, sid: SubjectId, credit: Credit) => Promise<void>;
}

/** Credits that wait for support, sealed under the key of the person that they may be for; they go with that person. */
export function createWaiting({ store, people, keys, recordAct, clock, book }: WaitingOptions) {
  const records = createWaitingCredits(store);
  const earliest = () => new Date(clock.now().getTime() - WAIT_MS);
  const open = (vault: Vault, item: ItemRecord) => openItem<WaitingCredit>(vault, WAITING_CREDITS, item);

  /**
   * Books credits that support has accepted; once booked they wait no more. If the person is gone, nothing is booked.
   */
  const finish = async (item: WaitingCreditRecord): Promise<void> => {
    const { sid } = item;
    const vault = (await findVaults(keys, [sid])).get(sid);
    if (vault) {
      const { name: _name, ...credit } = open(vault, item);
      await book(vault, sid, credit);
    }
    await records.forget(item);
  };

  /** If the person is gone, or going, nothing of theirs can be opened. */
  const openAll = async (found: readonly WaitingCreditRecord[]): Promise<Waiting[]> => {
    const sids = [...new Set(found.map(({ sid }) => sid))];
    const vaults = await findVaults(keys, sids);
    const persons = new Map((await people.findBySids(sids)).map((person) => [person._id, person]));
    return found.flatMap((item) => {
      const vault = vaults.get(item.sid);
      const person = persons.get(item.sid);
      if (!vault || !person) return [];
      const credit = open(vault, item);
      return [{ ...credit, person, until: waitsUntil(credit.at) }];
    });
  };

  return {
    /**
     * Credits that wait for support, the oldest first, in pages. An erased person's credits are left out.
     *
     * @param size  of a page
     */
    async *waiting(size: number): AsyncGenerator<Waiting[]> {
      const since = earliest();
      for (let last: WaitingCreditRecord | undefined; ; ) {
        const found: WaitingCreditRecord[] = await records.findPage(since, last, size);
        yield openAll(found);
        if (found.length < size) return;
        last = found.at(-1);
      }
    },

    /** Credits that wait, by their id; null where they wait no more. */
    async findOne(id: string): Promise<Waiting | null> {
      const found = await records.findOpen(id);
      const [one = null] = await openAll(found ? [found] : []);
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
      if (decision === 'REFUSED') return records.refuse(sid, id);
      const accepted = await records.accept(sid, id);
      if (accepted) await finish(accepted);
      return accepted !== null;
    },

    /** Books accepted credits that were cut off, and drops credits that have waited for too long. */
    async sweep(): Promise<void> {
      await records.dropReported(earliest());
      await eachAlone(records.findAccepted(), finish);
    },
  };
}
