import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { GraphQLSchema } from 'graphql';
import { HTTP_SERVES } from '../src/http/served-clauses.ts';
import { clausesIn, type Mentions } from '../src/policy/coverage.ts';

const TESTS = fileURLToPath(new URL('../test', import.meta.url));

const collect = (pairs: Iterable<readonly [string, string]>): Mentions => {
  const mentions = new Map<string, string[]>();
  for (const [clause, place] of pairs) {
    const places = mentions.get(clause) ?? [];
    if (!places.includes(place)) mentions.set(clause, [...places, place]);
  }
  return mentions;
};

function* served(schema: GraphQLSchema): Generator<readonly [string, string]> {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!('getFields' in type)) continue;
    for (const field of Object.values(type.getFields())) {
      const clauses = field.extensions.serves as readonly string[] | undefined;
      for (const clause of clauses ?? []) yield [clause, `${type.name}.${field.name}`];
    }
  }
  for (const [route, clauses] of Object.entries(HTTP_SERVES)) for (const clause of clauses) yield [clause, route];
}

/** The operations that declare which clauses they serve, read from the schema and the HTTP routes. */
export const findOperations = (schema: GraphQLSchema): Mentions => collect(served(schema));

const QUOTED = /['"`]([a-z.,\s-]+: )/g;

/** The tests that name a clause: titles that begin with its id and a colon. */
export async function findTests(): Promise<Mentions> {
  const files = (await readdir(TESTS, { recursive: true })).filter((file) => file.endsWith('.test.ts')).sort();
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
