import { z } from 'zod';
import { DAY } from '../base/durations.ts';
import { isRecord } from '../base/records.ts';
import { ALWAYS, type Condition, leavesOf } from './condition.ts';
import { COUNTRIES } from './countries.ts';
import { form, text } from './file-parts.ts';
import type { Choices } from './known-facts.ts';
import { type ConditionLeaf, isLeafName, LEAF_NAMES, leafFault, OLDEST } from './leaf.ts';
import { COMMON_PROCESS_KINDS } from './process-kinds.ts';
import {
  type CategoryMask,
  CLAUSE_KINDS,
  type DataCategory,
  idsOf,
  LEGAL_BASES,
  maskOf,
  READINGS,
  type Vocabulary,
} from './vocabulary.ts';
import { expected, expectedOneOf, unknownKey } from './wording.ts';

/** The shape of a policy file. Whether its parts fit each other is checked in `load`. */

const OPERATORS = ['all', 'any', 'not', ...LEAF_NAMES];

const parseCondition = (
  value: unknown,
  path: (string | number)[],
  fail: (path: (string | number)[], message: string) => void,
): Condition => {
  const refuse = (at: (string | number)[], message: string): Condition => {
    fail(at, message);
    return { any: [] };
  };
  const entries = isRecord(value) ? Object.entries(value) : [];
  const [operator, operand] = entries[0] ?? [];
  const conditions = `a condition: one of ${OPERATORS.join(', ')}`;
  if (value === undefined) return refuse(path, `is missing; expected ${conditions}`);
  if (entries.length !== 1 || operator === undefined) return refuse(path, `expected ${conditions}`);
  if (!OPERATORS.includes(operator)) return refuse([...path, operator], expected(conditions, operator, OPERATORS));
  const at = [...path, operator];
  if (operator === 'all' || operator === 'any') {
    if (!Array.isArray(operand)) return refuse(at, expected('a list of conditions', operand));
    const parts = operand.map((part, index) => parseCondition(part, [...at, index], fail));
    return operator === 'all' ? { all: parts } : { any: parts };
  }
  if (!isLeafName(operator)) return { not: parseCondition(operand, at, fail) };
  const fault = leafFault(operator, operand);
  return fault === null ? ({ [operator]: operand } as ConditionLeaf) : refuse(at, fault);
};

export const ConditionShape = z
  .unknown()
  .transform((value, context) =>
    parseCondition(value, [], (path, message) => context.addIssue({ code: 'custom', path, message })),
  );

const slug = form(/^[a-z][a-z0-9-]*$/, 'lower-case words joined by dashes');
const dpvTerm = form(/^dpv:[A-Za-z]+$/, 'a term of the Data Privacy Vocabulary such as dpv:DirectMarketing');
const Country = z.string().refine((code) => COUNTRIES.has(code), {
  error: ({ input }) => expected('an ISO 3166-1 alpha-2 country code', input, COUNTRIES),
});

/** A list; everything but a list; or the categories that a fact names, less a list. */
type CategoriesOf = DataCategory[] | { except: DataCategory[] } | { namedBy: 'legalProcess'; except: DataCategory[] };

const CATEGORY_FORMS = 'a list of data categories, { except: [...] } or { namedBy: legalProcess, except: [...] }';

type Fail = (path: (string | number)[], message: string) => void;

function checkCategoryList(list: unknown, path: (string | number)[], fail: Fail): void {
  if (!Array.isArray(list)) fail(path, expected('a list of data categories', list));
  else
    for (const [index, category] of list.entries())
      if (typeof category !== 'string') fail([...path, index], expected('a data category', category));
}

