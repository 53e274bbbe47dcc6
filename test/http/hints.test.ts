import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { scopeWord } from '../../src/policy/vocabulary.ts';
import { readConfig } from '../../src/process/config.ts';
import { openTestStore, type TestStore } from '../support/store.ts';
import { DATA_CATEGORIES } from '../support/words.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

// Hints about a wrong name: a developer is told them, and nobody in production.

/** Stands in every value that is sent, and in no answer. */
const CANARY = 'canary4711';
const MAIL = `${CANARY}@example.com`;

let store: TestStore;
let development: TestWorld;
let production: TestWorld;
beforeAll(async () => {
  store = await openTestStore();
  const people = { users: [{ id: 'u1', avatarName: 'Neko', email: 'neko@example.com' }] };
  development = await createWorld(people, { store, guards: { hints: true } });
  production = await createWorld({}, { store, guards: { hints: false } });
});
afterAll(async () => {
  await production.close();
  await development.close();
  await store.drop();
});

interface Fault {
  readonly name: string;
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly code: string;
  /** The hint in development. */
  readonly says: string;
  /** The texts that production must not contain. */
  readonly silent: RegExp;
  readonly argument?: string;
}

const UPDATE = 'mutation ($input: PreferencesInput!) { updatePreferences(input: $input) { user { id } } }';
const REGISTER = 'mutation ($input: RegisterInput!) { register(input: $input) { user { id } } }';
const OF_DOCUMENT = 'GRAPHQL_VALIDATION_FAILED';

const FAULTS: readonly Fault[] = [
  {
    name: 'a field that is not there',
    query: '{ me { nam } }',
    code: OF_DOCUMENT,
    says: 'Cannot query field "nam" on type "User". Did you mean "name"?',
    silent: /nam\b|"name"/,
  },
  {
    name: 'a field that is not there, in a fragment',
    query: '{ me { ...f } } fragment f on User { emial }',
    code: OF_DOCUMENT,
    says: 'Cannot query field "emial" on type "User". Did you mean "email"?',
    silent: /emial|email/,
  },
  {
    name: 'an operation that is not there',
    query: `mutation { updatePreference(input: {}) { user { id } } }`,
    code: OF_DOCUMENT,
    says: 'Cannot query field "updatePreference" on type "Mutation". Did you mean "updatePreferences"',
    silent: /updatePreference/,
  },
  {
    name: 'a field of one type of an interface',
    query: '{ node(id: "u1") { email } }',
    code: OF_DOCUMENT,
    says: 'Cannot query field "email" on type "Node". Did you mean to use an inline fragment on "User"?',
    silent: /email|User/,
  },
  {
    name: 'an object without its fields',
    query: '{ me }',
    code: OF_DOCUMENT,
    says: 'Field "me" of type "User" must have a selection of subfields. Did you mean "me { ... }"?',
    silent: /User/,
  },
  {
    name: 'an argument that is not there',
    query: `{ user(avatarNam: "${CANARY}") { id } }`,
    code: OF_DOCUMENT,
    says: 'Unknown argument "avatarNam" on field "Query.user". Did you mean "avatarName"?',
    silent: /avatarNam/,
  },
  {
    name: 'a type that is not there',
    query: '{ me { ... on Usr { id } } }',
    code: OF_DOCUMENT,
    says: 'Unknown type "Usr". Did you mean "User"',
    silent: /Usr|User/,
  },
  {
    name: 'a variable that is not declared',
    query: 'query ($id: ID!) { user(id: $idd) { id } }',
    variables: { id: CANARY },
    code: OF_DOCUMENT,
    says: 'Variable "$idd" is not defined.',
    silent: /idd/,
  },
  {
    name: 'a key of an input that is not there, in a document',
    query: 'mutation { updatePreferences(input: { imvuNewsleter: false }) { user { id } } }',
    code: 'BAD_INPUT',
    says: 'Field "imvuNewsleter" is not defined by type "PreferencesInput". Did you mean "imvuNewsletter"?',
    silent: /imvuNewslet/,
    argument: 'input',
  },
  {
    name: 'a key of an input that is not there, in a variable',
    query: UPDATE,
    variables: { input: { imvuNewsleter: CANARY } },
    code: 'BAD_INPUT',
    says: 'Field "imvuNewsleter" is not defined by type "PreferencesInput". Did you mean "imvuNewsletter"?',
    silent: /imvuNewslet/,
    argument: 'input',
  },
  {
    name: 'a key of an input that is not there, deep in a variable',
    query: REGISTER,
    variables: { input: { name: CANARY, avatarName: CANARY, email: MAIL, from: { parner: CANARY, partner: 'x' } } },
    code: 'BAD_INPUT',
    says: 'is not defined by type',
    silent: /parner/,
    argument: 'input.from',
  },
  {
    name: 'a key of an input that is like no other',
    query: UPDATE,
    variables: { input: { zzz: true } },
    code: 'BAD_INPUT',
    says: 'Field "zzz" is not defined by type "PreferencesInput".',
    silent: /zzz/,
    argument: 'input',
  },
  {
    name: 'a key of an input that lacks, in a document',
    query: `mutation { register(input: { name: "${CANARY}", avatarName: "${CANARY}" }) { user { id } } }`,
    code: 'BAD_INPUT',
    says: 'Field "RegisterInput.email" of required type "EmailAddress!" was not provided.',
    silent: /email/,
    argument: 'input',
  },
  {
    name: 'a key of an input that lacks, in a variable',
    query: REGISTER,
    variables: { input: { name: CANARY, avatarName: CANARY } },
    code: 'BAD_INPUT',
    says: 'Field "email" of required type "EmailAddress!" was not provided.',
    silent: /email/,
    argument: 'input',
  },
  {
    name: 'a word that an enum does not have, in a document',
    query: `{ statistics(table: ${CANARY}) { asOf } }`,
    code: 'BAD_INPUT',
    says: 'table: expected a value of type StatisticsTable!. One of ',
    silent: /VISITS/,
    argument: 'table',
  },
  {
    name: 'a word that an enum does not have, in a variable',
    query: 'query ($table: StatisticsTable!) { statistics(table: $table) { asOf } }',
    variables: { table: CANARY },
    code: 'BAD_INPUT',
    says: 'table: expected a value of type StatisticsTable!. One of ',
    silent: /VISITS/,
    argument: 'table',
  },
  {
    name: 'a variable that was sent under another name',
    query: 'query ($id: ID!) { user(id: $id) { id } }',
    variables: { idd: CANARY },
    code: 'BAD_INPUT',
    says: 'id: expected a value of type ID!. Sent, but not declared: "idd".',
    silent: /idd/,
    argument: 'id',
  },
];

