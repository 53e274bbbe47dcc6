import type { Layout } from '../collection-layout.ts';
import { type Access, collectionOf } from '../collections.ts';
import { isAdded } from '../duplicate-key.ts';

/** What is kept for a device. Nothing here leads to a person, and nothing of a person leads here. */
export interface DeviceRecord {
  /** 32 hexadecimal digits that nobody can guess. The holder of the id holds the profile. */
  readonly _id: string;
  readonly sessionOnly: boolean;
  readonly interestTracking: boolean;
  readonly interests: readonly string[];
  readonly volume: number | null;
  readonly highScore: number | null;
  readonly expiresAt: Date;
}

const DEVICES = 'devices';

export const DEVICES_LAYOUT: Layout = { name: DEVICES, indexes: [{ key: { expiresAt: 1 } }], shardKey: null };

export function createDeviceRecords({ connection, read, write }: Access) {
  const collection = collectionOf<DeviceRecord>(connection, DEVICES);
  const settings = { writeConcern: write };

  return {
    /** @returns null where none is kept, or its time is over by now */
    find: (_id: string, now: Date): Promise<DeviceRecord | null> =>
      collection.findOne({ _id, expiresAt: { $gt: now } }, read),

    /** @returns false where one of this id is kept already: that one stays */
    add: (device: DeviceRecord): Promise<boolean> => isAdded(collection.insertOne(device, settings)),

    async change({ _id, ...wanted }: DeviceRecord): Promise<void> {
      await collection.updateOne({ _id }, { $set: wanted }, settings);
    },

    async forget(_id: string): Promise<void> {
      await collection.deleteOne({ _id }, settings);
    },

    async dropExpired(now: Date): Promise<void> {
      await collection.deleteMany({ expiresAt: { $lte: now } }, settings);
    },
  };
}
