import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OWN_PREFIX } from '../../src/store/mongo/check/facts/own-collection.ts';
import { runCommand } from '../support/command.ts';
import { until } from '../support/engines.ts';
import { mongoUri } from '../support/mongo-uri.ts';
import { PROJECT } from '../support/readme.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

const ARGUMENTS = ['--import', 'tsx', 'src/assent.ts', 'store'];

const run = (command: string, env: Record<string, string>) =>
  runCommand('store', [command], { env: { DATA_DIR: '/nowhere', ...env } });

describe('the command', () => {
  let store: TestStore;
  let MONGODB_URI: string;
  beforeEach(async () => {
    store = await openTestStore();
    MONGODB_URI = mongoUri().replace('/?', `/${store.connection.name}?`);
  });
  afterEach(() => store.drop());

  const ownNames = async () => {
    const database = store.connection.getClient().db(store.connection.name);
    const names = (await database.listCollections().toArray()).map(({ name }) => name);
    return names.filter((name) => name.startsWith(OWN_PREFIX));
  };

  /** @returns the exit code and the signal of a check that is sent a signal once its collection is there */
  const killInTheMidst = async (signal: NodeJS.Signals) => {
    const child = spawn(process.execPath, [...ARGUMENTS, 'check'], {
      ...{ cwd: PROJECT, stdio: 'ignore' },
      env: { ...process.env, MONGODB_URI, DATA_DIR: '/nowhere' },
    });
    const ended = once(child, 'exit');
    await until(async () => (await ownNames()).length > 0);
    child.kill(signal);
    return ended;
  };

  test('ends with 1 where something has to be mended, and with 0 once it is', async () => {
    const before = await run('check', { MONGODB_URI });
    expect(before).toMatchObject({ code: 1, stderr: '' });
    expect(before.stdout).toMatch(
      /^FAULT +indexes +people lacks all of its \d+ indexes\. Run `assent store prepare`\.$/m,
    );
    await run('prepare', { MONGODB_URI });
    const after = await run('check', { MONGODB_URI });
    expect(after).toMatchObject({ code: 0, stderr: '' });
    expect(after.stdout).toMatch(
      /^ok +withdrawals +The next read through another connection saw each of 200 withdrawals; /m,
    );
    expect(after.stdout).toMatch(/^\d+ ok, \d+ note, 0 warning, 0 FAULT$/m);
  }, 60_000);

  test('removes its collection where somebody interrupts it, and ends with 1', async () => {
    expect(await killInTheMidst('SIGINT')).toEqual([1, null]);
    expect(await ownNames()).toEqual([]);
  }, 60_000);

  test('removes the collections of a killed run', async () => {
    await killInTheMidst('SIGKILL');
    expect(await ownNames()).toHaveLength(1);
    const { stdout } = await run('check', { MONGODB_URI });
    expect(stdout).toMatch(/^note +own collection +1 collection of checks that were killed: removed\.$/m);
    expect(await ownNames()).toEqual([]);
  }, 60_000);
});

describe.concurrent('an address', () => {
  test.each([
    {
      name: 'that leads to no server',
      uri: 'mongodb://neko:s3cret@127.0.0.1:1/?appName=check',
      says: /^FAULT +database +It cannot be reached\. Look at /m,
    },
    {
      name: 'that the driver can’t take',
      uri: 'mongodb://neko:s3cret@127.0.0.1:1/?readConcernLevel=s3cret&w=majority&w=s3cret',
      says: /^FAULT +address +The driver can't take the address \(\w+\)\. Look at /m,
    },
  ])('$name ends it with 1, and neither the user nor the password is told', async ({ uri, says }) => {
    const { code, stdout, stderr } = await run('check', { MONGODB_URI: uri });
    expect(code).toBe(1);
    expect(stdout).toMatch(says);
    expect(stdout + stderr).not.toMatch(/neko|s3cret/);
  }, 60_000);
});
