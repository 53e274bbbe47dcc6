import { parseArgs } from 'node:util';
import { type Config, ConfigError, readConfig } from '../src/process/config.ts';
import { createPersonKeys } from '../src/store/keys.ts';
import { openStore } from '../src/store/mongo/connection.ts';
import { rewrapSharedSecrets } from '../src/store/secrets.ts';
import { createLog } from '../src/telemetry/logger.ts';

const USAGE = `usage: npm run keys -- rotate
Wraps every key anew, from KEY_ENCRYPTION_KEY_PREVIOUS to KEY_ENCRYPTION_KEY. Stop the gateways before and start them
with the new key after; where it was cut off, run it again.`;
const EXIT = { DONE: 0, CANNOT_RUN: 2 } as const;

const say = (line: string) => process.stdout.write(`${line}\n`);
const tell = (line: string) => process.stderr.write(`${line}\n`);

function keysOf({ keyEncryptionKey, previousKeyEncryptionKey }: Config) {
  if (keyEncryptionKey === undefined || previousKeyEncryptionKey === undefined)
    throw new ConfigError('KEY_ENCRYPTION_KEY, KEY_ENCRYPTION_KEY_PREVIOUS: expected both');
  return {
    previous: Buffer.from(previousKeyEncryptionKey, 'base64'),
    next: Buffer.from(keyEncryptionKey, 'base64'),
  };
}

async function rotate(): Promise<void> {
  const config = readConfig(process.env);
  const { previous, next } = keysOf(config);
  const { mongodbUri: uri, dataDir, logLevel } = config;
  const log = createLog({ level: logLevel });
  const store = await openStore({ ...(uri !== undefined && { uri }), dataDir, log });
  try {
    const people = await createPersonKeys(store, previous).rewrap(next);
    // last, since no gateway starts with the new key before
    const secrets = await rewrapSharedSecrets(store, previous, next);
    say(`wrapped ${people} keys of people and ${secrets} shared secrets anew`);
  } finally {
    await store.close();
  }
}

async function run(): Promise<number> {
  try {
    const { positionals } = parseArgs({ allowPositionals: true });
    if (positionals.length === 1 && positionals[0] === 'rotate') {
      await rotate();
      return EXIT.DONE;
    }
    tell(USAGE);
  } catch (error) {
    tell((error as Error).message);
  }
  return EXIT.CANNOT_RUN;
}

process.exitCode = await run();
