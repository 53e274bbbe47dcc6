import { type Access, collectionOf } from '../collections.ts';

/** One attempt at sending. */
export interface DeliveryRecord {
  readonly at: Date;
  readonly type: string;
  /** The id of the notice at that time. */
  readonly event: string;
  /** 1 for the first. */
  readonly attempt: number;
  readonly outcome: string;
  /** The HTTP status; null without an answer. */
  readonly status: number | null;
  readonly milliseconds: number;
}

/** The health of deliveries. */
export interface WebhookHealth {
  readonly lastDeliveredAt: Date | null;
  /** Consecutive failures. */
  readonly failures: number;
  readonly failingSince: Date | null;
  readonly pausedUntil: Date | null;
  readonly disabledAt: Date | null;
  readonly disabledBecause: 'GONE' | 'FAILING' | null;
}

export interface WebhookRecord extends WebhookHealth {
  /** The client id of the partner. */
  readonly _id: string;
  readonly url: string;
  readonly setAt: Date;
  /** Names its pair of keys. */
  readonly keyId: string;
  /** Names its secrets, the current one first; `until` is the time until which a replaced one signs as well. */
  readonly secrets: readonly { readonly id: string; readonly until: Date | null }[];
  /** The gateway with the right to send, and the end of that right. */
  readonly lease: Lease | null;
  /** The newest attempts, the newest last. */
  readonly deliveries: readonly DeliveryRecord[];
}

export interface Lease {
  readonly holder: string;
  readonly until: Date;
}

/** The number of attempts that are kept for one webhook. */
export const MOST_DELIVERIES = 100;

const FRESH = {
  ...{ lastDeliveredAt: null, failures: 0, failingSince: null, pausedUntil: null },
  ...{ disabledAt: null, disabledBecause: null, lease: null, deliveries: [] },
};

/** At most one webhook for each partner. */
export function createWebhookRecords({ connection, read, write }: Access) {
  const collection = collectionOf<WebhookRecord>(connection, 'webhooks');
  const settings = { writeConcern: write };
  const changing = { ...settings, returnDocument: 'after' } as const;

  return {
    find: (_id: string): Promise<WebhookRecord | null> => collection.findOne({ _id }, read),

    /** The partners with an enabled webhook. @param among  only these partners */
    async findEnabled(among?: readonly string[]): Promise<string[]> {
      const filter = { disabledAt: null, ...(among && { _id: { $in: [...among] } }) };
      const found = await collection.find(filter, { ...read, projection: { _id: 1 } }).toArray();
      return found.map(({ _id }) => _id);
    },

    /** Puts a webhook on record, in place of a former one. */
    async set(webhook: Pick<WebhookRecord, '_id' | 'url' | 'setAt' | 'keyId' | 'secrets'>): Promise<WebhookRecord> {
      const { _id, ...wanted } = { ...FRESH, ...webhook };
      await collection.replaceOne({ _id }, wanted, { ...settings, upsert: true });
      return { _id, ...wanted };
    },

    /** @returns null if the secrets have changed meanwhile */
    changeSecrets: (
      { _id, secrets }: Pick<WebhookRecord, '_id' | 'secrets'>,
      next: WebhookRecord['secrets'],
    ): Promise<WebhookRecord | null> =>
      collection.findOneAndUpdate({ _id, 'secrets.0.id': secrets[0]?.id ?? '' }, { $set: { secrets: next } }, changing),

    remove: async (_id: string): Promise<boolean> => (await collection.deleteOne({ _id }, settings)).deletedCount === 1,

    /** Takes the right to send. @returns null if another gateway has it, or there is a pause */
    lease: (_id: string, lease: Lease, now: Date): Promise<WebhookRecord | null> =>
      collection.findOneAndUpdate(
        {
          ...{ _id, disabledAt: null },
          $and: [
            { $or: [{ pausedUntil: null }, { pausedUntil: { $lte: now } }] },
            { $or: [{ lease: null }, { 'lease.until': { $lte: now } }, { 'lease.holder': lease.holder }] },
          ],
        },
        { $set: { lease, pausedUntil: null } },
        changing,
      ),

    /** Records attempts and keeps the lease. @returns null if another gateway has the lease by now */
    note: (
      _id: string,
      lease: Lease,
      health: WebhookHealth,
      deliveries: readonly DeliveryRecord[],
    ): Promise<WebhookRecord | null> =>
      collection.findOneAndUpdate(
        { _id, 'lease.holder': lease.holder },
        {
          $set: { ...health, lease },
          $push: { deliveries: { $each: [...deliveries], $slice: -MOST_DELIVERIES } },
        },
        changing,
      ),

    async release(_id: string, holder: string): Promise<void> {
      await collection.updateOne({ _id, 'lease.holder': holder }, { $set: { lease: null } }, settings);
    },
  };
}

export type WebhookRecords = ReturnType<typeof createWebhookRecords>;
