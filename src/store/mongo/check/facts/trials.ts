import { MINUTE } from '../../../../base/durations.ts';
import type { Store } from '../../connection.ts';
import { type Look, look, type Refusal, refusalOf } from '../look.ts';
import { newOwnName, removeOwn, trialsOf } from './own-collection.ts';

/** The results of withdrawals and of the read after each. */
export interface Withdrawals {
  readonly tried: number;
  /** The number of withdrawals that the next read did not show. */
  readonly missed: number;
  /** The longest time of a withdrawal and its next read together. */
  readonly slowestMs: number;
  /** The reason for an early end; REMOVED if another check removed the collection. */
  readonly stopped: Refusal | 'INTERRUPTED' | 'REMOVED' | null;
}

export interface Trials {
  /** The time until the acknowledgement of a write with the store's own concern, in milliseconds. */
  readonly write: Look<number>;
  /** Whether a read with the store's own concern found that write; null if it was not acknowledged. */
  readonly read: Look<boolean> | null;
  /** Null if the write or the read failed before. */
  readonly withdrawals: Withdrawals | null;
  /** The number of removed collections of earlier runs. */
  readonly leftovers: Look<number>;
  /** Null if the collection of this run is removed; else its name and the refusal. */
  readonly left: { readonly name: string; readonly refusal: Refusal } | null;
}

export interface TrialOptions {
  /** The number of withdrawals to try. */
  readonly rounds: number;
  /** Ends the trials early. */
  readonly signal: AbortSignal;
}

export type Opened = Pick<Store, 'connection' | 'read' | 'write'>;

const MARK = { _id: 'run' };
const CONSENT = { _id: 'consent' };
/** The check ends after this time, even if every answer is slow. */
const LONGEST_MS = MINUTE;

const timed = async (work: () => Promise<unknown>) => {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
};

/** Withdraws through one connection and reads through the other, by turns. The reader gives the consent first. */
export async function tryWithdrawals(
  connections: readonly [Opened, Opened],
  name: string,
  { rounds, signal }: TrialOptions,
): Promise<Withdrawals> {
  const [first, second] = connections;
  const begun = performance.now();
  let [tried, missed, slowestMs] = [0, 0, 0];
  const record = (stopped: Withdrawals['stopped']): Withdrawals => ({ tried, missed, slowestMs, stopped });
  const set = (store: Opened, inForce: boolean) =>
    trialsOf(store, name).updateOne(
      CONSENT,
      { $set: { inForce, n: tried } },
      { upsert: true, writeConcern: store.write },
    );
  try {
    while (tried < rounds && performance.now() - begun < LONGEST_MS) {
      if (signal.aborted) return record('INTERRUPTED');
      const [writer, reader] = tried % 2 === 0 ? [first, second] : [second, first];
      await set(reader, true);
      const started = performance.now();
      await set(writer, false);
      const found = await trialsOf(reader, name).findOne(CONSENT, reader.read);
      slowestMs = Math.max(slowestMs, performance.now() - started);
      if (found?.n !== tried || found.inForce !== false) missed += 1;
      tried += 1;
    }
    const isOurs = missed === 0 || (await trialsOf(first, name).findOne(MARK, first.read)) !== null;
    return record(isOurs ? null : 'REMOVED');
  } catch (error) {
    return record(refusalOf(error));
  }
}

/**
 * Tries the guarantees that the store relies on, in a collection of its own that is removed in every case.
 *
 * @param connections  two separate ones, as of two gateways
 */
export async function runTrials(connections: readonly [Opened, Opened], options: TrialOptions): Promise<Trials> {
  const [store] = connections;
  const name = newOwnName();
  const removed = await removeOwn(store);
  const leftovers = 'answer' in removed ? { answer: removed.answer.length } : removed;
  const attempt = async () => {
    const trials = trialsOf(store, name);
    const write = await look(() => timed(() => trials.insertOne(MARK, { writeConcern: store.write })));
    if ('refusal' in write) return { write, read: null, withdrawals: null };
    const read = await look(async () => (await trials.findOne(MARK, store.read)) !== null);
    const proven = 'answer' in read && read.answer;
    return { write, read, withdrawals: proven ? await tryWithdrawals(connections, name, options) : null };
  };
  let left: Trials['left'] = null;
  const remove = async () => {
    const gone = await removeOwn(store);
    if ('refusal' in gone) left = { name, refusal: gone.refusal };
  };
  const outcome = await attempt().finally(remove);
  return { ...outcome, leftovers, left };
}