const ask = async (world: TestWorld, { query, variables = {} }: Pick<Fault, 'query' | 'variables'>) => {
  const response = await world.post({ query, variables });
  const text = await response.text();
  return {
    text,
    errors: (JSON.parse(text).errors ?? []) as { message: string; extensions: Record<string, unknown> }[],
  };
};

describe.each(FAULTS)('$name', ({ code, says, silent, argument, ...sent }) => {
  test('is told in development, with the nearest, and without a value', async () => {
    const { text, errors } = await ask(development, sent);
    expect(errors.map(({ message }) => message).join('\n')).toContain(says);
    expect(errors[0]?.extensions).toMatchObject({ code, ...(argument && { argument }) });
    expect(text).not.toContain(CANARY);
  });

  test('is kept silent of in production', async () => {
    const { text, errors } = await ask(production, sent);
    expect(errors[0]?.extensions).toMatchObject({ code, ...(argument && { argument }) });
    expect(text).not.toMatch(silent);
    expect(text).not.toMatch(/Did you mean|One of|Sent, but/);
    expect(text).not.toContain(CANARY);
  });
});

describe('in development, a text in the place of a name is not repeated', () => {
  test.each([
    { name: 'an address', key: MAIL },
    { name: 'a sentence', key: `${CANARY} lives here` },
    { name: 'a long word', key: CANARY.repeat(10) },
    { name: 'a text that looks like a hint', key: `x" is not defined by type "User". Did you mean "${CANARY}"?` },
    { name: 'nothing', key: '' },
  ])('where it is $name', async ({ key }) => {
    const inInput = await ask(development, { query: UPDATE, variables: { input: { [key]: CANARY } } });
    expect(inInput.errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument: 'input' });
    expect(inInput.text).not.toContain(CANARY);
    const asVariable = await ask(development, {
      query: 'query ($id: ID!) { user(id: $id) { id } }',
      variables: { [key]: CANARY },
    });
    expect(asVariable.errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument: 'id' });
    expect(asVariable.text).not.toContain(CANARY);
  });

  test('where it is any value of any field', async () => {
    const values = fc.oneof(
      fc.string().map((text) => `${CANARY}${text}`),
      fc.array(fc.constant(CANARY)),
      fc.record({ imvuNewsletter: fc.constant(CANARY) }),
    );
    const keys = fc.constantFrom('imvuNewsletter', 'adTargeting', 'imvuNewsleter', 'input');
    await fc.assert(
      fc.asyncProperty(fc.dictionary(keys, values, { minKeys: 1 }), async (input) => {
        const { text, errors } = await ask(development, { query: UPDATE, variables: { input } });
        expect(errors.length).toBeGreaterThan(0);
        expect(text).not.toContain(CANARY);
      }),
      { numRuns: 50 },
    );
  });

  test('a name that is very long is not told at all', async () => {
    const { errors } = await ask(development, { query: `{ me { ${'x'.repeat(1_000)} } }` });
    expect(errors[0]?.message).toBe('Type User has no field of this name.');
  });
});

