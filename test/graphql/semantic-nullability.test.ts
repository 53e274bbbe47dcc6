import { isObjectType, isScalarType, isSpecifiedScalarType, Kind, buildSchema as parseSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildSchema } from '../../src/gateway/schema.ts';
import { isNullOnlyByError, printWithDirectives } from '../../src/graphql/semantic-nullability.ts';
import { referenceTable } from '../support/policy.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

const schema = buildSchema(referenceTable);
const printed = parseSchema(printWithDirectives(schema));

const markedIn = (type: string): string[] => {
  const declared = schema.getType(type);
  return isObjectType(declared)
    ? Object.values(declared.getFields()).flatMap((field) => (isNullOnlyByError(field) ? [field.name] : []))
    : [];
};

describe('the file of the schema', () => {
  test('marks fields that are null only by an error, and nothing else', () => {
    for (const type of Object.values(schema.getTypeMap()).filter(isObjectType)) {
      const told = printed.getType(type.name)?.astNode;
      const marked = told?.kind === Kind.OBJECT_TYPE_DEFINITION ? (told.fields ?? []) : [];
      expect(
        marked
          .filter(({ directives }) => directives?.some(({ name }) => name.value === 'semanticNonNull'))
          .map(({ name }) => name.value),
      ).toEqual([...markedIn(type.name)].sort());
    }
  });

  test('defines the directive as clients expect it', () => {
    expect(printWithDirectives(schema).replaceAll(/ *"""[^"]*"""\n/g, '')).toContain(
      'directive @semanticNonNull(\n  levels: [Int] = [0]\n) on FIELD_DEFINITION',
    );
  });

  test('says where each scalar is specified, except those with values from the policy', () => {
    const scalars = Object.values(schema.getTypeMap()).filter(isScalarType);
    const without = scalars.filter((scalar) => !isSpecifiedScalarType(scalar) && !scalar.specifiedByURL);
    expect(without.map(({ name }) => name).sort()).toEqual(['ConsentPurpose', 'PartnerKind', 'Purpose']);
  });
});

describe('a marked field', () => {
  const FIELDS: Readonly<Record<string, string>> = {
    preferences: '{ gpcOptOut }',
    ...Object.fromEntries(
      markedIn('User').flatMap((name) => (name.endsWith('Connection') ? [[name, '{ pageInfo { hasNextPage } }']] : [])),
    ),
  };
  const everything = markedIn('User')
    .map((name) => `${name} ${FIELDS[name] ?? '{ __typename }'}`)
    .join(' ');
  let world: TestWorld;
  beforeAll(async () => {
    world = await createWorld({
      users: [
        { id: 'bare', avatarName: 'Bare' },
        { id: 'other', avatarName: 'Other' },
      ],
      partners: [
        {
          ...{ clientId: 'mailer', name: 'Mailer', kind: 'EMAIL_PROVIDER', jurisdiction: 'US' },
          contract: { purposes: ['blog-notification'] },
        },
      ],
    });
  });
  afterAll(() => world.close());

  test('is there for a person without any data', async () => {
    const { data, errors } = await world.ask(member('bare'), `{ me { ${everything} } }`);
    expect(errors).toEqual([]);
    expect(markedIn('User').length).toBeGreaterThan(15);
    for (const name of markedIn('User')) expect(data.me[name]).not.toBeNull();
  });

  test.each([
    { name: 'a visitor', caller: null },
    { name: 'another member', caller: member('other') },
  ])('is null with an error at its path, or there, for $name', async ({ caller }) => {
    const { data, errors } = await world.ask(caller, `{ user(avatarName: "Bare") { ${everything} } }`);
    const denied = errors.map(({ path }) => path?.at(-1));
    for (const name of markedIn('User')) expect(data.user[name] === null).toBe(denied.includes(name));
    expect(denied.length).toBeGreaterThan(0);
  });

  test('is a page without anybody where a list of people is empty', async () => {
    const page = '{ edges { cursor } }';
    const { data: own } = await world.ask(
      partner('mailer', 'blog-notification', 'name'),
      `{ threadFollowers(thread: "t") ${page} users ${page} }`,
    );
    const { data: cases } = await world.ask(staff('privacy', 'privacy-request'), `{ privacyCases ${page} }`);
    expect({ ...own, ...cases }).toEqual({
      threadFollowers: { edges: [] },
      users: { edges: [] },
      privacyCases: { edges: [] },
    });
    expect(Object.keys({ ...own, ...cases }).sort()).toEqual(markedIn('Query').sort());
  });
});