function checkCategories(value: unknown, fail: Fail): void {
  if (value === undefined) fail([], `is missing; expected ${CATEGORY_FORMS}`);
  else if (Array.isArray(value)) checkCategoryList(value, [], fail);
  else if (typeof value !== 'object' || value === null) fail([], expected(CATEGORY_FORMS, value));
  else {
    if (!('except' in value)) fail(['except'], 'is missing; expected a list of data categories');
    for (const [key, part] of Object.entries(value))
      if (key === 'except') checkCategoryList(part, [key], fail);
      else if (key !== 'namedBy') fail([key], unknownKey(key, ['namedBy', 'except']));
      else if (part !== 'legalProcess') fail([key], expectedOneOf('the fact', 'the fact ', part, ['legalProcess']));
  }
}

export const Categories = z
  .custom<CategoriesOf>()
  .superRefine((value, context) =>
    checkCategories(value, (path, message) => context.addIssue({ code: 'custom', path, message })),
  );

const Reveal = z.strictObject({
  /** SELF, VISITOR, MEMBER, STAFF_<role> or a partner kind of this policy. */
  to: text,
  /** Absent: for every purpose of the caller, also for none. */
  purposes: z.array(slug).optional(),
  categories: Categories,
  when: ConditionShape.default(ALWAYS),
  /** The recipient on record: the caller, or the authority that the fact names. */
  recordedAs: z.enum(['CALLER', 'AUTHORITY']).default('CALLER'),
});

const Forbid = z.strictObject({
  /** SELF, VISITOR, MEMBER, STAFF_<role>, a partner kind of this policy, or `any`: everybody but the person. */
  to: text,
  /** Absent: for every purpose of the caller. */
  purposes: z.array(slug).min(1).optional(),
  categories: Categories,
  /** Absent: always. If the condition is unknown, it forbids too. */
  when: ConditionShape.optional(),
});

const Clause = z.strictObject({
  id: form(/^[a-z][a-z-]*\.[a-z][a-z-]*$/, 'a clause id such as newsletters.opt-out'),
  section: text,
  summary: text,
  kind: z.array(z.enum(CLAUSE_KINDS)).min(1),
  /** NARROWED: stricter than the text. INFERRED: the text needs it without saying it. */
  reading: z.enum(READINGS),
  narrowing: text.optional(),
  /** Why the text needs it; a narrowed clause may rest on an inference as well. */
  inference: text.optional(),
  legalBasis: z.enum(LEGAL_BASES),
  /** ACCEPTED: holds if the person accepted a version that contains it. CURRENT: holds toward everybody. */
  judgedUnder: z.enum(['ACCEPTED', 'CURRENT']).default('ACCEPTED'),
  /** Operations that carry it out: `Mutation.giveConsent`, `User.corrections`, `POST /verify/<token>`. */
  servedBy: z.array(text).default([]),
  /** Purposes of the company's own use, for the record. */
  ownUse: z.array(slug).default([]),
  reveals: z.array(Reveal).default([]),
  /** Data that is never shown, even if a clause reveals it. If two versions differ, the one that forbids is right. */
  forbids: z.array(Forbid).default([]),
  /** Categories with a retention time: the vocabulary says how long, and a sweep deletes the values. */
  keeps: z.array(text).min(1).optional(),
  /** A contradicting clause of the same policy, and how we settle the conflict. */
  conflict: z.strictObject({ with: text, settledBy: text }).optional(),
});

const Purpose = z.strictObject({
  id: slug,
  description: text,
  /** CALLER: a token or a contract may name it. OWN: the company's own use, which no caller can claim. */
  use: z.enum(['CALLER', 'OWN']),
  /** Advertising or promotion: no service provider may hold a contract for it. */
  promotional: z.boolean().default(false),
  /** The W3C Data Privacy Vocabulary's term, e.g. `dpv:DirectMarketing`. */
  dpv: dpvTerm,
});

const PartnerKind = z.strictObject({
  id: form(/^[A-Z][A-Z0-9_]*$/, 'upper-case words joined by underscores'),
  description: text,
  /** Works on the company's behalf, and so never for a promotional purpose. */
  serviceProvider: z.boolean().default(false),
});

