import { parseArgs } from 'node:util';
import type { Log } from '../base/log.ts';
import { RETIRED_COUNTS } from '../http/oauth/own-tokens.ts';
import { type Config, ConfigError, type Environment, readConfig } from '../process/config.ts';
import { createPersonKeys } from '../store/keys.ts';
import { openStore, type Store } from '../store/mongo/connection.ts';
import { openStoreClock } from '../store/mongo/store-clock.ts';
import { openKeyEncryptionKey, openSharedSecret, rewrapSharedSecrets } from '../store/secrets.ts';
import { createSigningKeys } from '../store/signing-keys.ts';
import { createLog } from '../telemetry/logger.ts';
import { say, tell } from './output.ts';

export const usage = `usage: assent keys rotate | rotate-signing [--lost]
rotate: wraps every key anew, from KEY_ENCRYPTION_KEY_PREVIOUS to KEY_ENCRYPTION_KEY. Stop the gateways before and start
them with the new key after; where it was cut off, run it again.
rotate-signing: lets a new key sign tokens for partners and receipts, while the gateways run. The one before stays
published, so that what it has signed can be checked; with --lost it counts no more, and what it has signed with it.`;
const EXIT = { DONE: 0, CANNOT_RUN: 2 } as const;

function keysOf({ keyEncryptionKey, previousKeyEncryptionKey }: Config) {
  if (keyEncryptionKey === undefined || previousKeyEncryptionKey === undefined)
    throw new ConfigError('KEY_ENCRYPTION_KEY, KEY_ENCRYPTION_KEY_PREVIOUS: expected both');
  return {
    previous: Buffer.from(previousKeyEncryptionKey, 'base64'),
    next: Buffer.from(keyEncryptionKey, 'base64'),
  };
}

async function withStore(
  { mongodbUri: uri, dataDir, logLevel }: Config,
  work: (store: Store, log: Log) => Promise<void>,
): Promise<void> {
  const log = createLog({ level: logLevel });
  const store = await openStore({ ...(uri !== undefined && { uri }), dataDir, log });
  try {
    await work(store, log);
  } finally {
    await store.close();
  }
}

async function rotate(config: Config): Promise<void> {
  const { previous, next } = keysOf(config);
  await withStore(config, async (store) => {
    const people = await createPersonKeys(store, previous).rewrap(next);
    // last, since no gateway starts with the new key before
    const secrets = await rewrapSharedSecrets(store, previous, next);
    say(`wrapped ${people} keys of people and ${secrets} shared secrets anew`);
  });
}

async function rotateSigning(config: Config, lost: boolean): Promise<void> {
  await withStore(config, async (store, log) => {
    const { now } = await openStoreClock({ ...store, log });
    const keyEncryptionKey = await openKeyEncryptionKey(store, config);
    // nothing is sealed under a key that is not the gateways'
    await openSharedSecret(store, keyEncryptionKey, 'shared secret');
    const keys = createSigningKeys(store, keyEncryptionKey);
    await keys.rotate({ now: now(), lostSince: lost ? new Date(now().getTime() - RETIRED_COUNTS) : null });
    const [signing] = await keys.read();
    say(`tokens are signed with the key ${signing?.jwk.kid}`);
  });
}

export async function run(args: readonly string[], env: Environment): Promise<number> {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { lost: { type: 'boolean', default: false } },
    });
    const [command, ...others] = positionals;
    const work =
      command === 'rotate-signing'
        ? (config: Config) => rotateSigning(config, values.lost)
        : command === 'rotate' && !values.lost
          ? rotate
          : null;
    if (work && others.length === 0) {
      await work(readConfig(env));
      return EXIT.DONE;
    }
    tell(usage);
  } catch (error) {
    tell((error as Error).message);
  }
  return EXIT.CANNOT_RUN;
}
