import { isRecord } from '../../base/records.ts';
import { CONTRACT_MODES, type Contract, type ContractMode, type Recipient } from '../../policy/facts.ts';
import type { PartnerRecord } from '../../store/mongo/repositories/partners.ts';

export type PartnerDocument = PartnerRecord;

const isBound = (bound: unknown): bound is Date | null =>
  bound === null || (bound instanceof Date && !Number.isNaN(bound.getTime()));

const isMode = (mode: unknown): mode is ContractMode => CONTRACT_MODES.some((known) => known === mode);

/** A contract as decisions may rely on it: one with a flaw is none. */
function soundContract(contract: unknown): Contract | null {
  if (typeof contract !== 'object' || contract === null) return null;
  const { from, until, purposes, attributes, mode = 'LIVE' } = contract as Record<string, unknown>;
  const named = Array.isArray(purposes) && purposes.every((purpose) => typeof purpose === 'string');
  if (!named || !isBound(from) || !isBound(until) || !isMode(mode)) return null;
  return { mode, from, until, purposes, ...(isRecord(attributes) && { attributes }) };
}

/** The partner as decisions see it; the earliest announcement of a succession counts. */
export const recipientOf = ({ _id, kind, status, jurisdiction, contract, successions }: PartnerDocument): Recipient => {
  const announced = successions.map(({ announcedAt }) => announcedAt.getTime());
  return {
    clientId: _id,
    kind,
    active: status === 'ACTIVE',
    jurisdiction,
    contract: soundContract(contract),
    successionAnnouncedAt: announced.length > 0 ? new Date(Math.min(...announced)) : null,
  };
};
