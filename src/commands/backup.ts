import { access } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { requireAlone } from '../migrations/alone.ts';
import { requirePresentForm } from '../migrations/form.ts';
import { type Manifest, takeBackup } from '../process/backup.ts';
import { readBackupKey } from '../process/backup-key.ts';
import { type Environment, readConfig } from '../process/config.ts';
import { openAlone } from '../process/open-alone.ts';
import { readVersion } from '../process/version.ts';
import { openStore } from '../store/mongo/connection.ts';
import { openStoreClock } from '../store/mongo/store-clock.ts';
import { createLog } from '../telemetry/logger.ts';
import { say, tell } from './output.ts';

export const usage = `usage: assent backup --to DATA --keys KEYS [--key-file FILE] [--gateways-stopped]
       assent backup --keys KEYS [--key-file FILE]
Copies the database into two files, sealed with the key in FILE, else in BACKUP_KEY: 32 bytes in base64.
DATA has everything but keys. There must be no such file yet. On a replica set and a cluster the gateways may run;
elsewhere stop them first. --gateways-stopped says that connections it can't tell apart are no gateways.
KEYS has the keys of everybody who is not erased, and takes the place of the file before: keep no other copy of it, and
write it often, by the second form, while the gateways run. What is erased later than KEYS comes back by a restore.`;

const BACKUP = 'assent-backup';

const isThere = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

const tellTaken = (file: string, { counts }: Manifest) => {
  const documents = Object.values(counts).reduce((sum, count) => sum + count, 0);
  say(`${file} holds ${documents} documents`);
};

async function backUp(args: readonly string[], env: Environment): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      to: { type: 'string' },
      keys: { type: 'string' },
      'key-file': { type: 'string' },
      'gateways-stopped': { type: 'boolean', default: false },
    },
  });
  const { to, keys } = values;
  if (to === undefined && keys === undefined) throw new Error(usage);
  if (to !== undefined && (await isThere(to))) throw new Error('--to: expected a file that is not there yet');
  const key = await readBackupKey(values['key-file'], env);
  const { mongodbUri: uri, dataDir } = readConfig(env);
  const log = createLog({ level: 'warn' });
  const open = to === undefined ? openStore : openAlone;
  const store = await open({ ...(uri !== undefined && { uri }), dataDir, log, appName: BACKUP });
  try {
    await requirePresentForm(store);
    const isOneInstant = store.write.w === 'majority';
    if (to !== undefined && !isOneInstant && !values['gateways-stopped']) await requireAlone(store, BACKUP);
    const clock = await openStoreClock({ ...store, log });
    const taking = { store, clock, key, version: await readVersion() };
    if (to !== undefined) tellTaken(to, await takeBackup('data', to, taking));
    // after the data: then everybody in the data has a key, unless they were erased
    if (keys !== undefined) tellTaken(keys, await takeBackup('keys', keys, taking));
  } finally {
    await store.close();
  }
}

export async function run(args: readonly string[], env: Environment): Promise<number> {
  try {
    await backUp(args, env);
    return 0;
  } catch (error) {
    tell((error as Error).message);
    return 2;
  }
}
