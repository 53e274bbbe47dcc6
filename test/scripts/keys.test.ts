import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPersonKeys } from '../../src/store/keys.ts';
import { openSharedSecret } from '../../src/store/secrets.ts';
import { createSigningKeys } from '../../src/store/signing-keys.ts';
import { runCommand, spawnCommand } from '../support/command.ts';
import { mongoUri } from '../support/mongo-uri.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

const PEOPLE = ['a', 'b', 'c', 'd'];
const [previous, next] = [randomBytes(32), randomBytes(32)];
const ENV = {
  KEY_ENCRYPTION_KEY_PREVIOUS: previous.toString('base64'),
  KEY_ENCRYPTION_KEY: next.toString('base64'),
};

let store: TestStore;
let plain: Map<string, Buffer>;
let secret: Buffer;
beforeEach(async () => {
  store = await openTestStore();
  plain = await createPersonKeys(store, previous).obtain(PEOPLE);
  secret = await openSharedSecret(store, previous, 'shared secret');
});
afterEach(() => store.drop());

const uri = () => mongoUri().replace('/?', `/${store.connection.name}?`);
const keys = (args: readonly string[], env: Record<string, string>) =>
  runCommand('keys', args, { env: { MONGODB_URI: uri(), ...env } });

describe('security.safeguards: the key that wraps the others can be changed', () => {
  test('after a rotation the new key opens everything and the old one nothing', async () => {
    expect(await spawnCommand('keys', ['rotate'], { env: { MONGODB_URI: uri(), ...ENV } })).toMatchObject({
      code: 0,
      stdout: 'wrapped 4 keys of people and 1 shared secrets anew\n',
    });
    expect(await createPersonKeys(store, next).find(PEOPLE)).toEqual(plain);
    expect(await openSharedSecret(store, next, 'shared secret')).toEqual(secret);
    await expect(createPersonKeys(store, previous).find(PEOPLE)).rejects.toThrow();
    await expect(openSharedSecret(store, previous, 'shared secret')).rejects.toThrow('KEY_ENCRYPTION_KEY');
  });

  test('a rotation that was cut off goes on where it was, and a third run finds nothing to do', async () => {
    const collection = store.connection
      .getClient()
      .db(store.connection.name)
      .collection<{ _id: string }>('person_keys');
    const before = await collection.find({ _id: { $in: ['c', 'd'] } }).toArray();
    await createPersonKeys(store, previous).rewrap(next);
    for (const key of before) await collection.replaceOne({ _id: key._id }, key);
    expect((await keys(['rotate'], ENV)).stdout).toBe('wrapped 2 keys of people and 1 shared secrets anew\n');
    expect(await createPersonKeys(store, next).find(PEOPLE)).toEqual(plain);
    expect((await keys(['rotate'], ENV)).stdout).toBe('wrapped 0 keys of people and 0 shared secrets anew\n');
  });

  test('with a wrong old key nothing is changed', async () => {
    const env = { ...ENV, KEY_ENCRYPTION_KEY_PREVIOUS: randomBytes(32).toString('base64') };
    expect((await keys(['rotate'], env)).code).toBe(2);
    expect(await createPersonKeys(store, previous).find(PEOPLE)).toEqual(plain);
    expect(await openSharedSecret(store, previous, 'shared secret')).toEqual(secret);
  });

  test('the keys that sign tokens are wrapped anew with the rest', async () => {
    const before = await createSigningKeys(store, previous).read();
    expect((await keys(['rotate'], ENV)).stdout).toBe('wrapped 4 keys of people and 2 shared secrets anew\n');
    expect(await createSigningKeys(store, next).read()).toEqual(before);
  });

  test.each([
    { name: 'no command', args: [], env: ENV, stderr: 'usage' },
    { name: 'a key that is lost, of the wrong command', args: ['rotate', '--lost'], env: ENV, stderr: 'usage' },
    { name: 'more than one command', args: ['rotate-signing', 'rotate'], env: ENV, stderr: 'usage' },
    {
      name: 'no old key',
      args: ['rotate'],
      env: { KEY_ENCRYPTION_KEY: ENV.KEY_ENCRYPTION_KEY },
      stderr: 'expected both',
    },
    { name: 'a short key', args: ['rotate'], env: { ...ENV, KEY_ENCRYPTION_KEY: 'c2hvcnQ=' }, stderr: '32 bytes' },
  ])('$name ends with 2, without a value', async ({ args, env, stderr }) => {
    const outcome = await keys(args, env as Record<string, string>);
    expect(outcome).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(stderr) });
    expect(outcome.stderr).not.toContain('c2hvcnQ=');
  });
});

describe('the key that signs tokens can be changed', () => {
  const KEY = { KEY_ENCRYPTION_KEY: previous.toString('base64') };
  const onRecord = async () => (await createSigningKeys(store, previous).read()).map(({ jwk }) => jwk.kid);
  const signing = async (args: readonly string[], env: Record<string, string> = KEY) => {
    const { code, stdout } = await keys(['rotate-signing', ...args], env);
    return { code, kid: /^tokens are signed with the key ([\w-]{43})\n$/.exec(stdout)?.[1] };
  };

  test('the new one comes before the old one, which stays', async () => {
    const [first] = await onRecord();
    const { code, kid } = await signing([]);
    expect([code, await onRecord()]).toEqual([0, [kid, first]]);
  });

  test('one that is lost is forgotten, and those before it', async () => {
    await signing([]);
    const { code, kid } = await signing(['--lost']);
    expect([code, await onRecord()]).toEqual([0, [kid]]);
  });

  test('only with the key that wraps it', async () => {
    expect((await signing([], { KEY_ENCRYPTION_KEY: next.toString('base64') })).code).toBe(2);
    expect(await onRecord()).toHaveLength(1);
  });
});
