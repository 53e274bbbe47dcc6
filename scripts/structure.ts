/** Measures how the project is built: its rooms, the arrows between them, circles, loose files, the longest functions. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Arrow, arrowsBackUp, arrowsOf, circlesOf, graphOf } from './structure/graph.ts';
import { readImports } from './structure/imports.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const LONGEST_SHOWN = 5;
/** A function of fewer lines is not listed. */
const LONG = 50;

interface Diagnostic {
  readonly location: {
    readonly path: string;
    readonly start: { readonly line: number };
    readonly end: { readonly line: number };
  };
}

const EVERY_LONG_FUNCTION = {
  root: true,
  linter: {
    rules: {
      recommended: false,
      complexity: { noExcessiveLinesPerFunction: { level: 'warn', options: { maxLines: LONG } } },
    },
  },
};

/** The longest functions of `src`, in lines, as the linter reads them. */
async function longestFunctions(): Promise<{ readonly place: string; readonly lines: number }[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'assent-structure-'));
  try {
    await writeFile(path.join(folder, 'biome.json'), JSON.stringify(EVERY_LONG_FUNCTION));
    const { stdout } = await promisify(execFile)(
      'npx',
      ['biome', 'lint', `--config-path=${folder}`, '--reporter=json', '--max-diagnostics=none', 'src'],
      { cwd: ROOT, maxBuffer: 1e9 },
    );
    const { diagnostics } = JSON.parse(stdout) as { readonly diagnostics: readonly Diagnostic[] };
    return diagnostics
      .map(({ location: { path: file, start, end } }) => ({
        place: `${file}:${start.line}`,
        lines: end.line - start.line + 1,
      }))
      .sort((a, b) => b.lines - a.lines);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A room is a folder or a loose file of `src`, `scripts` without its folders, or one of these. */
const roomOf = (file: string): string => {
  const [top = '', first = '', ...rest] = file.split('/');
  if (top === 'src') return `src/${first}`;
  return rest.length > 0 ? `${top}/${first}` : top;
};

const told = (arrows: readonly Arrow[]) => arrows.map(([from, to]) => `  ${from} -> ${to}`);

const { files, imports } = await readImports(ROOT, ['src', 'scripts']);
const rooms = graphOf(
  files.map(roomOf),
  imports.map(({ file, target }): Arrow => [roomOf(file), roomOf(target)]),
);
const circles = circlesOf(
  graphOf(
    files,
    imports.map(({ file, target }): Arrow => [file, target]),
  ),
);
const backUp = arrowsBackUp(rooms);
const loose = files.filter((file) => path.dirname(file) === 'src');
const longest = await longestFunctions();

console.log(
  [
    `rooms            ${rooms.size}`,
    `arrows           ${arrowsOf(rooms).length}`,
    `arrows back up   ${backUp.length}`,
    ...told(backUp),
    `circles of files ${circles.length}`,
    ...circles.map((circle) => `  ${circle.join(', ')}`),
    `loose files      ${loose.length}`,
    `functions over ${LONG} lines ${longest.length}`,
    ...longest.slice(0, LONGEST_SHOWN).map(({ place, lines }) => `  ${lines} ${place}`),
  ].join('\n'),
);
