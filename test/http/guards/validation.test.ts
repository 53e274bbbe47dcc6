import fc from 'fast-check';
import { parse, specifiedRules } from 'graphql';
import { describe, expect, test } from 'vitest';
import { buildSchema } from '../../../src/gateway/schema.ts';
import { createValidation, WORDS } from '../../../src/http/guards/validation.ts';
import { compile } from '../../../src/policy/compile.ts';
import { referencePolicy } from '../../support/policy.ts';

const schema = buildSchema(compile([referencePolicy], referencePolicy.version));
const open = createValidation({ introspection: true, hints: false });
const closed = createValidation({ introspection: false, hints: false });

const faultsOf = (document: string, validate = open) => validate(schema, parse(document));

/** Stands in every place where a client could put personal data. */
const C = 'canary4711';

describe('a document that does not fit is told without a word of it', () => {
  const table: { rule: string; document: string; says?: string }[] = [
    { rule: 'ExecutableDefinitionsRule', document: `{ me { id } } type ${C} { a: ID }` },
    { rule: 'UniqueOperationNamesRule', document: `query ${C} { me { id } } query ${C} { me { id } }` },
    { rule: 'LoneAnonymousOperationRule', document: `{ me { id } } query ${C} { me { id } }` },
    { rule: 'KnownTypeNamesRule', document: `{ me { ... on ${C} { id } } }` },
    { rule: 'FragmentsOnCompositeTypesRule', document: '{ me { ... on String { id } } }' },
    { rule: 'VariablesAreInputTypesRule', document: `query ($${C}: User) { me { id } }` },
    { rule: 'ScalarLeafsRule', document: `{ ${C}: me }` },
    { rule: 'FieldsOnCorrectTypeRule', document: `{ me { ${C} } }`, says: 'Type User has no field of this name.' },
    { rule: 'FieldsOnCorrectTypeRule', document: '{ me { nam } }', says: 'Type User has no field of this name.' },
    {
      rule: 'UniqueFragmentNamesRule',
      document: `{ me { ...${C} } } fragment ${C} on User { id } fragment ${C} on User { id }`,
    },
    { rule: 'KnownFragmentNamesRule', document: `{ me { ...${C} } }` },
    { rule: 'NoUnusedFragmentsRule', document: `{ me { id } } fragment ${C} on User { id }` },
    { rule: 'PossibleFragmentSpreadsRule', document: `{ me { ...${C} } } fragment ${C} on Policy { id }` },
    { rule: 'NoFragmentCyclesRule', document: `{ me { ...${C} } } fragment ${C} on User { id ...${C} }` },
    { rule: 'UniqueVariableNamesRule', document: `query ($${C}: ID, $${C}: ID) { user(id: $${C}) { id } }` },
    { rule: 'NoUndefinedVariablesRule', document: `{ user(id: $${C}) { id } }` },
    { rule: 'NoUnusedVariablesRule', document: `query ($${C}: ID) { me { id } }` },
    { rule: 'KnownDirectivesRule', document: `{ me @${C} { id } }` },
    { rule: 'UniqueDirectivesPerLocationRule', document: '{ me @skip(if: true) @skip(if: true) { id } }' },
    { rule: 'KnownArgumentNamesRule', document: `{ me { id(${C}: 1) } }` },
    { rule: 'UniqueArgumentNamesRule', document: `{ user(id: "${C}", id: "${C}") { id } }` },
    { rule: 'ProvidedRequiredArgumentsRule', document: `{ ${C}: node { id } }`, says: 'Required here: id.' },
    { rule: 'ProvidedRequiredArgumentsRule', document: `{ me { ${C}: id @skip } }`, says: 'Required here: if.' },
    { rule: 'VariablesInAllowedPositionRule', document: `query ($${C}: Int) { user(id: $${C}) { id } }` },
    { rule: 'OverlappingFieldsCanBeMergedRule', document: `{ me { ${C}: id ${C}: name } }` },
    {
      rule: 'UniqueInputFieldNamesRule',
      document: '{ previewPreferences(input: {adTargeting: true, adTargeting: false}) { change } }',
    },
    {
      rule: 'MaxIntrospectionDepthRule',
      document:
        '{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }',
    },
  ];

  test.each(table)('$rule: $document', ({ rule, document, says }) => {
    const errors = faultsOf(document);
    const words = WORDS[rule];
    const messages = errors.map(({ message }) => message);
    expect(messages).toContain(says ?? words);
    for (const { message, code, locations } of errors) {
      expect(message).not.toMatch(/4711|Did you mean|undefined/);
      expect(code).toBe('GRAPHQL_VALIDATION_FAILED');
      expect(locations?.length).toBeGreaterThan(0);
    }
  });

  test('there are words for every rule of GraphQL', () => {
    expect(Object.keys(WORDS)).toEqual(expect.arrayContaining(specifiedRules.map(({ name }) => name)));
  });

  const INPUT = 'with every field that it requires and no other';
  test.each([
    { document: `{ users(first: "${C}") { edges { cursor } } }`, says: 'first: expected a value of type Int.' },
    { document: `{ user(id: ${C}) { id } }`, says: 'id: expected a value of type ID.' },
    { document: `{ user(id: {${C}: 1}) { id } }`, says: 'id: expected a value of type ID.' },
    { document: '{ user(id: 3.4711) { id } }', says: 'id: expected a value of type ID.' },
    { document: `{ statistics(table: ${C}) { asOf } }`, says: 'table: expected a value of type StatisticsTable!.' },
    { document: '{ statistics(table: null) { asOf } }', says: 'table: expected a value of type StatisticsTable!.' },
    {
      document: `{ previewPreferences(input: {${C}: true}) { change } }`,
      says: `input: expected a value of type PreferencesInput, ${INPUT}.`,
    },
    {
      document: `mutation { register(input: {name: "${C}"}) { user { id } } }`,
      says: `input: expected a value of type RegisterInput!, ${INPUT}.`,
    },
    {
      document: `mutation { giveConsent(purpose: "${C}") { user { id } } }`,
      says: 'purpose: expected one of targetedOffers, euTransfer.',
    },
  ])('a value that does not fit is told by its argument: $document', ({ document, says }) => {
    const [{ message, code, locations } = {}] = faultsOf(document);
    expect(message).toBe(says);
    expect(code).toBe('BAD_INPUT');
    expect(locations).toHaveLength(1);
  });

  test('with any text as a value', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 4 }), (secret) => {
        const text = `canary ${secret}`;
        const document = `{ users(first: ${JSON.stringify(text)}) { edges { cursor } } statistics(table: ${JSON.stringify(text)}) { asOf } }`;
        for (const { message } of faultsOf(document))
          expect(message).toMatch(/^(first|table): expected a value of type \w+!?\.$/);
      }),
    );
  });

  test('ten faults are told, not all of a thousand', () => {
    expect(faultsOf(`{ me { ${Array.from({ length: 1000 }, (_, n) => `x${n}`).join(' ')} } }`)).toHaveLength(10);
  });
});

describe('the schema', () => {
  test.each([
    '{ __schema { types { name } } }',
    '{ __type(name: "User") { name } }',
  ])('is told by %s only where tools may ask', (document) => {
    expect(faultsOf(document, open)).toEqual([]);
    expect(faultsOf(document, closed)[0]?.message).toBe('This gateway does not tell its schema.');
  });

  test('tells the name of a type to everyone', () => {
    expect(faultsOf('{ me { __typename } }', closed)).toEqual([]);
  });
});
