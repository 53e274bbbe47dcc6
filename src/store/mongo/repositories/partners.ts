import { type AnyBulkWriteOperation, Schema, type UpdateQuery } from 'mongoose';
import type { Access } from '../collections.ts';
import { isDuplicateKey } from '../duplicate-key.ts';

export interface ContractRecord {
  /** Whether it shows all people (`LIVE`) or invented ones only (`TEST`); absent in older records: `LIVE`. */
  readonly mode?: 'LIVE' | 'TEST';
  readonly from: Date | null;
  readonly until: Date | null;
  readonly purposes: string[];
  /** By attribute id: true, false, or the time until which it holds. Absent if the contract does not name it. */
  readonly attributes?: Readonly<Record<string, boolean | Date>>;
}

/** A partner's public signing key (RFC 7517), with the needed members only. */
export interface PublicKey {
  readonly kty: 'EC' | 'OKP' | 'RSA';
  readonly crv?: string;
  readonly x?: string;
  readonly y?: string;
  readonly n?: string;
  readonly e?: string;
  readonly kid?: string;
  readonly alg?: string;
}

/** A third party on record. Its own sites are under its own policy, which the record links. */
export interface PartnerRecord {
  /** The client id. */
  readonly _id: string;
  readonly name: string;
  readonly kind: string;
  /** ISO 3166-1 alpha-2. */
  readonly jurisdiction: string;
  readonly status: 'ACTIVE' | 'SUSPENDED';
  /** Null: none on file. A missing bound is unbounded. */
  readonly contract: ContractRecord | null;
  /** When its contract was taken off file; left out while it has one, and where it never had any. */
  readonly contractEndedAt?: Date | null;
  readonly successions: readonly { readonly announcedAt: Date }[];
  readonly policyUrl: string | null;
  /** Whether its tokens must be bound to a key (RFC 9449, 5.2); absent if not. */
  readonly dpopBoundAccessTokens?: boolean;
  /** The signing keys of its requests for tokens; empty or absent if it gets no tokens from this gateway. */
  readonly keys?: readonly PublicKey[];
  /** The address of these keys, instead of keys on record; null or absent if there is none. */
  readonly jwksUri?: string | null;
}

type Named = Pick<PartnerRecord, '_id' | 'kind'>;
type Described = Omit<Partial<PartnerRecord>, '_id' | 'kind' | 'successions'>;

/** A partner from a file. */
export type PartnerStatement = Omit<PartnerRecord, 'successions' | 'policyUrl'> &
  Partial<Pick<PartnerRecord, 'policyUrl'>>;

export interface Announcement {
  /** The client id of the partner. */
  readonly partner: string;
  readonly announcedAt: Date;
  /** Whether an earlier succession of the partner makes this one void. */
  readonly onlyFirst: boolean;
}

const partner = new Schema<PartnerRecord>(
  {
    _id: { type: String, required: true },
    name: { type: String, required: true },
    kind: { type: String, required: true },
    jurisdiction: { type: String, required: true },
    status: { type: String, enum: ['ACTIVE', 'SUSPENDED'], required: true },
    contract: { type: Schema.Types.Mixed, default: null },
    contractEndedAt: Date,
    successions: { type: [{ _id: false, announcedAt: Date }], default: [] },
    policyUrl: { type: String, default: null },
    dpopBoundAccessTokens: Boolean,
    keys: { type: Schema.Types.Mixed },
    jwksUri: String,
  },
  { collection: 'partners', strict: 'throw', strictQuery: 'throw', versionKey: false, id: false },
);

const operationFor = ({ _id, ...stated }: PartnerStatement) => ({
  updateOne: { filter: { _id }, update: { $set: stated }, upsert: true },
});

const operationOf = ({ partner: _id, announcedAt, onlyFirst }: Announcement) => ({
  updateOne: {
    filter: { _id, ...(onlyFirst && { 'successions.0': { $exists: false } }) },
    update: { $addToSet: { successions: { announcedAt } } },
  },
});

export type Partners = ReturnType<typeof createPartners>;

/** Every request reads partners anew: a suspension or the end of a contract takes effect at once. */
export function createPartners({ connection, read, write }: Access) {
  const model = connection.model<PartnerRecord>('Partner', partner);
  const settings = { writeConcern: write };
  const changing = { ...settings, returnDocument: 'after', lean: true } as const;

  return {
    find: (clientId: string) =>
      model.findOne({ _id: clientId }, null, { ...read, lean: true }).exec() as Promise<PartnerRecord | null>,

    /** @param clientIds  only these partners */
    findAll: (clientIds?: readonly string[]) =>
      model
        .find(clientIds ? { _id: { $in: clientIds } } : {}, null, { ...read, sort: { _id: 1 }, lean: true })
        .exec() as Promise<PartnerRecord[]>,

    /** Up to this number of partners, by client id. */
    findFirst: (limit: number) =>
      model.find({}, null, { ...read, sort: { _id: 1 }, limit, lean: true }).exec() as Promise<PartnerRecord[]>,

    /**
     * Puts a partner on record, or changes its record.
     *
     * @param fresh  further fields of a new partner
     * @returns null if the partner is on record with another kind
     */
    async enter({ _id, kind }: Named, fields: Described, fresh: Described): Promise<PartnerRecord | null> {
      try {
        const entered = await model
          .findOneAndUpdate({ _id, kind }, { $set: fields, $setOnInsert: fresh }, { ...changing, upsert: true })
          .exec();
        return entered as PartnerRecord;
      } catch (error) {
        if (isDuplicateKey(error)) return null;
        throw error;
      }
    },

    /** @returns null if the partner is no longer on record with this kind */
    change: ({ _id, kind }: Named, fields: Described) =>
      model.findOneAndUpdate({ _id, kind }, { $set: fields }, changing).exec() as Promise<PartnerRecord | null>,

    async announceSuccession(clientId: string, announcedAt: Date): Promise<void> {
      const update = { $push: { successions: { announcedAt } } } as UpdateQuery<PartnerRecord>;
      await model.updateOne({ _id: clientId }, update, settings);
    },

    /** Puts partners of a file on record, then their announced successions. */
    async state(stated: readonly PartnerStatement[], announced: readonly Announcement[]): Promise<void> {
      const all = [
        ...stated.map(operationFor),
        ...announced.map(operationOf),
      ] as AnyBulkWriteOperation<PartnerRecord>[];
      if (all.length > 0) await model.bulkWrite(all, { ...settings, ordered: true });
    },
  };
}