describe('a token that is not accepted', () => {
  const words = DATA_CATEGORIES.map(scopeWord).join(', ');
  const refusals = [
    {
      name: 'for its purpose',
      claims: partner('mail', CANARY, 'email'),
      says: 'its purpose is missing or not as expected',
      allowed: /Expected as purpose: .*, targeted-offers, .*, legal-process\./,
    },
    {
      name: 'for its scope',
      claims: partner('mail', 'targeted-offers', `email ${CANARY}`),
      says: 'its scope is missing or not as expected',
      allowed: new RegExp(`Expected as scope: any of ${words}, with a space between two\\.`),
    },
    {
      name: 'for its role',
      claims: staff(CANARY, 'customer-support'),
      says: 'its role is missing or not as expected',
      allowed: /Expected as role: support, analyst, privacy, legal\./,
    },
    {
      name: 'for its kind',
      claims: { ...member('u1'), kind: CANARY as 'member' },
      says: 'its kind is missing or not as expected',
      allowed: /Expected as kind: member, partner, staff\./,
    },
    {
      name: 'for its subject',
      claims: member(`${CANARY} and more`),
      says: 'its sub is missing or not as expected',
      allowed: /Expected as sub: 1 to 255 ASCII characters without a space\./,
    },
  ];

  test.each(refusals)('$name: development says which words are allowed', async ({ claims, says, allowed }) => {
    const { status, errors } = await development.ask(claims, '{ __typename }');
    expect(status).toBe(401);
    expect(errors[0]?.message).toContain(says);
    expect(errors[0]?.message).toMatch(allowed);
    expect(errors[0]?.message).not.toContain(CANARY);
  });

  test.each(refusals)('$name: production does not', async ({ claims, says }) => {
    const { status, errors } = await production.ask(claims, '{ __typename }');
    expect(status).toBe(401);
    expect(errors[0]?.message).toBe(`The token is not accepted: ${says}.`);
  });

  test('for more than one reason: development says the words of each', async () => {
    const { errors } = await development.ask({ ...partner('mail', 'x', 'y') }, '{ __typename }');
    expect(errors[0]?.message).toMatch(/its purpose, scope is missing .* Expected as purpose: .* Expected as scope: /);
  });
});

describe('hints', () => {
  test.each([
    { name: 'are given outside production', env: {}, hints: true },
    {
      name: 'are not given in production',
      env: {
        ...{ NODE_ENV: 'production', MONGODB_URI: 'mongodb://db/x', AUTH_JWKS_URL: 'https://idp.example/jwks' },
        KEY_ENCRYPTION_KEY: Buffer.alloc(32).toString('base64'),
      },
      hints: false,
    },
    {
      name: 'are not given in production, where tools may ask for the schema, either',
      env: {
        ...{ NODE_ENV: 'production', MONGODB_URI: 'mongodb://db/x', AUTH_JWKS_URL: 'https://idp.example/jwks' },
        ...{ KEY_ENCRYPTION_KEY: Buffer.alloc(32).toString('base64'), INTROSPECTION: 'on' },
      },
      hints: false,
    },
    { name: 'are not given where the schema is kept from tools', env: { INTROSPECTION: 'off' }, hints: false },
  ])('$name', ({ env, hints }) => {
    expect(readConfig(env).guards.hints).toBe(hints);
  });
});
