import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { importsOfBuilt } from '../scripts/bench/built.ts';
import { circlesOf, graphOf } from '../scripts/structure/graph.ts';
import { readImports } from '../scripts/structure/imports.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

const sources = await readImports(ROOT, ['src']);
const files = sources.files.map((file) => path.relative('src', file));
const imports = sources.imports.map(({ file, target }) => ({
  file: path.relative('src', file),
  target: path.relative('src', target),
}));

/** The rooms of the house, from the ground up. Each knows rooms below it alone. */
const ROOMS = [
  'client',
  'base',
  'policy',
  'store',
  'ledger',
  'subject',
  'enforcement',
  'graphql',
  'features',
  'http',
  'telemetry',
  'migrations',
  'gateway',
  'world',
  'process',
  'commands',
  'assent.ts',
  'main.ts',
];
const roomOf = (file: string) => file.split('/')[0] as string;

test('every file has its room', () => {
  expect([...new Set(files.map(roomOf))].sort()).toEqual([...ROOMS].sort());
});

test('the guide for contributors has a row for every room, from the ground up', async () => {
  const guide = await readFile(path.join(ROOT, 'CONTRIBUTING.md'), 'utf8');
  const rows = [...guide.matchAll(/^\| `src\/([^`]+)\/` \|/gm)].map(([, room]) => room);
  expect(rows).toEqual(ROOMS.filter((room) => !room.endsWith('.ts')));
});

describe.each(ROOMS)('%s', (room) => {
  test('imports nothing from above', () => {
    const above = ROOMS.slice(ROOMS.indexOf(room) + 1);
    const strangers = imports.filter(({ file, target }) => roomOf(file) === room && above.includes(roomOf(target)));
    expect(strangers.map(({ file, target }) => `${file} imports ${target}`)).toEqual([]);
  });
});

test('no file imports itself by way of others, not even its types', async () => {
  const all = await readImports(ROOT, ['src', 'scripts']);
  const graph = graphOf(
    all.files,
    all.imports.map(({ file, target }) => [file, target] as const),
  );
  expect(circlesOf(graph)).toEqual([]);
});

test('the environment is read by the programs, and handed on by the module that starts the embedded engine', async () => {
  const readers = [];
  for (const file of files)
    if (/process\.env\b/.test(await readFile(path.join(ROOT, 'src', file), 'utf8'))) readers.push(file);
  expect(readers).toEqual([
    'assent.ts',
    'main.ts',
    'store/mongo/engine/apt.ts',
    'store/mongo/engine/embedded.ts',
    'store/mongo/engine/glibc.ts',
  ]);
});

test('no two files have one name, so that a line is found by it', () => {
  // a repository is called as its records, a command as it is typed; a check has two files for each of its topics
  const apart = files.filter((file) => !/^(store\/mongo\/(repositories|check)|commands)\//.test(file));
  const names = apart
    .map((file) => path.basename(file))
    .filter((name) => !/^(index|operations|schema)\.ts$/.test(name));
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
});

describe('the driver of the database', async () => {
  /** Migrations know stored forms that nothing else knows any more. */
  const FREE = /^(store\/mongo|migrations)\//;
  const others = files.filter((file) => !FREE.test(file));
  const texts = await Promise.all(
    others.map(async (file) => ({ file, text: await readFile(path.join(ROOT, 'src', file), 'utf8') })),
  );

  test.each([
    ['its package is imported', /from '(mongoose|mongodb)'/],
    ['a connection is taken', /\.connection\b|\bcollectionOf\b/],
    ['its language is written', /\$(set|unset|push|pull|inc|in|gt|gte|lt|lte|ne|or|and|exists|elemMatch|type)\b/],
  ])('stays in store/mongo: elsewhere %s nowhere', (_title, pattern) => {
    expect(texts.filter(({ text }) => pattern.test(text)).map(({ file }) => file)).toEqual([]);
  });
});

describe('a feature', async () => {
  const folders = [...new Set(files.filter((file) => /^features\/.+\//.test(file)).map((file) => file.split('/')[1]))];
  const list = await readFile(path.join(ROOT, 'src/gateway/features.ts'), 'utf8');

  test.each(folders)('%s states its feature in index.ts', (name) => {
    expect(files).toContain(`features/${name}/index.ts`);
  });

  test.each(folders)('%s has operations that know no GraphQL', (name) => {
    const known = imports.filter(({ file }) => file === `features/${name}/operations.ts`).map(({ target }) => target);
    expect(known.filter((target) => roomOf(target) === 'graphql' || path.basename(target) === 'schema.ts')).toEqual([]);
  });

  test.each(folders)('%s enters the gateway by one line of its list', (name) => {
    expect(list).toContain(`from '../features/${name}/index.ts'`);
  });

  test.each(folders)('%s is entered by its index.ts from the list alone', (name) => {
    const entered = imports.filter(({ target }) => target === `features/${name}/index.ts`).map(({ file }) => file);
    expect(entered).toEqual(['gateway/features.ts']);
  });
});

describe('a contestant of the benchmark, which is not compiled', async () => {
  test.each(await importsOfBuilt())('$script finds $names in $module', async ({ module, names }) => {
    const source = path.join(ROOT, module.replace(/^dist/, 'src').replace(/\.js$/, '.ts'));
    const exported = Object.keys(await import(source));
    expect(exported).toEqual(expect.arrayContaining([...names]));
  });
});

test('every file that the guide for contributors names is there', async () => {
  const guide = await readFile(path.join(ROOT, 'CONTRIBUTING.md'), 'utf8');
  const named = [...guide.matchAll(/\]\(([a-z][^)#]+)\)/g)].map(([, file = '']) => file);
  const missing = await Promise.all(
    named.map(async (file) => ((await stat(path.join(ROOT, file)).catch(() => null)) ? [] : [file])),
  );
  expect(missing.flat()).toEqual([]);
});
