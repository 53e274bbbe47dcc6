import type { Clock } from '../../base/clock.ts';
import { HOUR } from '../../base/durations.ts';
import { badInput } from '../../base/errors.ts';
import type { DecisionTable } from '../../policy/compile.ts';
import { audiencesWhen } from '../../policy/reveals-when.ts';
import type { Partners } from '../../store/mongo/repositories/partners.ts';
import type { PartnerDocument } from '../partners/recipient.ts';

/** A change of control over people's data, posted for everyone to read before it takes effect. */
export interface SuccessionNotice {
  readonly partner: PartnerDocument;
  /** The earliest announcement counts. */
  readonly announcedAt: Date;
  /** When the notice will have run in full. */
  readonly effectiveAt: Date;
}

/** The partner kinds that are shown nothing before a notice has run, by the policy's conditions. */
const kindsUnderNotice = ({ policies }: DecisionTable) =>
  new Set([...policies.values()].flatMap((policy) => [...audiencesWhen(policy, { fact: 'noticeElapsed' })]));

export type SuccessionOperations = ReturnType<typeof createSuccessionOperations>;

export function createSuccessionOperations(options: {
  readonly partners: Pick<Partners, 'find' | 'findAll' | 'announceSuccession'>;
  readonly table: DecisionTable;
  readonly clock: Clock;
}) {
  const { partners, table, clock } = options;
  const kinds = kindsUnderNotice(table);

  const noticeOf = (partner: PartnerDocument): SuccessionNotice => {
    const announcedAt = new Date(
      Math.min(...partner.successions.map((succession) => succession.announcedAt.getTime())),
    );
    const effectiveAt = new Date(announcedAt.getTime() + table.current.noticeHours * HOUR);
    return { partner, announcedAt, effectiveAt };
  };

  return {
    /** Posts the notice of a succession, from now. Announcing it again changes nothing: the first notice counts. */
    async announce(clientId: string): Promise<SuccessionNotice> {
      const partner = await partners.find(clientId);
      if (!partner || !kinds.has(partner.kind)) throw badInput('partner', 'the client id of a successor');
      if (partner.successions.length > 0) return noticeOf(partner);
      await partners.announceSuccession(clientId, clock.now());
      const announced = await partners.find(clientId);
      if (!announced) throw badInput('partner', 'the client id of a successor');
      return noticeOf(announced);
    },

    /** Every succession that was announced, the latest first. */
    async findNotices(): Promise<SuccessionNotice[]> {
      const all = await partners.findAll();
      return all
        .filter(({ successions }) => successions.length > 0)
        .map(noticeOf)
        .sort((a, b) => b.announcedAt.getTime() - a.announcedAt.getTime());
    },
  };
}
