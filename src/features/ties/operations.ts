import { randomBytes } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { DAY, HOUR } from '../../base/durations.ts';
import { ApiError, badInput, rateLimited } from '../../base/errors.ts';
import type { RecordStaffAct, StaffOccasion } from '../../ledger/book/audit.ts';
import type { DecisionTable } from '../../policy/compile.ts';
import { idsOf, type TieWord } from '../../policy/vocabulary.ts';
import type { Allowances } from '../../store/allowances.ts';
import type { BlindIndex } from '../../store/derive.ts';
import type { Access } from '../../store/mongo/collections.ts';
import { createTieCodeRecords, type TieCodeRecord } from '../../store/mongo/repositories/tie-codes.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import { isErased } from '../../subject/model.ts';
import type { People } from '../../subject/people.ts';
import { MOST_TIES_OF_PERSON, type PersonTies, type TieEnd, type TieRecord } from '../../subject/person-ties.ts';

/** 128 bits, which nobody finds by guessing. */
const CODE_BYTES = 16;
/** How long a code is good, in milliseconds. */
export const CODE_LASTS = DAY;
/** Codes of one person that are good at the same time. */
export const MOST_OPEN_CODES = 10;
/** Codes that one person may try. */
const TRIES = { of: 'tie codes', most: 20, withinMs: HOUR };

/** The same for a code that is wrong, used, too old or nobody's any more. */
const noCode = () => badInput('code', 'a code of another person that is good now and was not used');

/** A code, for the person that made it to hand over. */
export interface TieCode {
  readonly code: string;
  readonly kind: string;
  readonly until: Date;
}

export type TieOperations = ReturnType<typeof createTieOperations>;

