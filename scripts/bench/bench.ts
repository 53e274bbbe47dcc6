import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import pino from 'pino';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { openFoundation } from '../../src/foundation.ts';
import { openSigner } from '../../src/http/signing.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import {
  CONTESTANTS,
  type Contestant,
  type ContestantName,
  type Shot,
  startContestant,
  startLoad,
} from './contestants.ts';
import { castOf, fill } from './data.ts';
import { createOperations, type Operation, type Question } from './operations.ts';
import { type Measured, report } from './report.ts';

const USAGE = `usage: npm run bench -- [--operations A,B,C,D,Ch,W] [--contestants ${Object.keys(CONTESTANTS).join(',')}]
  [--rounds 5] [--seconds 3] [--people 1000] [--connections 16] [--name NAME] [--profile DIRECTORY]`;
const HERE = fileURLToPath(new URL('.', import.meta.url));
const RESULTS = path.join(HERE, 'results');
const FIRST_PORT = 24_100;
const WARM_UP_SECONDS = 1;
const HOUR = 3_600_000;

const tell = (line: string) => process.stderr.write(`${line}\n`);
const log = pino({ level: 'warn' }, pino.destination({ dest: 2, sync: true }));

/** Contestants are built with packages that the product does not need; they are installed on first use. */
function installPeers() {
  if (existsSync(path.join(HERE, 'node_modules'))) return;
  tell('installing the packages of the other contestants ...');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: HERE, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('The packages of the other contestants could not be installed.');
}

/** Everything runs in its production configuration, where tokens are an identity provider's: this one. */
async function startProvider(dataDir: string) {
  const { auth } = readConfig({});
  const signer = await openSigner(dataDir, auth);
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(signer.jwks));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const tokens = new Map<string, Promise<string>>();
  return {
    url: `http://127.0.0.1:${port}/`,
    /** One token for each caller. */
    token: (caller: Question['caller']) => {
      const key = JSON.stringify(caller);
      const now = new Date();
      const token = tokens.get(key) ?? signer.sign(caller, now, new Date(now.getTime() + 12 * HOUR));
      tokens.set(key, token);
      return token;
    },
    stop: () => server.close(),
  };
}

type Answer = {
  readonly data?: unknown;
  readonly errors?: readonly {
    readonly path?: readonly (string | number)[];
    readonly extensions?: Record<string, unknown>;
  }[];
};

const keyOf = (error: unknown) => JSON.stringify(error);
/** What an answer says, whatever the server adds to it. (graphql-jit gives the places of a list as strings.) */
const essenceOf = ({ data, errors = [] }: Answer) => ({
  data,
  errors: errors
    .map(({ path, extensions: { code, category, reason } = {} }) => ({ path: path?.join('.'), code, category, reason }))
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)),
});

/** @throws {Error} where the contestants do not answer alike: then nothing is measured */
async function compare(contestants: readonly Contestant[], operations: readonly Operation[], shotsOf: ShotsOf) {
  for (const operation of operations) {
    const shots = await shotsOf(operation);
    for (const shot of shots.flatMap((connection) => connection.slice(0, 2)).slice(0, 12)) {
      const answers = new Map<ContestantName, unknown>();
      for (const { name, origin } of contestants) {
        if (operation.denies && name === 'unenforced') continue;
        const headers = { 'content-type': 'application/json', authorization: shot.authorization };
        const response = await fetch(`${origin}/graphql`, { method: 'POST', headers, body: shot.body });
        answers.set(name, essenceOf((await response.json()) as Answer));
      }
      const [[first, expected] = [], ...others] = answers;
      for (const [name, answer] of others)
        if (!isDeepStrictEqual(answer, expected)) {
          await writeFile(path.join(tmpdir(), 'bench-difference.json'), JSON.stringify({ expected, answer }, null, 1));
          throw new Error(`${operation.name}: ${name} answers otherwise than ${first}.`);
        }
    }
  }
}

type ShotsOf = (operation: Operation) => Promise<Shot[][]>;

