import { buildSchema, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createMeasure, type Measure } from '../../../src/http/guards/measure.ts';

const schema = buildSchema(`
  directive @mark(by: [Int!]) repeatable on FIELD | QUERY | VARIABLE_DEFINITION | FRAGMENT_DEFINITION | FRAGMENT_SPREAD | INLINE_FRAGMENT
  input Range { from: [Int!], within: Range }
  interface Node { id: ID! }
  type Person implements Node { id: ID! name: String friends: [Person!]! posts(first: Int): [Post!] home: Place }
  type Place { city: String }
  type Post { text: String tags: [String!] author: Person }
  type Edge { node: Person! }
  type PageInfo { hasNextPage: Boolean! }
  type Connection { edges: [Edge!]! pageInfo: PageInfo! }
  type Query { me: Person node(id: ID): Node people(first: Int): Connection find(ids: [ID!], range: Range): Person }
`);

const measure = createMeasure(schema);
const measured = (document: string, variables = {}) => measure(parse(document), variables);

test('a page without end, within one of nobody, costs more than any limit and less than infinity', () => {
  const document = 'query ($n: Int) { people(first: $m) { edges { node { posts(first: $n) { text } } } } }';
  for (const m of [0, 1, Number.POSITIVE_INFINITY]) {
    const { cost } = measured(document, { m, n: Number.POSITIVE_INFINITY });
    expect(Number.isFinite(cost)).toBe(true);
    if (m > 0) expect(cost).toBeGreaterThan(1e15);
  }
});

describe('the measure of a document', () => {
  const table: { name: string; document: string; variables?: object; is: Partial<Measure> }[] = [
    { name: 'counts every field', document: '{ me { id name home { city } } }', is: { cost: 5, depth: 3 } },
    { name: 'takes an unbounded list to be of ten', document: '{ me { friends { id name } } }', is: { cost: 2 + 20 } },
    {
      name: 'multiplies lists in lists',
      document: '{ me { friends { friends { id } } } }',
      is: { cost: 2 + 10 + 100 },
    },
    { name: 'counts a list of values once', document: '{ me { posts(first: 3) { tags } } }', is: { cost: 2 + 3 } },
    {
      name: 'takes the size of a page from the document',
      document: '{ me { posts(first: 40) { text } } }',
      is: { cost: 42 },
    },
    {
      name: 'takes the size of a page from a variable',
      document: 'query ($n: Int) { me { posts(first: $n) { text } } }',
      variables: { n: 40 },
      is: { cost: 42 },
    },
    {
      name: 'takes a variable that is not there for ten',
      document: 'query ($n: Int) { me { posts(first: $n) { text } } }',
      is: { cost: 12 },
    },
    {
      name: 'does not believe in fewer than none',
      document: 'query ($n: Int) { me { posts(first: $n) { text } } }',
      variables: { n: -40 },
      is: { cost: 12 },
    },
    {
      name: 'counts the edges of a page as often as it is long',
      document: '{ people(first: 50) { edges { node { name } } pageInfo { hasNextPage } } }',
      is: { cost: 1 + 50 * 5, depth: 4 },
    },
    {
      name: 'counts a fragment at every spread',
      document: '{ me { ...F home { city } } node { ...F } } fragment F on Person { friends { id name } }',
      is: { cost: 4 + 21 + 21, depth: 3 },
    },
    {
      name: 'follows inline fragments',
      document: '{ node { ... on Person { friends { id } } } }',
      is: { cost: 2 + 10, depth: 3 },
    },
    {
      name: 'sums over operations',
      document: 'query A { me { id } } query B { me { id name } }',
      is: { cost: 5, definitions: 2 },
    },
    { name: 'counts aliases', document: '{ a: me { b: id } me { id } }', is: { aliases: 2, repeats: 0 } },
    {
      name: 'counts a field that is asked for again, also through an inline fragment',
      document: '{ me { id id ... { id } ... on Person { id } } }',
      is: { aliases: 0, repeats: 3 },
    },
    {
      name: 'does not count the same field of two objects',
      document: '{ me { id home { city } } node { id } }',
      is: { repeats: 0 },
    },
    {
      name: 'counts directives wherever they stand',
      document:
        'query ($v: ID @mark) @mark { me @mark { ... @mark { id } ...F @mark } } fragment F on Person @mark { name }',
      is: { directives: 6 },
    },
    {
      name: 'finds the longest list, also in an object, a default or a directive',
      document:
        'query ($v: [ID!] = [1, 2]) { find(ids: [1], range: { from: [1, 2, 3] }) { id @mark(by: [1, 2, 3, 4]) } }',
      is: { items: 4, nesting: 2 },
    },
    {
      name: 'counts the depth of input values',
      document: '{ find(range: { within: { from: [1] } }) { id } }',
      is: { nesting: 3 },
    },
    {
      name: 'sees no depth in a selection on the schema',
      document: '{ __schema { types { fields { type { ofType { name } } } } } }',
      is: { depth: 1 },
    },
    {
      name: 'sees no depth in a fragment on the schema either',
      document: '{ __schema { types { ...T } } } fragment T on __Type { ofType { ofType { ofType { name } } } }',
      is: { depth: 1 },
    },
    {
      name: 'sees the depth of a selection beside the schema',
      document: '{ __schema { types { name } } me { home { city } } }',
      is: { depth: 3 },
    },
    {
      name: 'takes an unknown field for one field',
      document: '{ nothing { of { the } } sort }',
      is: { cost: 4, depth: 3 },
    },
    {
      name: 'ends where a fragment leads back to itself',
      document: '{ me { ...A } } fragment A on Person { id ...B } fragment B on Person { name ...A }',
      is: { cost: 3 },
    },
    { name: 'ends where a fragment is missing', document: '{ me { ...A } }', is: { cost: 1 } },
    {
      name: 'sees a fragment that nothing spreads',
      document: '{ me { id } } fragment A on Person { a: home { b: city } }',
      is: { aliases: 2, depth: 2, cost: 2 },
    },
  ];
  test.each(table)('$name', ({ document, variables, is }) => {
    expect(measured(document, variables)).toMatchObject(is);
  });

  test('of a fragment bomb is taken at all: each fragment is walked once', () => {
    const levels = Array.from(
      { length: 200 },
      (_, level) => `fragment F${level} on Person { ${`...F${level + 1} `.repeat(20)} }`,
    );
    const bomb = `{ me { ...F0 } } ${levels.join(' ')} fragment F200 on Person { id }`;
    expect(measured(bomb).cost).toBeGreaterThan(1e15);
  });
});
