import { readFile } from 'node:fs/promises';
import {
  buildClientSchema,
  getIntrospectionQuery,
  type IntrospectionOptions,
  lexicographicSortSchema,
  printSchema,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

let world: TestWorld;
beforeAll(async () => {
  world = await createWorld({
    users: [{ id: 'u1', avatarName: 'Neko' }],
    partners: [
      {
        clientId: 'offers',
        name: 'Offers',
        kind: 'OFFERS',
        jurisdiction: 'US',
        contract: { purposes: ['targeted-offers'] },
      },
    ],
  });
});
afterAll(() => world.close());

const OPTIONS: readonly (keyof IntrospectionOptions)[] = [
  'specifiedByUrl',
  'directiveIsRepeatable',
  'schemaDescription',
  'inputValueDeprecation',
  'experimentalDirectiveDeprecation',
  'oneOf',
];
const EVERYTHING = Object.fromEntries(OPTIONS.map((name) => [name, true]));

describe('the question that tools ask for the schema is answered', () => {
  test.each([
    { name: 'as it is by default', options: {} },
    { name: 'without descriptions', options: { descriptions: false } },
    ...OPTIONS.map((name) => ({ name: `with ${name}`, options: { [name]: true } })),
    { name: 'with everything', options: EVERYTHING },
    ...[0, 7, 9, 100].map((typeDepth) => ({
      name: `with ${typeDepth} levels of types in types`,
      options: { ...EVERYTHING, typeDepth },
    })),
  ])('$name', async ({ options }) => {
    const { data, errors } = await world.ask(null, getIntrospectionQuery(options));
    expect(errors).toEqual([]);
    expect(data.__schema.types.map(({ name }: { name: string }) => name)).toContain('User');
  });

  test.each([
    { name: 'a visitor', caller: null },
    { name: 'a member', caller: member('u1') },
    { name: 'a partner', caller: partner('offers', 'targeted-offers', 'email') },
    { name: 'staff', caller: staff('support', 'customer-support') },
  ])('to $name', async ({ caller }) => {
    const { data, errors } = await world.ask(caller, getIntrospectionQuery());
    expect(errors).toEqual([]);
    expect(data.__schema.queryType).toEqual({ name: 'Query', kind: 'OBJECT' });
  });

  test('by GET', async () => {
    const address = `http://gateway.test/graphql?query=${encodeURIComponent(getIntrospectionQuery())}`;
    const response = await world.gateway.fetch(new Request(address));
    expect(await response.json()).toMatchObject({ data: { __schema: { queryType: { name: 'Query' } } } });
  });

  test('with the schema of the file, to the letter, but for directives of fields, which introspection does not have', async () => {
    const { data } = await world.ask(null, getIntrospectionQuery(EVERYTHING));
    const told = printSchema(lexicographicSortSchema(buildClientSchema(data)));
    const file = await readFile(new URL('../../schema.graphql', import.meta.url), 'utf8');
    expect(`${told}\n`).toBe(file.replaceAll(/(?<=: .*) @semanticNonNull$/gm, ''));
  });
});

describe('a question that leads from fields to types to fields is refused', () => {
  const nested = (times: number) => `${'fields { type { '.repeat(times)} name ${'} } '.repeat(times)}`;

  test.each([
    { name: 'in one piece', query: `{ __schema { types { ${nested(3)} } } }` },
    { name: 'of one type', query: `{ __type(name: "User") { ${nested(3)} } }` },
    {
      name: 'by fragments',
      query: `{ __schema { types { ...A } } }
        fragment A on __Type { fields { type { ...B } } }
        fragment B on __Type { fields { type { ...C } } }
        fragment C on __Type { fields { type { name } } }`,
    },
  ])('$name', async ({ query }) => {
    const { data, errors } = await world.ask(null, query);
    expect(data).toBeUndefined();
    expect(errors[0]?.extensions).toEqual({ code: 'GRAPHQL_VALIDATION_FAILED' });
  });
});
