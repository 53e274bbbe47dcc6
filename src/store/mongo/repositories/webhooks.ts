import { type Access, collectionOf } from '../collections.ts';

/** One attempt at sending. */
export interface DeliveryRecord {
  readonly at: Date;
  readonly type: string;
  /** The id of the notice as it stood. */
  readonly event: string;
  /** 1 for the first. */
  readonly attempt: number;
  readonly outcome: string;
  /** Of HTTP; null where there was no answer. */
  readonly status: number | null;
  readonly milliseconds: number;
}

/** Whether messages arrive. */
export interface WebhookHealth {
  readonly lastDeliveredAt: Date | null;
  /** In a row. */
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
  /** Names its secrets, the one that counts first; until when those that it replaced sign as well. */
  readonly secrets: readonly { readonly id: string; readonly until: Date | null }[];
  /** The gateway that sends to it, until then. */
  readonly lease: Lease | null;
  /** The newest attempts, the newest last. */
  readonly deliveries: readonly DeliveryRecord[];
}

export interface Lease {
  readonly holder: string;
  readonly until: Date;
}

/** So many attempts of one webhook are kept. */
export const MOST_DELIVERIES = 100;

const FRESH = {
  ...{ lastDeliveredAt: null, failures: 0, failingSince: null, pausedUntil: null },
  ...{ disabledAt: null, disabledBecause: null, lease: null, deliveries: [] },
};

/** One for each partner at the most. */
export function createWebhookRecords({ connection, read, write }: Access) {
  const collection = collectionOf<WebhookRecord>(connection, 'webhooks');
  const settings = { writeConcern: write };
  const changing = { ...settings, returnDocument: 'after' } as const;

  return {
    find: (_id: string): Promise<WebhookRecord | null> => collection.findOne({ _id }, read),

    /** The partners with a webhook that is not disabled. @param among  of these alone */
    async findEnabled(among?: readonly string[]): Promise<string[]> {
      const filter = { disabledAt: null, ...(among && { _id: { $in: [...among] } }) };
      const found = await collection.find(filter, { ...read, projection: { _id: 1 } }).toArray();
      return found.map(({ _id }) => _id);
    },

    /** Puts a webhook on record in the place of any before. */
    async set(webhook: Pick<WebhookRecord, '_id' | 'url' | 'setAt' | 'keyId' | 'secrets'>): Promise<WebhookRecord> {
      const { _id, ...wanted } = { ...FRESH, ...webhook };
      await collection.replaceOne({ _id }, wanted, { ...settings, upsert: true });
      return { _id, ...wanted };
    },

    /** @returns null where the secrets are no longer as they were */
    changeSecrets: (
      { _id, secrets }: Pick<WebhookRecord, '_id' | 'secrets'>,
      next: WebhookRecord['secrets'],
    ): Promise<WebhookRecord | null> =>
      collection.findOneAndUpdate({ _id, 'secrets.0.id': secrets[0]?.id ?? '' }, { $set: { secrets: next } }, changing),

    remove: async (_id: string): Promise<boolean> => (await collection.deleteOne({ _id }, settings)).deletedCount === 1,

    /** Takes the right to send, which ends a pause. @returns null where it is another gateway's, or there is a pause */
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

    /** Notes attempts and goes on holding the lease. @returns null where the lease is another gateway's by now */
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
