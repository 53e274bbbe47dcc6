import type { Clock } from '../../base/clock.ts';
import type { Store } from '../../store/mongo/connection.ts';
import { isDuplicateKey } from '../../store/mongo/duplicate-key.ts';
import type { Making } from '../idempotency/operations.ts';

/** What is kept for a device. Nothing here leads to a person, and nothing of a person leads here. */
export interface DeviceProfile {
  /** 32 hexadecimal digits that nobody can guess. The holder of the id holds the profile. */
  readonly _id: string;
  readonly sessionOnly: boolean;
  readonly interestTracking: boolean;
  readonly interests: readonly string[];
  readonly volume: number | null;
  readonly highScore: number | null;
  readonly expiresAt: Date;
}

export type DeviceSettings = Partial<
  Pick<DeviceProfile, 'sessionOnly' | 'interestTracking' | 'volume' | 'highScore'>
> & {
  /** Added to those that are known. */
  readonly interests?: readonly string[];
};

export const DEVICES = 'devices';

const HOUR = 3_600_000;
/** How long the profile of a session lasts without being used; a browser does not say when it is closed. */
const SESSION = 12 * HOUR;
const PERSISTENT = 365 * 24 * HOUR;
const MOST_INTERESTS = 50;

export type Devices = ReturnType<typeof createDevices>;

export function createDevices({ connection, read, write }: Pick<Store, 'connection' | 'read' | 'write'>, clock: Clock) {
  const devices = connection.getClient().db(connection.name).collection<DeviceProfile>(DEVICES);
  const settings = { writeConcern: write };

  const expiryOf = (sessionOnly: boolean) => new Date(clock.now().getTime() + (sessionOnly ? SESSION : PERSISTENT));
  const find = (id: string) => devices.findOne({ _id: id, expiresAt: { $gt: clock.now() } }, read);

  const withSettings = (device: DeviceProfile, change: DeviceSettings): DeviceProfile => {
    const { sessionOnly = device.sessionOnly, interestTracking = device.interestTracking } = change;
    const interests = [...new Set([...device.interests, ...(change.interests ?? [])])].slice(-MOST_INTERESTS);
    return {
      ...device,
      sessionOnly,
      interestTracking,
      // Where interests are not tracked, those that were are gone.
      interests: interestTracking ? interests : [],
      volume: change.volume ?? device.volume,
      highScore: change.highScore ?? device.highScore,
      expiresAt: expiryOf(sessionOnly),
    };
  };

  return {
    /** A new profile under an id of its own, which nothing else is derived from. Nothing is tracked until it is allowed. */
    async create(change: DeviceSettings, { id, keyed, made }: Making): Promise<DeviceProfile> {
      const fresh: DeviceProfile = {
        _id: id.replaceAll('-', ''),
        sessionOnly: true,
        interestTracking: false,
        interests: [],
        volume: null,
        highScore: null,
        expiresAt: expiryOf(true),
      };
      const device = withSettings(fresh, change);
      const kept = keyed ? await find(device._id) : null;
      if (kept || made) return kept ?? device;
      await devices.insertOne(device, settings).catch((error: unknown) => {
        if (!keyed || !isDuplicateKey(error)) throw error;
      });
      return device;
    },

    find,

    /** @returns null where no such profile is kept (any more) */
    async update(id: string, change: DeviceSettings): Promise<DeviceProfile | null> {
      const device = await find(id);
      if (!device) return null;
      const { _id, ...wanted } = withSettings(device, change);
      await devices.updateOne({ _id }, { $set: wanted }, settings);
      return { _id, ...wanted };
    },

    /** Forgets the profiles whose time is over; nobody could read them before. */
    async sweep(): Promise<void> {
      await devices.deleteMany({ expiresAt: { $lte: clock.now() } }, settings);
    },

    /** Nothing is kept for the device any more. Erasing it twice is no error. */
    async erase(id: string): Promise<void> {
      await devices.deleteOne({ _id: id }, settings);
    },
  };
}
