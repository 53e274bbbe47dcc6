import { classified, PART_OF_VALUE } from '../../enforcement/classification.ts';
import { notUse } from '../../enforcement/site-use.ts';
import { present } from '../../graphql/adopt.ts';
import { selfOf } from '../../graphql/callers.ts';
import { DENIABLE } from '../../graphql/personal-fields.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import type { PersonEntry } from '../../ledger/chain/person-chain.ts';
import { serves } from '../../policy/serves.ts';
import type { Correction } from '../../subject/model.ts';
import type { Subject } from '../../subject/subject.ts';
import { type ConsentRequest, consentsRequestedOf } from '../consents/requests.ts';

/** A correction and its person. The rule of its classified field decides by the person. */
export interface CorrectionPart extends Correction {
  readonly subject: Subject;
}

interface Corrected {
  readonly user: Subject;
  readonly corrections: readonly CorrectionPart[];
  readonly requestedConsents: readonly ConsentRequest[];
  readonly entry: PersonEntry | null;
}

export function defineCorrections(part: SchemaPart): void {
  defineUserFields(part);
  const { builder } = part;
  const CorrectionInput = builder.inputType('CorrectionInput', {
    description: 'What is put right. What is left out stays as it is.',
    fields: (t) => ({
      name: t.string({ description: 'The legal name.' }),
      email: t.field({
        type: 'EmailAddress',
        description: 'Where the person receives mail. Another address is unproven until its mailbox has answered.',
      }),
      avatarName: t.string({
        description: 'The public pseudonym: no name that another person has or had, nor one that looks like it.',
      }),
      gender: t.string({ description: 'The gender, in their own words.' }),
      birthDate: t.field({
        type: 'Date',
        description:
          'The date of birth. One that makes the person a child below the policy’s age has to be confirmed, and then ' +
          'seals the account at once. Until `User.deletionDueAt` another date of birth opens it again: once, and only ' +
          'where staff did not seal it. After that, open a privacy case.',
      }),
      confirmBirthDate: t.boolean({
        description:
          'True where a date of birth below the policy’s age is meant. Without it such a date is answered with ' +
          '`BAD_INPUT` on `input.confirmBirthDate`, and nothing is changed.',
      }),
      country: t.field({ type: 'CountryCode', description: 'Where the person lives.' }),
      postalAddress: t.field({ type: 'AddressInput', description: 'The postal address.' }),
      cellPhone: t.string({ description: 'The number of the cell phone.' }),
      billingAddress: t.field({
        type: 'AddressInput',
        description:
          'The address that bills go to: the one that was given last. An order that another address was given for ' +
          'keeps that one.',
      }),
    }),
  });

  const Payload = builder.objectRef<Corrected>('CorrectPersonalDataPayload');
  builder.objectType(Payload, {
    description: 'What was put right.',
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
        description: 'What the ledger says of it: categories, never values. Null where everything was so already.',
      }),
    }),
  });

  builder.mutationFields((t) => ({
    correctPersonalData: t.field({
      type: Payload,
      extensions: { ...notUse(), ...serves('rights.correction', 'children.age-limit', 'europe.transfer') },
      description:
        'The signed-in person, whatever their status, puts right what is held of them. What it was before stays for ' +
        'them to see in `corrections`. Another address is shown to no partner, and verifies no subscription, until the ' +
        'link that is mailed there was followed. The answer is the same whether or not an address is somebody else’s: ' +
        'the mailbox alone is told. Partners that were shown what is put right are told to read it again.',
      args: { input: t.arg({ type: CorrectionInput, required: true, description: 'What is put right.' }) },
      resolve: async (_root, { input }, context) => {
        const { person } = selfOf(context);
        const outcome = present(await context.services.corrections.correct(person, input));
        const user = await context.subjects.adopt(outcome.document);
        const corrections = outcome.corrections.map((correction) => ({ subject: user, ...correction }));
        const requestedConsents = consentsRequestedOf(context.services.table, outcome.document.facts);
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
        description: 'What was corrected.',
        resolve: ({ category }) => category,
      }),
      at: t.expose('at', { type: 'DateTime', description: 'When it was corrected.' }),
      previousValue: t.string({
        nullable: true,
        description: `What it was before, as JSON. ${DENIABLE}`,
        extensions: classified('CORRECTED_VALUE'),
        resolve: ({ subject, id, previousValue }) =>
          JSON.stringify(subject.reveal('CORRECTED_VALUE').open(`CORRECTED_VALUE/${id}`, previousValue)),
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
