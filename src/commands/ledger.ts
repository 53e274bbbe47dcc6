import { parseArgs } from 'node:util';
import type { Log } from '../base/log.ts';
import { entryId } from '../ledger/chain/entry.ts';
import { createPersonLedger } from '../ledger/chain/person-chain.ts';
import { UnmendableError } from '../ledger/verify/plan-mend.ts';
import { type Mended, type Verification, verify } from '../ledger/verify/verify.ts';
import { requirePresentForm } from '../migrations/form.ts';
import { type Environment, readConfig } from '../process/config.ts';
import { PERSON_LEDGER } from '../store/mongo/collections.ts';
import { openStore, type Store } from '../store/mongo/connection.ts';
import { openStoreClock } from '../store/mongo/store-clock.ts';
import { createChanges } from '../subject/change.ts';
import { createMending } from '../subject/mend.ts';
import { createLog } from '../telemetry/logger.ts';
import { say, tell } from './output.ts';

export const usage = `usage: assent ledger verify
       assent ledger mend [--person ID]
verify checks every hash chain. mend mends the chains of people into which a failover of the database has brought
entries that are not theirs: every chain that verify finds broken, or one, by the person's id in the line of verify.`;
const EXIT = { SOUND: 0, FAULTS: 1, CANNOT_RUN: 2 } as const;

const VERDICTS = ['every chain is sound', '1 chain is not sound'];

const tellMend = ({ collection, entry }: Mended) =>
  say(`${collection} ${entry} MENDED: it sets entries aside that are not the person’s own`);

const tellVerdict = ({ checked, faults, mended = [] }: Verification) => {
  for (const { collection, entry, kind, reason } of faults) say(`${collection} ${entry} ${kind}: ${reason}`);
  for (const mend of mended) tellMend(mend);
  const amounts = Object.entries(checked).map(([what, amount]) => `${amount} ${what}`);
  say(`checked ${amounts.join(', ')}`);
  say(VERDICTS[faults.length] ?? `${faults.length} chains are not sound`);
};

const verifyAll = (store: Store): Promise<Verification> =>
  verify(store, ({ entries, documents }) => tell(`${entries} entries and ${documents} documents so far`));

async function verifyLedgers(store: Store): Promise<number> {
  const verification = await verifyAll(store);
  tellVerdict(verification);
  return verification.faults.length === 0 ? EXIT.SOUND : EXIT.FAULTS;
}

/** The internal ids of people with a broken chain, and the number of other broken chains. */
async function findBroken(store: Store) {
  const { faults } = await verifyAll(store);
  const ofPeople = faults.filter(({ collection }) => collection === PERSON_LEDGER);
  return { sids: ofPeople.map(({ entry }) => entry.split(':')[0] as string), others: faults.length - ofPeople.length };
}

async function mendLedgers(store: Store, log: Log, person: string | undefined): Promise<number> {
  await requirePresentForm(store);
  const clock = await openStoreClock({ ...store, log });
  const ledger = createPersonLedger(store);
  const mend = createMending({ store, ledger, clock, changes: createChanges({ store, ledger, clock, log }) });
  const { sids, others } = person === undefined ? await findBroken(store) : { sids: [person], others: 0 };
  let left = others;
  let mended = 0;
  for (const sid of sids)
    try {
      const mending = await mend(sid);
      if (!mending) throw new UnmendableError({ n: 1, kind: 'NO_HEAD' });
      for (const n of mending.mends) tellMend({ collection: PERSON_LEDGER, entry: entryId(sid, n) });
      mended += mending.mends.length;
      if (mending.mends.length > 0) continue;
      say(`${PERSON_LEDGER} ${sid}: nothing to mend`);
      if (person === undefined) left += 1;
    } catch (error) {
      if (!(error instanceof UnmendableError)) throw error;
      left += 1;
      const { n, kind } = error.fault;
      say(`${PERSON_LEDGER} ${entryId(sid, n)} ${kind}: this can’t be mended`);
    }
  const whole = mended === 0 ? 'nothing is broken' : 'broken chains are mended';
  say(left === 0 ? whole : `${left} ${left === 1 ? 'chain stays' : 'chains stay'} broken`);
  return left === 0 ? EXIT.SOUND : EXIT.FAULTS;
}

async function open(env: Environment): Promise<{ readonly store: Store; readonly log: Log }> {
  const { mongodbUri, dataDir, logLevel } = readConfig(env);
  const log = createLog({ level: logLevel });
  return { log, store: await openStore({ ...(mongodbUri !== undefined && { uri: mongodbUri }), dataDir, log }) };
}

export async function run(args: readonly string[], env: Environment): Promise<number> {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { person: { type: 'string' } },
    });
    const [command, ...rest] = positionals;
    const isKnown = command === 'mend' || (command === 'verify' && values.person === undefined);
    if (!isKnown || rest.length > 0) {
      tell(usage);
      return EXIT.CANNOT_RUN;
    }
    const { store, log } = await open(env);
    try {
      return command === 'verify' ? await verifyLedgers(store) : await mendLedgers(store, log, values.person);
    } finally {
      await store.close();
    }
  } catch (error) {
    tell((error as Error).message);
    return EXIT.CANNOT_RUN;
  }
}
