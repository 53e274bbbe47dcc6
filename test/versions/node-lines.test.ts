import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDisk } from '../support/engines.ts';
import { type MainProcess, startMain } from '../support/main-process.ts';
import { PROJECT } from '../support/readme.ts';
import { SYSTEM_ENV } from '../support/shell.ts';
import { installNodeLines, LINES } from './node-lines.ts';

// The compiled gateway, as it is started by hand, under each line of Node that is supported: `npm run versions`.

const IS_ASKED_FOR = process.env.VERSIONS !== undefined;
/** Anything that a later Node may take out ends the process. */
const STRICT = ['--pending-deprecation', '--throw-deprecation'];
const SLOW_MS = 180_000;

const execute = promisify(execFile);
const disk = createDisk();
let programs: ReadonlyMap<string, string>;

beforeAll(async () => {
  if (!IS_ASKED_FOR) return;
  await access(path.join(PROJECT, 'dist/main.js'));
  const installed = (await installNodeLines()).map(({ line, program }) => [line, program] as const);
  programs = new Map([[OWN, process.execPath], ...installed]);
}, SLOW_MS);
afterAll(() => disk.clear());

/** The line that the tests themselves run under. */
const OWN = `${process.versions.node.split('.')[0]}, as this run`;

test.runIf(IS_ASKED_FOR)('there are releases to try for this kind of machine', () => {
  expect(LINES).toEqual(['22', '24', '26']);
});

describe.runIf(IS_ASKED_FOR).each([OWN, ...LINES])('under Node %s', (line) => {
  let gateway: MainProcess;
  let dataDir: string;
  let node: string;

  /** A command of the project under this Node. */
  const command = async (script: string, ...args: readonly string[]) => {
    const env = { ...SYSTEM_ENV, DATA_DIR: dataDir, PORT: new URL(gateway.origin).port };
    const options = [...STRICT, 'dist/assent.js', script];
    const { stdout, stderr } = await execute(node, [...options, ...args], { cwd: PROJECT, env });
    expect(stderr).toBe('');
    return stdout.trim();
  };

  const ask = async (token: string | null, query: string, variables = {}) => {
    const response = await fetch(`${gateway.origin}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token !== null && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query, variables }),
    });
    return { status: response.status, body: (await response.json()) as { data?: never; errors?: object[] } };
  };

  beforeAll(async () => {
    node = programs.get(line) as string;
    dataDir = await disk.dir();
    const env = { DATA_DIR: dataDir, METRICS: 'on', TRACES: 'on' };
    gateway = await startMain(env, [], [node, ...STRICT, 'dist/main.js']);
  }, SLOW_MS);

  test('the packages install without a warning of the version', async () => {
    const env = { ...SYSTEM_ENV, PATH: `${path.dirname(node)}:${SYSTEM_ENV.PATH}` };
    const args = ['ci', '--dry-run', '--engine-strict', '--offline', '--no-audit', '--no-fund'];
    const { stderr } = await execute('npm', args, { cwd: PROJECT, env });
    expect(stderr).toBe('');
  });

  test('it starts over the embedded database, and says where it listens', () => {
    expect(gateway.told()).toMatch(/^Assent is listening on http:\/\/127\.0\.0\.1:\d+\/graphql$/m);
  });

  test('it answers a query of a member, with a token from the command', async () => {
    const token = await command('token', '--member', 'u1');
    const { status, body } = await ask(token, '{ me { id email } }');
    expect({ status, body }).toEqual({
      status: 200,
      body: { data: { me: { id: 'u1', email: 'neko@example.com' } } },
    });
  });

  test('it carries out a mutation', async () => {
    const token = await command('token', '--member', 'u9');
    const query = `mutation { updatePreferences(input: { friendAdded: false }) { preferences { friendAdded } } }`;
    const { body } = await ask(token, query);
    expect(body).toEqual({ data: { updatePreferences: { preferences: { friendAdded: false } } } });
  });

  test('it denies a field, and a partner that is shown another is on record before the answer leaves', async () => {
    const self = await command('token', '--member', 'u1');
    const { body: known } = await ask(self, '{ me { partnerId(clientId: "mailwing") } }');
    const { me } = known.data as unknown as { me: { partnerId: string } };
    const partner = ['--partner', 'mailwing', '--purpose', 'imvu-newsletter', '--scope', 'email'];
    const token = await command('token', ...partner);
    const query = 'query ($id: ID!) { user(id: $id) { email gender } }';
    const { body } = await ask(token, query, { id: me.partnerId });
    expect(body).toMatchObject({
      data: { user: { email: 'neko@example.com', gender: null } },
      errors: [{ path: ['user', 'gender'], extensions: { code: 'FORBIDDEN', reason: 'NO_CLAUSE' } }],
    });
    const { body: record } = await ask(self, '{ me { thirdPartyShares(first: 1) { purpose categories } } }');
    expect(record).toEqual({
      data: { me: { thirdPartyShares: [{ purpose: 'imvu-newsletter', categories: ['EMAIL'] }] } },
    });
    expect(await command('ledger', 'verify')).toMatch(/every chain is sound$/);
  });

  test('it refuses a token that is none with 401', async () => {
    const { status, body } = await ask('not.a.token', '{ __typename }');
    expect({ status, body }).toMatchObject({
      status: 401,
      body: { errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] },
    });
  });

  test('it tells its schema to tools', async () => {
    const { body } = await ask(null, '{ __schema { queryType { fields { name } } } }');
    expect(body).toMatchObject({
      data: { __schema: { queryType: { fields: expect.arrayContaining([{ name: 'me' }]) } } },
    });
  });

  test('it serves the explorer with all its files', async () => {
    const page = await fetch(`${gateway.origin}/graphql`, { headers: { accept: 'text/html' } });
    const files = [...(await page.text()).matchAll(/(?:src|href)="(\/graphql\/[^"]+)"/g)].map(([, file]) => file);
    expect(files).toHaveLength(5);
    for (const file of files) {
      const response = await fetch(`${gateway.origin}${file}`);
      await response.arrayBuffer();
      expect(response.status).toBe(200);
    }
  });

  test('it tells whether it is ready, and its metrics', async () => {
    const [ready, metrics] = await Promise.all(
      ['/health/ready', '/metrics'].map(async (route) => (await fetch(`${gateway.origin}${route}`)).text()),
    );
    expect(ready).toBe('{"status":"ready"}');
    expect(metrics).toMatch(/^assent_/m);
  });

  test('workers answer on one port', async () => {
    const workers = await startMain({ DATA_DIR: dataDir }, ['--workers', '2'], [node, ...STRICT, 'dist/main.js']);
    const response = await fetch(`${workers.origin}/health/ready`);
    expect(await response.text()).toBe('{"status":"ready"}');
    workers.signal('SIGTERM');
    expect(await workers.ended).toBe(0);
  });

  test('it ends in order on SIGTERM, and has warned of nothing', async () => {
    gateway.signal('SIGTERM');
    expect(await gateway.ended).toBe(0);
    expect(gateway.logged()).not.toMatch(/deprecat|warning/i);
  });
});

test('the packages that are tried are those of one release each', () => {
  const { packages } = createRequire(import.meta.url)('../../scripts/versions/package-lock.json');
  const releases = Object.entries(packages as Record<string, { version?: string }>).flatMap(([place, { version }]) => {
    const [, line] = /node-(\d+)-/.exec(place) ?? [];
    return line === undefined ? [] : [`${line}: ${version}`];
  });
  expect(new Set(releases).size).toBe(3);
  for (const release of releases) expect(release).toMatch(/^(\d+): \1\.\d+\.\d+$/);
});
