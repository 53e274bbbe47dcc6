import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readConfig } from '../../src/process/config.ts';
import { createDisk, until } from '../support/engines.ts';
import { mongoUri } from '../support/mongo-uri.ts';
import { PROJECT } from '../support/readme.ts';
import { SYSTEM_ENV } from '../support/shell.ts';
import { openTestStore } from '../support/store.ts';
import { createWorld, type TestWorld } from '../support/world.ts';

// Tests of `deploy/` without containers, Prometheus and Grafana. docs/operations.md lists the parts without a test.

const execute = promisify(execFile);
const DEPLOY = path.join(PROJECT, 'deploy');
const read = (name: string) => readFile(path.join(DEPLOY, name), 'utf8');
const disk = createDisk();
afterAll(() => disk.clear());

describe('metrics that are watched', async () => {
  interface Rule {
    readonly alert: string;
    readonly expr: string;
    readonly annotations: { readonly summary: string; readonly action: string };
  }
  interface Dashboard {
    readonly panels: readonly {
      readonly title: string;
      readonly gridPos: { readonly x: number; readonly y: number };
      readonly targets: readonly { readonly expr: string }[];
    }[];
  }
  const { groups } = parse(await read('alerts.yaml')) as { groups: { rules: Rule[] }[] };
  const rules = groups.flatMap((group) => group.rules);
  const { panels } = JSON.parse(await read('dashboard.json')) as Dashboard;
  const queries = [
    ...rules.map(({ alert, expr }) => ({ name: `alert ${alert}`, expr })),
    ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ name: `panel ${title}`, expr }))),
  ];

  let world: TestWorld;
  let text: string;
  beforeAll(async () => {
    world = await createWorld({ users: [{ id: 'u1', avatarName: 'Ada' }] }, { observed: true });
    await world.ask(null, '{ user(avatarName: "Ada") { avatarName email } }');
    await world.ask(null, '{ users { edges { node { id } } } }');
    text = await (await world.gateway.fetch(new Request('http://gateway.test/metrics'))).text();
  });
  afterAll(() => world.close());

  /** Histograms are three series each. */
  const declared = () =>
    new Set(
      [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].flatMap(([, name = '', type]) =>
        type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : [name],
      ),
    );

  test.each(queries)('$name asks for series that /metrics has', ({ expr }) => {
    const named = [...expr.matchAll(/\b(?:assent|nodejs|process)_\w+/g)].map(([name]) => name);
    expect(named.length + Number(/\bup\{/.test(expr))).toBeGreaterThan(0);
    expect(named.filter((name) => !declared().has(name))).toEqual([]);
  });

  test.each(queries)('$name tells series apart by labels that they have', ({ expr }) => {
    // the labels that Prometheus itself adds
    const known = new Set(['job', 'instance', 'le', ...[...text.matchAll(/[{,](\w+)="/g)].map(([, label]) => label)]);
    // the labels of partners: none has asked here
    for (const label of ['recipient_kind', 'purpose']) known.add(label);
    const labels = [
      ...[...expr.matchAll(/[{,](\w+)=~?"/g)].map(([, label]) => label),
      ...[...expr.matchAll(/by \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(', ')),
    ];
    expect(labels.filter((label) => !known.has(label))).toEqual([]);
  });

  test('every alert has a summary and an action', () => {
    for (const { annotations } of rules) expect([annotations.summary, annotations.action]).not.toContain(undefined);
  });

  test('no two panels stand at one place', () => {
    const places = panels.map(({ gridPos: { x, y } }) => `${x} ${y}`);
    expect(new Set(places).size).toBe(places.length);
  });
});

describe('the container file', async () => {
  const lines = (await read('Containerfile')).split('\n');
  const copied = lines
    .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
    .flatMap((line) => line.split(' ').slice(1, -1));
  const allowed = (await readFile(path.join(PROJECT, '.dockerignore'), 'utf8')).split('\n');

  test.each(copied)('%s is there, and is not kept from the build', async (source) => {
    await access(path.join(PROJECT, source));
    expect(allowed).toContain(`!${source}`);
  });

  test('the files of the package are copied', async () => {
    const { files } = JSON.parse(await readFile(path.join(PROJECT, 'package.json'), 'utf8')) as { files: string[] };
    const made = ['dist', '!dist', 'npm-shrinkwrap.json'];
    const needed = files.map((file) => file.split('/')[0] as string).filter((file) => !made.includes(file));
    expect(copied).toEqual(expect.arrayContaining([...new Set(needed)]));
  });

  test('it ends as a user without rights, with a check of its health', () => {
    const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
    expect(last).toEqual(expect.arrayContaining(['USER node', expect.stringMatching(/^HEALTHCHECK .*"health"\]$/)]));
  });

  test('the line of Node is one that is supported', async () => {
    const { engines } = JSON.parse(await readFile(path.join(PROJECT, 'package.json'), 'utf8'));
    for (const [, line] of lines.join('\n').matchAll(/^FROM node:(\d+)-/gm))
      expect(engines.node).toContain(`^${line}.`);
  });
});

const VARIABLES = await readFile(path.join(PROJECT, 'src/process/config.ts'), 'utf8');
const isVariable = (name: string) => new RegExp(`^ {4}${name}:`, 'm').test(VARIABLES);

describe('the compose file', async () => {
  interface Compose {
    readonly services: Readonly<
      Record<string, { readonly environment?: Record<string, string>; readonly build?: object }>
    >;
  }
  const { services } = parse(await read('compose.yaml'), { merge: true }) as Compose;
  const { environment = {} } = services.gateway ?? {};

  test('it sets variables that there are, to values that a gateway in production takes', () => {
    expect(Object.keys(environment).filter((name) => !isVariable(name))).toEqual([]);
    const given: Readonly<Record<string, string>> = {
      KEY_ENCRYPTION_KEY: Buffer.alloc(32).toString('base64'),
      AUTH_ISSUER: 'https://issuer.example',
      AUTH_JWKS_URL: 'https://issuer.example/keys',
      PUBLIC_URL: 'https://gateway.example',
    };
    const entries = Object.entries(environment).map(([name, value]) => [
      name,
      value.replace(/^\$\{(\w+)(?::[-?]([^}]*))?\}$/, (_, variable, otherwise) => given[variable] ?? otherwise),
    ]);
    const config = readConfig({ ...Object.fromEntries(entries), NODE_ENV: 'production' });
    expect(config).toMatchObject({ production: true, metrics: true, publicUrl: 'https://gateway.example' });
  });

  test('its database is a replica set of its own services', () => {
    const hosts = /mongodb:\/\/([^/]+)\//.exec(environment.MONGODB_URI ?? '')?.[1]?.split(',') ?? [];
    expect(hosts).toHaveLength(3);
    expect(Object.keys(services)).toEqual(expect.arrayContaining(hosts));
  });

  test('its gateway can write nowhere and has no rights', () => {
    expect(services.gateway).toMatchObject({ read_only: true, cap_drop: ['ALL'], tmpfs: ['/tmp'] });
  });
});

describe('the units of systemd', async () => {
  const units = (await readdir(DEPLOY)).filter((name) => /\.(service|timer)$/.test(name));
  const analyzer = await execute('systemd-analyze', ['--version']).then(
    () => true,
    () => false,
  );

  test.runIf(analyzer).each(units)('%s is one that systemd takes', async (unit) => {
    const { stdout, stderr } = await execute('systemd-analyze', ['verify', path.join(DEPLOY, unit)]);
    // the program may stand elsewhere on this machine
    const faults = (stdout + stderr).split('\n').filter((line) => line !== '' && !line.includes('/usr/bin/node'));
    expect(faults).toEqual([]);
  });

  test('a gateway gets longer to end than it takes to drain', async () => {
    const unit = await read('assent.service');
    const drain = Number(/DRAIN_SECONDS=(\d+)/.exec(unit)?.[1]);
    expect(Number(/TimeoutStopSec=(\d+)/.exec(unit)?.[1])).toBeGreaterThan(drain);
  });
});

test('a gateway in production writes no file, so that its folder may be read-only', async () => {
  const store = await openTestStore();
  const folder = await disk.dir();
  await chmod(folder, 0o555);
  const gateway = spawn(process.execPath, [path.join(PROJECT, 'dist/assent.js'), 'start'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...{ ...SYSTEM_ENV, NODE_ENV: 'production', PORT: '0', LOG_LEVEL: 'error' },
      MONGODB_URI: mongoUri().replace('/?', `/${store.connection.name}?`),
      KEY_ENCRYPTION_KEY: Buffer.alloc(32, 1).toString('base64'),
      AUTH_JWKS_URL: 'http://127.0.0.1:1/keys',
      PUBLIC_URL: 'https://gateway.example',
    },
  });
  const ended = once(gateway, 'close');
  let told = '';
  gateway.stdout.setEncoding('utf8').on('data', (text: string) => {
    told += text;
  });
  const originIn = () => /listening on (http:\/\/[^/]+)\//.exec(told)?.[1];
  await until(() => originIn() !== undefined, 60_000);
  expect((await fetch(`${originIn()}/health/ready`)).status).toBe(200);
  gateway.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  // the user of this test may have the right to write there, so the folder is checked
  expect(await readdir(folder)).toEqual([]);
  await store.drop();
});
