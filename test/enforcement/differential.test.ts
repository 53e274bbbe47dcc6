import fc from 'fast-check';
import {
  buildSchema,
  defaultFieldResolver,
  execute,
  type GraphQLObjectType,
  type GraphQLSchema,
  isObjectType,
  parse,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { forbiddenCategory } from '../../src/base/errors.ts';
import { type ClassifiedField, readClassification } from '../../src/enforcement/classification.ts';
import { enforce } from '../../src/enforcement/shield.ts';
import { buildSchema as buildGatewaySchema } from '../../src/gateway/schema.ts';
import { compile } from '../../src/policy/compile.ts';
import { bitOf, type DataCategory } from '../../src/policy/vocabulary.ts';
import { createClock } from '../support/clock.ts';
import { documentsIn } from '../support/people.ts';
import { referencePolicy } from '../support/policy.ts';
import { BYSTANDER, crowds, type Entered, enter, olderPolicy, READERS, STAGE, START } from '../support/random-world.ts';
import { type Answer, createWorld, member, type TestWorld } from '../support/world.ts';

/** Whether the next gateway takes graphql-shield's way for every field, even if it is decided already. */
const way = vi.hoisted(() => ({ plain: false }));

vi.mock('../../src/enforcement/shield.ts', async (original) => {
  const actual = await original<typeof import('../../src/enforcement/shield.ts')>();
  const enforcePlainly: typeof actual.enforce = (schema, fields) => {
    const middlewareOf = actual.createShield(schema, fields);
    for (const classifiedField of fields) {
      const { field } = classifiedField;
      const shielded = middlewareOf(classifiedField);
      const resolve = (field.resolve ?? defaultFieldResolver) as Parameters<typeof shielded>[0];
      field.resolve = (source, args, context, info) => shielded(resolve, source as never, args, context, info);
    }
  };
  const enforceEitherWay: typeof actual.enforce = (schema, fields) =>
    (way.plain ? enforcePlainly : actual.enforce)(schema, fields);
  return { ...actual, enforce: enforceEitherWay };
});

let fast: TestWorld;
let plain: TestWorld;
beforeAll(async () => {
  const clock = createClock(START);
  fast = await createWorld(STAGE, { clock, olderPolicies: [olderPolicy] });
  way.plain = true;
  plain = await createWorld({}, { clock, store: fast.store });
  way.plain = false;
});
afterAll(async () => {
  await plain.close();
  await fast.close();
});

/** Fields of `User`, with arguments and selections. */
const FIELDS = [
  'id',
  '__typename',
  'avatarName',
  'name',
  'email',
  'gender',
  'birthDate',
  'age',
  'ageBand',
  'cellPhone',
  'country',
  'status',
  'postalAddress { street country }',
  'billingAddress { city postalCode __typename }',
  'paymentCard { brand expiry }',
  'paymentCard { processorToken expiry lastFour processorToken }',
  'photos { id url }',
  'posts(first: 1) { id forum at }',
  'recentActivity { kind at }',
  'transactions(first: 2) { id good price }',
  'preferences { adTargeting gpcOptOut }',
  'consents(first: 3) { purpose action inForce ledgerEntry { number } }',
  'policyAcceptances { version mode }',
  // none of them, since a read by legal staff adds one for the next read
  'thirdPartyShares(first: 0) { id }',
  'subscriptions { thread verified }',
  'relationships { partner { clientId } active }',
  'socialLinks { partner { id } autoPost }',
  'privacyCases { status }',
  'corrections { id previousValue }',
  'partnerId(clientId: "offers-us")',
  'posts(first: 101) { id }',
] as const;

/** Fields under names of their own, some of them in a fragment. */
const selections = fc
  .array(fc.tuple(fc.constantFrom(...FIELDS), fc.boolean(), fc.boolean()), { minLength: 1, maxLength: 10 })
  .map((chosen) => {
    const [spread, own] = [true, false].map((wanted) =>
      chosen
        .flatMap(([field, aliased, apart], index) => {
          const text = aliased ? `x${index}: ${field}` : /[({]/.test(field) ? `f${index}: ${field}` : field;
          return apart === wanted ? [text] : [];
        })
        .join(' '),
    );
    return `{ ${own} ... on User { id ${spread} } }`;
  });

const roots = fc.oneof(
  fc
    .constantFrom('me', 'user(id: $id)', 'node(id: $id)', 'user(avatarName: "Neko")')
    .chain((root) => selections.map((selection) => `${root} ${selection}`)),
  fc
    .tuple(fc.integer({ min: 0, max: 4 }), selections)
    .map(
      ([first, selection]) => `users(first: ${first}) { edges { cursor node ${selection} } pageInfo { hasNextPage } }`,
    ),
);

const queries = fc
  .array(roots, { minLength: 1, maxLength: 3 })
  .map((chosen) => `query ($id: ID!) { __typename ${chosen.map((root, index) => `r${index}: ${root}`).join('\n')} }`);

/** A query, its person, and its caller: the person, or one of the readers. */
const questions = fc.record({
  query: queries,
  person: fc.nat(),
  reader: fc.oneof(
    { weight: 1, arbitrary: fc.constant('SELF' as const) },
    { weight: 2, arbitrary: fc.constantFrom(...READERS.filter(({ claims }) => claims?.kind !== 'partner')) },
    { weight: 3, arbitrary: fc.constantFrom(...READERS) },
  ),
});

const byPath = (a: Answer['errors'][number], b: Answer['errors'][number]) =>
  String(a.path).localeCompare(String(b.path));
const toldIn = ({ status, data, errors }: Answer) => ({ status, data, errors: [...errors].sort(byPath) });

describe('the fast way and graphql-shield alone', () => {
  test('answer any query of anybody identically', async () => {
    const count = { queries: 0, found: 0, denied: 0 };
    await fc.assert(
      fc.asyncProperty(crowds(8), fc.array(questions, { minLength: 100, maxLength: 100 }), async (crowd, asked) => {
        const people = await enter(fast, crowd);
        for (const { query, person, reader } of asked) {
          const { id, partnerIds } = people[person % people.length] as Entered;
          const claims = reader === 'SELF' ? member(id) : reader.claims;
          const variables = { id: reader === 'SELF' ? id : (partnerIds.get(reader.recipient) ?? id) };
          const answer = toldIn(await fast.ask(claims, query, variables));
          expect(toldIn(await plain.ask(claims, query, variables)), query).toEqual(answer);
          count.queries += 1;
          count.denied += answer.errors.filter(({ extensions }) => extensions.category !== undefined).length;
          count.found += Object.values(answer.data ?? {}).filter((root) => root !== null && root !== 'Query').length;
        }
      }),
      { numRuns: 3, endOnFailure: true },
    );
    expect(count.queries).toBe(300);
    expect(count.denied).toBeGreaterThan(50);
    expect(count.found).toBeGreaterThan(15);
  }, 120_000);
});

describe('the coordinates that are wrapped', () => {
  const table = compile([referencePolicy], referencePolicy.version);
  const resolversOf = (schema: GraphQLSchema) =>
    new Map<string, unknown>(
      Object.values(schema.getTypeMap())
        .filter(isObjectType)
        .flatMap((type) =>
          Object.values(type.getFields()).map((field) => [`${type.name}.${field.name}`, field.resolve] as const),
        ),
    );
  const schema = buildGatewaySchema(table);
  const declared = resolversOf(schema);
  const fields = readClassification(schema, table);
  enforce(schema, fields);
  const wrapped = [...resolversOf(schema)]
    .filter(([name, resolve]) => declared.get(name) !== resolve)
    .map(([name]) => name);
  const coordinateOf = ({ type, field }: ClassifiedField): string => `${type.name}.${field.name}`;

  test('are exactly the classified ones', () => {
    expect(wrapped.sort()).toEqual(fields.map(coordinateOf).sort());
  });

  test('are every field of a person but the id', () => {
    const ofPerson = Object.keys((schema.getType('User') as GraphQLObjectType).getFields()).map(
      (name) => `User.${name}`,
    );
    expect(ofPerson.filter((name) => !wrapped.includes(name))).toEqual(['User.id']);
  });

  test.each<[string, DataCategory]>([
    ['User.avatarName', 'AVATAR_NAME'],
    ['User.name', 'NAME'],
    ['User.email', 'EMAIL'],
    ['User.gender', 'GENDER'],
    ['User.birthDate', 'BIRTH_DATE'],
    ['User.age', 'AGE'],
    ['User.ageBand', 'AGE_BAND'],
    ['User.postalAddress', 'POSTAL_ADDRESS'],
    ['User.cellPhone', 'CELL_PHONE'],
    ['User.billingAddress', 'BILLING_ADDRESS'],
    ['User.paymentCard', 'PAYMENT_CARD'],
    ['PaymentCard.expiry', 'CARD_EXPIRY'],
    ['PaymentCard.processorToken', 'PROCESSOR_TOKEN'],
    ['User.photos', 'PHOTOS'],
    ['User.posts', 'POSTS'],
    ['User.recentActivity', 'ACTIVITY'],
    ['User.transactions', 'TRANSACTIONS'],
    ['User.country', 'ACCOUNT'],
    ['User.status', 'ACCOUNT'],
    ['User.preferences', 'ACCOUNT'],
    ['User.consents', 'ACCOUNT'],
    ['User.thirdPartyShares', 'ACCOUNT'],
    ['User.subscriptions', 'ACCOUNT'],
    ['User.relationships', 'ACCOUNT'],
    ['User.socialLinks', 'ACCOUNT'],
    ['User.policyAcceptances', 'ACCOUNT'],
    ['User.privacyCases', 'ACCOUNT'],
    ['User.corrections', 'ACCOUNT'],
    ['Correction.previousValue', 'CORRECTED_VALUE'],
  ])('%s shows %s', (coordinate, category) => {
    expect(fields.find((field) => coordinate === coordinateOf(field))?.category).toBe(category);
  });
});

describe('a failure never shows a value', () => {
  const schemaOf = () => {
    const schema = buildSchema(`
      interface Named { name: String }
      type Query { all: [Named] }
      type Cat implements Named { name: String }
      type Dog implements Named { name: String }
    `);
    const fields = ['Cat', 'Dog'].map((name): ClassifiedField => {
      const type = schema.getType(name) as GraphQLObjectType;
      return { type, field: type.getFields().name as ClassifiedField['field'], category: 'NAME' };
    });
    enforce(schema, fields);
    return schema;
  };
  const ask = (all: readonly object[]) =>
    execute({ schema: schemaOf(), document: parse('{ all { name } }'), rootValue: { all } });
  const decided = (mask: bigint) => ({
    subject: { decision: { mask, grounds: [] }, access: { reasonFor: () => 'NOT_PERMITTED' } },
  });
  const NAME_MASK = bitOf('NAME');
  const DENIAL = forbiddenCategory('NAME', 'NOT_PERMITTED').toJSON();

  test('every concrete type of an interface is guarded', async () => {
    const { data, errors } = await ask([
      { __typename: 'Cat', name: 'Tom', ...decided(NAME_MASK) },
      { __typename: 'Cat', name: 'Tom', ...decided(0n) },
      { __typename: 'Dog', name: 'Rex', ...decided(0n) },
    ]);
    expect(data).toEqual({ all: [{ name: 'Tom' }, { name: null }, { name: null }] });
    expect(errors?.map(({ path, message, extensions }) => ({ path, message, extensions }))).toEqual(
      [1, 2].map((index) => ({ ...DENIAL, path: ['all', index, 'name'] })),
    );
  });

  const throwing = {
    get decision(): never {
      throw new Error('the decision could not be made for Rex');
    },
  };
  test.each([
    { name: 'a decision that throws', source: { subject: throwing } },
    { name: 'a missing person', source: {} },
    { name: 'a missing decision', source: { subject: {} } },
    { name: 'a mask that is no number', source: { subject: { ...decided(0n).subject, decision: { mask: 'all' } } } },
    { name: 'a reason that throws', source: { subject: { decision: { mask: 0n, grounds: [] } } } },
  ])('$name denies', async ({ source }) => {
    const { data, errors } = await ask([{ __typename: 'Dog', name: 'Rex', ...source }]);
    expect(data).toEqual({ all: [{ name: null }] });
    expect(errors?.map(({ message, extensions }) => ({ message, extensions }))).toEqual([DENIAL]);
  });

  test('the error of a resolver is masked, and tells nothing of its cause', async () => {
    await fast.load({
      users: [{ id: 'broken', avatarName: 'Bro', name: 'Nia Ko', email: 'nia@mail.example', country: 'US' }],
    });
    const leaky = { $set: { 'values.NAME': { leak: 'Nia Ko' } as never } };
    await documentsIn(fast.store).updateOne({ publicId: 'broken' }, leaky);
    const query = '{ me { id name email avatarName } }';
    for (const world of [fast, plain]) {
      const { data, errors } = await world.ask(member('broken'), query);
      expect(data).toEqual({ me: { id: 'broken', name: null, email: 'nia@mail.example', avatarName: 'Bro' } });
      expect(errors).toMatchObject([{ path: ['me', 'name'], extensions: { code: 'INTERNAL' } }]);
      expect(JSON.stringify(errors)).not.toContain('Nia Ko');
    }
  });

  test('a node is guarded as the person that it is', async () => {
    const { data, errors } = await fast.ask(
      null,
      `{ node(id: "${BYSTANDER.id}") { id ... on User { avatarName email } } }`,
    );
    expect(data).toEqual({ node: { id: BYSTANDER.id, avatarName: BYSTANDER.avatarName, email: null } });
    expect(errors).toMatchObject([{ path: ['node', 'email'], extensions: { code: 'FORBIDDEN', category: 'EMAIL' } }]);
  });
});
