import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand, spawnCommand } from '../support/command.ts';
import { createDisk } from '../support/engines.ts';
import { type MainProcess, startMain } from '../support/main-process.ts';
import { mongoUri } from '../support/mongo-uri.ts';
import { referencePolicy } from '../support/policy.ts';
import { PROJECT } from '../support/readme.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

/** Nobody listens there. */
const NO_PORT = '1';
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+\n$/;

let store: TestStore;
let dataDir: string;
let gateway: MainProcess;
let env: Record<string, string>;
/** The gateway is asked about a token where it is reached; the database where it is not. */
let reached: Record<string, string>;

beforeAll(async () => {
  [store, dataDir] = await Promise.all([openTestStore(), mkdtemp(path.join(tmpdir(), 'assent-token-'))]);
  env = { DATA_DIR: dataDir, MONGODB_URI: mongoUri().replace('/?', `/${store.connection.name}?`) };
  gateway = await startMain(env);
  reached = { ...env, PORT: new URL(gateway.origin).port };
  const erased = (await run(['--member', 'u2'], reached)).stdout.trim();
  const { data } = await ask(erased, 'mutation { requestErasure { confirmation } }');
  const erase = 'mutation ($confirmation: String!) { eraseAccount(confirmation: $confirmation) { erasedAt } }';
  expect((await ask(erased, erase, data.requestErasure)).errors).toEqual([]);
}, 120_000);

afterAll(async () => {
  await gateway.stop();
  await store.drop();
  await rm(dataDir, { recursive: true });
});

const run = (args: readonly string[], settings: Readonly<Record<string, string>>) =>
  runCommand('token', args, { env: settings });

/** Beside a gateway that is reached, and beside none. */
const runBothWays = (args: readonly string[]) =>
  Promise.all([run(args, reached), run(args, { ...env, PORT: NO_PORT })]);

