import type { Clock } from '../../base/clock.ts';
import { DAY } from '../../base/durations.ts';
import { ApiError, badInput } from '../../base/errors.ts';
import type { RecordStaffAct, StaffOccasion } from '../../ledger/book/audit.ts';
import type { Policy } from '../../policy/clause.ts';
import type { Facts } from '../../policy/facts.ts';
import type { Allowance, Allowances } from '../../store/allowances.ts';
import type { Access } from '../../store/mongo/collections.ts';
import { createPeopleCases } from '../../store/mongo/repositories/people-cases.ts';
import type { Changes } from '../../subject/change.ts';
import { mailboxKey } from '../../subject/email.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { PersonDocument } from '../../subject/model.ts';
import { fold } from '../../subject/names.ts';
import type { People } from '../../subject/people.ts';
import { openValue, type Vault } from '../../subject/vault.ts';
import type { Making } from '../idempotency/operations.ts';
import type { OutgoingMail } from '../mail/operations.ts';
import { casesOf, MOST_OPEN, type PrivacyCase, withCase } from './cases.ts';
import type { ChildReports, Report } from './reports.ts';
import type { CaseTexts } from './texts.ts';

/** How many cases guardians can open: from one address, and about one child. */
export const GUARDIAN_LIMITS = {
  address: { of: 'guardian cases of an address', most: 5, withinMs: DAY },
  child: { of: 'guardian cases about a child', most: 10, withinMs: DAY },
} satisfies Record<string, Allowance>;

export interface PrivacyCaseOptions {
  readonly store: Access;
  readonly people: Pick<People, 'findByAvatarNames'>;
  readonly changes: Changes;
  readonly reports: ChildReports;
  readonly texts: CaseTexts;
  readonly allowances: Pick<Allowances, 'take'>;
  readonly mail: Pick<OutgoingMail, 'queue'>;
  readonly recordAct: RecordStaffAct;
  readonly vaultOf: (sid: SubjectId) => Promise<Vault>;
  readonly policy: Policy;
  readonly clock: Clock;
}

/** When a case that is opened now was opened, and by when it is to be answered. */
export const timesFrom = (openedAt: Date, { privacyCaseDays }: Policy) => ({
  openedAt,
  dueAt: new Date(openedAt.getTime() + privacyCaseDays * DAY),
});

const entryOf = ({ id, from }: PrivacyCase, status: 'OPEN' | 'VERIFIED' | 'CLOSED', at: Date) =>
  ({
    type: 'PRIVACY_CASE',
    at: at.toISOString(),
    case: id,
    status,
    from: from === 'GUARDIAN' ? 'GUARDIAN' : 'PERSON',
  }) as const;

export type PrivacyCaseOperations = ReturnType<typeof createPrivacyCaseOperations>;

