import type { Clock } from '../base/clock.ts';
import { raceLost, unavailable } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { append } from '../ledger/chain/entry.ts';
import type { PersonEntry, PersonLedger } from '../ledger/chain/person-chain.ts';
import { NO_RETENTION } from '../policy/retention.ts';
import { eachAlone } from '../store/each-alone.ts';
import type { Access } from '../store/mongo/collections.ts';
import { createPersonRecords } from '../store/mongo/repositories/people.ts';
import { changeWithEnds, type Policies, personWithEnds } from './consent-ends.ts';
import { timesOf, withoutOver } from './expiry.ts';
import { type HeldAsked, heldChange } from './held.ts';
import type { SubjectId } from './identifiers.ts';
import { type Change, isErased, type PersonDocument } from './model.ts';
import { narrows } from './narrowing.ts';
import { createOutboxes } from './outbox.ts';
import { retractionsIn } from './retraction.ts';
import { requireFit } from './size.ts';
import { stampedChange, stampedPerson } from './written.ts';

export interface Changed {
  /** The document as it was. */
  readonly before: PersonDocument;
  readonly document: PersonDocument;
  /** None where nothing had to change. */
  readonly entries: readonly PersonEntry[];
}

/** The last act of a person that recipients were told of, by its number. */
export interface Told {
  readonly person: Pick<PersonDocument, '_id'>;
  readonly n: number;
}

export type Changes = ReturnType<typeof createChanges>;

const KEPT_FOR_GOOD: HeldAsked = { retention: NO_RETENTION, asksHeld: [] };

const NO_POLICIES: Policies = new Map();

const ATTEMPTS = 30;
/** Entries that may wait in a document for the ledger before a change has to bring them there itself. */
const OUTBOX_LIMIT = 32;
/** Entries that may wait while they can't be brought there, of acts that narrow. */
const NARROWING_LIMIT = 1_000;

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * The one way to write a person: one atomic update that changes the state and carries its ledger entry.
 * Acknowledged means durable; the entry then moves from the document's outbox to the ledger in the background.
 */