const ask = async (token: string, query: string, variables = {}) => {
  const response = await fetch(`${gateway.origin}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors = [] } = JSON.parse(await response.text());
  return { status: response.status, data, errors };
};

const partner = (id: string, purpose: string, scope: string) => [
  ...['--partner', id, '--purpose', purpose],
  ...['--scope', scope],
];
const staff = (role: string, purpose: string) => ['--staff', role, '--purpose', purpose];

/** The gateway's own verdict on a token, with the reason if it denies the whole operation. */
const verdictOf = async (token: string) => {
  const { status, errors } = await ask(token, '{ user(avatarName: "Nobody Is Called So") { id } }');
  return status === 401 ? '401' : (errors[0]?.extensions.reason ?? 'TAKEN');
};

describe('a token that the gateway takes and that could show something is printed, and nothing else', () => {
  test.each([
    { name: 'of a member', args: ['--member', 'u1'] },
    { name: 'of a member without a record, and free to register', args: ['--member', 'somebody-new'] },
    { name: 'of a partner', args: partner('offerly', 'targeted-offers', 'name email') },
    {
      name: 'of a partner, with a scope wider than its purpose',
      args: partner('offerly', 'targeted-offers', 'name photos'),
    },
    { name: 'of staff', args: staff('support', 'customer-support') },
    { name: 'that lasts a whole day', args: ['--member', 'u1', '--expires', '24h'] },
  ])('$name', async ({ args }) => {
    for (const { code, stdout, stderr } of await runBothWays(args)) {
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(TOKEN);
      expect(await verdictOf(stdout.trim())).toBe('TAKEN');
    }
  });
});

describe('a token that is of no use is printed with a warning, by the gateway and by the database', () => {
  test.each([
    {
      name: 'of a suspended partner',
      args: partner('glowcast', 'advertising', 'gender'),
      warning: 'the gateway refuses this token: its partner is not on record or is suspended',
      verdict: '401',
    },
    {
      name: 'of a partner that is not on record',
      args: partner('nobody', 'billing', 'name'),
      warning: 'the gateway refuses this token: its partner is not on record or is suspended',
      verdict: '401',
    },
    {
      name: 'of an erased person',
      args: ['--member', 'u2'],
      warning: 'the gateway refuses this token: its account was erased',
      verdict: '401',
    },
    {
      name: 'that has expired',
      args: ['--member', 'u1', '--expires=-1m'],
      warning: 'the gateway refuses this token: it has expired',
      verdict: '401',
    },
    {
      name: 'that claims to hold longer than a day',
      args: ['--member', 'u1', '--expires', '2d'],
      warning: 'the gateway refuses this token 24 hours from now, although it says that it holds longer',
      verdict: 'TAKEN',
    },
    {
      name: 'of a partner without a contract in force',
      args: partner('dealnest', 'targeted-offers', 'name'),
      warning: 'this token shows nothing of anyone: no contract with the partner is in force',
      verdict: 'CONTRACT_NOT_IN_FORCE',
    },
    {
      name: 'for a purpose that is not contracted',
      args: partner('dealnest', 'offer-prefill', 'name'),
      warning:
        'this token shows nothing of anyone: its purpose is not one that both the policy and the contract have for the partner',
      verdict: 'WRONG_PURPOSE',
    },
    {
      name: 'for a purpose that is not of this kind of partner',
      args: partner('offerly', 'billing', 'name'),
      warning:
        'this token shows nothing of anyone: its purpose is not one that both the policy and the contract have for the partner',
      verdict: 'WRONG_PURPOSE',
    },
    {
      name: 'of an offer wall',
      args: partner('coinwall', 'offer-completion', 'name'),
      warning: 'this token shows nothing of anyone: no clause of the policy shows anything to its kind of caller',
      verdict: 'NO_CLAUSE',
    },
    {
      name: 'with an empty scope',
      args: ['--partner', 'offerly', '--purpose', 'targeted-offers'],
      warning:
        'this token shows nothing of anyone: its scope names nothing that its purpose may show; ' +
        'right would be name, email, gender, birth-date, postal-address',
      verdict: 'MISSING_SCOPE',
    },
    {
      name: 'with a scope without a category of its purpose',
      args: partner('adhive', 'advertising', 'name photos'),
      warning:
        'this token shows nothing of anyone: its scope names nothing that its purpose may show; right would be gender, age-band',
      verdict: 'MISSING_SCOPE',
    },
    {
      name: 'of a role with the purpose of another',
      args: staff('support', 'privacy-request'),
      warning:
        'this token shows nothing of anyone: its purpose is not that of the role; right would be customer-support',
      verdict: 'WRONG_PURPOSE',
    },
  ])('$name', async ({ args, warning, verdict }) => {
    for (const { code, stdout, stderr } of await runBothWays(args)) {
      expect({ code, stderr }).toEqual({ code: 0, stderr: `warning: ${warning}\n` });
      expect(stdout).toMatch(TOKEN);
      expect(await verdictOf(stdout.trim())).toBe(verdict);
    }
  });
});

describe('a word that the policy does not know is refused, with those that are right', () => {
  const CORNER_SHOP = path.join(PROJECT, 'test/fixtures/corner-shop.yaml');
  test.each([
    {
      name: 'a purpose of a partner',
      args: partner('offerly', 'targeted-offer', 'name'),
      says: /^--purpose: expected one of billing, .*targeted-offers, .*legal-process$/m,
    },
    {
      name: 'a purpose of staff',
      args: staff('support', 'support'),
      says: /^--purpose: expected one of .*customer-support/m,
    },
    {
      name: 'a word of a scope',
      args: partner('offerly', 'targeted-offers', 'name birthdate'),
      says: /^--scope: expected words of avatar-name, name, .*birth-date, .*, with a space between two$/m,
    },
    {
      name: 'a role',
      args: staff('suport', 'customer-support'),
      says: /^--staff: expected one of support, analyst, privacy, legal$/m,
    },
    {
      name: 'a purpose of the reference, under another policy',
      args: partner('offerly', 'targeted-offers', 'name'),
      says: /^--purpose: expected one of (?!.*targeted-offers)/m,
      // a database of its own: versions that are on record count as well
      own: { POLICY_FILE: CORNER_SHOP, MONGODB_URI: '' },
    },
  ])('$name', async ({ args, says, own = {} }) => {
    const empty = await mkdtemp(path.join(tmpdir(), 'assent-words-'));
    const { code, stdout, stderr } = await run(args, { ...env, PORT: NO_PORT, DATA_DIR: empty, ...own });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(says);
    // nothing is made for a token that is none
    expect(await readdir(empty)).toEqual([]);
    await rm(empty, { recursive: true });
  });

  test('all of them at once', async () => {
    const { stderr } = await run(partner('offerly', 'x', 'y'), { ...env, PORT: NO_PORT });
    expect(stderr).toMatch(/^--purpose: .*\n--scope: /);
  });

  test('but not a purpose of an older version that is on record', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'assent-later-'));
    const later = path.join(folder, 'later.yaml');
    const text = await readFile(CORNER_SHOP, 'utf8');
    // the same company by another name
    await writeFile(later, `formerPublishers: [${JSON.stringify(referencePolicy.publisher)}]\n${text}`);
    const own = { POLICY_FILE: later, PORT: NO_PORT };
    const { code, stdout } = await run(partner('offerly', 'targeted-offers', 'name'), { ...env, ...own });
    await rm(folder, { recursive: true });
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(TOKEN) });
  });
});

describe('where a token can not be checked, a line says so', () => {
  const disk = createDisk();
  afterAll(() => disk.clear());
  const bare = { MONGODB_URI: '', PORT: NO_PORT };

  test('since there is no database, and none is made', async () => {
    const dir = await disk.dir();
    const { code, stdout, stderr } = await spawnCommand('token', ['--member', 'u1'], {
      env: { ...bare, DATA_DIR: dir },
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(TOKEN) });
    expect(stderr).toBe(
      'note: not checked whether a gateway takes this token: there is no database in DATA_DIR, and MONGODB_URI is not set\n',
    );
    expect(await readdir(dir)).toEqual(['signing-key.jwk']);
  });

  test('since the database is not reached', async () => {
    const unreached = { ...bare, DATA_DIR: dataDir, MONGODB_URI: 'mongodb://127.0.0.1:1/x' };
    const { code, stderr } = await run(['--member', 'u1'], unreached);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^note: not checked whether a gateway takes this token: the database .*\n$/);
  });

  test('and objections of the policy alone are told all the same', async () => {
    const args = partner('offerly', 'targeted-offers', '');
    const { stderr } = await run(args, { ...bare, DATA_DIR: await disk.dir() });
    expect(stderr).toMatch(
      /^warning: this token shows nothing of anyone: its scope names nothing .*\nnote: not checked .*\n$/,
    );
  });
});

describe('the data directory', () => {
  test('that is not the one of the gateway that runs is told', async () => {
    const other = await mkdtemp(path.join(tmpdir(), 'assent-other-'));
    const { code, stdout, stderr } = await run(['--member', 'u1'], { ...reached, DATA_DIR: other });
    await rm(other, { recursive: true });
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(TOKEN) });
    expect(stderr).toBe(`warning: the gateway at ${gateway.origin} refuses this token: its DATA_DIR is another one\n`);
    expect(await verdictOf(stdout.trim())).toBe('401');
  });

  test('and the hint at the start has all settings that a command needs', async () => {
    const hint = /TOKEN=\$\((.*)npm run -s token -- (--member u1)\)/.exec(gateway.told());
    const settings = Object.fromEntries(
      (hint?.[1] ?? '')
        .trim()
        .split(' ')
        .map((setting) => setting.split('=')),
    );
    expect(settings).toEqual({ DATA_DIR: dataDir, PORT: new URL(gateway.origin).port });
    const { stdout } = await spawnCommand('token', (hint?.[2] ?? '').split(' '), { env: settings });
    expect(await verdictOf(stdout.trim())).toBe('TAKEN');
  });
});

test('the token names the caller, the purpose and the time', async () => {
  const args = [...partner('mailwing', 'imvu-newsletter', 'email'), '--expires', '15m'];
  const { stdout } = await spawnCommand('token', args, { env: reached });
  const { sub, kind, purpose, scope, iat = 0, exp } = decodeJwt(stdout.trim());
  expect({ sub, kind, purpose, scope }).toEqual({
    ...{ sub: 'mailwing', kind: 'partner', purpose: 'imvu-newsletter', scope: 'email' },
  });
  expect(exp).toBe(iat + 900);
});
