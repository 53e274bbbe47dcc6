import { cpus } from 'node:os';
import { tableOf } from './report.ts';

/** The operations that are asked of every number of people. */
export const MEASURED = ['A', 'C', 'D'] as const;
export type MeasuredName = (typeof MEASURED)[number];

/** Medians of one operation over so many people: requests a second, latencies in milliseconds. */
export interface Speed {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/** The measurements over so many people. */
export interface Stage {
  readonly people: number;
  readonly seedSeconds: number;
  readonly openSeconds: number;
  readonly startSeconds: number;
  readonly gatewayMb: number;
  readonly engineMb: number;
  readonly diskMb: number;
  readonly speeds: Readonly<Record<MeasuredName, Speed>>;
  /** Medians, over the rounds, of the throughput against that over the fewest people in the same round. */
  readonly ratios: Readonly<Record<MeasuredName, number>>;
}

export interface Terms {
  readonly rounds: number;
  readonly length: number;
  readonly connections: number;
  /** How many of the people have everything. */
  readonly full: number;
}

const figure = (value: number) => value.toPrecision(value >= 100 ? Math.ceil(Math.log10(value + 1)) : 3);

/** The study as Markdown. */
export function report(stages: readonly Stage[], { rounds, length, connections, full }: Terms) {
  const rows: [string, (stage: Stage) => string][] = [
    ['seconds to add the people', ({ seedSeconds }) => figure(seedSeconds)],
    ['seconds for the engine to open', ({ openSeconds }) => figure(openSeconds)],
    ['seconds for the gateway to start', ({ startSeconds }) => figure(startSeconds)],
    ['resident memory of the gateway, MB', ({ gatewayMb }) => figure(gatewayMb)],
    ['resident memory of the engine, MB', ({ engineMb }) => figure(engineMb)],
    ['on disk, MB', ({ diskMb }) => figure(diskMb)],
    ...MEASURED.flatMap((name): [string, (stage: Stage) => string][] => [
      [`${name}, requests a second`, ({ speeds }) => figure(speeds[name].perSecond)],
      [`${name}, against the fewest people`, ({ ratios }) => figure(ratios[name])],
      [`${name}, p50 and p99 in ms`, ({ speeds }) => `${figure(speeds[name].p50)}, ${figure(speeds[name].p99)}`],
    ]),
  ];
  const table = tableOf(
    ['people', ...stages.map(({ people }) => people.toLocaleString('en'))],
    rows.map(([says, of]) => [says, ...stages.map(of)]),
  );
  return `# Growth, ${new Date().toISOString().slice(0, 10)}: Node ${process.versions.node}, ${cpus().length} x ${cpus()[0]?.model}

Medians of ${rounds} rounds of ${length} s over ${connections} connections, every number of people in turn, people and pages taken from anywhere. But for the first ${full}, people have personal values, preferences, one consent and a privacy case, and nothing that they wrote, bought or was shown of them.

${table}

- **A**: one person, five fields, as self
- **C**: 50 people, 12 personal fields each, as the successor, on record
- **D**: 50 people with preferences, consents and shares, as privacy staff, on record
`;
}

/** Throughput against that over the fewest people; the people on a logarithmic scale. */
export function plot(stages: readonly Stage[]): string {
  const [left, top, width, height] = [56, 40, 520, 240];
  const logs = stages.map(({ people }) => Math.log10(people));
  const [from = 0, to = 1] = [Math.min(...logs), Math.max(...logs)];
  const most = Math.max(1.2, ...stages.flatMap(({ ratios }) => MEASURED.map((name) => ratios[name])));
  const x = (people: number) => left + ((Math.log10(people) - from) / Math.max(to - from, 1e-9)) * (width - left - 20);
  const y = (value: number) => top + height - (value / most) * height;
  const colours = { A: '#1f6feb', C: '#8250df', D: '#bf8700' };
  const lines = MEASURED.map((name, index) => {
    const points = stages.map((stage) => `${x(stage.people).toFixed(1)},${y(stage.ratios[name]).toFixed(1)}`);
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
