import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type MainProcess, startMain } from '../support/main-process.ts';
import { mongoUri } from '../support/mongo-uri.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

let store: TestStore;
let folder: string;
let gateways: MainProcess[] = [];

beforeAll(async () => {
  [store, folder] = await Promise.all([openTestStore(), mkdtemp(path.join(tmpdir(), 'assent-oauth-'))]);
  const env = {
    ...{ MONGODB_URI: mongoUri().replace('/?', `/${store.connection.name}?`), LOG_LEVEL: 'warn' },
    ...{ TOKEN_ENDPOINT: 'on', PUBLIC_URL: 'https://gateway.example' },
  };
  const start = (name: string) =>
    startMain({
      ...env,
      DATA_DIR: path.join(folder, name),
      KEY_ENCRYPTION_KEY: Buffer.alloc(32, 3).toString('base64'),
    });
  // the first makes the secrets that all share
  gateways = [await start('one')];
  gateways.push(await start('two'));
}, 120_000);
afterAll(async () => {
  await Promise.all(gateways.map(({ stop }) => stop()));
  await store.drop();
  await rm(folder, { recursive: true });
});

test('each gateway on a database publishes the key that all of them sign with, and its address from outside', async () => {
  const read = async ({ origin }: MainProcess, name: string) => (await fetch(`${origin}/.well-known/${name}`)).json();
  const keys = await Promise.all(
    gateways.map(async (gateway) => ((await read(gateway, 'jwks.json')) as { keys: { kid: string }[] }).keys),
  );
  // the key of development is that of a data directory, and another for each
  const shared = keys[0]?.filter(({ kid }) => keys[1]?.some((other) => other.kid === kid));
  expect(keys.map(({ length }) => length)).toEqual([2, 2]);
  expect(shared).toHaveLength(1);
  expect(await read(gateways[0] as MainProcess, 'oauth-authorization-server')).toMatchObject({
    issuer: 'https://gateway.example',
  });
});
