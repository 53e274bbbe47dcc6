import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { openFoundation } from '../../src/gateway/foundation.ts';
import { readConfig } from '../../src/process/config.ts';
import { openEmbedded } from '../../src/store/mongo/engine/embedded.ts';
import { createLog } from '../../src/telemetry/logger.ts';
import { requireBuilt } from './built.ts';
import { CONTESTANTS, type Contestant, type ContestantName, startContestant, startLoad } from './contestants.ts';
import { castOf, fill } from './data.ts';
import { createOperations, type Operation } from './operations.ts';
import { type Measured, report } from './report.ts';
import { createShots, type ShotsOf, settingOf, startProvider } from './setting.ts';

const USAGE = `usage: npm run bench -- [--operations A,B,C,D,Ch,W] [--contestants ${Object.keys(CONTESTANTS).join(',')}]
  [--rounds 5] [--seconds 3] [--people 1000] [--connections 16] [--name NAME] [--profile DIRECTORY] [--compare]`;
const HERE = fileURLToPath(new URL('.', import.meta.url));
const RESULTS = path.join(HERE, 'results');
const FIRST_PORT = 24_100;
const WARM_UP_SECONDS = 3;

const tell = (line: string) => process.stderr.write(`${line}\n`);
const log = createLog({ level: 'warn' });

/** Built with packages that the product does not need; they are installed on first use. */
const PEERS: readonly ContestantName[] = ['apollo', 'mercurius'];

function installPeers(names: readonly ContestantName[]) {
  if (!PEERS.some((peer) => names.includes(peer))) return;
  if (existsSync(path.join(HERE, 'node_modules'))) return;
  tell('installing the packages of the other contestants ...');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: HERE, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('The packages of the other contestants could not be installed.');
}

type Answer = {
  readonly data?: unknown;
  readonly errors?: readonly {
    readonly path?: readonly (string | number)[];
    readonly extensions?: Record<string, unknown>;
  }[];
};

const keyOf = (error: unknown) => JSON.stringify(error);
/**
 * The content of an answer, without parts that a server adds to it. (graphql-jit gives the places of a list as
 * strings.)
 */
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
      compare: { type: 'boolean', default: false },
    },
  });
  const [rounds, seconds, people, connections] = [values.rounds, values.seconds, values.people, values.connections].map(
    Number,
  ) as [number, number, number, number];
  const names = selected(values.contestants, Object.keys(CONTESTANTS) as ContestantName[]);
  const nodeArgs = values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`];
  installPeers(names);

  await requireBuilt();
  const dataDir = await mkdtemp(path.join(tmpdir(), 'assent-bench-'));
  const engine = await openEmbedded({ dataDir, log });
  const provider = await startProvider(dataDir);
  const load = startLoad();
  const env = settingOf(engine.uri, dataDir, provider.url);
  const contestants: Contestant[] = [];
  try {
    const foundation = await openFoundation(readConfig(env), null, log);
    await foundation.recordPolicy();
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

    const shotsOf = createShots(provider.token);
    await compare(contestants, operations, shotsOf);
    tell('all answer alike');
    if (values.compare) return;

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
