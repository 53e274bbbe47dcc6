import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { GraphQLSchema } from 'graphql';
import type { Policy } from '../policy/clause.ts';
import { clausesIn, type Mentions } from '../policy/coverage.ts';
import { PolicyError } from '../policy/load.ts';
import type { PolicyCase } from '../world/bundle-cases.ts';

const TESTS = fileURLToPath(new URL('../../test', import.meta.url));

/** Operations of plain HTTP that a clause can name beside those of the schema. */
const HTTP_OPERATIONS = [
  'GET /.well-known/gpc.json',
  'GET /policy',
  'POST /unsubscribe/<token>',
  'POST /verify/<token>',
];

const collect = (pairs: Iterable<readonly [string, string]>): Mentions => {
  const mentions = new Map<string, string[]>();
  for (const [clause, place] of pairs) {
    const places = mentions.get(clause) ?? [];
    if (!places.includes(place)) mentions.set(clause, [...places, place]);
  }
  return mentions;
};

/** The operations that a clause can name: fields of the schema, and HTTP routes. */
export const findOperations = (schema: GraphQLSchema): ReadonlySet<string> =>
  new Set([
    ...Object.values(schema.getTypeMap()).flatMap((type) =>
      'getFields' in type ? Object.keys(type.getFields()).map((field) => `${type.name}.${field}`) : [],
    ),
    ...HTTP_OPERATIONS,
  ]);

/** The clauses of another company that operations carry out: these have tests of their own in the code. */
export const operationsTested = ({ clauses }: Policy): Mentions =>
  collect(clauses.filter(({ servedBy }) => servedBy.length > 0).map(({ id }) => [id, 'the tests of Assent']));

/** The mentions of both. */
export const together = (some: Mentions, others: Mentions): Mentions =>
  collect([...some, ...others].flatMap(([clause, places]) => places.map((place) => [clause, place] as const)));

/** The cases that name a clause. */
export const mentionsIn = (cases: readonly PolicyCase[]): Mentions =>
  collect(cases.map(({ clause }) => [clause, 'cases.yaml']));

const QUOTED = /['"`]([a-z.,\s-]+: )/g;

/**
 * The tests that name a clause: titles that begin with its id and a colon.
 *
 * @throws {PolicyError} in an installed package, which has no tests
 */
export async function findTests(): Promise<Mentions> {
  const found = await readdir(TESTS, { recursive: true }).catch(() => {
    throw new PolicyError(['the tests of the reference policy: expected a checkout of Assent, which has them']);
  });
  const files = found.filter((file) => file.endsWith('.test.ts')).sort();
  const pairs = await Promise.all(
    files.map(async (file) => {
      const text = await readFile(`${TESTS}/${file}`, 'utf8');
      return [...text.matchAll(QUOTED)].flatMap(([, title = '']) =>
        clausesIn(title).map((id) => [id, `test/${file}`] as const),
      );
    }),
  );
  return collect(pairs.flat());
}
