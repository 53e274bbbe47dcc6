import fc from 'fast-check';
import {
  buildSchema as buildFrom,
  execute,
  type GraphQLSchema,
  getIntrospectionQuery,
  getNamedType,
  introspectionTypes,
  isObjectType,
  parse,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { buildSchema } from '../../../src/gateway/schema.ts';
import { DEFAULT_LIMITS, WHOLE_SCHEMA_COST } from '../../../src/http/guards/limits.ts';
import { createMeasure } from '../../../src/http/guards/measure.ts';
import { compile } from '../../../src/policy/compile.ts';
import { referencePolicy } from '../../support/policy.ts';

const gateway = buildSchema(compile([referencePolicy], referencePolicy.version));

const small = buildFrom(`
  directive @mark(by: [Int!], old: Int @deprecated) repeatable on FIELD
  interface Node { id: ID! }
  union Thing = Person | Place
  enum Mood { GLAD SAD OLD @deprecated }
  input Range { from: [[Int!]!]! within: Range old: Int @deprecated }
  type Person implements Node { id: ID! friends(within: Range, first: Int = 3): [[Person!]!]! mood: Mood old: Int @deprecated }
  type Place implements Node { id: ID! city: String }
  type Query { me: Person node(id: ID!): Node thing: Thing }
`);

const EVERY_OPTION = {
  specifiedByUrl: true,
  directiveIsRepeatable: true,
  schemaDescription: true,
  inputValueDeprecation: true,
  experimentalDirectiveDeprecation: true,
  oneOf: true,
};

/** Fields of an answer, each as often as it stands there. */
const fieldsIn = (value: unknown): number => {
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + fieldsIn(item), 0);
  return Object.values(value).reduce((sum: number, item) => sum + 1 + fieldsIn(item), 0);
};

const fieldsAnswered = (schema: GraphQLSchema, query: string, variableValues = {}) => {
  const { data, errors } = execute({ schema, document: parse(query), variableValues }) as ReturnType<typeof Object>;
  expect(errors).toBeUndefined();
  return fieldsIn(data);
};

const exceeded = (schema: GraphQLSchema, query: string, variables = {}) => {
  const found = createMeasure(schema)(parse(query, { maxTokens: DEFAULT_LIMITS.tokens }), variables);
  return (Object.keys(found) as (keyof typeof found)[]).filter((name) => !(found[name] <= DEFAULT_LIMITS[name]));
};

describe('the question that tools ask for the schema', () => {
  const names = ['descriptions', ...Object.keys(EVERY_OPTION)];
  const combinations = Array.from({ length: 2 ** names.length }, (_, bits) =>
    Object.fromEntries(names.map((name, place) => [name, Boolean(bits & (1 << place))])),
  );

  test.each([
    0, 3, 7, 9, 20, 100,
  ])('is within every limit, with any options and %i levels of types in types', (typeDepth) => {
    for (const options of combinations)
      expect(exceeded(gateway, getIntrospectionQuery({ ...options, typeDepth }))).toEqual([]);
  });

  test.each([
    { name: 'the gateway', schema: gateway },
    { name: 'a small schema', schema: small },
  ])('costs a third of the limit of a request, however large the schema is: $name', ({ schema }) => {
    const { cost } = createMeasure(schema)(parse(getIntrospectionQuery(EVERY_OPTION)), {});
    expect(cost).toBe(WHOLE_SCHEMA_COST + 1);
    expect(3 * WHOLE_SCHEMA_COST).toBeLessThanOrEqual(DEFAULT_LIMITS.cost);
  });

  test('is counted to the field where it asks for deprecated members', () => {
    const whole = fieldsAnswered(gateway, getIntrospectionQuery(EVERY_OPTION));
    const asked = '{ __schema { types { name fields(includeDeprecated: true) { name args { name } } } } }';
    const { cost } = createMeasure(gateway)(parse(asked), {});
    expect(cost).toBe(1 + Math.ceil((fieldsAnswered(gateway, asked) / whole) * WHOLE_SCHEMA_COST));
  });
});

/** Writes a document about the schema as the numbers say: deep, wide, by fragments, aliases and both ways to ask. */
function documentFrom(numbers: readonly number[]): string {
  let place = 0;
  const draw = (below: number) => (numbers[place++ % numbers.length] as number) % below;
  const types = introspectionTypes.filter(isObjectType);
  const fragments = Array.from({ length: 3 }, () => types[draw(types.length)] as (typeof types)[number]);
  let aliases = 0;

  const selectionFrom = (type: (typeof types)[number], depth: number, fragment: number): string => {
    const fields = Object.values(type.getFields());
    const parts = Array.from({ length: 1 + draw(3) }, () => {
      const field = fields[draw(fields.length)] as (typeof fields)[number];
      const of = getNamedType(field.type);
      const spread = fragments.findIndex((on, index) => index > fragment && on === type);
      switch (draw(8)) {
        case 0:
          return depth > 0 ? `... { ${selectionFrom(type, depth - 1, fragment)} }` : '__typename';
        case 1:
          return spread >= 0 ? `...F${spread}` : '__typename';
        default: {
          if (isObjectType(of) && depth === 0) return '__typename';
          const within = isObjectType(of) ? `{ ${selectionFrom(of, depth - 1, fragment)} }` : '';
          const args = field.args.length > 0 ? `(includeDeprecated: ${draw(2) === 0})` : '';
          return `a${aliases++}: ${field.name}${args} ${within}`;
        }
      }
    });
    return parts.join(' ');
  };

  const [ofSchema, ofType] = ['__Schema', '__Type'].map((name) => types.find((type) => type.name === name));
  if (!ofSchema || !ofType) throw new Error('This GraphQL has no introspection.');
  const asked = [
    `__schema { ${selectionFrom(ofSchema, 6, -1)} }`,
    `b: __type(name: "Person") { ${selectionFrom(ofType, 5, -1)} }`,
    `c: __type(name: $name) { ${selectionFrom(ofType, 5, -1)} }`,
    'd: __type(name: "Nothing") { name }',
  ];
  const written = fragments.map(
    (type, index) => `fragment F${index} on ${type.name} { ${selectionFrom(type, 3, index)} }`,
  );
  return `query ($name: String! = "Query") { ${asked.slice(0, 1 + draw(asked.length)).join(' ')} } ${written.join(' ')}`;
}

describe('a document about the schema', () => {
  const measure = createMeasure(small);
  const whole = fieldsAnswered(small, getIntrospectionQuery(EVERY_OPTION));

  test('never has more fields answered than its cost tells', () => {
    const name = fc.constantFrom(undefined, 'Query', 'Person', 'Node', 'Nothing');
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 5, maxLength: 60 }), name, (numbers, name) => {
        const document = documentFrom(numbers);
        const variables = name === undefined ? {} : { name };
        const { cost } = measure(parse(document), variables);
        expect(fieldsAnswered(small, document, variables)).toBeLessThanOrEqual((cost / WHOLE_SCHEMA_COST) * whole);
      }),
      { numRuns: 500 },
    );
  });
});
