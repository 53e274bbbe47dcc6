import type { Clock } from '../../base/clock.ts';
import type { Signal } from '../../base/signal.ts';
import type { BlindIndex } from '../../store/derive.ts';
import type { createNoticeRecords } from '../../store/mongo/repositories/erasure-notices.ts';
import type { Partners } from '../../store/mongo/repositories/partners.ts';
import type { StoredNotice } from '../erasure/stored-notice.ts';
import { type PartnerDocument, recipientOf } from '../partners/recipient.ts';

/** When the contract of a partner ended: at its time, or when it was taken off file; null where it has not. */
function endOf(partner: PartnerDocument, now: Date): Date | null {
  const { contract } = recipientOf(partner);
  if (!contract) return partner.contractEndedAt ?? null;
  return contract.until && contract.until <= now ? contract.until : null;
}

export type ContractEnds = ReturnType<typeof createContractEnds>;

/** Tells each partner once that its contract has ended. The notice is named by that end, so that gateways put one there. */
export function createContractEnds(services: {
  readonly partners: Pick<Partners, 'findAll'>;
  readonly records: Pick<ReturnType<typeof createNoticeRecords<StoredNotice>>, 'find' | 'put'>;
  readonly blindIndex: BlindIndex;
  readonly clock: Clock;
  readonly noticesPlaced: Pick<Signal<readonly string[]>, 'tell'>;
}) {
  const { partners, records, blindIndex, clock, noticesPlaced } = services;

  const noticeOf = (recipient: string, at: Date): StoredNotice => ({
    _id: blindIndex('erasure notice', [recipient, 'contract', at.toISOString()].join(' ')),
    ...{ recipient, personId: null, ask: 'STOP', purpose: null, categories: [], everything: true },
    ...{ at, since: at, revision: 1, pending: true, due: {}, settled: {} },
  });

  return {
    async sweep(): Promise<void> {
      const now = clock.now();
      const wanted = (await partners.findAll()).flatMap((partner) => {
        const at = endOf(partner, now);
        return at ? [noticeOf(partner._id, at)] : [];
      });
      if (wanted.length === 0) return;
      const known = new Set((await records.find(wanted.map(({ _id }) => _id))).map(({ _id }) => _id));
      const fresh = wanted.filter(({ _id }) => !known.has(_id));
      if (fresh.length === 0) return;
      // another gateway may have put some of them there meanwhile: the rest is written all the same
      await records.put(fresh.map((notice) => ({ notice, before: null })));
      noticesPlaced.tell(fresh.map(({ recipient }) => recipient));
    },
  };
}
