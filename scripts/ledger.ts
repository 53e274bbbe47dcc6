import { parseArgs } from 'node:util';
import { readConfig } from '../src/config.ts';
import { type Verification, verify } from '../src/ledger/verify.ts';
import { createLog } from '../src/log.ts';
import { openStore } from '../src/store/connection.ts';

const USAGE = 'usage: npm run ledger -- verify';
const EXIT = { SOUND: 0, FAULTS: 1, CANNOT_RUN: 2 } as const;

const VERDICTS = ['every chain is sound', '1 chain is not sound'];

const say = (line: string) => process.stdout.write(`${line}\n`);
const tell = (line: string) => process.stderr.write(`${line}\n`);

const tellVerdict = ({ checked, faults }: Verification) => {
  for (const { collection, entry, kind, reason } of faults) say(`${collection} ${entry} ${kind}: ${reason}`);
  const amounts = Object.entries(checked).map(([what, amount]) => `${amount} ${what}`);
  say(`checked ${amounts.join(', ')}`);
  say(VERDICTS[faults.length] ?? `${faults.length} chains are not sound`);
};

async function verifyLedgers(): Promise<number> {
  const { mongodbUri, dataDir, logLevel } = readConfig(process.env);
  const log = createLog({ level: logLevel });
  const store = await openStore({ ...(mongodbUri !== undefined && { uri: mongodbUri }), dataDir, log });
  try {
    const verification = await verify({
      connection: store.connection,
      onProgress: ({ entries, documents }) => tell(`${entries} entries and ${documents} documents so far`),
    });
    tellVerdict(verification);
    return verification.faults.length === 0 ? EXIT.SOUND : EXIT.FAULTS;
  } finally {
    await store.close();
  }
}

async function run(): Promise<number> {
  try {
    const { positionals } = parseArgs({ allowPositionals: true });
    if (positionals.length === 1 && positionals[0] === 'verify') return await verifyLedgers();
    tell(USAGE);
  } catch (error) {
    tell((error as Error).message);
  }
  return EXIT.CANNOT_RUN;
}

process.exitCode = await run();
