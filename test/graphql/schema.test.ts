import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import {
  type GraphQLArgument,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isNonNullType,
  isObjectType,
  isSpecifiedScalarType,
  printSchema,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { readClassification } from '../../src/enforcement/classification.ts';
import { createEnforcedSchema } from '../../src/gateway/schema.ts';
import { printWithDirectives } from '../../src/graphql/semantic-nullability.ts';
import { compile } from '../../src/policy/compile.ts';
import { referencePolicy } from '../support/policy.ts';
import { PREFERENCES } from '../support/words.ts';

const table = compile([referencePolicy], referencePolicy.version);
const schema = createEnforcedSchema(table);
const SCHEMA_FILE = fileURLToPath(new URL('../../schema.graphql', import.meta.url));

const ownTypes = (of: GraphQLSchema) =>
  Object.values(of.getTypeMap()).filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type));

interface Described {
  readonly place: string;
  readonly description: string | null | undefined;
}

/** Everything of a type that a client reads about: itself, its fields and their arguments, its values. */
function partsOf(type: GraphQLNamedType): Described[] {
  const self = { place: type.name, description: type.description };
  if (isEnumType(type))
    return [self, ...type.getValues().map(({ name, description }) => ({ place: `${type.name}.${name}`, description }))];
  if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) return [self];
  return [
    self,
    ...Object.values(type.getFields()).flatMap((field) => {
      const place = `${type.name}.${field.name}`;
      const args: readonly GraphQLArgument[] = 'args' in field ? field.args : [];
      return [
        { place, description: field.description },
        ...args.map(({ name, description }) => ({ place: `${place}(${name}:)`, description })),
      ];
    }),
  ];
}

describe('the schema', () => {
  test('describes every type, field, argument, value and input', () => {
    const parts = ownTypes(schema).flatMap(partsOf);
    expect(parts.length).toBeGreaterThan(200);
    expect(parts.filter(({ description }) => !description?.trim()).map(({ place }) => place)).toEqual([]);
  });

  test('describes in sentences', () => {
    const parts = ownTypes(schema).flatMap(partsOf);
    const unfinished = parts.filter(({ description }) => !/^[A-Z0-9`‘“].*[.!`]$/s.test(description?.trim() ?? ''));
    expect(unfinished).toEqual([]);
  });

  test('is the one that the file shows', async () => {
    expect(await readFile(SCHEMA_FILE, 'utf8')).toBe(printWithDirectives(schema));
  });

  test('lets every classified field be null', () => {
    const fields = readClassification(schema, table);
    expect(fields.length).toBeGreaterThan(25);
    expect(fields.filter(({ field }) => isNonNullType(field.type))).toEqual([]);
  });

  test('has a switch for every preference, to read and to set', () => {
    const fieldsOf = (name: string) => {
      const type = schema.getType(name);
      return isObjectType(type) || isInputObjectType(type) ? Object.keys(type.getFields()).sort() : [];
    };
    expect(fieldsOf('Preferences')).toEqual([...PREFERENCES, 'gpcOptOut', 'id'].sort());
    expect(fieldsOf('PreferencesInput')).toEqual([...PREFERENCES, 'gpcOptOut'].sort());
  });

  test('is the same whenever it is built', () => {
    expect(printSchema(createEnforcedSchema(table))).toBe(printSchema(schema));
  });
});
