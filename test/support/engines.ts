import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Resolves once `holds` is true, with the milliseconds it took; fails after `limit` milliseconds. */
export async function until(holds: () => boolean | Promise<boolean>, limit = 20_000): Promise<number> {
  const start = performance.now();
  while (!(await holds())) {
    if (performance.now() - start > limit) throw new Error(`Still not so after ${limit} ms`);
    await sleep(20);
  }
  return performance.now() - start;
}

export const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

export const leaseSocketOf = (dataDir: string): string => path.join(dataDir, 'run/lease.sock');

/** The process that now serves a data directory, if any. */
export async function findEngine(dataDir: string): Promise<number | null> {
  const socket = createConnection(leaseSocketOf(dataDir));
  try {
    const [line] = await once(socket, 'data');
    return Number(line);
  } catch {
    return null;
  } finally {
    socket.destroy();
  }
}

/** Ends the engine of a data directory as a power cut would. */
export async function crash(dataDir: string): Promise<number> {
  const pid = await findEngine(dataDir);
  if (pid === null) throw new Error(`No engine serves ${dataDir}`);
  process.kill(pid, 'SIGKILL');
  return pid;
}

export interface Disk {
  /** An empty data directory of its own. */
  dir(): Promise<string>;
  /** Removes them all, once their engines have ended. */
  clear(): Promise<void>;
}

export function createDisk(): Disk {
  const dirs: string[] = [];
  const remove = async (dir: string) => {
    const pid = await findEngine(dir);
    if (pid !== null) await until(() => !isRunning(pid));
    await rm(dir, { recursive: true, force: true, maxRetries: 10 });
  };
  return {
    dir: async () => {
      const dir = await mkdtemp(path.join(tmpdir(), 'assent-engine-'));
      dirs.push(dir);
      return dir;
    },
    clear: async () => {
      await Promise.all(dirs.map(remove));
    },
  };
}
