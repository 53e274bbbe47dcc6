import { classified, PART_OF_VALUE } from '../../enforcement/classification.ts';
import { notUse } from '../../enforcement/site-use.ts';
import { present } from '../../graphql/adopt.ts';
import { selfOf } from '../../graphql/callers.ts';
import { correctionText } from '../../graphql/category-texts.ts';
import { type OfPerson, ofPerson } from '../../graphql/object-ids.ts';
import { DENIABLE } from '../../graphql/personal-fields.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import { NULL_ONLY_BY_ERROR } from '../../graphql/semantic-nullability.ts';
import { inputTypeOf } from '../../graphql/value-types.ts';
import type { PersonEntry } from '../../ledger/chain/person-chain.ts';
import { categoryWith } from '../../policy/vocabulary.ts';
import { holdsBillingAddresses } from '../../subject/billing.ts';
import type { Correction } from '../../subject/model.ts';
import type { Subject } from '../../subject/subject.ts';
import { type ConsentRequest, consentsRequestedOf } from '../consents/requests.ts';
import type { Corrections } from './operations.ts';

/** A correction and its person. The rule of its classified field decides by the person. */
export interface CorrectionPart extends Correction {
  readonly subject: Subject;
}

interface Corrected {
  readonly user: Subject;
  readonly corrections: readonly CorrectionPart[];
  readonly requestedConsents: readonly OfPerson<ConsentRequest>[];
  readonly entry: PersonEntry | null;
}

export function defineCorrections(part: SchemaPart): void {
  defineUserFields(part);
  const { builder, vocabulary } = part;
  const hasBlog = vocabulary.features.includes('blog');
  const CorrectionInput = builder.inputType('CorrectionInput', {
    description: 'The right values. A category that is left out stays as it is.',
    fields: (t) => ({
      ...Object.fromEntries(
        vocabulary.categories.flatMap((category) => {
          const { field, correct } = category;
          if (field === undefined || !correct) return [];
          return [[field, t.field({ type: inputTypeOf(category), description: correctionText(category) })]];
        }),
      ),
      ...(categoryWith(vocabulary, 'birthDate')?.correct && {
        confirmBirthDate: t.boolean({
          description:
            'True where a date of birth below the policy’s age is meant. Without it such a date is answered with ' +
            '`BAD_INPUT` on `input.confirmBirthDate`, and nothing is changed.',
        }),
      }),
      country: t.field({ type: 'CountryCode', description: 'Where the person lives.' }),
      ...(holdsBillingAddresses(vocabulary) && {
        billingAddress: t.field({
          type: 'AddressInput',
          description:
            'The address that bills go to: the one that was given last. An order that another address was given for ' +
            'keeps that one.',
        }),
      }),
    }),
  });

  const Payload = builder.objectRef<Corrected>('CorrectPersonalDataPayload');
  builder.objectType(Payload, {
    description: 'The corrected values.',
    fields: (t) => ({
      user: t.expose('user', { type: 'User', description: 'The person, decided anew.' }),
      corrections: t.expose('corrections', {
        type: ['Correction'],
        description: 'The values that others took the place of; none where nothing was held or nothing changed.',
      }),
      requestedConsents: t.expose('requestedConsents', {
        type: ['ConsentRequest'],
        description:
          'Consents that the person is asked for where they reside now. A move into the region of the policy asks for ' +
          'them, which the person is told by mail as well; a move away ends that.',
      }),
      ledgerEntry: t.expose('entry', {
        type: 'LedgerEntry',
        nullable: true,
        description: 'The entry in the ledger: categories, never values. Null where everything was so already.',
      }),
    }),
  });

  builder.mutationFields((t) => ({
    correctPersonalData: t.field({
      type: Payload,
      extensions: notUse(),
      description:
        'The signed-in person, of any status, corrects their data. The previous values stay for ' +
        `them to see in \`corrections\`. Another address is shown to no partner${hasBlog ? ', and verifies no subscription,' : ''} until the ` +
        'link that is mailed there was followed. The answer is the same whether or not an address is somebody else’s: ' +
        'the mailbox alone is told. Partners that were shown corrected data are told to read it again.',
      args: { input: t.arg({ type: CorrectionInput, required: true, description: 'The right values.' }) },
      resolve: async (_root, { input }, context) => {
        const { person } = selfOf(context);
        const outcome = present(await context.services.corrections.correct(person, input as Corrections));
        const user = await context.subjects.adopt(outcome.document);
        const corrections = outcome.corrections.map((correction) => ({ subject: user, ...correction }));
        const { document } = outcome;
        const requestedConsents = ofPerson(document, consentsRequestedOf(context.services.table, document.facts));
        return { user, corrections, requestedConsents, entry: outcome.entry };
      },
    }),
  }));
}

/** The fields of `User` that belong to this feature, and their types. */
function defineUserFields({ builder, enums }: SchemaPart): void {
  builder.objectType('Correction', {
    description: 'A correction of the person’s data.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id among the corrections of the person.' }),
      category: t.field({
        type: enums.DataCategory,
        description: 'The category that was corrected.',
        resolve: ({ category }) => category,
      }),
      at: t.expose('at', { type: 'DateTime', description: 'When it was corrected.' }),
      previousValue: t.string({
        nullable: true,
        description: `The previous value, as JSON. ${DENIABLE}`,
        extensions: { ...classified('CORRECTED_VALUE'), ...NULL_ONLY_BY_ERROR },
        resolve: ({ subject, ...correction }) => JSON.stringify(subject.reveal('CORRECTED_VALUE')(correction)),
      }),
    }),
  });
  builder.objectFields('User', (t) => ({
    corrections: t.field({
      type: ['Correction'],
      nullable: true,
      description: `Corrections of the person's data, newest first. ${DENIABLE}`,
      extensions: classified('ACCOUNT'),
      resolve: (subject) => {
        const { corrections = [] } = subject.reveal('ACCOUNT').person;
        return corrections.map((correction) => ({ subject, ...correction }));
      },
    }),
  }));
}
