import { classified, PART_OF_VALUE } from '../../enforcement/classification.ts';
import { fieldText } from '../../graphql/category-texts.ts';
import { DENIABLE, fromAccount } from '../../graphql/personal-fields.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import { defineRecords, outputTypeOf } from '../../graphql/value-types.ts';
import { Subject } from '../../subject/subject.ts';
import { defineWaysToPeople } from './queries.ts';

/** The person, the values that the person's own fields hold, and the ways to people. */
export function definePeople(part: SchemaPart): void {
  defineUser(part);
  defineValues(part);
  defineRecords(part);
  defineWaysToPeople(part);
}

function defineUser(part: SchemaPart): void {
  const { builder, enums } = part;
  builder.objectType('User', {
    description:
      'A data subject: a person with data here. A field that the policy denies to the caller is null, with ' +
      'one `FORBIDDEN` error at its path; a person that the caller may see nothing about is not found at all.',
    interfaces: ['Node'],
    isTypeOf: (value) => value instanceof Subject,
    fields: (t) => ({
      id: t.exposeID('id', {
        description:
          'The id that `user(id)` and `node(id)` take from this caller; a partner’s differs from all others.',
      }),
      ...Object.fromEntries(
        part.vocabulary.categories.flatMap((category) => {
          const { id, field } = category;
          if (field === undefined) return [];
          const shown = t.field({
            type: outputTypeOf(part, category),
            nullable: true,
            description: fieldText(part.vocabulary, category),
            extensions: classified(id),
            resolve: (subject) => subject.reveal(id) as string | null,
          });
          return [[field, shown]];
        }),
      ),
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
}
