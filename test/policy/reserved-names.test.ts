import { isInputObjectType, isObjectType } from 'graphql';
import { expect, test } from 'vitest';
import { buildSchema } from '../../src/gateway/schema.ts';
import { compile } from '../../src/policy/compile.ts';
import { reservedNames } from '../../src/policy/reserved-names.ts';
import { OPTIONAL_FEATURES } from '../../src/policy/vocabulary.ts';
import { referencePolicy } from '../support/policy.ts';

const { categories } = referencePolicy.vocabulary;
const reserved = reservedNames(OPTIONAL_FEATURES);
const schema = buildSchema(compile([referencePolicy], referencePolicy.version));

test('every type of the schema that no category names is reserved', () => {
  const own = categories.flatMap(({ type }) => (type === undefined ? [] : [type, `${type}Input`]));
  const types = Object.keys(schema.getTypeMap()).filter((name) => !name.startsWith('__') && !own.includes(name));
  expect(types.filter((name) => !reserved.types.includes(name))).toEqual([]);
});

test.each([
  'User',
  'RegisterInput',
  'CorrectionInput',
])('every field of %s that no category names is reserved', (name) => {
  const type = schema.getType(name);
  const fields = isObjectType(type) || isInputObjectType(type) ? Object.keys(type.getFields()) : [];
  const own = categories.map(({ field }) => field);
  expect(fields.filter((field) => !own.includes(field) && !reserved.fields.includes(field))).toEqual([]);
  expect(fields.length).toBeGreaterThan(0);
});

test('no mutation has a name that one of a category could get', () => {
  const names = Object.keys(schema.getMutationType()?.getFields() ?? {});
  expect(names.filter((name) => /^(?:addTo|removeFrom)[A-Z]/.test(name))).toEqual([]);
  expect(names.length).toBeGreaterThan(0);
});
