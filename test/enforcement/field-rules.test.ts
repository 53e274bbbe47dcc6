import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSchema, execute, type GraphQLObjectType, type GraphQLResolveInfo, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createFieldGuards, type FieldRule } from '../../src/enforcement/field-rules.ts';

// The guards rely on this behaviour of graphql-shield, which is no longer maintained.

interface Animal {
  readonly __typename: 'Cat' | 'Dog';
  readonly name: string;
}
type Verdict = FieldRule<Animal>['verdict'];

const SDL = `
  interface Named { name(loud: Boolean): String }
  type Cat implements Named { name(loud: Boolean): String  age: Int }
  type Dog implements Named { name(loud: Boolean): String  age: Int }
  type Query { all: [Named]  cats: [Cat] }
`;
const TOM: Animal = { __typename: 'Cat', name: 'Tom' };
const KIT: Animal = { __typename: 'Cat', name: 'Kit' };
const REX: Animal = { __typename: 'Dog', name: 'Rex' };

const DENIED = new Error('denied');
const DOUBT = new Error('doubt');
const nameOf = ({ name }: Animal, { loud }: { loud?: boolean }) => (loud ? name.toUpperCase() : name);

/** Asks under guards of `Cat.name` and `Dog.name`; notes each resolved name and each asked rule. */
async function ask(query: string, all: readonly Animal[], verdict: Verdict, resolve: typeof nameOf = nameOf) {
  const schema = buildSchema(SDL);
  const asked: string[] = [];
  const resolved: string[] = [];
  const rules = ['Cat', 'Dog'].map(
    (type): FieldRule<Animal> => ({
      ...{ type, field: 'name', onDoubt: () => DOUBT },
      verdict: (source, info) => {
        asked.push(source.name);
        return verdict(source, info);
      },
    }),
  );
  const guards = createFieldGuards(schema, rules);
  for (const [coordinate, guard] of guards) {
    const [type = '', field = ''] = coordinate.split('.');
    const guarded = (schema.getType(type) as GraphQLObjectType).getFields()[field];
    if (!guarded) throw new Error(`There is no ${coordinate}`);
    guarded.resolve = (source, args, context, info) =>
      guard(
        (of, given) => {
          resolved.push(of.name);
          return resolve(of, given);
        },
        ...[source, args, context, info],
      );
  }
  const contextValue: Record<string, unknown> = {};
  const { data, errors = [] } = await execute({
    ...{ schema, document: parse(query), contextValue },
    rootValue: { all, cats: all },
  });
  const told = errors.map(({ message, path: [...place] = [] }) => ({ message, path: place.join('.') }));
  return { data: data as Record<string, unknown>, errors: told, asked, resolved, contextValue };
}

const allowAll: Verdict = () => true;
const ALL = '{ all { name } }';

describe('a field with a rule', () => {
  test('is resolved with its arguments where the verdict is true', async () => {
    const { data, errors } = await ask('{ all { name(loud: true) } }', [TOM], allowAll);
    expect(data).toEqual({ all: [{ name: 'TOM' }] });
    expect(errors).toEqual([]);
  });

  test('is null where the verdict is an error, which is told at its place; it is not resolved', async () => {
    const { data, errors, resolved } = await ask(ALL, [TOM], () => DENIED);
    expect(data).toEqual({ all: [{ name: null }] });
    expect(errors).toEqual([{ message: 'denied', path: 'all.0.name' }]);
    expect(resolved).toEqual([]);
  });

  test.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('Tom is ill');
      },
    ],
    ['rejects', () => Promise.reject(new Error('Tom is ill'))],
    ['is false', () => false],
    ['is undefined', () => undefined],
    ['is null', () => null],
    ['is a number', () => 1],
    ['is an object', () => ({})],
    ['becomes an object', async () => ({})],
  ])('is null with the error of a doubt where the verdict %s; it is not resolved', async (_name, verdict) => {
    const { data, errors, resolved } = await ask(ALL, [TOM], verdict as Verdict);
    expect(data).toEqual({ all: [{ name: null }] });
    expect(errors).toEqual([{ message: 'doubt', path: 'all.0.name' }]);
    expect(resolved).toEqual([]);
  });

  test('tells the error of its resolver as it is', async () => {
    const { data, errors } = await ask(ALL, [TOM], allowAll, () => {
      throw new Error('no name is kept');
    });
    expect(data).toEqual({ all: [{ name: null }] });
    expect(errors).toEqual([{ message: 'no name is kept', path: 'all.0.name' }]);
  });
});

