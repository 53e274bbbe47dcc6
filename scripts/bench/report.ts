import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { CONTESTANTS, type ContestantName } from './contestants.ts';
import type { Operation } from './operations.ts';

/** One contestant on one operation in one round. */
export interface Measured {
  readonly operation: string;
  readonly contestant: ContestantName;
  readonly round: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Milliseconds of processor time. */
  readonly cpuPerRequest: number | null;
  /** Megabytes. */
  readonly memory: number | null;
}

export interface Setting {
  readonly operations: readonly Operation[];
  readonly names: readonly ContestantName[];
  readonly rounds: number;
  readonly seconds: number;
  readonly people: number;
  readonly connections: number;
}

/** The targets: throughput against another contestant, at least; processor time against the limit, at most. */
const TARGETS: readonly {
  readonly says: string;
  readonly against: ContestantName;
  readonly of: 'perSecond' | 'cpuPerRequest';
  readonly by?: ContestantName;
  readonly aims: Readonly<Record<string, number>>;
}[] = [
  {
    says: 'throughput, ours / ours without enforcement',
    ...{ against: 'unenforced', of: 'perSecond' },
    aims: { A: 0.95, B: 0.95, C: 0.9, D: 0.95, Ch: 0.9 },
  },
  {
    says: 'the same without the durable record',
    ...{ by: 'unrecorded', against: 'unenforced', of: 'perSecond' },
    aims: { C: 0.95 },
  },
  {
    says: 'throughput, ours / Apollo with shield',
    ...{ against: 'apollo', of: 'perSecond' },
    aims: { A: 1.5, B: 1.5, C: 2, D: 4, Ch: 3 },
  },
  {
    says: 'throughput, ours / mercurius with auth',
    ...{ against: 'mercurius', of: 'perSecond' },
    aims: { A: 1, B: 1, C: 1.3, D: 1.1, Ch: 2 },
  },
  {
    says: 'processor time for a request, ours / ours without enforcement',
    ...{ against: 'unenforced', of: 'cpuPerRequest' },
    aims: {},
  },
  {
    says: 'processor time for a request, ours / Apollo with shield',
    ...{ against: 'apollo', of: 'cpuPerRequest' },
    aims: {},
  },
  {
    says: 'processor time for a request, ours / mercurius with auth',
    ...{ against: 'mercurius', of: 'cpuPerRequest' },
    aims: {},
  },
  {
    says: 'processor time for a request, ours / raw (at most)',
    ...{ against: 'raw', of: 'cpuPerRequest' },
    aims: { A: 3, B: 3, C: 1.8, D: 1.5, Ch: 2 },
  },
];

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
};

interface Summary {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}
const summaryOf = (values: readonly number[]): Summary | null =>
  values.length === 0 ? null : { median: median(values), least: Math.min(...values), most: Math.max(...values) };

const figure = (value: number) => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));
const spread = (summary: Summary | null) =>
  summary === null ? '-' : `${figure(summary.median)} (${figure(summary.least)}-${figure(summary.most)})`;

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
export const tableOf = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n');

/** The versions that took part. */
async function versions(): Promise<string> {
  const require = createRequire(import.meta.url);
  const found = ['graphql', 'graphql-yoga', 'graphql-shield', 'mongoose', '@apollo/server', 'mercurius', 'graphql-jit'];
  const versionOf = async (name: string) => {
    const paths = require.resolve.paths(name) ?? [];
    for (const place of paths) {
      const text = await readFile(`${place}/${name}/package.json`, 'utf8').catch(() => null);
      if (text !== null) return `${name} ${JSON.parse(text).version}`;
    }
    return name;
  };
  return (await Promise.all([...found, 'mercurius-auth', 'fastify'].map(versionOf))).join(', ');
}

