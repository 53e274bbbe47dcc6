import { buildSchema, introspectionFromSchema, parse, type SelectionSetNode } from 'graphql';
import { describe, expect, test } from 'vitest';

/** The scripts of the page are the browser's: they have no types. */
const script = (name: string) => import(new URL(`../../src/http/graphiql/${name}.js`, import.meta.url).href);
const [{ readDocument, fieldsOf, operationOf }, { decisionsIn, readTypes }, { compare }, { asCurl }] =
  await Promise.all(['selections', 'decisions', 'comparison', 'snippets'].map(script));

interface Row {
  readonly path: readonly (string | number)[];
  readonly category: string;
  readonly denial: object | null;
  readonly cell?: { readonly clauses: readonly string[] };
}

const outlineOf = (set: SelectionSetNode | undefined): unknown[] =>
  (set?.selections ?? []).map((node) => {
    if (node.kind === 'FragmentSpread') return { fragment: node.name.value };
    const selections = outlineOf(node.selectionSet);
    if (node.kind === 'Field') return { key: node.alias?.value ?? node.name.value, name: node.name.value, selections };
    return { ...(node.typeCondition && { on: node.typeCondition.name.value }), selections };
  });

const outline = (source: string) => {
  const { definitions } = parse(source);
  return definitions.flatMap((node) =>
    node.kind === 'OperationDefinition'
      ? [{ kind: node.operation, name: node.name?.value, selections: outlineOf(node.selectionSet) }]
      : [],
  );
};

describe('reading a document', () => {
  test.each([
    '{ a b { c } }',
    'query Q($x: [Int!]! = [1, 2] @d) @live { mail: email(of: {a: "}", b: [")"]}) @skip(if: false) { x } }',
    'query A { a } mutation B { b(text: """a "quoted" } text""") { c } }',
    'query Q { ...F ... on User { id } ... @include(if: true) { a } ... { b } } fragment F on User @d { x: y { z } }',
    '# { not a field }\n{ a # } nor this\n b, c }',
    '{ on fragment query { type } }',
    '{ a(text: "\\"}") }',
  ])('finds the fields that the parser finds: %s', (source) => {
    expect(readDocument(source).operations).toEqual(outline(source));
  });

  test('takes the named operation, and merges fields selected twice', () => {
    const document = readDocument('query A { a } query B { u { x } ...F } fragment F on Query { u { y } }');
    const [field] = fieldsOf(operationOf(document, 'B').selections, 'Query', document.fragments);
    expect(field.selections.map(({ name }: { name: string }) => name)).toEqual(['x', 'y']);
  });
});

describe('the decisions of an answer', () => {
  const schema = buildSchema(
    'type Query { user(id: ID!): User users: [User!] } type User { id: ID! name: String email: String card: Card } type Card { brand: String expiry: String }',
  );
  const types = readTypes(introspectionFromSchema(schema).__schema);
  const policy = {
    categories: [
      { id: 'NAME', fields: ['User.name'] },
      { id: 'EMAIL', fields: ['User.email'] },
      { id: 'CARD', fields: ['User.card'] },
      { id: 'EXPIRY', fields: ['Card.expiry'] },
    ],
    matrix: [
      { recipient: 'SHOP', purpose: 'selling', cells: [{ category: 'NAME', clauses: ['a.b'], conditions: [] }] },
      { recipient: 'SELF', purpose: null, cells: [{ category: 'EMAIL', clauses: ['c.d'], conditions: [] }] },
    ],
  };
  const shop = { audience: 'SHOP', claims: { kind: 'partner', sub: 's', purpose: 'selling' } };
  const denied = (path: (string | number)[]) => ({
    message: 'no',
    path,
    extensions: { category: 'EMAIL', reason: 'NO_CLAUSE' },
  });
  const rowsOf = (query: string, answer: object, persona: object = shop) =>
    decisionsIn({ params: { query }, persona, answer }, types, policy);

  test('name each field by its place, its category, and the clause that shows it to this caller', () => {
    const { people, others } = rowsOf('{ users { id n: name email card { expiry brand } } }', {
      data: { users: [{ id: '1', n: 'Nia', email: null, card: { expiry: '2027-01', brand: 'VISA' } }] },
      errors: [denied(['users', 0, 'email'])],
    });
    expect(others).toEqual([]);
    expect(people).toMatchObject([{ path: ['users', 0], subject: '1' }]);
    expect(
      people[0].rows.map(({ path, category, denial, cell }: Row) => [path, category, denial !== null, cell?.clauses]),
    ).toEqual([
      [['n'], 'NAME', false, ['a.b']],
      [['email'], 'EMAIL', true, undefined],
      [['card'], 'CARD', false, undefined],
      [['card', 'expiry'], 'EXPIRY', false, undefined],
    ]);
  });

  test('take a member for the person where the record is their own', () => {
    const neko = { audience: 'MEMBER', claims: { kind: 'member', sub: '1' } };
    const of = (id: string) =>
      rowsOf('{ user(id: "x") { id email } }', { data: { user: { id, email: 'e' } } }, neko).people[0].rows[0];
    expect([of('1').cell?.clauses, of('2').cell?.clauses]).toEqual([['c.d'], undefined]);
  });

  test('leave over the errors that are about no field of a person', () => {
    const error = { message: 'Not permitted.', path: ['users'], extensions: { reason: 'WRONG_PURPOSE' } };
    expect(rowsOf('{ users { id } }', { data: { users: null }, errors: [error] })).toEqual({
      people: [],
      others: [error],
    });
    expect(rowsOf('{ users { id } }', { errors: [error] }).others).toEqual([error]);
  });
});

describe('answers side by side', () => {
  test('differ where a value, a denial or a place differs', () => {
    const error = { message: 'no', path: ['u', 'b'], extensions: { code: 'FORBIDDEN', reason: 'NO_CLAUSE' } };
    expect(
      compare([{ data: { u: { a: 1, b: 2, c: [] } } }, { data: { u: { a: 1, b: null, c: [3] } }, errors: [error] }]),
    ).toEqual([
      { path: 'u.a', cells: ['1', '1'], differs: false },
      { path: 'u.b', cells: ['2', 'denied: NO_CLAUSE'], differs: true },
      { path: 'u.c', cells: ['[]', 'not in the answer'], differs: true },
      { path: 'u.c.0', cells: ['not in the answer', '3'], differs: true },
    ]);
  });
});

test('a query of any text is quoted for a shell', () => {
  expect(asCurl({ url: 'http://a/b', token: null, body: { query: `{ a(b: "it's") }` } })).toBe(
    `curl -s 'http://a/b' \\\n  -H 'content-type: application/json' \\\n  --data-raw '{"query":"{ a(b: \\"it'\\''s\\") }"}'`,
  );
});
