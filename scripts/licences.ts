import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { alignColumns } from '../src/policy/text-table.ts';

// The licences of everything that an installation brings along, from the lock file, against those that are allowed.

const LOCK_FILE = fileURLToPath(new URL('../package-lock.json', import.meta.url));

/** SPDX identifiers. */
const ALLOWED = ['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'CC0-1.0', 'ISC', 'MIT'];
/** Of tools, which are never shipped. */
const ALLOWED_OF_TOOLS = [...ALLOWED, 'MPL-2.0'];

interface Exception {
  readonly packages: RegExp;
  readonly licence: string;
  readonly reason: string;
}

const EXCEPTIONS: readonly Exception[] = [
  {
    packages: /^@0q\/embedded-mongodb(?:-|$)/,
    licence: 'SSPL-1.0',
    reason: 'not an open source licence: an optional engine for development and tests, never used in production',
  },
  {
    packages: /^fast-sha256$/,
    licence: 'Unlicense',
    reason: 'a dedication to the public domain; tests alone use it, to verify webhooks',
  },
];

interface Locked {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
}

interface Package {
  readonly name: string;
  readonly licence: string;
  readonly isTool: boolean;
}

const packagesOf = (lock: { readonly packages: Readonly<Record<string, Locked>> }): Package[] =>
  Object.entries(lock.packages).flatMap(([place, { license = 'none', dev = false }]) => {
    const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
    return place === '' ? [] : [{ name, licence: license, isTool: dev }];
  });

const exceptionFor = ({ name, licence }: Package) =>
  EXCEPTIONS.find((exception) => exception.packages.test(name) && exception.licence === licence);

/** Whether one of several licences to choose from is allowed. An expression of another kind is not. */
const isAllowed = ({ licence, isTool }: Package) =>
  licence
    .replace(/^\((.*)\)$/, '$1')
    .split(' OR ')
    .some((choice) => (isTool ? ALLOWED_OF_TOOLS : ALLOWED).includes(choice));

const { values } = parseArgs({ options: { lock: { type: 'string', default: LOCK_FILE } } });
const packages = packagesOf(JSON.parse(await readFile(values.lock, 'utf8')));
const refused = packages.filter((each) => !isAllowed(each) && !exceptionFor(each));

const namesOf = (some: readonly Package[]) => [...new Set(some.map(({ name }) => name))].sort();
const licences = [...new Set(packages.map(({ licence }) => licence))].sort();
const rows = licences.map((licence) => {
  const names = namesOf(packages.filter((each) => each.licence === licence));
  return [licence, String(names.length), names.join(', ')];
});
process.stdout.write(`${alignColumns(rows)}\n`);
for (const { licence, packages: covered, reason } of EXCEPTIONS) {
  const names = namesOf(packages.filter((each) => each.licence === licence && covered.test(each.name)));
  if (names.length > 0) process.stdout.write(`\n${licence} of ${names[0]}: ${reason}\n`);
}
for (const { name, licence } of refused)
  process.stderr.write(`${name}: ${licence} is not among the allowed licences\n`);
if (refused.length > 0) process.exitCode = 1;
