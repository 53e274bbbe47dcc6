import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import pino from 'pino';
import { systemClock } from '../../src/clock.ts';
import { readConfig } from '../../src/config.ts';
import { openFoundation } from '../../src/foundation.ts';
import { openEmbedded } from '../../src/store/embedded.ts';
import { startContestant, startLoad } from './contestants.ts';
import { createLeanFill, fill, sampleOf } from './data.ts';
import { createOperations } from './operations.ts';
import { createShots, settingOf, startProvider } from './setting.ts';

/** How the gateway fares as the people become more: what is asked for stays the same. */

const RESULTS = fileURLToPath(new URL('results/', import.meta.url));
const MEASURED = ['A', 'C', 'D'] as const;
const FULL = 50;
const SELVES = 2_000;
const PAGES = 100;
const PORT = 24_200;
const WARM_UP_SECONDS = 3;

const tell = (line: string) => process.stderr.write(`${line}\n`);
const log = pino({ level: 'warn' }, pino.destination({ dest: 2, sync: true }));
const seconds = (since: number) => (performance.now() - since) / 1_000;
const figure = (value: number) => value.toPrecision(value >= 100 ? Math.ceil(Math.log10(value + 1)) : 3);
const middle = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** What was found of one operation over so many people. */
interface Speed {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}
interface Stage {
  readonly people: number;
  readonly seedSeconds: number;
  readonly startSeconds: number;
  readonly gatewayMb: number;
  readonly engineMb: number;
  readonly diskMb: number;
  readonly speeds: Readonly<Record<(typeof MEASURED)[number], Speed>>;
}

const residentOf = async (pid: number | null) => {
  const status = pid === null ? '' : await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmRSS:\s*(\d+)/m.exec(status)?.[1] ?? Number.NaN) / 1024;
};
const diskOf = async (folder: string) => {
  const { stdout } = await promisify(execFile)('du', ['-sm', folder]);
  return Number.parseInt(stdout, 10);
};

async function study() {
  const { values } = parseArgs({
    options: {
      sizes: { type: 'string', default: '10000,100000,1000000' },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '3' },
      connections: { type: 'string', default: '16' },
    },
  });
  const sizes = values.sizes.split(',').map(Number);
  const [rounds, length, connections] = [values.rounds, values.seconds, values.connections].map(Number) as [
    number,
    number,
    number,
  ];
  const dataDir = await mkdtemp(path.join(tmpdir(), 'assent-growth-'));
  const engine = await openEmbedded({ dataDir, log });
  const provider = await startProvider(dataDir);
  const load = startLoad();
  const env = settingOf(engine.uri, dataDir, provider.url);
  const foundation = await openFoundation(readConfig(env), systemClock, log);
  try {
    await fill(foundation, FULL, log, () => {});
    const add = await createLeanFill(foundation, log);
    const stages: Stage[] = [];
    let there = FULL;
    for (const people of sizes) {
      const begun = performance.now();
      await add(there, people, (count) => {
        if (count % 20_000 === 0) tell(`${count} of ${people} people after ${seconds(begun).toFixed(0)} s`);
      });
      const seedSeconds = seconds(begun);
      tell(`${people} people; ${people - there} of them in ${seedSeconds.toFixed(0)} s`);
      there = people;

      const starting = performance.now();
      const gateway = await startContestant('ours', PORT, env);
      const operations = createOperations(connections, await sampleOf(foundation, SELVES, PAGES));
      const startSeconds = seconds(starting);
      const speeds: Partial<Record<(typeof MEASURED)[number], Speed>> = {};
      for (const name of MEASURED) {
        const operation = operations.find((one) => one.name === name) as (typeof operations)[number];
        const shots = await createShots(provider.token)(operation);
        await load.fire(gateway.origin, shots, WARM_UP_SECONDS);
        const volleys = [];
        for (let round = 0; round < rounds; round++) volleys.push(await load.fire(gateway.origin, shots, length));
        speeds[name] = {
          perSecond: middle(volleys.map((volley) => volley.requests / volley.seconds)),
          p50: middle(volleys.map(({ p50 }) => p50)),
          p99: middle(volleys.map(({ p99 }) => p99)),
        };
        tell(`${name}: ${figure(speeds[name].perSecond)} a second`);
      }
      stages.push({
        ...{ people, seedSeconds, startSeconds },
        gatewayMb: (await gateway.memory()) ?? Number.NaN,
        engineMb: await residentOf(engine.pid()),
        diskMb: await diskOf(dataDir),
        speeds: speeds as Stage['speeds'],
      });
      await gateway.stop();
    }
    const markdown = report(stages, { rounds, length, connections });
    await mkdir(RESULTS, { recursive: true });
    await writeFile(path.join(RESULTS, 'growth.md'), markdown);
    await writeFile(path.join(RESULTS, 'growth.svg'), plot(stages));
    process.stdout.write(markdown);
  } finally {
    load.stop();
    provider.stop();
    await foundation.store.close();
    await engine.close();
    await rm(dataDir, { recursive: true, force: true, maxRetries: 10, retryDelay: 500 });
  }
}

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;