describe('a verdict', () => {
  const onlyTom: Verdict = ({ name }) => (name === 'Tom' ? true : DENIED);

  test('about one object is not that about the next, in either order', async () => {
    for (const all of [
      [TOM, KIT],
      [KIT, TOM],
    ]) {
      const { data, asked } = await ask(ALL, all, onlyTom);
      expect(data).toEqual({ all: all.map(({ name }) => ({ name: name === 'Tom' ? name : null })) });
      expect(asked).toEqual(all.map(({ name }) => name));
    }
  });

  test('is not remembered in the context of the request', async () => {
    const { contextValue } = await ask(ALL, [TOM, KIT], onlyTom);
    expect(contextValue).toEqual({ _shield: { cache: {} } });
  });

  test('is asked for again for each alias and each set of arguments', async () => {
    const query = '{ all { name other: name } again: all { name } }';
    const { data, errors, asked } = await ask(query, [KIT], onlyTom);
    expect(data).toEqual({ all: [{ name: null, other: null }], again: [{ name: null }] });
    expect(errors.map(({ path }) => path)).toEqual(['all.0.name', 'all.0.other', 'again.0.name']);
    expect(asked).toEqual(['Kit', 'Kit', 'Kit']);
  });

  test.each([
    ['an interface', '{ all { name } }'],
    ['a fragment on a type', '{ all { ... on Cat { name } ... on Dog { name } } }'],
    ['a named fragment', '{ all { ...n } } fragment n on Named { name }'],
    ['fragments within fragments', '{ all { ...a } } fragment a on Named { ...n } fragment n on Named { name }'],
  ])('is asked for through %s', async (_name, query) => {
    const { data, errors } = await ask(query, [TOM, KIT, REX], onlyTom);
    expect(data).toEqual({ all: [{ name: 'Tom' }, { name: null }, { name: null }] });
    expect(errors.map(({ path }) => path)).toEqual(['all.1.name', 'all.2.name']);
  });

  test('may depend on the field', async () => {
    const places: string[] = [];
    const notePlace = (_source: Animal, { parentType, fieldName }: GraphQLResolveInfo) => {
      places.push(`${parentType.name}.${fieldName}`);
      return true as const;
    };
    await ask(ALL, [TOM, REX], notePlace);
    expect(places).toEqual(['Cat.name', 'Dog.name']);
  });
});

describe('the guards', () => {
  const rule = (type: string, field: string): FieldRule<Animal> => ({
    ...{ type, field, verdict: allowAll, onDoubt: () => DOUBT },
  });

  test('are those of the fields that have a rule, and no others', () => {
    const guards = createFieldGuards(buildSchema(SDL), [rule('Cat', 'name'), rule('Cat', 'age'), rule('Dog', 'age')]);
    expect([...guards.keys()]).toEqual(['Cat.name', 'Cat.age', 'Dog.age']);
    expect([...guards.values()].map((guard) => typeof guard)).toEqual(['function', 'function', 'function']);
  });

  test.each([
    ['a type that is not there', 'Cow', 'name'],
    ['a field that is not there', 'Cat', 'owner'],
  ])('are not made where a rule is for %s', (_name, type, field) => {
    expect(() => createFieldGuards(buildSchema(SDL), [rule(type, field)])).toThrow(/cannot find them in your schema/);
  });

  test('are the one use of graphql-shield', async () => {
    const src = fileURLToPath(new URL('../../src/', import.meta.url));
    const users = [];
    for (const file of await readdir(src, { recursive: true }))
      if (file.endsWith('.ts') && /'graphql-(shield|middleware)'/.test(await readFile(path.join(src, file), 'utf8')))
        users.push(file);
    expect(users).toEqual(['enforcement/field-rules.ts']);
  });
});
