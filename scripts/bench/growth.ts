import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { z } from 'zod';
import { openFoundation } from '../../src/gateway/foundation.ts';
import { readConfig } from '../../src/process/config.ts';
import { type EmbeddedEngine, openEmbedded } from '../../src/store/mongo/engine/embedded.ts';
import { createLog } from '../../src/telemetry/logger.ts';
import { type Contestant, memoryOf, type Shot, startContestant, startLoad, type Volley } from './contestants.ts';
import { createLeanFill, fill, sampleOf } from './data.ts';
import { MEASURED, type MeasuredName, plot, report, type Stage } from './growth-report.ts';
import { createOperations } from './operations.ts';
import { median } from './report.ts';
import { createShots, settingOf, startProvider } from './setting.ts';

/** How the gateway fares as the people become more: the requests stay the same. */

const RESULTS = fileURLToPath(new URL('results/', import.meta.url));
const FULL = 50;
const SELVES = 2_000;
const PAGES = 100;
const FIRST_PORT = 24_200;
const WARM_UP_SECONDS = 5;

const tell = (line: string) => process.stderr.write(`${line}\n`);
const log = createLog({ level: 'warn' });
const seconds = (since: number) => (performance.now() - since) / 1_000;
const diskOf = async (folder: string) => {
  const { stdout } = await promisify(execFile)('du', ['-sm', folder]);
  return Number.parseInt(stdout, 10);
};

/** Kept beside the people once they are all there: the key to their keys, and how long it took to add them. */
const FILLED = z.object({ keyEncryptionKey: z.string(), seedSeconds: z.number() });

async function populate(people: number, env: ReturnType<typeof settingOf>) {
  const foundation = await openFoundation(readConfig(env), null, log);
  await foundation.recordPolicy();
  try {
    await fill(foundation, FULL, log, () => {});
    const begun = performance.now();
    const add = await createLeanFill(foundation, log);
    await add(FULL, people, (count) => {
      if (count % 20_000 < 1_000) tell(`${count} of ${people} people after ${seconds(begun).toFixed(0)} s`);
    });
    return seconds(begun);
  } finally {
    await foundation.store.close();
  }
}

/** So many people in an engine of their own, and the gateway over it. */
interface Population {
  readonly people: number;
  readonly folder: string;
  readonly engine: EmbeddedEngine;
  readonly provider: Awaited<ReturnType<typeof startProvider>>;
  readonly gateway: Contestant;
  readonly shots: Readonly<Record<MeasuredName, Shot[][]>>;
  readonly seedSeconds: number;
  readonly openSeconds: number;
  readonly startSeconds: number;
}

async function openPopulation(people: number, folder: string, port: number, connections: number): Promise<Population> {
  const marker = path.join(folder, 'filled.json');
  const filled = FILLED.nullable().parse(JSON.parse(await readFile(marker, 'utf8').catch(() => 'null')));
  if (!filled && existsSync(folder)) throw new Error(`${folder}: expected people that are all there, or nothing.`);
  const opening = performance.now();
  const engine = await openEmbedded({ dataDir: folder, log });
  const openSeconds = seconds(opening);
  const provider = await startProvider(folder);
  try {
    const keyEncryptionKey = filled?.keyEncryptionKey ?? randomBytes(32).toString('base64');
    const env = { ...settingOf(engine.uri, folder, provider.url), KEY_ENCRYPTION_KEY: keyEncryptionKey };
    const seedSeconds = filled?.seedSeconds ?? (await populate(people, env));
    await writeFile(marker, JSON.stringify({ keyEncryptionKey, seedSeconds }));

    const foundation = await openFoundation(readConfig(env), null, log);
    // the latest writes are on disk before the measurement, not during it
    await foundation.store.connection.getClient().db('admin').command({ fsync: 1 });
    const operations = createOperations(connections, await sampleOf(foundation, SELVES, PAGES));
    await foundation.store.close();
    const shots: Partial<Record<MeasuredName, Shot[][]>> = {};
    for (const operation of operations)
      if (MEASURED.includes(operation.name as MeasuredName))
        shots[operation.name as MeasuredName] = await createShots(provider.token)(operation);

    const starting = performance.now();
    const gateway = await startContestant('ours', port, env);
    return {
      ...{ people, folder, engine, provider, gateway, seedSeconds, openSeconds },
      shots: shots as Population['shots'],
      startSeconds: seconds(starting),
    };
  } catch (error) {
    provider.stop();
    await engine.close();
    throw error;
  }
}

