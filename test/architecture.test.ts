import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const SRC = fileURLToPath(new URL('../src/', import.meta.url));

const files = (await readdir(SRC, { recursive: true })).filter((file) => file.endsWith('.ts')).sort();
const FROM = /^(?:import|export)\s(?:[^'";]*?\sfrom\s)?'(\.[^']+)'/gm;
const TYPES_ALONE = /^(?:import|export) type\s/;

interface Import {
  readonly file: string;
  readonly target: string;
  /** Gone when compiled: it says what is handed over, and loads nothing. */
  readonly typesAlone: boolean;
}

const imports: Import[] = (
  await Promise.all(
    files.map(async (file) => {
      const text = await readFile(path.join(SRC, file), 'utf8');
      return [...text.matchAll(FROM)].map(([statement, specifier = '']) => ({
        file,
        target: path.join(path.dirname(file), specifier),
        typesAlone: TYPES_ALONE.test(statement),
      }));
    }),
  )
).flat();

/** The part of the house that a file belongs to. */
const partOf = (file: string) => {
  const [folder = '', ...rest] = file.split('/');
  if (rest.length === 0) return file;
  if (folder === 'domain') return file.endsWith('/schema.ts') ? 'domain/*/schema' : 'domain/*';
  return folder;
};

const BASE = ['clock.ts', 'errors.ts', 'deadline.ts', 'caller.ts'];
/** What a request carries with it, for whoever stands in its way. */
const CONTEXT = 'graphql/context.ts';
/** The parts and the single files that each part may know of besides itself. */
const KNOWS: Readonly<Record<string, readonly string[]>> = {
  policy: [],
  store: [],
  ledger: ['policy', 'store', ...BASE],
  subject: ['policy', 'store', 'ledger', ...BASE],
  'domain/*': ['policy', 'store', 'ledger', 'subject', ...BASE],
  enforcement: ['policy', 'store', 'ledger', 'subject', CONTEXT, ...BASE],
  'domain/*/schema': ['policy', 'store', 'ledger', 'subject', 'domain/*', 'enforcement', 'graphql', ...BASE],
  graphql: ['policy', 'ledger', 'subject', 'domain/*', 'domain/*/schema', 'enforcement', 'services.ts', ...BASE],
  http: ['policy', 'store', 'subject', 'domain/mail/links.ts', ...BASE],
  migrations: ['policy', 'store', 'ledger', 'subject', 'domain/*', ...BASE],
  world: ['policy', 'store', 'ledger', 'subject', 'domain/*', 'migrations', 'foundation.ts', ...BASE],
};

test('every folder has its place', () => {
  expect([...new Set(files.filter((file) => file.includes('/')).map(partOf))].sort()).toEqual(
    Object.keys(KNOWS).sort(),
  );
});

describe.each(Object.entries(KNOWS))('%s', (part, known) => {
  test(`imports nothing but ${known.join(', ') || 'its own'}`, () => {
    const strangers = imports.filter(
      ({ file, target }) =>
        partOf(file) === part && ![part, ...known].some((allowed) => [partOf(target), target].includes(allowed)),
    );
    expect(strangers.map(({ file, target }) => `${file} imports ${target}`)).toEqual([]);
  });
});

test('no file loads itself by way of others', () => {
  const loads = new Map(files.map((file) => [file, new Set<string>()]));
  for (const { file, target, typesAlone } of imports) if (!typesAlone) loads.get(file)?.add(target);
  // whoever loads nothing that remains is in no circle
  for (let found = true; found; ) {
    found = false;
    for (const [file, targets] of loads)
      if (![...targets].some((target) => loads.has(target))) {
        loads.delete(file);
        found = true;
      }
  }
  expect([...loads.keys()]).toEqual([]);
});

test('the environment is read by main, and handed on by what starts the embedded engine', async () => {
  const readers = [];
  for (const file of files) if (/process\.env\b/.test(await readFile(path.join(SRC, file), 'utf8'))) readers.push(file);
  expect(readers).toEqual(['main.ts', 'store/apt.ts', 'store/embedded.ts', 'store/glibc.ts']);
});