const Consent = z.strictObject({
  id: form(/^[a-z][A-Za-z0-9]*$/, 'a camelCase id'),
  description: text,
  dpv: dpvTerm,
  /** EXPRESS: an act of its own. EXPLICIT_ACCEPTANCE: bundled into accepting, for residents of the transfer region. */
  givenBy: z.enum(['EXPRESS', 'EXPLICIT_ACCEPTANCE']),
  /** RECIPIENT: given for one recipient at a time, and withdrawn so. */
  per: z.enum(['RECIPIENT']).optional(),
  /** It ends by itself after these days; absent: it holds until it is withdrawn. */
  endsAfterDays: z.number().int().min(1).max(36_500).optional(),
  /** While the person is under this age, or of unknown age, only a member with this tie to them can give it. */
  under: z.strictObject({ age: z.number().int().min(1).max(OLDEST), by: text }).optional(),
});

const Region = z.strictObject({
  id: form(/^[A-Z][A-Z0-9_]*$/, 'upper-case words joined by underscores'),
  says: text,
  countries: z.array(Country).min(1),
});

const ProcessKindShape = z.strictObject({
  id: form(/^[A-Z][A-Z0-9_]*$/, 'upper-case words joined by underscores'),
  says: text,
});

const RecipientAttribute = z.strictObject({
  id: form(/^(?!(?:true|false|null)$)[a-z][A-Za-z0-9]{0,63}$/, 'a camelCase id'),
  /** One sentence for people. */
  says: text,
});

/** In days. */
const LONGEST_NOTICE = 366;

export const PolicyFile = z.strictObject({
  version: form(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'a version such as 2014-09-12'),
  title: text,
  publisher: text,
  /** DEEMED: use of the site accepts the version too. EXPLICIT: only an express act accepts it. */
  acceptance: z.enum(['DEEMED', 'EXPLICIT']).default('DEEMED'),
  /** Days from the posting of the version until it holds. The first version holds at once. */
  announceDays: z.number().int().min(0).max(LONGEST_NOTICE).default(0),
  /** Former names of the company: a database holds the people of one company. */
  formerPublishers: z.array(text).default([]),
  /** Where people's data is held and processed. */
  processedIn: Country,
  /** The minimum age for an account, in whole years. */
  minimumAge: z.number().int().min(0).max(21),
  /** Hours from the sealing of a child's data to its deletion. */
  childDeletionHours: z.number().int().min(0).default(720),
  /** The fewest people that a statistic may count. */
  minimumCell: z.number().int().min(2),
  /** Days for the privacy officer to answer a case. */
  privacyCaseDays: z.number().int().min(1).default(30),
  /** Days for a partner to acknowledge an erasure. */
  erasureDays: z.number().int().min(1).max(36_500).default(30),
  /** Hours from the announcement of a succession to its first reveal. */
  noticeHours: z.number().int().min(0),
  /** Data of residents leaves this region only with consent. */
  transferRegion: z.strictObject({ name: text, countries: z.array(Country) }),
  /** Regions that conditions name: `{ resides: EEA }`, `{ recipientIn: EEA }`. */
  regions: z.array(Region).default([]),
  /** Attributes that a contract can give a recipient, for conditions: `{ recipient: certified }`. */
  recipientAttributes: z.array(RecipientAttribute).default([]),
  /** Kinds of legal process, for staff that opens one and for conditions: `{ process: { kind: [COURT_ORDER] } }`. */
  processKinds: z
    .array(ProcessKindShape)
    .min(1)
    .default(() => COMMON_PROCESS_KINDS.map((kind) => ({ ...kind }))),
  /** The switches at registration. They take precedence over the vocabulary. */
  defaults: z.strictObject({
    preferences: z.record(z.string(), z.boolean()).default({}),
    autoPost: z.boolean().default(false),
  }),
  consents: z.array(Consent),
  purposes: z.array(Purpose),
  partnerKinds: z.array(PartnerKind),
  /** The condition of every reveal to a partner, besides its own. */
  partnerRequirements: ConditionShape,
  clauses: z.array(Clause).min(1),
  /** The vocabulary of the policy, unless it has a file of its own. */
  vocabulary: z.unknown().optional(),
});

