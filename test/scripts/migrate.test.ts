import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { STEPS } from '../../src/migrations/steps.ts';
import { openStore } from '../../src/store/mongo/connection.ts';
import { fillWritten, openWritten } from '../migrations/support.ts';
import { runCommand } from '../support/command.ts';
import { spawnMain } from '../support/main-process.ts';
import { mongoUri } from '../support/mongo-uri.ts';
import { quiet } from '../support/store.ts';
import { KEYS } from '../support/world.ts';

const KEY_ENCRYPTION_KEY = KEYS.keyEncryptionKey.toString('base64');

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'assent-migrate-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const migrate = (env: Record<string, string>) =>
  runCommand('store', ['migrate'], { env: { KEY_ENCRYPTION_KEY, ...env } });

test('the command tells of each step, and of nothing to do when it is run again', async () => {
  const store = await openWritten();
  try {
    const MONGODB_URI = mongoUri().replace('/?', `/${store.connection.name}?`);
    const first = await migrate({ MONGODB_URI });
    expect(first).toMatchObject({ code: 0, stderr: '' });
    for (const { says } of STEPS) expect(first.stdout).toContain(says);
    expect(first.stdout).toMatch(/documents changed\)$/m);
    const second = await migrate({ MONGODB_URI });
    expect(second.stdout.match(/\(was so\)$/gm)).toHaveLength(STEPS.length);
  } finally {
    await store.drop();
  }
});

test('the command is refused beside a gateway, and a gateway is refused before it', async () => {
  const store = await openStore({ dataDir, log: quiet });
  await fillWritten(store.connection.getClient().db(store.connection.name));
  const beside = await migrate({ DATA_DIR: dataDir });
  expect(beside).toMatchObject({ code: 1, stdout: '' });
  expect(beside.stderr).toMatch(/^Another program uses the database: stop every gateway/);
  const gateway = spawnMain({ DATA_DIR: dataDir, KEY_ENCRYPTION_KEY });
  expect(await gateway.ended).toBe(1);
  expect(gateway.logged()).toMatch(/Assent can't start\.\nThe database has the form of an earlier version: .*migrate/);
  await store.close();

  expect(await migrate({ DATA_DIR: dataDir })).toMatchObject({ code: 0, stderr: '' });
  const after = spawnMain({ DATA_DIR: dataDir, KEY_ENCRYPTION_KEY });
  await after.listening;
  await after.stop();
});
