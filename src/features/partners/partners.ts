import { Schema } from 'mongoose';
import type { Contract, Recipient } from '../../policy/facts.ts';
import type { Store } from '../../store/mongo/connection.ts';

/** A third party on record. What it does on its own sites is under its own policy, which the record links. */
export interface PartnerDocument {
  /** The client id. */
  readonly _id: string;
  readonly name: string;
  readonly kind: string;
  /** ISO 3166-1 alpha-2. */
  readonly jurisdiction: string;
  readonly status: 'ACTIVE' | 'SUSPENDED';
  /** Null: none on file. A missing bound is unbounded. */
  readonly contract: { readonly from: Date | null; readonly until: Date | null; readonly purposes: string[] } | null;
  readonly successions: readonly { readonly announcedAt: Date }[];
  readonly policyUrl: string | null;
}

const partner = new Schema<PartnerDocument>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    kind: { type: String, required: true },
    jurisdiction: { type: String, required: true },
    status: { type: String, enum: ['ACTIVE', 'SUSPENDED'], required: true },
    contract: { type: Schema.Types.Mixed, default: null },
    successions: { type: [{ _id: false, announcedAt: Date }], default: [] },
    policyUrl: { type: String, default: null },
  },
  { collection: 'partners', strict: 'throw', strictQuery: 'throw', versionKey: false, id: false },
);

export type Partners = ReturnType<typeof createPartners>;

/** Read anew for every request: a suspension or the end of a contract takes effect at once. */
export function createPartners({ connection, read }: Pick<Store, 'connection' | 'read'>) {
  const model = connection.model<PartnerDocument>('Partner', partner);
  return {
    model,
    find: (clientId: string) =>
      model.findOne({ _id: clientId }, null, { ...read, lean: true }).exec() as Promise<PartnerDocument | null>,
    findAll: (clientIds?: readonly string[]) =>
      model
        .find(clientIds ? { _id: { $in: clientIds } } : {}, null, { ...read, sort: { _id: 1 }, lean: true })
        .exec() as Promise<PartnerDocument[]>,
  };
}

const isBound = (bound: unknown): bound is Date | null =>
  bound === null || (bound instanceof Date && !Number.isNaN(bound.getTime()));

/** A contract as decisions may rely on it: one with a flaw is none. */
function soundContract(contract: unknown): Contract | null {
  if (typeof contract !== 'object' || contract === null) return null;
  const { from, until, purposes } = contract as Record<string, unknown>;
  const named = Array.isArray(purposes) && purposes.every((purpose) => typeof purpose === 'string');
  return named && isBound(from) && isBound(until) ? { from, until, purposes } : null;
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
