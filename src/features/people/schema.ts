import { classified, PART_OF_VALUE } from '../../enforcement/classification.ts';
import { DENIABLE, fromAccount, newest, newestWanted } from '../../graphql/personal-fields.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import { Subject } from '../../subject/subject.ts';
import { defineWaysToPeople } from './queries.ts';

/** The person, the values that the person's own fields hold, and the ways to people. */
export function definePeople(part: SchemaPart): void {
  defineUser(part);
  defineValues(part);
  defineWaysToPeople(part);
}

function defineUser({ builder, enums }: SchemaPart): void {
  builder.objectType('User', {
    description:
      'A data subject: a person whose data is held here. A field that the policy denies to the caller is null, with ' +
      'one `FORBIDDEN` error at its path; a person of whom the caller may see nothing is not found at all.',
    interfaces: ['Node'],
    isTypeOf: (value) => value instanceof Subject,
    fields: (t) => ({
      id: t.exposeID('id', {
        description:
          'The id that `user(id)` and `node(id)` take from this caller; a partner’s differs from all others.',
      }),
      avatarName: t.string({
        nullable: true,
        description: `The public pseudonym. ${DENIABLE}`,
        extensions: classified('AVATAR_NAME'),
        resolve: (subject) => subject.reveal('AVATAR_NAME'),
      }),
      name: t.string({
        nullable: true,
        description: `The legal name. ${DENIABLE}`,
        extensions: classified('NAME'),
        resolve: (subject) => subject.reveal('NAME'),
      }),
      email: t.field({
        type: 'EmailAddress',
        nullable: true,
        description:
          'Where the person receives mail. Null, without an error, while the person has not proven the address, but ' +
          `for the person and for privacy and legal staff. ${DENIABLE}`,
        extensions: classified('EMAIL'),
        resolve: (subject) => subject.reveal('EMAIL'),
      }),
      gender: t.string({
        nullable: true,
        description: `The gender, in the words of the person. ${DENIABLE}`,
        extensions: classified('GENDER'),
        resolve: (subject) => subject.reveal('GENDER'),
      }),
      birthDate: t.field({
        type: 'Date',
        nullable: true,
        description: `The date of birth. ${DENIABLE}`,
        extensions: classified('BIRTH_DATE'),
        resolve: (subject) => subject.reveal('BIRTH_DATE'),
      }),
      age: t.int({
        nullable: true,
        description: `The age in whole years; to anyone but the person as of the first of this month (UTC). ${DENIABLE}`,
        extensions: classified('AGE'),
        resolve: (subject) => subject.reveal('AGE'),
      }),
      ageBand: t.field({
        type: enums.AgeBand,
        nullable: true,
        description: `The range that the age falls into; null for a child below all of them. ${DENIABLE}`,
        extensions: classified('AGE_BAND'),
        resolve: (subject) => subject.reveal('AGE_BAND'),
      }),
      postalAddress: t.field({
        type: 'Address',
        nullable: true,
        description: `The postal address. ${DENIABLE}`,
        extensions: classified('POSTAL_ADDRESS'),
        resolve: (subject) => subject.reveal('POSTAL_ADDRESS'),
      }),
      cellPhone: t.string({
        nullable: true,
        description: `The number of the cell phone. ${DENIABLE}`,
        extensions: classified('CELL_PHONE'),
        resolve: (subject) => subject.reveal('CELL_PHONE'),
      }),
      country: t.field({
        type: 'CountryCode',
        description: `The country of the account. ${DENIABLE}`,
        nullable: true,
        extensions: classified('ACCOUNT'),
        resolve: (subject) => subject.reveal('ACCOUNT').country(),
      }),
      status: t.field({
        type: enums.Status,
        description: `Whether the account may be used. ${DENIABLE}`,
        ...fromAccount(({ facts }) => facts.status as 'ACTIVE' | 'SEALED' | 'REFUSED'),
      }),
      transactions: t.field({
        type: ['Transaction'],
        nullable: true,
        description: `Goods created, sold and bought, newest first. ${DENIABLE}`,
        extensions: classified('TRANSACTIONS'),
        args: newest(t),
        resolve: async (subject, { first }, { content }) => {
          const limit = newestWanted(first);
          return content.transactions(subject.reveal('TRANSACTIONS'), limit);
        },
      }),
    }),
  });
}

function defineValues({ builder }: SchemaPart): void {
  builder.inputType('AddressInput', {
    description: 'An address, as a whole: it takes the place of the one that is held.',
    fields: (t) => ({
      street: t.string({ description: 'Street and number.' }),
      city: t.string({ description: 'Town or city.' }),
      postalCode: t.string({ description: 'Postal code.' }),
      country: t.field({ type: 'CountryCode', description: 'Country.' }),
    }),
  });
  builder.objectType('Address', {
    description: 'An address.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      street: t.exposeString('street', { nullable: true, description: 'Street and number.' }),
      city: t.exposeString('city', { nullable: true, description: 'Town or city.' }),
      postalCode: t.exposeString('postalCode', { nullable: true, description: 'Postal code.' }),
      country: t.expose('country', { type: 'CountryCode', nullable: true, description: 'Country.' }),
    }),
  });
  builder.objectType('Transaction', {
    description: 'A virtual good that changed hands.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id among the transactions of the person.' }),
      kind: t.field({
        type: builder.enumType('TransactionKind', {
          description: 'What the person did with the good.',
          values: {
            CREATED: { description: 'Made it.' },
            SOLD: { description: 'Sold it.' },
            BOUGHT: { description: 'Bought it.' },
          },
        }),
        nullable: true,
        description: 'What the person did with it.',
        resolve: ({ kind }) => kind,
      }),
      good: t.exposeString('good', { nullable: true, description: 'The good.' }),
      price: t.exposeFloat('price', { nullable: true, description: 'Its price, in the site’s currency.' }),
      profit: t.exposeFloat('profit', {
        nullable: true,
        description: 'What the person earned, in the site’s currency.',
      }),
      at: t.expose('at', { type: 'DateTime', description: 'When it happened.' }),
    }),
  });
}