function selected<Name extends string>(given: string | undefined, all: readonly Name[]): Name[] {
  if (given === undefined) return [...all];
  const names = given.split(',');
  if (names.some((name) => !all.includes(name as Name))) throw new Error(USAGE);
  return all.filter((name) => names.includes(name));
}

async function bench() {
  const { values } = parseArgs({
    options: {
      operations: { type: 'string' },
      contestants: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '3' },
      people: { type: 'string', default: '1000' },
      connections: { type: 'string', default: '16' },
      name: { type: 'string', default: 'latest' },
      profile: { type: 'string' },
    },
  });
  const [rounds, seconds, people, connections] = [values.rounds, values.seconds, values.people, values.connections].map(
    Number,
  ) as [number, number, number, number];
  const names = selected(values.contestants, Object.keys(CONTESTANTS) as ContestantName[]);
  const nodeArgs = values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`];
  installPeers();

  const dataDir = await mkdtemp(path.join(tmpdir(), 'assent-bench-'));
  const engine = await openEmbedded({ dataDir, log });
  const provider = await startProvider(dataDir);
  const load = startLoad();
  const env = {
    NODE_ENV: 'production',
    MONGODB_URI: engine.uri,
    DATA_DIR: dataDir,
    LOG_LEVEL: 'warn',
    AUTH_JWKS_URL: provider.url,
    KEY_ENCRYPTION_KEY: randomBytes(32).toString('base64'),
    PUBLIC_URL: 'https://assent.example',
    RATE_LIMIT: '0',
    RATE_LIMIT_PARTNER: '0',
  };
  const contestants: Contestant[] = [];
  try {
    const foundation = await openFoundation(readConfig(env), systemClock, log);
    await fill(foundation, people, log, (count) => tell(`${count} of ${people} people`));
    const all = createOperations(connections, await castOf(foundation));
    await foundation.store.close();
    const wanted = selected(
      values.operations,
      all.map(({ name }) => name),
    );
    const operations = all.filter(({ name }) => wanted.includes(name));

    for (const [index, name] of names.entries())
      contestants.push(await startContestant(name, FIRST_PORT + index, env, nodeArgs));

    const shotsOf: ShotsOf = (operation) =>
      Promise.all(
        operation.connections.map((questions) =>
          Promise.all(
            questions.map(async ({ caller, ...body }) => ({
              authorization: `Bearer ${await provider.token(caller)}`,
              body: JSON.stringify(body),
            })),
          ),
        ),
      );
    await compare(contestants, operations, shotsOf);
    tell('all answer alike');

    const measured: Measured[] = [];
    for (const operation of operations) {
      const shots = await shotsOf(operation);
      for (const { origin } of contestants) await load.fire(origin, shots, WARM_UP_SECONDS);
      for (let round = 0; round < rounds; round++) {
        // everybody begins a round in turn
        for (const [place] of contestants.entries()) {
          const contestant = contestants[(round + place) % contestants.length] as Contestant;
          const before = await contestant.cpu();
          const volley = await load.fire(contestant.origin, shots, seconds);
          const after = await contestant.cpu();
          measured.push({
            ...{ operation: operation.name, contestant: contestant.name, round },
            perSecond: volley.requests / volley.seconds,
            p50: volley.p50,
            p99: volley.p99,
            cpuPerRequest: before === null || after === null ? null : ((after - before) / volley.requests) * 1_000,
            memory: await contestant.memory(),
          });
        }
        tell(`${operation.name}: round ${round + 1} of ${rounds}`);
      }
    }
    const { markdown, svg } = await report(measured, { operations, names, rounds, seconds, people, connections });
    await mkdir(RESULTS, { recursive: true });
    await writeFile(path.join(RESULTS, `${values.name}.md`), markdown);
    await writeFile(path.join(RESULTS, `${values.name}.svg`), svg);
    process.stdout.write(markdown);
  } finally {
    load.stop();
    await Promise.all(contestants.map((contestant) => contestant.stop()));
    provider.stop();
    await engine.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

try {
  await bench();
} catch (error) {
  tell(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
}
