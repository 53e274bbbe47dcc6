import type { PersonEntryBody, PersonLedger } from '../ledger/chain/person-chain.ts';
import type { Facts } from '../policy/facts.ts';
import type { Status, TieWord, Vocabulary } from '../policy/vocabulary.ts';
import type { BlindIndex } from '../store/derive.ts';
import { eachAlone, inBatches } from '../store/each-alone.ts';
import type { Access } from '../store/mongo/collections.ts';
import { createPeopleDue } from '../store/mongo/repositories/people-due.ts';
import { createTieCodeRecords } from '../store/mongo/repositories/tie-codes.ts';
import { createTieRecords, type TieRecord } from '../store/mongo/repositories/tie-records.ts';
import { findActs } from './acts.ts';
import type { Changed, Changes } from './change.ts';
import { takenBack } from './consents.ts';
import type { SubjectId } from './identifiers.ts';
import type { Change, PersonDocument } from './model.ts';
import type { People } from './people.ts';

export type { TieRecord, TieState } from '../store/mongo/repositories/tie-records.ts';

/** One end of a tie. PEER: either end of a tie that both hold to each other. */
export type TieEnd = Extract<PersonEntryBody, { type: 'TIE' }>['end'];

/** The most ties of one person; it bounds the reads of one request. */
export const MOST_TIES_OF_PERSON = 1_000;

/** The facts of a person with the caller's ties to them: for each kind that decisions ask for, whether it counts. */
export type WithTies = (document: Pick<PersonDocument, '_id' | 'facts'>) => Facts;

/** A tie that a person enters; if no staff confirms it, the word of `to` does. */
export type EnteredTie = Pick<TieRecord, 'kind' | 'from' | 'to' | 'at'>;

/** The number of people in one look-up of ties. */
const BATCH = 500;

const SEALED: Status = 'SEALED';

const NOTHING_TAKEN_BACK: Change = { entries: [] };

type EntryOf<T extends PersonEntryBody['type']> = Extract<PersonEntryBody, { type: T }>;

/** An act on a consent, as the ledger of the holder of the tie tells it. */
const toldToHolder = ({ _id }: TieRecord, { at, purpose, recipient, action }: EntryOf<'CONSENT'>) => ({
  ...{ type: 'CONSENT_FOR' as const, at, tie: _id, purpose, ...(recipient !== undefined && { recipient }), action },
});

const wordingOf = (entry: PersonEntryBody): string => {
  const { at, tie, purpose, recipient, action } = entry as EntryOf<'CONSENT_FOR'>;
  return JSON.stringify([at, tie, purpose, recipient, action]);
};

export type PersonTies = ReturnType<typeof createPersonTies>;