async function study() {
  const { values } = parseArgs({
    options: {
      sizes: { type: 'string', default: '10000,100000,1000000' },
      rounds: { type: 'string', default: '7' },
      seconds: { type: 'string', default: '4' },
      connections: { type: 'string', default: '16' },
      keep: { type: 'string' },
    },
  });
  const sizes = [...new Set(values.sizes.split(',').map(Number))].sort((a, b) => a - b);
  const terms = {
    ...{ rounds: Number(values.rounds), length: Number(values.seconds), connections: Number(values.connections) },
    full: FULL,
  };
  const folder = values.keep ?? (await mkdtemp(path.join(tmpdir(), 'assent-growth-')));
  const load = startLoad();
  const populations: Population[] = [];
  const volleys = new Map<string, Volley[]>();
  try {
    for (const [place, people] of sizes.entries()) {
      populations.push(
        await openPopulation(people, path.join(folder, String(people)), FIRST_PORT + place, terms.connections),
      );
      tell(`${people} people`);
    }
    for (const name of MEASURED) {
      for (const { gateway, shots } of populations) await load.fire(gateway.origin, shots[name], WARM_UP_SECONDS);
      for (let round = 0; round < terms.rounds; round++) {
        // everybody begins a round in turn
        for (const [place] of populations.entries()) {
          const { people, gateway, shots } = populations[(round + place) % populations.length] as Population;
          const volley = await load.fire(gateway.origin, shots[name], terms.length);
          const key = `${name} ${people}`;
          volleys.set(key, [...(volleys.get(key) ?? []), volley]);
        }
        tell(`${name}: round ${round + 1} of ${terms.rounds}`);
      }
    }
    const stages = await Promise.all(populations.map((one) => stageOf(one, volleys, sizes[0] as number)));
    const markdown = report(stages, terms);
    await mkdir(RESULTS, { recursive: true });
    await writeFile(path.join(RESULTS, 'growth.md'), markdown);
    await writeFile(path.join(RESULTS, 'growth.svg'), plot(stages));
    process.stdout.write(markdown);
  } finally {
    load.stop();
    for (const { gateway, provider, engine } of populations) {
      await gateway.stop();
      provider.stop();
      await engine.close();
    }
    if (values.keep === undefined) await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 });
  }
}

async function stageOf(population: Population, volleys: ReadonlyMap<string, Volley[]>, fewest: number): Promise<Stage> {
  const { people, folder, engine, gateway, seedSeconds, openSeconds, startSeconds } = population;
  const of = <Found>(found: (mine: readonly Volley[], first: readonly Volley[]) => Found) =>
    Object.fromEntries(
      MEASURED.map((name) => [
        name,
        found(volleys.get(`${name} ${people}`) ?? [], volleys.get(`${name} ${fewest}`) ?? []),
      ]),
    ) as Record<MeasuredName, Found>;
  const rate = (volley: Volley | undefined) => (volley === undefined ? Number.NaN : volley.requests / volley.seconds);
  return {
    ...{ people, seedSeconds, openSeconds, startSeconds },
    gatewayMb: (await gateway.memory()) ?? Number.NaN,
    engineMb: (await memoryOf(engine.pid() ?? 0)) ?? Number.NaN,
    diskMb: await diskOf(folder),
    speeds: of((mine) => ({
      perSecond: median(mine.map(rate)),
      p50: median(mine.map(({ p50 }) => p50)),
      p99: median(mine.map(({ p99 }) => p99)),
    })),
    ratios: of((mine, first) => median(mine.map((volley, round) => rate(volley) / rate(first[round])))),
  };
}

try {
  await study();
} catch (error) {
  tell(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
}
