import type { Layout } from '../collection-layout.ts';
import { type Access, collectionOf } from '../collections.ts';
import { isAdded } from '../duplicate-key.ts';

/** The profile of a device. It has no reference to a person, and no person's record refers to it. */
export interface DeviceRecord {
  /** 32 random hexadecimal digits. The id alone gives access to the profile. */
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
    /** @returns null if there is no profile, or its time is over */
    find: (_id: string, now: Date): Promise<DeviceRecord | null> =>
      collection.findOne({ _id, expiresAt: { $gt: now } }, read),

    /** @returns false if a profile with this id exists: that one stays */
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