export function createTieOperations(services: {
  readonly store: Access;
  readonly table: DecisionTable;
  readonly personTies: PersonTies;
  readonly people: Pick<People, 'findBySids'>;
  readonly allowances: Pick<Allowances, 'take'>;
  readonly blindIndex: BlindIndex;
  readonly clock: Clock;
  readonly recordAct: RecordStaffAct;
}) {
  const { store, table, personTies, people, allowances, blindIndex, clock, recordAct } = services;
  const codes = createTieCodeRecords(store);
  /** Ties that a later version dropped go on, and none is made any more. */
  const current = new Map(table.current.vocabulary.ties.map((word) => [word.id, word]));
  const markOf = (code: string) => blindIndex('tie code', code);

  /** The ends that the maker of a code may be. */
  const endsOf = ({ symmetric, enteredBy }: TieWord): readonly TieEnd[] => {
    if (symmetric) return ['PEER'];
    return enteredBy === 'CODE' ? ['SUBJECT'] : ['SUBJECT', 'HOLDER'];
  };

  const statusesOf = async (sids: readonly SubjectId[]) => {
    const found = await people.findBySids(sids);
    return sids.map((sid) => found.find(({ _id }) => _id === sid) ?? null);
  };

  /** Takes a good code off the record. @throws {ApiError} BAD_INPUT for any other code */
  async function take(sid: SubjectId, code: string): Promise<TieCodeRecord> {
    const found = await codes.find(markOf(code));
    if (!found || found.sid === sid || found.expiresAt <= clock.now() || !current.has(found.kind)) throw noCode();
    const [maker] = await statusesOf([found.sid]);
    if (maker?.facts.status !== 'ACTIVE' || (await personTies.isFull(found.sid))) throw noCode();
    if (!(await codes.use(found._id))) throw noCode();
    return found;
  }

  /** Whether a tie needs only the word of this person, at either end of it, to be confirmed. */
  const isConfirmedBy = ({ kind, confirmer }: TieRecord, sid: SubjectId) =>
    confirmer === sid && personTies.wordOf(kind)?.confirmedBy === 'SUBJECT';

  async function confirm(tie: TieRecord): Promise<TieRecord> {
    const isConfirmed = await personTies.confirm(tie, clock.now());
    const now = isConfirmed ? await personTies.find(tie._id) : null;
    if (!now) throw new ApiError('CONFLICT', 'The tie was ended at the same time.');
    return now;
  }

  return {
    /**
     * Makes a code by which another person becomes the other end of a tie.
     *
     * @param as  the end that the maker is to be; the data subject, or a peer, where it is left out
     * @throws {ApiError} BAD_INPUT for an end that makes no codes, CONFLICT while too many codes are open
     */
    async makeCode(sid: SubjectId, kind: string, as: TieEnd | null): Promise<TieCode> {
      const word = current.get(kind);
      if (!word) throw badInput('kind', `one of ${idsOf([...current.values()]).join(', ')}`);
      const ends = endsOf(word);
      const end = as ?? (ends[0] as TieEnd);
      if (!ends.includes(end)) throw badInput('as', `${ends.join(' or ')} for this kind`);
      const code = randomBytes(CODE_BYTES).toString('base64url');
      const now = clock.now();
      const until = new Date(now.getTime() + CODE_LASTS);
      const record = { _id: markOf(code), kind, sid, end, expiresAt: until };
      // it is counted once it is there, so that several at once can't be more than there may be
      await codes.add(record);
      if ((await codes.countOpen(sid, now)) > MOST_OPEN_CODES) {
        await codes.use(record._id);
        throw new ApiError('CONFLICT', `No more than ${MOST_OPEN_CODES} codes may be open at a time.`);
      }
      return { code, kind, until };
    },

    /**
     * Enters a tie by the code of its other end. The tie waits to be confirmed, unless this person's word is enough.
     *
     * @throws {ApiError} BAD_INPUT for a code that is not good, RATE_LIMITED after many tries, CONFLICT if the person
     *   has as many ties as there may be
     */
    async enter(sid: SubjectId, code: string): Promise<TieRecord> {
      if (!(await allowances.take(TRIES, sid))) throw rateLimited(`No more than ${TRIES.most} codes an hour.`);
      if (await personTies.isFull(sid))
        throw new ApiError('CONFLICT', `No more than ${MOST_TIES_OF_PERSON} ties at a time: end some.`);
      const { kind, sid: maker, end } = await take(sid, code);
      const ends = end === 'HOLDER' ? { from: maker, to: sid } : { from: sid, to: maker };
      const tie = await personTies.enter({ kind, ...ends, at: clock.now() });
      const both = await statusesOf([sid, maker]);
      if (both.some((person) => person === null || isErased(person))) {
        await personTies.end(tie, clock.now());
        throw noCode();
      }
      return tie.state === 'ENTERED' && isConfirmedBy(tie, sid) ? confirm(tie) : tie;
    },

    /** @throws {ApiError} BAD_INPUT for anything but a tie that this person confirms */
    async confirmAsSubject(sid: SubjectId, id: string): Promise<TieRecord> {
      const tie = await personTies.find(id);
      if (!tie || tie.state === 'ENDED' || !isConfirmedBy(tie, sid))
        throw badInput('id', 'the id of a tie that waits for you to confirm it');
      return confirm(tie);
    },

    /** @throws {ApiError} BAD_INPUT for anything but a tie that staff confirms */
    async confirmAsStaff(id: string, occasion: StaffOccasion): Promise<TieRecord> {
      const tie = await personTies.find(id);
      if (!tie || tie.state === 'ENDED' || personTies.wordOf(tie.kind)?.confirmedBy !== 'STAFF')
        throw badInput('id', 'the id of a tie that waits for staff to confirm it');
      if (tie.state === 'CONFIRMED') return tie;
      await recordAct(occasion, { act: 'TIE_CONFIRMED', case: id, sids: [tie.from, tie.to] });
      return confirm(tie);
    },

    /** Ends a tie of a person. @returns false where the person has no such tie, or has it no longer */
    async end(sid: SubjectId, id: string): Promise<boolean> {
      const tie = await personTies.find(id);
      if (!tie || (tie.from !== sid && tie.to !== sid)) return false;
      // one that has ended may not have been taken to its end
      await personTies.end(tie, clock.now());
      return tie.state !== 'ENDED';
    },

    endOfSealed: () => personTies.settleSeals(clock.now()),

    dropExpiredCodes: () => codes.dropExpired(clock.now()),
  };
}