export interface Policy extends Omit<z.output<typeof PolicyFile>, 'vocabulary'> {
  readonly vocabulary: Vocabulary;
}
export type Clause = Policy['clauses'][number];
export type Reveal = Clause['reveals'][number];
export type Purpose = Policy['purposes'][number];

/** Everything that a policy reveals, in its order. */
export const revealsOf = ({ clauses }: Pick<Policy, 'clauses'>): Reveal[] => clauses.flatMap(({ reveals }) => reveals);

/** All conditions of a policy, in its order. */
const conditionsOf = ({ partnerRequirements, clauses }: Policy): Condition[] => [
  partnerRequirements,
  ...clauses.flatMap(({ reveals, forbids }) => [...reveals, ...forbids].flatMap(({ when }) => when ?? [])),
];

/** The leaves of all conditions of policies. */
export const leavesIn = (policies: readonly Policy[]): ConditionLeaf[] =>
  policies.flatMap(conditionsOf).flatMap((condition) => [...leavesOf(condition)].map(({ leaf }) => leaf));

/** The names that conditions of policies can use. */
export function choicesOf(policies: Iterable<Policy>): Choices {
  const all = [...policies];
  const distinct = (names: readonly string[]) => [...new Set(names)];
  const consents = all.flatMap((policy) => policy.consents);
  const leaves = leavesIn(all);
  return {
    preferences: distinct(all.flatMap(({ vocabulary }) => idsOf(vocabulary.preferences))),
    consents: distinct(idsOf(consents.filter(({ per }) => per === undefined))),
    recipientConsents: distinct(idsOf(consents.filter(({ per }) => per === 'RECIPIENT'))),
    ties: distinct(all.flatMap(({ vocabulary }) => idsOf(vocabulary.ties))),
    ages: [
      ...leaves.flatMap((leaf) => ('age' in leaf ? [leaf.age] : [])),
      ...consents.flatMap(({ under }) => (under ? [{ atLeast: under.age }] : [])),
    ],
    held: distinct(leaves.flatMap((leaf) => ('held' in leaf ? [leaf.held] : []))),
    restrictions: distinct(leaves.flatMap((leaf) => ('restriction' in leaf ? [leaf.restriction] : []))),
  };
}

/** The choices that conditions really name: the database keeps an index for each. */
export function choicesAskedFor(policies: Iterable<Policy>): Choices {
  const all = [...policies];
  const leaves = leavesIn(all);
  const preferences = new Set(leaves.flatMap((leaf) => ('preference' in leaf ? [leaf.preference] : [])));
  const consents = new Set(leaves.flatMap((leaf) => ('consent' in leaf ? [leaf.consent] : [])));
  const choices = choicesOf(all);
  return {
    ...choices,
    preferences: choices.preferences.filter((name) => preferences.has(name)),
    consents: choices.consents.filter((id) => consents.has(id)),
  };
}

/** The clauses of a policy that an operation carries out, by their ids. */
export const clausesServedBy = ({ clauses }: Pick<Policy, 'clauses'>, operation: string): string[] =>
  idsOf(clauses.filter(({ servedBy }) => servedBy.includes(operation)));

/** The most that a reveal shows. */
export const maskOfCategories = ({ vocabulary }: Pick<Policy, 'vocabulary'>, { categories }: Reveal): CategoryMask =>
  Array.isArray(categories)
    ? maskOf(categories)
    : maskOf(idsOf(vocabulary.categories)) & ~maskOf([...categories.except, ...vocabulary.notHeld]);

/** The milliseconds after which a consent ends by itself, by the id of the consent. */
export const consentPeriodsOf = ({ consents }: Pick<Policy, 'consents'>): ReadonlyMap<string, number> =>
  new Map(
    consents.flatMap(({ id, endsAfterDays }) => (endsAfterDays === undefined ? [] : [[id, endsAfterDays * DAY]])),
  );
