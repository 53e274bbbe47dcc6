import { afterAll, beforeAll, expect, test } from 'vitest';
import { append, EMPTY_CHAIN } from '../../src/ledger/chain/entry.ts';
import { PEOPLE, PERSON_LEDGER } from '../../src/store/mongo/collections.ts';
import { runCommand, spawnCommand } from '../support/command.ts';
import { mongoUri } from '../support/mongo-uri.ts';
import { openTestStore, type TestStore } from '../support/store.ts';
import { consent, newSid, raw, switched } from './support.ts';

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.drop());

const uri = () => mongoUri().replace('/?', `/${store.connection.name}?`);
const ledger = (args: readonly string[], env: Record<string, string> = {}) =>
  runCommand('ledger', args, { env: { MONGODB_URI: uri(), ...env } });

test('sound chains end with 0, and a broken one with 1 and a line that names its first bad entry', async () => {
  const sid = newSid();
  const { entries, head } = append(EMPTY_CHAIN, sid, [switched(true), consent(), consent('WITHDRAWN')]);
  await raw(store, PERSON_LEDGER).insertMany(entries);
  await raw(store, PEOPLE).insertOne({ _id: sid, ledger: { head, outbox: [] } });
  const sound = await spawnCommand('ledger', ['verify'], { env: { MONGODB_URI: uri() } });
  expect(sound).toMatchObject({ code: 0, stdout: expect.stringContaining('every chain is sound') });

  await raw(store, PERSON_LEDGER).updateOne({ _id: `${sid}:2` }, { $set: { purpose: 'euTransfer' } });
  const { code, stdout } = await ledger(['verify']);
  expect(code).toBe(1);
  expect(stdout.split('\n')[0]).toBe(`person_ledger ${sid}:2 ALTERED: its content was changed`);
  expect(stdout).toContain('1 chain is not sound');
});

test.each([
  { name: 'no command', args: [], env: {}, stderr: 'usage' },
  { name: 'an unknown command', args: ['repair'], env: {}, stderr: 'usage' },
  { name: 'an unknown option', args: ['verify', '--fast'], env: {}, stderr: '--fast' },
  { name: 'a faulty environment', args: ['verify'], env: { MONGODB_URI: 'http://x' }, stderr: 'MONGODB_URI' },
])('$name ends with 2', async ({ args, env, stderr }) => {
  expect(await ledger(args, env)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(stderr) });
});