/** The ratios first, then the figures behind them; medians over the rounds, with the least and the most. */
export async function report(measured: readonly Measured[], setting: Setting) {
  const { operations, names, rounds, seconds, people, connections } = setting;
  const valuesOf = (operation: string, contestant: ContestantName, of: keyof Measured) =>
    measured
      .filter((one) => one.operation === operation && one.contestant === contestant)
      .map((one) => one[of])
      .filter((value): value is number => typeof value === 'number');
  /** Round by round, so that a disturbance slows down both alike. */
  const ratioOf = (operation: string, over: ContestantName, under: ContestantName, of: keyof Measured) => {
    const above = valuesOf(operation, over, of);
    const below = valuesOf(operation, under, of);
    return summaryOf(above.flatMap((value, round) => (below[round] ? [value / below[round]] : [])));
  };

  const columns = operations.map(({ name }) => name);
  const ratios = TARGETS.map(({ says, against, by = 'ours', of, aims }) => ({
    says,
    cells: columns.map((operation) => {
      const ratio = ratioOf(operation, by, against, of);
      const aim = aims[operation];
      if (ratio === null) return '-';
      if (aim === undefined) return spread(ratio);
      const reached = of === 'perSecond' ? ratio.median >= aim : ratio.median <= aim;
      return `${reached ? '**' : ''}${spread(ratio)}${reached ? '**' : ''} of ${aim}`;
    }),
  })).filter(({ cells }) => cells.some((cell) => cell !== '-'));
  const absolute = (of: keyof Measured) =>
    names.map((name) => [name, ...columns.map((operation) => spread(summaryOf(valuesOf(operation, name, of))))]);

  const markdown = `# ${new Date().toISOString().slice(0, 10)}: Node ${process.versions.node}, ${cpus().length} x ${cpus()[0]?.model}

${await versions()}; ${people} people, ${connections} connections, ${rounds} rounds of ${seconds} s, everybody in turn.

Medians of the rounds (least-most). Bold: the aim, which follows, is reached.

${tableOf(
  ['', ...columns],
  ratios.map(({ says, cells }) => [says, ...cells]),
)}

${operations.map(({ name, says }) => `- **${name}**: ${says}`).join('\n')}

## Requests a second
${tableOf(['', ...columns], absolute('perSecond'))}

## Processor time for a request, ms
${tableOf(['', ...columns], absolute('cpuPerRequest'))}

## Latency p50, ms
${tableOf(['', ...columns], absolute('p50'))}

## Latency p99, ms
${tableOf(['', ...columns], absolute('p99'))}

## Memory, MB
${tableOf(['', ...columns], absolute('memory'))}

${names.map((name) => `- **${name}**: ${CONTESTANTS[name].says}`).join('\n')}
`;
  const bars = columns.map((operation) => ({
    operation,
    bars: names.map((name) => ({ name, ratio: ratioOf(operation, name, 'ours', 'perSecond') })),
  }));
  return { markdown, svg: chartOf(bars, names) };
}

const COLOURS: Readonly<Record<ContestantName, string>> = {
  ours: '#1f6feb',
  unrecorded: '#79c0ff',
  unenforced: '#a5d6a7',
  apollo: '#8250df',
  mercurius: '#bf8700',
  raw: '#8c959f',
};

/** Throughput against ours, a group of bars for each operation; the lines are the least and the most. */
function chartOf(
  groups: readonly {
    readonly operation: string;
    readonly bars: readonly { readonly name: ContestantName; readonly ratio: Summary | null }[];
  }[],
  names: readonly ContestantName[],
): string {
  const [bar, gap, height, left, top] = [18, 28, 240, 48, 40];
  const most = Math.max(1, ...groups.flatMap(({ bars }) => bars.map(({ ratio }) => ratio?.most ?? 0)));
  const width = left + groups.length * (names.length * bar + gap) + gap;
  const y = (ratio: number) => top + height - (ratio / most) * height;
  const parts = groups.flatMap(({ operation, bars }, group) => {
    const from = left + gap + group * (names.length * bar + gap);
    const drawn = bars.map(({ name, ratio }, index) => {
      if (ratio === null) return '';
      const x = from + index * bar;
      const middle = x + bar / 2 - 1;
      return (
        `<rect x="${x}" y="${y(ratio.median).toFixed(1)}" width="${bar - 2}" height="${(top + height - y(ratio.median)).toFixed(1)}" fill="${COLOURS[name]}"><title>${name} ${figure(ratio.median)}</title></rect>` +
        `<line x1="${middle}" x2="${middle}" y1="${y(ratio.least).toFixed(1)}" y2="${y(ratio.most).toFixed(1)}" stroke="#24292f"/>`
      );
    });
    const label = `<text x="${from + (names.length * bar) / 2}" y="${top + height + 18}" text-anchor="middle">${operation}</text>`;
    return [...drawn, label];
  });
  const legend = names.map(
    (name, index) =>
      `<rect x="${left + index * 100}" y="10" width="12" height="12" fill="${COLOURS[name]}"/><text x="${left + index * 100 + 16}" y="20">${name}</text>`,
  );
  const lines = Array.from({ length: Math.floor(most) + 1 }, (_, ratio) => ratio).map(
    (ratio) =>
      `<line x1="${left}" x2="${width}" y1="${y(ratio)}" y2="${y(ratio)}" stroke="#d0d7de"/><text x="${left - 8}" y="${y(ratio) + 4}" text-anchor="end">${ratio}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top + height + 30}" font-family="system-ui,sans-serif" font-size="12">
<title>Requests a second, as a multiple of ours</title>
<rect width="100%" height="100%" fill="#fff"/>
${[...lines, ...parts, ...legend].filter((part) => part !== '').join('\n')}
</svg>
`;
}
