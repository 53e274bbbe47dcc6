import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { createDemand } from '../../src/enforcement/demand.ts';
import { buildSchema } from '../../src/gateway/schema.ts';
import { compile } from '../../src/policy/compile.ts';
import { createAccess } from '../../src/policy/decide.ts';
import { EVERY_CATEGORY } from '../../src/policy/vocabulary.ts';
import { Subject } from '../../src/subject/subject.ts';
import { referencePolicy } from '../support/policy.ts';
import { categoriesOf, DATA_CATEGORIES } from '../support/words.ts';

const table = compile([referencePolicy], referencePolicy.version);
const demandOf = createDemand(buildSchema(table));
const asked = (document: string) => categoriesOf(demandOf(parse(document))).sort();

test.each([
  { name: 'nothing for ids', document: '{ me { id __typename } }', categories: [] },
  { name: 'the category of each field', document: '{ me { name email } }', categories: ['EMAIL', 'NAME'] },
  { name: 'fields under another name', document: '{ me { email: name } }', categories: ['NAME'] },
  {
    name: 'parts of a value that are classified themselves',
    document: '{ me { paymentCard { expiry } } }',
    categories: ['CARD_EXPIRY', 'PAYMENT_CARD'],
  },
  {
    name: 'fragments, wherever they are spread',
    document: '{ me { ...F ... on User { gender } } } fragment F on User { age }',
    categories: ['AGE', 'GENDER'],
  },
  {
    name: 'fields of any type with the name of a classified one',
    document: 'query Q { partner(id: "p") { name } }',
    categories: ['NAME'],
  },
  {
    name: 'all operations of a document together',
    document: 'query A { me { name } } query B { me { photos { id } } }',
    categories: ['NAME', 'PHOTOS'],
  },
  {
    name: 'fields left out for this time',
    document: 'query Q($no: Boolean = false) { me { name @include(if: $no) } }',
    categories: ['NAME'],
  },
  {
    name: 'everything in a mutation',
    document: 'mutation { requestExport }',
    categories: [...DATA_CATEGORIES].sort(),
  },
])('a document asks for $name', ({ document, categories }) => {
  expect(asked(document)).toEqual(categories);
});

test('a value left unread in the database is never taken for an absent one', () => {
  const document = { _id: 's', publicId: 'p', values: {}, facts: {} } as never;
  const access = createAccess(
    table,
    { name: 'SELF', purpose: null, recipient: null, scope: EVERY_CATEGORY },
    new Date(),
  );
  const vault = { seal: () => '', open: () => null };
  const subjectWithout = (...values: ('NAME' | 'BIRTH_DATE')[]) =>
    new Subject(
      document,
      'p',
      access,
      { mask: EVERY_CATEGORY, grounds: [] },
      { vault, unread: new Set(values.map((value) => `values.${value}`)) },
    );
  expect(subjectWithout('BIRTH_DATE').reveal('NAME')).toBeNull();
  expect(() => subjectWithout('NAME').reveal('NAME')).toThrow('was not to be read');
  for (const category of ['BIRTH_DATE', 'AGE', 'AGE_BAND'] as const)
    expect(() => subjectWithout('BIRTH_DATE').reveal(category)).toThrow('was not to be read');
});