export function createChanges(options: {
  store: Access;
  ledger: PersonLedger;
  clock: Clock;
  log: Log;
  /**
   * How long values are kept, and the categories that conditions ask for; left out, values are kept for good, and no
   * condition asks.
   */
  kept?: HeldAsked;
  /** Under which consents end by themselves; none does where they are left out. */
  policies?: Policies;
  /** Told each time that the ledger turns out to hold another entry in the place of one that waits. */
  onBreak?: () => void;
  /** Told of each act that takes data or a permission back, once it is on record. */
  onTakenBack?: () => void;
}) {
  const { store, clock, kept = KEPT_FOR_GOOD, policies = NO_POLICIES, onTakenBack } = options;
  const { retention } = kept;
  const people = createPersonRecords<PersonDocument>(store);
  const { move, settle, isSettled, settleInBackground, idle } = createOutboxes({ ...options, people });
  const stamped = <New extends PersonDocument>(person: New, at: Date): New =>
    personWithEnds(policies, stampedPerson(retention, person, at));
  const stampedAgain = (person: PersonDocument, planned: Change, at: Date): Change =>
    heldChange(kept, person, changeWithEnds(policies, person, stampedChange(retention, person, planned, at)), at);
  /** Nothing can be added to a person once their erasure has begun. */
  const loadLiving = async (sid: SubjectId) => {
    const person = await people.find(sid);
    return person && isErased(person) ? null : person;
  };

  /**
   * While a person's ledger takes no entries, because it is broken or out of reach, narrowing acts are taken all the same.
   *
   * @throws {ApiError} UNAVAILABLE for a change that may let a caller see more, and where too many entries wait
   */
  const requireRoom = ({ facts, ledger: { outbox } }: PersonDocument, { entries }: Change): void => {
    if (!narrows(entries, facts) || outbox.length + entries.length > NARROWING_LIMIT)
      throw unavailable('the ledger of a person');
  };

  return {
    /**
     * Puts somebody new on record, with the chain that begins in their document.
     *
     * @returns false where there is somebody of that id
     */
    async create(person: PersonDocument): Promise<boolean> {
      const isNew = await people.create(stamped(person, clock.now()));
      if (isNew) settleInBackground(person);
      return isNew;
    },

    /**
     * Puts new people on record, and their chains into the ledger.
     *
     * @returns the internal ids of those that others have put on record meanwhile; these stay as they are
     */
    async createAll(persons: readonly PersonDocument[]): Promise<SubjectId[]> {
      const at = clock.now();
      const made = persons.map((person) => stamped(person, at));
      const refused = new Set((await people.createAll(made)).map(({ _id }) => _id));
      const created = persons.filter(({ _id }) => !refused.has(_id));
      if (created.length > 0) await move(created);
      return [...refused];
    },

    /** Takes a person off the record again that was added by mistake, unless something has happened since. */
    withdraw: (person: PersonDocument): Promise<void> => people.withdraw(person),

    /**
     * Brings every entry that waits in a document into the ledger.
     *
     * @param person  as a majority of the database's members holds them
     * @throws {LedgerConflictError} another entry stands in the place of one of them
     */
    settle,

    /**
     * @param plan the change, made from the person without expired values, or from the document as it stands; null if
     *   nothing has to change
     * @param known the document as the request has read it: a first guess, which holds only if the revision is
     *   unchanged
     * @returns the new document, which replaces the known one; null where there is no such person
     * @throws {ApiError} CONFLICT after many lost races, and where the record has no room; UNAVAILABLE where the ledger
     *   takes no entries and the change may let a caller see more; the driver's errors where the write is not
     *   acknowledged
     */
    async apply(
      sid: SubjectId,
      plan: (person: PersonDocument, at: Date, stored: PersonDocument) => Change | null | Promise<Change | null>,
      known: PersonDocument | null = null,
    ): Promise<Changed | null> {
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const guess = attempt === 0 ? known : null;
        const person = guess ?? (await loadLiving(sid));
        if (!person) return null;
        const isFull = person.ledger.outbox.length >= OUTBOX_LIMIT && !(await isSettled(person));
        const at = clock.now();
        const planned = await plan(withoutOver(timesOf(retention, person, at), person), at, person);
        const change = planned && stampedAgain(person, planned, at);
        if (!change && guess) continue;
        if (!change) return { before: person, document: person, entries: [] };
        if (isFull) requireRoom(person, change);
        requireFit(person, change);
        const { entries, head } = append(person.ledger.head, sid, change.entries);
        const untold = entries.findLast((entry) => retractionsIn(entry).length > 0);
        const { set, unset } = change;
        const document = await people.change(person, { set, unset, entries, head, untold: untold?.n });
        if (document) {
          settleInBackground(document);
          if (untold) onTakenBack?.();
          return { before: person, document, entries };
        }
        await pause(Math.random() * 4 * (attempt + 1));
      }
      throw raceLost();
    },

    /**
     * Notes that recipients were told of the acts by which people took data or permissions back, up to these numbers. A
     * later act keeps its mark.
     */
    async noteTold(told: readonly Told[]): Promise<void> {
      if (told.length === 0) return;
      await people.noteTold(told.map(({ person: { _id }, n }) => ({ _id, untold: n })));
    },

    /**
     * Brings the entries that wait in a document into the ledger soon, together with those of other documents.
     *
     * @param person  as a majority of the database's members holds them
     */
    settleSoon: settleInBackground,

    /**
     * Moves the entries that a crash left behind; views read the outboxes too, so nothing waits for this. The search for
     * people proves nothing, so the outbox of each of them is read again as proven.
     *
     * @throws {LedgerConflictError} somebody’s can’t be moved; everybody else’s was
     */
    async settleLeftovers(): Promise<void> {
      await eachAlone(people.findWaiting(), async ({ _id }) => {
        const person = await people.find(_id);
        if (person) await settle(person);
      });
    },

    /** Resolves once no entry is on its way. */
    idle,
  };
}
