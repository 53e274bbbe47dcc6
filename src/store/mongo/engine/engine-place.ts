import { createHash } from 'node:crypto';
import { lstat, mkdir, realpath } from 'node:fs/promises';
import path from 'node:path';

/** The paths of an embedded engine's data and sockets: the same in every process that opens the directory. */
export interface EnginePlace {
  readonly dataDir: string;
  readonly databaseSocket: string;
  readonly leaseSocket: string;
  readonly logFile: string;
}

// the shortest limit among the supported systems is 104 bytes, with the terminating zero
const SOCKET_PATH_LIMIT = 100;

const makePrivate = async (dir: string) => {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const { uid, mode } = await lstat(dir);
  if (uid !== process.getuid?.() || (mode & 0o077) !== 0)
    throw new Error(`${dir} must belong to this user alone (mode 0700)`);
};

const placeIn = (dataDir: string, runDir: string): EnginePlace => ({
  dataDir: path.join(dataDir, 'mongodb'),
  databaseSocket: path.join(runDir, 'mongodb.sock'),
  leaseSocket: path.join(runDir, 'lease.sock'),
  logFile: path.join(runDir, 'engine.log'),
});

/**
 * Makes the directories of an embedded engine under `dataDir`. Its sockets live in a private directory there, or under
 * `/tmp` where that path is too long for a socket; no setting of one process can make it miss another's engine.
 */
export async function prepareEnginePlace(dataDir: string): Promise<EnginePlace> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const real = await realpath(dataDir);
  const near = path.join(real, 'run');
  const key = createHash('sha256').update(real).digest('hex').slice(0, 16);
  const fits = Buffer.byteLength(placeIn(real, near).databaseSocket) <= SOCKET_PATH_LIMIT;
  const runDir = fits ? near : path.join('/tmp', `assent-${process.getuid?.()}-${key}`);
  await makePrivate(runDir);
  return placeIn(real, runDir);
}

/** The address that mongoose connects to. The engine has no sessions, hence no retryable writes. */
export const engineUri = ({ databaseSocket }: EnginePlace): string =>
  `mongodb://${encodeURIComponent(databaseSocket)}/?directConnection=true&retryWrites=false`;
