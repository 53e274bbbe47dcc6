import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDisk } from '../support/engines.ts';
import { type MainProcess, startMain } from '../support/main-process.ts';
import { mongoUri } from '../support/mongo-uri.ts';
import { unpackPackage } from '../support/package.ts';
import { PROJECT } from '../support/readme.ts';
import { SYSTEM_ENV } from '../support/shell.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

// Two versions on one database at once, as while gateways are replaced one after the other: `npm run versions`. PREVIOUS
// names the archive of the release before; without it, which shows less, this version stands beside itself.

const IS_ASKED_FOR = process.env.VERSIONS !== undefined;
const { PREVIOUS } = process.env;
const PARTNER = ['--partner', 'offerly', '--purpose', 'targeted-offers', '--scope', 'name'];

const disk = createDisk();
let store: TestStore;
let env: Record<string, string>;
let folders: Readonly<Record<Version, string>>;
let gateways: Record<Version, MainProcess>;
type Version = 'earlier' | 'later';

/** This version, as if it were another installation. */
async function copyOf(dir: string): Promise<string> {
  await mkdir(dir);
  for (const name of ['dist', 'policies', 'src/http/graphiql'])
    await cp(path.join(PROJECT, name), path.join(dir, name), { recursive: true });
  const manifest = JSON.parse(await readFile(path.join(PROJECT, 'package.json'), 'utf8'));
  await writeFile(path.join(dir, 'package.json'), JSON.stringify({ ...manifest, version: '0.0.0' }));
  await symlink(path.join(PROJECT, 'node_modules'), path.join(dir, 'node_modules'));
  return dir;
}

const programOf = (version: Version) => [process.execPath, path.join(folders[version], 'dist/assent.js')] as const;
const start = (version: Version) => startMain(env, [], [...programOf(version), 'start']);

const assent = async (version: Version, ...args: readonly string[]) => {
  const [node, program] = programOf(version);
  const { port } = new URL(gateways[version].origin);
  const settings = { ...SYSTEM_ENV, ...env, PORT: port };
  return (await promisify(execFile)(node, [program, ...args], { env: settings })).stdout.trim();
};

const ask = async (version: Version, token: string, query: string) => {
  const response = await fetch(`${gateways[version].origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
  });
  const { data, errors = [] } = (await response.json()) as { data: never; errors?: object[] };
  return { data: data as unknown as Record<string, never>, errors };
};

beforeAll(async () => {
  if (!IS_ASKED_FOR) return;
  const dir = await disk.dir();
  store = await openTestStore();
  env = { DATA_DIR: dir, MONGODB_URI: mongoUri().replace('/?', `/${store.connection.name}?`), LOG_LEVEL: 'warn' };
  const earlier = PREVIOUS === undefined ? copyOf(path.join(dir, 'earlier')) : unpackPackage(PREVIOUS, dir);
  folders = { earlier: await earlier, later: PROJECT };
  // the later one starts on a database that the earlier one has filled, and while it runs
  const first = await start('earlier');
  gateways = { earlier: first, later: await start('later') };
}, 180_000);
afterAll(async () => {
  if (!IS_ASKED_FOR) return;
  await gateways.later.stop();
  await store.drop();
  await disk.clear();
});

describe.runIf(IS_ASKED_FOR)('while gateways are replaced one after the other', () => {
  test('two versions are there', async () => {
    expect(await assent('earlier', '--version')).not.toBe(await assent('later', '--version'));
  });

  test.each([
    ['earlier', 'later'],
    ['later', 'earlier'],
  ] as const)('a consent that is withdrawn through the %s version holds for the %s at once', async (one, other) => {
    // a token of the one is good for the other
    const [person, partner] = [await assent(one, 'token', '--member', 'u1'), await assent(one, 'token', ...PARTNER)];
    const { data } = await ask(one, person, '{ me { partnerId(clientId: "offerly") } }');
    const { partnerId } = data.me as unknown as { partnerId: string };
    const shown = async () => (await ask(other, partner, `{ user(id: "${partnerId}") { name } }`)).data.user;
    const seen = [await shown()];
    for (const act of ['withdraw', 'give']) {
      const change = `mutation { ${act}Consent(purpose: "targetedOffers") { consent { inForce } } }`;
      expect((await ask(one, person, change)).errors).toEqual([]);
      seen.push(await shown());
    }
    expect(seen).toEqual([{ name: expect.any(String) }, null, { name: expect.any(String) }]);
  });

  test.each(['earlier', 'later'] as const)('the %s version finds every chain sound', async (version) => {
    expect(await assent(version, 'ledger', 'verify')).toMatch(/every chain is sound$/);
  });

  test('the earlier one ends in order, and the later one has all that was acknowledged', async () => {
    const person = await assent('earlier', 'token', '--member', 'u9');
    const change = 'mutation { updatePreferences(input: { friendAdded: false }) { preferences { friendAdded } } }';
    expect((await ask('earlier', person, change)).errors).toEqual([]);
    gateways.earlier.signal('SIGTERM');
    expect(await gateways.earlier.ended).toBe(0);
    const { data } = await ask('later', person, '{ me { preferences { friendAdded } } }');
    expect(data.me).toEqual({ preferences: { friendAdded: false } });
    expect(await assent('later', 'ledger', 'verify')).toMatch(/every chain is sound$/);
  });
});
