import type { Clock } from '../../base/clock.ts';
import { DAY, HOUR } from '../../base/durations.ts';
import type { Access } from '../../store/mongo/collections.ts';
import { createDeviceRecords, type DeviceRecord } from '../../store/mongo/repositories/devices.ts';
import type { Making } from '../idempotency/operations.ts';

export type DeviceProfile = DeviceRecord;

export type DeviceSettings = Partial<
  Pick<DeviceProfile, 'sessionOnly' | 'interestTracking' | 'volume' | 'highScore'>
> & {
  /** Added to those that are known. */
  readonly interests?: readonly string[];
};

/** How long the profile of a session lasts without being used; a browser does not say when it is closed. */
const SESSION = 12 * HOUR;
const PERSISTENT = 365 * DAY;
const MOST_INTERESTS = 50;

export type Devices = ReturnType<typeof createDevices>;

export function createDevices(store: Access, clock: Clock) {
  const devices = createDeviceRecords(store);

  const expiryOf = (sessionOnly: boolean) => new Date(clock.now().getTime() + (sessionOnly ? SESSION : PERSISTENT));
  const find = (id: string) => devices.find(id, clock.now());

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
      if (!(await devices.add(device)) && !keyed) throw new Error('A new device was given an id that is taken.');
      return device;
    },

    find,

    /** @returns null where no such profile is kept (any more) */
    async update(id: string, change: DeviceSettings): Promise<DeviceProfile | null> {
      const device = await find(id);
      if (!device) return null;
      const changed = withSettings(device, change);
      await devices.change(changed);
      return changed;
    },

    /** Forgets expired profiles; nobody could read them any more. */
    sweep: (): Promise<void> => devices.dropExpired(clock.now()),

    /** Nothing is kept for the device any more. Erasing it twice is no error. */
    erase: (id: string): Promise<void> => devices.forget(id),
  };
}
