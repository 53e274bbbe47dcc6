import { CLAUSE_KIND_SAYS, LEGAL_BASIS_SAYS, READING_SAYS, REASON_SAYS } from '../policy/common-words.ts';
import { CONTRACT_MODES } from '../policy/facts.ts';
import {
  type CLAUSE_KINDS,
  DENIAL_REASONS,
  LEGAL_BASES,
  type READINGS,
  STATUSES,
  type Vocabulary,
} from '../policy/vocabulary.ts';
import { AGE_BANDS, type AgeBand } from '../subject/age.ts';
import type { Ask } from '../subject/retraction.ts';
import type { Builder } from './builder.ts';
import { scopeExample } from './policy-words.ts';

const BAND_DESCRIPTIONS: Record<AgeBand, string> = {
  AGE_13_17: '13 to 17 years.',
  AGE_18_24: '18 to 24 years.',
  AGE_25_34: '25 to 34 years.',
  AGE_35_49: '35 to 49 years.',
  AGE_50_PLUS: '50 years and more.',
};

/** The values of an enum with their descriptions. */
export const described = <Value extends string>(
  descriptions: Readonly<Record<Value, string>>,
  values: readonly Value[],
) =>
  Object.fromEntries(values.map((value) => [value, { description: descriptions[value] }])) as Record<
    Value,
    { description: string }
  >;

/** The enums of the policy's vocabulary, and others that several features have. */
export const definePolicyEnums = (builder: Builder, vocabulary: Vocabulary) => ({
  DataCategory: builder.enumType('DataCategory', {
    description: `A kind of personal data. A token’s scope names it in lower case with dashes: \`${scopeExample(vocabulary)}\`.`,
    values: Object.fromEntries(vocabulary.categories.map(({ id, says }) => [id, { description: says }])),
  }),
  DenialReason: builder.enumType('DenialReason', {
    description: 'Why a caller is denied, in words that speak of the caller alone; the first that applies is told.',
    values: described(REASON_SAYS, DENIAL_REASONS),
  }),
  AgeBand: builder.enumType('AgeBand', {
    description: 'A range of ages.',
    values: described(BAND_DESCRIPTIONS, Object.keys(AGE_BANDS) as AgeBand[]),
  }),
  Status: builder.enumType('UserStatus', {
    description: 'Whether the account may be used.',
    values: described(
      {
        ACTIVE: 'In use.',
        SEALED: 'Closed, because the person turned out to be a child below the policy’s age. Nothing is shown of it.',
        REFUSED: 'Closed, because the person did not accept the policy. Nothing is shown of it.',
      },
      STATUSES,
    ),
  }),
  LegalBasis: builder.enumType('LegalBasis', {
    description: 'Why a processing is lawful.',
    values: described(LEGAL_BASIS_SAYS, LEGAL_BASES),
  }),
  ContractMode: builder.enumType('ContractMode', {
    description: 'The use of a contract with a partner.',
    values: described(
      {
        LIVE: 'It shows the partner people, as the policy lets it.',
        TEST: 'The partner tries things out: of people it would be shown, it sees invented ones alone.',
      },
      CONTRACT_MODES,
    ),
  }),
  ClauseKind: builder.enumType('ClauseKind', {
    description: 'The effect of a clause of the policy.',
    values: {
      REVEAL: { value: 'reveal' as const, description: CLAUSE_KIND_SAYS.reveal },
      CONTROL: { value: 'control' as const, description: CLAUSE_KIND_SAYS.control },
      DUTY: { value: 'duty' as const, description: CLAUSE_KIND_SAYS.duty },
      LIMIT: { value: 'limit' as const, description: CLAUSE_KIND_SAYS.limit },
    } satisfies Record<Uppercase<(typeof CLAUSE_KINDS)[number]>, object>,
  }),
  ClauseReading: builder.enumType('ClauseReading', {
    description: 'How a clause of the policy was read from the published text.',
    values: {
      LITERAL: { description: `${READING_SAYS.LITERAL}.` },
      NARROWED: { description: `${READING_SAYS.NARROWED}; \`narrowing\` tells why.` },
      INFERRED: { description: `${READING_SAYS.INFERRED}; \`inference\` tells why.` },
    } satisfies Record<(typeof READINGS)[number], object>,
  }),
  Decision: builder.enumType('Decision', {
    description: 'The answer of the policy to one question.',
    values: { REVEAL: { description: 'The value is shown.' }, DENY: { description: 'Nothing is shown.' } },
  }),
  Asked: builder.enumType('AskedOfPartner', {
    description: 'The task of a partner with data of a person that it was shown.',
    values: {
      ERASE: { description: 'Erase it. Data that the person still has can be read again.' },
      REPLACE: { description: 'Replace it by the result of a new read; if that shows nothing, erase it.' },
      STOP: { description: 'Use it no more for the purpose that the notice names.' },
    } satisfies Record<Ask, object>,
  }),
  Truth: builder.enumType('Truth', {
    description: 'Whether a condition holds. Only `TRUE` ever grants anything.',
    values: {
      TRUE: { description: 'It holds.' },
      FALSE: { description: 'It does not hold.' },
      UNKNOWN: { description: 'There is no usable record, so it grants nothing, and neither does its opposite.' },
    },
  }),
});

export type PolicyEnums = ReturnType<typeof definePolicyEnums>;
