import type { Clock } from '../../base/clock.ts';
import { badInput, forbiddenOperation } from '../../base/errors.ts';
import type { RecordStaffAct, StaffOccasion } from '../../ledger/book/audit.ts';
import type { Policy } from '../../policy/clause.ts';
import type { Changes } from '../../subject/change.ts';
import type { People } from '../../subject/people.ts';
import type { PersonTies } from '../../subject/person-ties.ts';
import { sealing } from '../../subject/sealing.ts';
import type { Making } from '../idempotency/operations.ts';
import { timesFrom } from '../privacy-cases/operations.ts';
import type { ChildReports } from '../privacy-cases/reports.ts';

export interface FindingOptions {
  readonly reports: ChildReports;
  readonly people: Pick<People, 'findByPublicIds'>;
  readonly changes: Changes;
  readonly clock: Clock;
  readonly personTies: Pick<PersonTies, 'settleSeal'>;
  readonly recordAct: RecordStaffAct;
  readonly policy: Policy;
}

export type Findings = ReturnType<typeof createFindings>;

/** A finding that an account is a child's, where the record does not say so: two members of privacy staff seal it. */
export const createFindings = ({ reports, people, personTies, changes, clock, recordAct, policy }: FindingOptions) => ({
  /**
   * One member of staff puts down a finding. No account is looked up.
   *
   * @param user  the child's id, as members see it
   * @returns the id of the finding
   */
  async record(user: string, seen: string, occasion: StaffOccasion, { id, at, made }: Making): Promise<string> {
    if (made) return id;
    await recordAct(occasion, { act: 'CHILD_FINDING_RECORDED', case: id, sids: [] });
    await reports.add({
      ...{ _id: id, case: id, kind: 'FINDING', status: 'OPEN', by: occasion.by },
      ...timesFrom(at, policy),
      text: { child: user, message: seen },
    });
    return id;
  },

  /**
   * Another one confirms it, and the account is sealed, if there is one. The answer does not tell.
   *
   * @throws {ApiError} BAD_INPUT unless the finding is open, FORBIDDEN for the member of staff that recorded it
   */
  async confirm(id: string, occasion: StaffOccasion): Promise<void> {
    const finding = await reports.find(id);
    if (finding?.kind !== 'FINDING' || finding.status !== 'OPEN') throw badInput('id', 'the id of an open finding');
    if (finding.by === occasion.by)
      throw forbiddenOperation('Another member of privacy staff confirms a finding.', 'NOT_PERMITTED');
    const { child = '' } = reports.textOf(finding);
    const [person] = await people.findByPublicIds([child]);
    await recordAct(occasion, { act: 'CHILD_FINDING_CONFIRMED', case: id, sids: person ? [person._id] : [] });
    const changed = person && (await changes.apply(person._id, (known, at) => sealing(known, policy, 'FINDING', at)));
    if (changed) await personTies.settleSeal(changed, clock.now());
    await reports.close(id);
  },
});