/** The ties between people. Decisions read them from here alone. */
export function createPersonTies({
  store,
  blindIndex,
  changes,
  ledger,
  people,
  vocabulary,
  guarding,
}: {
  readonly store: Access;
  readonly blindIndex: BlindIndex;
  readonly changes: Changes;
  readonly ledger: PersonLedger;
  readonly people: Pick<People, 'findBySids'>;
  /** The words of all versions of the policy. */
  readonly vocabulary: Pick<Vocabulary, 'ties'>;
  /** The kinds by which guardians give consents, under some version. */
  readonly guarding: ReadonlySet<string>;
}) {
  const records = createTieRecords(store);
  const codes = createTieCodeRecords(store);
  const words = new Map(vocabulary.ties.map((word) => [word.id, word]));
  const isSymmetric = (kind: string) => words.get(kind)?.symmetric === true;

  const endOf = ({ kind, from }: Pick<TieRecord, 'kind' | 'from'>, sid: SubjectId): TieEnd => {
    if (isSymmetric(kind)) return 'PEER';
    return from === sid ? 'HOLDER' : 'SUBJECT';
  };

  /**
   * Puts the state of a tie into the ledger of one end, once, and not after the tie has left this state. In the same write
   * the end of a tie takes back the consents that were given by it. An end that was erased has no ledger to write to.
   */
  const tell = (sid: SubjectId, tie: TieRecord): Promise<unknown> => {
    const action = tie.state === 'ENDED' ? 'ENDED' : 'CONFIRMED';
    const at = tie.at.toISOString();
    return changes.apply(sid, async (person, now) => {
      const [acts = []] = await findActs(ledger, [person], { types: ['TIE'] });
      const isTold = acts.some(
        (act) => act.type === 'TIE' && act.tie === tie._id && act.action === action && act.at === at,
      );
      const known = isTold ? null : await records.find(tie._id);
      if (known?.state !== tie.state || known.at.getTime() !== tie.at.getTime()) return null;
      const { set, entries } = tie.state === 'ENDED' ? takenBack(person.facts, tie._id, now) : NOTHING_TAKEN_BACK;
      const told: PersonEntryBody = { type: 'TIE', at, tie: tie._id, kind: tie.kind, end: endOf(tie, sid), action };
      return { ...(set && { set }), entries: [told, ...entries] };
    });
  };

  /**
   * Puts consents given and withdrawn by a tie into the ledger of its holder, once, as the other ledger tells them.
   */
  async function tellHolder(tie: TieRecord): Promise<void> {
    const [person] = guarding.has(tie.kind) ? await people.findBySids([tie.to]) : [];
    if (!person) return;
    const [acts = []] = await findActs(ledger, [person], { types: ['CONSENT'] });
    const made = acts.flatMap((act) => (act.type === 'CONSENT' && act.tie === tie._id ? [toldToHolder(tie, act)] : []));
    if (made.length === 0) return;
    await changes.apply(tie.from, async (holder) => {
      const [known = []] = await findActs(ledger, [holder], { types: ['CONSENT_FOR'] });
      const told = new Set(known.map(wordingOf));
      const entries = made.filter((entry) => !told.has(wordingOf(entry))).reverse();
      return entries.length > 0 ? { entries } : null;
    });
  }

  /** Brings the ledgers of both ends up to a tie, and then the tie to where it was to go. Doing it again changes nothing. */
  async function complete(tie: TieRecord): Promise<void> {
    await eachAlone([tie.from, tie.to], (sid) => tell(sid, tie));
    await tellHolder(tie);
    if (tie.state === 'ENDED') await records.drop(tie);
    else await records.turn(tie, { state: 'CONFIRMED', at: tie.at });
  }

  /** Sets a tie down as ended: from then on it counts no more. One that never counted leaves nothing behind. */
  async function setEnded(tie: TieRecord, at: Date): Promise<TieRecord | null> {
    if (tie.state === 'ENTERED') {
      if (await records.drop(tie)) return null;
    } else {
      const ended = { ...tie, state: 'ENDED', at, behind: true } as const;
      if (await records.turn(tie, ended)) return ended;
    }
    const now = await records.find(tie._id);
    return now && now.state !== 'ENDED' ? setEnded(now, at) : now;
  }

  /**
   * Consents given by the tie are withdrawn before its end is acknowledged. A sweep tells the ledgers that can't be
   * told now.
   */
  const settleEnd = async (ended: TieRecord): Promise<void> => {
    if (guarding.has(ended.kind)) await tell(ended.to, ended);
    await complete(ended).catch(() => {});
  };

  const end = async (tie: TieRecord, at: Date): Promise<void> => {
    const ended = tie.state === 'ENDED' ? tie : await setEnded(tie, at);
    if (ended) await settleEnd(ended);
  };

  /** A child is nobody's guardian. */
  const endGuardianships = async (sids: readonly SubjectId[], at: Date): Promise<void> => {
    if (guarding.size === 0) return;
    const held = (await records.findOf(sids)).filter(({ kind, from }) => guarding.has(kind) && sids.includes(from));
    await eachAlone(held, (tie) => end(tie, at));
  };

  /** Puts a tie on record, which counts for nothing until it is confirmed. One that was entered before stays. */
  async function enter(entered: EnteredTie): Promise<TieRecord> {
    const { kind, at, to: confirmer } = entered;
    const ends = [entered.from, entered.to] as const;
    const [from, to] = isSymmetric(kind) ? ([...ends].sort() as [string, string]) : ends;
    const _id = blindIndex('tie', JSON.stringify([kind, from, to]));
    const tie: TieRecord = { _id, kind, from, to, confirmer, state: 'ENTERED', at };
    if (await records.add(tie)) return tie;
    const known = await records.find(tie._id);
    if (known && known.state !== 'ENDED') return known;
    if (known) await complete(known);
    await records.add(tie);
    return (await records.find(tie._id)) ?? tie;
  }

  async function confirm(tie: TieRecord, at: Date): Promise<boolean> {
    if (tie.state === 'CONFIRMED') return true;
    const confirming = { ...tie, state: 'CONFIRMING', at, behind: true } as const;
    if (tie.state === 'CONFIRMING') await complete(tie);
    else if (tie.state === 'ENTERED' && (await records.turn(tie, confirming))) await complete(confirming);
    return (await records.find(tie._id))?.state === 'CONFIRMED';
  }

  return {
    wordOf: (kind: string): TieWord | undefined => words.get(kind),
    endOf,

    /**
     * A person's ties to others, one command: for the decisions of one request.
     *
     * @param kinds  those that decisions ask for
     */
    async findCounting(sid: SubjectId, kinds: readonly string[]): Promise<WithTies> {
      const found = await records.findCounting(sid, kinds, kinds.filter(isSymmetric), MOST_TIES_OF_PERSON);
      const held = new Set(
        found.flatMap(({ kind, from, to }) =>
          from === sid ? `${kind} ${to}` : isSymmetric(kind) ? `${kind} ${from}` : [],
        ),
      );
      return ({ _id, facts }) => ({
        ...facts,
        ties: Object.fromEntries(kinds.map((kind) => [kind, held.has(`${kind} ${_id}`)])),
      });
    },

    /** The ties of each of these people that have not ended, the newest first, in one command. */
    async findOf(sids: readonly SubjectId[]): Promise<TieRecord[][]> {
      const found = await records.findOf(sids);
      return sids.map((sid) =>
        found.filter(({ from, to }) => from === sid || to === sid).sort((a, b) => b.at.getTime() - a.at.getTime()),
      );
    },

    find: records.find,

    isFull: async (sid: SubjectId): Promise<boolean> =>
      (await records.count(sid, MOST_TIES_OF_PERSON)) >= MOST_TIES_OF_PERSON,

    enter,

    /**
     * Makes a tie count, once the ledgers of both ends say so.
     *
     * @returns false where it has ended meanwhile
     * @throws {ApiError} UNAVAILABLE where a ledger takes no entries: then the tie does not count yet
     */
    confirm,

    /**
     * Ends a tie and the consents given by it, in one write that governs every read which starts afterwards; the
     * ledgers follow.
     */
    end,

    /** A guardian's tie, as its holder can act by it now; null for any other. */
    async findGuarding(id: string, holder: SubjectId): Promise<TieRecord | null> {
      const tie = await records.find(id);
      return tie?.from === holder && tie.state === 'CONFIRMED' && guarding.has(tie.kind) ? tie : null;
    },

    /**
     * Notes that the holder of a tie is about to act by it, so that the ledger of the holder is brought up to the act even
     * where that is cut off.
     *
     * @returns false where the tie has ended meanwhile
     */
    note: (tie: TieRecord): Promise<boolean> =>
      records.turn({ ...tie, state: 'CONFIRMED' }, { state: 'CONFIRMED', at: tie.at, behind: true }),

    /** Brings the ledger of the holder up to the acts done by a tie. */
    tellHolder: async (tie: TieRecord): Promise<void> => {
      const now = await records.find(tie._id);
      if (now?.behind) await complete(now);
    },

    /** Ends the ties by which a person is a guardian, where their account is sealed as a child's after a change. */
    async settleSeal({ document: { _id, facts } }: Pick<Changed, 'document'>, at: Date): Promise<void> {
      if (facts.status === SEALED) await endGuardianships([_id], at);
    },

    /** The same for every sealed account, where it was cut off. */
    async settleSeals(at: Date): Promise<void> {
      if (guarding.size === 0) return;
      const sealed = await createPeopleDue<PersonDocument>(store).findOfStatus(SEALED);
      await eachAlone(inBatches(sealed, BATCH), (batch) =>
        endGuardianships(
          batch.map(({ _id }) => _id),
          at,
        ),
      );
    },

    /** Gives a tie the state that a world file names. */
    async state({ confirmed, at, ...ends }: EnteredTie & { readonly confirmed: boolean }): Promise<TieRecord> {
      const entered = { ...ends, at };
      const tie = await enter(entered);
      if (confirmed) await confirm(tie, at);
      else if (tie.state !== 'ENTERED') {
        await end(tie, at);
        await enter(entered);
      }
      return (await records.find(tie._id)) ?? tie;
    },

    /** Ends every tie of a person that is erased, with the codes that they made. The ledgers of others that can't be told now are told later. */
    async endAll(sid: SubjectId, at: Date): Promise<void> {
      if (words.size === 0) return;
      await codes.forget(sid);
      for (const tie of await records.findOf([sid])) await setEnded(tie, at);
      for (const tie of await records.findBehind(sid))
        if (tie.state === 'ENDED') await settleEnd(tie);
        else await complete(tie).catch(() => {});
    },

    /** Finishes the ties that were cut off. */
    completeAll: async (): Promise<void> => eachAlone(await records.findBehind(null), complete),
  };
}
