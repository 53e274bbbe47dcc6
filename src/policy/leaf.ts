import type { Fact } from './fact.ts';
import {
  type AgeBound,
  ageFact,
  consentFact,
  FACTS,
  type FactName,
  guardianConsentFact,
  guardianRecipientConsentFact,
  heldFact,
  legalProcessFact,
  preferenceFact,
  recipientAttributeFact,
  recipientConsentFact,
  recipientEstablishedFact,
  residenceFact,
  restrictionFact,
  tieFact,
} from './known-facts.ts';
import { expected, expectedOneOf } from './wording.ts';

/** The leaves of conditions. Each kind of leaf has one entry: its operand, and its fact. */

interface LeafKind<Operand> {
  /** The fault of an operand with a wrong form; null if the form is right. */
  readonly faultOf: (operand: unknown) => string | null;
  readonly factOf: (operand: Operand) => Fact;
}

const named = (what: string, factOf: (name: string) => Fact): LeafKind<string> => ({
  faultOf: (operand) => (typeof operand === 'string' ? null : expected(what, operand)),
  factOf,
});

const AGE_FORMS = '{ atLeast: ... } or { below: ... }, in whole years';

/** The greatest age, in years, that a condition may ask for. */
export const OLDEST = 130;

const isAge = (years: unknown): boolean =>
  Number.isInteger(years) && (years as number) > 0 && (years as number) <= OLDEST;

const isAgeBound = (operand: unknown): boolean => {
  if (typeof operand !== 'object' || operand === null) return false;
  const [[bound, years] = [], ...more] = Object.entries(operand);
  return (bound === 'atLeast' || bound === 'below') && isAge(years) && more.length === 0;
};

/** The kinds of legal process that count. */
interface ProcessesAskedFor {
  readonly kind: readonly string[];
}

const PROCESS_FORM = '{ kind: [...] } with kinds of legal process';

const isProcessesAskedFor = (operand: unknown): boolean => {
  if (typeof operand !== 'object' || operand === null || Object.keys(operand).join() !== 'kind') return false;
  const { kind } = operand as { readonly kind: unknown };
  return Array.isArray(kind) && kind.length > 0 && kind.every((one) => typeof one === 'string');
};

/** The leaves that a policy file can state. */
const STATED = {
  preference: named('the name of a preference', preferenceFact),
  consent: named('the id of a consent', consentFact),
  /** A consent of the person for the calling recipient. */
  recipientConsent: named('the id of a consent', recipientConsentFact),
  /** An attribute of the calling recipient, from its contract. */
  recipient: named('the id of an attribute of recipients', recipientAttributeFact),
  recipientIn: named('the id of a region', recipientEstablishedFact),
  resides: named('the id of a region', residenceFact),
  /** A tie of the calling member to the person. */
  tie: named('the name of a tie', tieFact),
  age: {
    faultOf: (operand) => (isAgeBound(operand) ? null : expected(AGE_FORMS, operand)),
    factOf: ageFact,
  } satisfies LeafKind<AgeBound>,
  held: named('the id of a data category', heldFact),
  /** A purpose that the person restricted. */
  restriction: named('the id of a purpose', restrictionFact),
  process: {
    faultOf: (operand) => (isProcessesAskedFor(operand) ? null : expected(PROCESS_FORM, operand)),
    factOf: ({ kind }) => legalProcessFact(new Set(kind)),
  } satisfies LeafKind<ProcessesAskedFor>,
  fact: {
    faultOf: (operand) =>
      typeof operand === 'string' && Object.hasOwn(FACTS, operand)
        ? null
        : expectedOneOf('a fact', 'one of the facts ', operand, Object.keys(FACTS)),
    factOf: (name) => FACTS[name],
  } satisfies LeafKind<FactName>,
};

const KINDS = {
  ...STATED,
  /** The guardian's part of a `consent` that a guardian gives for people under an age. No file contains it. */
  guardianConsent: named('the id of a consent', guardianConsentFact),
  /** The same for `recipientConsent`. */
  guardianRecipientConsent: named('the id of a consent', guardianRecipientConsentFact),
};

type Kinds = typeof KINDS;
export type LeafName = keyof typeof STATED;
type OperandOf<Name extends keyof Kinds> = Parameters<Kinds[Name]['factOf']>[0];

/** A fact in the form of a condition: `{ preference: newsletter }`. */
export type ConditionLeaf = {
  [Name in keyof Kinds]: { readonly [Key in Name]: OperandOf<Name> };
}[keyof Kinds];

export const LEAF_NAMES = Object.keys(STATED) as LeafName[];

export const isLeafName = (word: string): word is LeafName => Object.hasOwn(STATED, word);

export const leafFault = (name: LeafName, operand: unknown): string | null => STATED[name].faultOf(operand);

export const factOf = (leaf: ConditionLeaf): Fact => {
  const [[name, operand]] = Object.entries(leaf) as [[keyof Kinds, never]];
  return KINDS[name].factOf(operand);
};