function report(stages: readonly Stage[], { rounds, length, connections }: Record<string, number>) {
  const rows: [string, (stage: Stage) => string][] = [
    ['seconds to add the people', ({ seedSeconds }) => figure(seedSeconds)],
    ['seconds to start', ({ startSeconds }) => figure(startSeconds)],
    ['resident memory of the gateway, MB', ({ gatewayMb }) => figure(gatewayMb)],
    ['resident memory of the engine, MB', ({ engineMb }) => figure(engineMb)],
    ['on disk, MB', ({ diskMb }) => figure(diskMb)],
    ...MEASURED.flatMap((name): [string, (stage: Stage) => string][] => [
      [`${name}, requests a second`, ({ speeds }) => figure(speeds[name].perSecond)],
      [
        `${name}, against the fewest people`,
        ({ speeds }) => figure(speeds[name].perSecond / (stages[0]?.speeds[name].perSecond ?? Number.NaN)),
      ],
      [`${name}, p50 and p99 in ms`, ({ speeds }) => `${figure(speeds[name].p50)}, ${figure(speeds[name].p99)}`],
    ]),
  ];
  return `# Growth, ${new Date().toISOString().slice(0, 10)}: Node ${process.versions.node}, ${cpus().length} x ${cpus()[0]?.model}

Medians of ${rounds} rounds of ${length} s over ${connections} connections, people and pages taken from anywhere. But for the first ${FULL}, people have personal values, preferences, one consent and a privacy case, and nothing that they wrote, bought or was shown of them.

${row(['people', ...stages.map(({ people }) => people.toLocaleString('en'))])}
${row(['---', ...stages.map(() => '---')])}
${rows.map(([says, of]) => row([says, ...stages.map(of)])).join('\n')}

- **A**: one person, five fields, as self
- **C**: 50 people, 12 personal fields each, as the successor, on record
- **D**: 50 people with preferences, consents and shares, as privacy staff, on record
`;
}

/** Throughput against that over the fewest people; the people on a logarithmic scale. */
function plot(stages: readonly Stage[]): string {
  const [left, top, width, height] = [56, 40, 520, 240];
  const logs = stages.map(({ people }) => Math.log10(people));
  const [from = 0, to = 1] = [Math.min(...logs), Math.max(...logs)];
  const ratio = (stage: Stage, name: (typeof MEASURED)[number]) =>
    stage.speeds[name].perSecond / (stages[0]?.speeds[name].perSecond ?? Number.NaN);
  const most = Math.max(1.2, ...stages.flatMap((stage) => MEASURED.map((name) => ratio(stage, name))));
  const x = (people: number) => left + ((Math.log10(people) - from) / Math.max(to - from, 1e-9)) * (width - left - 20);
  const y = (value: number) => top + height - (value / most) * height;
  const colours = { A: '#1f6feb', C: '#8250df', D: '#bf8700' };
  const lines = MEASURED.map((name, index) => {
    const points = stages.map((stage) => `${x(stage.people).toFixed(1)},${y(ratio(stage, name)).toFixed(1)}`);
    const dots = points.map((point) => {
      const [cx, cy] = point.split(',');
      return `<circle cx="${cx}" cy="${cy}" r="3" fill="${colours[name]}"/>`;
    });
    const legend = `<text x="${left + index * 60}" y="20" fill="${colours[name]}">${name}</text>`;
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${colours[name]}" stroke-width="2"/>${dots.join('')}${legend}`;
  });
  const grid = [0, 0.5, 0.9, 1].map(
    (value) =>
      `<line x1="${left}" x2="${width}" y1="${y(value)}" y2="${y(value)}" stroke="#d0d7de"/><text x="${left - 8}" y="${y(value) + 4}" text-anchor="end">${value}</text>`,
  );
  const labels = stages.map(
    ({ people }) =>
      `<text x="${x(people)}" y="${top + height + 18}" text-anchor="middle">${people.toLocaleString('en')}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width + 30} ${top + height + 30}" font-family="system-ui,sans-serif" font-size="12">
<title>Requests a second by the number of people, as a part of those over the fewest</title>
<rect width="100%" height="100%" fill="#fff"/>
${[...grid, ...lines, ...labels].join('\n')}
</svg>
`;
}

try {
  await study();
} catch (error) {
  tell(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exitCode = 1;
}
