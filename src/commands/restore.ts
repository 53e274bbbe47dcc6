import { parseArgs } from 'node:util';
import { loadPolicy } from '../policy/load.ts';
import { readBackupKey } from '../process/backup-key.ts';
import { type Environment, readConfig } from '../process/config.ts';
import { restore } from '../process/restore.ts';
import { openStore } from '../store/mongo/connection.ts';
import { openStoreClock } from '../store/mongo/store-clock.ts';
import { createLog } from '../telemetry/logger.ts';
import { say, tell } from './output.ts';

export const usage = `usage: assent restore --from DATA --keys KEYS [--key-file FILE]
Restores what \`assent backup\` wrote, into an empty database. KEYS is the latest file of keys: people in DATA who have no
key in it were erased since, and are erased again. Both files are checked as a whole before anything is written, and every
hash chain afterwards. It ends with 0 where all is well, with 1 where a chain is not sound, else with 2 and an empty database.`;
const EXIT = { SOUND: 0, FAULTS: 1, CANNOT_RUN: 2 } as const;

async function restoreDatabase(args: readonly string[], env: Environment): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { from: { type: 'string' }, keys: { type: 'string' }, 'key-file': { type: 'string' } },
  });
  const { from: data, keys } = values;
  if (data === undefined || keys === undefined) throw new Error(usage);
  const key = await readBackupKey(values['key-file'], env);
  const config = readConfig(env);
  const policy = await loadPolicy(config.bundle);
  const log = createLog({ level: 'warn' });
  const { mongodbUri: uri, dataDir } = config;
  const store = await openStore({ ...(uri !== undefined && { uri }), dataDir, log });
  try {
    const clock = await openStoreClock({ ...store, log });
    const restored = await restore({ data, keys, key }, { store, clock, log, config, policy });
    const { erased, verification } = restored;
    say(`restored the database as it was at ${restored.data.at}`);
    say(`${erased} people were erased since, and are erased again`);
    for (const { collection, entry, kind, reason } of verification.faults)
      say(`${collection} ${entry} ${kind}: ${reason}`);
    say(verification.faults.length === 0 ? 'every chain is sound' : 'not every chain is sound');
    return verification.faults.length === 0 ? EXIT.SOUND : EXIT.FAULTS;
  } finally {
    await store.close();
  }
}

export async function run(args: readonly string[], env: Environment): Promise<number> {
  try {
    return await restoreDatabase(args, env);
  } catch (error) {
    tell((error as Error).message);
    return EXIT.CANNOT_RUN;
  }
}