/** Questions and requests to the privacy officer, each with the day by which it is to be answered. */
export function createPrivacyCaseOperations(options: PrivacyCaseOptions) {
  const { store, people, changes, reports, texts, allowances, mail, recordAct, vaultOf, policy, clock } = options;
  const records = createPeopleCases<PersonDocument, PrivacyCase>(store);

  /** The child that a guardian names, with an account of any status. */
  const findChild = async (name: string): Promise<PersonDocument | null> => {
    const [named] = await people.findByAvatarNames([name]);
    return named ?? null;
  };

  /** Takes of both allowances, always as many; an address that has used up its own takes nothing of the child's. */
  const isWithinLimits = async (child: string, contact: string): Promise<boolean> => {
    const { address, child: ofChild } = GUARDIAN_LIMITS;
    const hasLeft = await allowances.take(address, mailboxKey(contact));
    const spent = { ...ofChild, of: `${ofChild.of}, beyond the limit of an address` };
    return (await allowances.take(hasLeft ? ofChild : spent, fold(child))) && hasLeft;
  };

  /**
   * Puts a verified case into the child's record, and tells the child unless the account is sealed. It can be done
   * again where it was cut off: the mail may then go out twice, and is never lost.
   *
   * @returns false where the child is gone
   */
  async function enter(child: PersonDocument, report: Report, proof: string) {
    const { _id: sid, facts, values } = child;
    const vault = await vaultOf(sid);
    const { openedAt, dueAt } = report;
    const verified: PrivacyCase = {
      ...{ id: report.case, status: 'OPEN', from: 'GUARDIAN', verified: true },
      ...(openedAt && { openedAt }),
      ...(dueAt && { dueAt }),
    };
    const changed = await changes.apply(sid, (person, at) => {
      const cases = casesOf(person.facts);
      if (cases.some(({ id, from }) => id === verified.id && from === 'GUARDIAN')) return null;
      const privacyCases = withCase(cases, verified);
      if (!privacyCases)
        throw new ApiError('CONFLICT', `No more than ${MOST_OPEN} cases of guardians can be open: close some first.`);
      return { set: { 'facts.privacyCases': privacyCases }, entries: [entryOf(verified, 'VERIFIED', at)] };
    });
    if (!changed) return false;
    await texts.keep({ sid, ...verified }, vault, { ...reports.textOf(report), proof });
    const to = openValue(vault, values, 'EMAIL');
    if (to !== undefined && facts.status !== 'SEALED')
      await mail.queue({ to, kind: 'GUARDIAN_CASE_VERIFIED', data: { case: verified.id } }, clock.now(), {
        sid,
        vault,
      });
    return true;
  }

  return {
    /**
     * The person asks the privacy officer something.
     *
     * @returns null where there is no such person
     * @throws {ApiError} BAD_INPUT where too many of their own cases are open
     */
    async open(sid: SubjectId, message: string, { id, at: openedAt, made }: Making) {
      if (made) return changes.apply(sid, () => null);
      const opened: PrivacyCase = { ...{ id, status: 'OPEN', from: 'SUBJECT' }, ...timesFrom(openedAt, policy) };
      const isOpened = (facts: Facts) => casesOf(facts).some((known) => known.id === id && known.from === 'SUBJECT');
      const place = { sid, ...opened };
      await texts.keep(place, await vaultOf(sid), { message });
      const changed = await changes.apply(sid, ({ facts }, at) => {
        const privacyCases = isOpened(facts) ? null : withCase(casesOf(facts), opened);
        return privacyCases && { set: { 'facts.privacyCases': privacyCases }, entries: [entryOf(opened, 'OPEN', at)] };
      });
      if (changed && !isOpened(changed.document.facts)) {
        await texts.remove(place);
        throw badInput('message', `no more than ${MOST_OPEN} open cases of one person: one of them closed first`);
      }
      return changed;
    },

    /**
     * A parent or guardian asks about a child, without an account and without learning whether the child has one. No
     * account is looked up, and the same work is done for every name and for reports that are not kept.
     */
    async openForGuardian(
      child: string,
      text: { readonly message: string; readonly contact: string },
      { id, at, made }: Making,
    ): Promise<void> {
      if (made) return;
      const isKept = await isWithinLimits(child, text.contact);
      await reports.add(
        {
          ...{ _id: id, case: id, kind: 'GUARDIAN_UNVERIFIED', status: 'OPEN' },
          ...timesFrom(at, policy),
          text: { ...text, child },
        },
        isKept,
      );
    },

    /**
     * A member of staff has verified a guardian. The case goes into the child's record, if there is one, and opens the
     * record to privacy staff from then on. The answer does not tell. Doing it again changes nothing.
     *
     * @param proof  the guardian's, as staff puts it down
     * @throws {ApiError} BAD_INPUT unless the case is a guardian's and open, CONFLICT where the child has too many
     */
    async verify(id: string, proof: string, occasion: StaffOccasion): Promise<void> {
      const report = await reports.find(id);
      if (!report) {
        const person = await records.findHolder(id);
        if (person && casesOf(person.facts).some((known) => known.id === id && known.from === 'GUARDIAN')) return;
      }
      if (report?.status !== 'OPEN' || report.kind === 'FINDING')
        throw badInput('id', 'the id of an open case of a guardian');
      const text = reports.textOf(report);
      const child = text.child === undefined ? null : await findChild(text.child);
      await recordAct(occasion, { act: 'GUARDIAN_CASE_VERIFIED', case: id, sids: child ? [child._id] : [] });
      const isEntered = child !== null && (await enter(child, report, proof));
      await (isEntered ? reports.remove(report) : reports.verify(report, { ...text, proof }));
    },

    /** Closes a case of any kind. Closing it twice changes nothing. */
    async close(id: string): Promise<void> {
      if (await reports.close(id)) return;
      const person = await records.findHolder(id, 'OPEN');
      if (!person) {
        if ((await reports.find(id)) || (await records.findHolder(id))) return;
        throw badInput('id', 'the id of a privacy case');
      }
      await changes.apply(person._id, ({ facts }, at) => {
        const cases = casesOf(facts);
        const open = cases.find((known) => known.id === id && known.status === 'OPEN');
        if (!open) return null;
        return {
          set: {
            'facts.privacyCases': cases.map((known) => (known.id === id ? { ...known, status: 'CLOSED' } : known)),
          },
          entries: [entryOf(open, 'CLOSED', at)],
        };
      });
    },
  };
}
