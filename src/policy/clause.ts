import { z } from 'zod';
import { ALWAYS, type Condition } from './condition.ts';
import { COUNTRIES } from './countries.ts';
import { FACTS, type FactName } from './facts.ts';
import { CLAUSE_KINDS, DATA_CATEGORIES, LEGAL_BASES, PREFERENCES, READINGS } from './vocabulary.ts';

/** The shape of a policy file. Whether its parts fit each other is checked in `load`. */

const OPERATORS = ['all', 'any', 'not', 'preference', 'consent', 'fact'];

const parseCondition = (
  value: unknown,
  path: (string | number)[],
  fail: (path: (string | number)[], message: string) => void,
): Condition => {
  const refuse = (at: (string | number)[], message: string): Condition => {
    fail(at, message);
    return { any: [] };
  };
  const entries = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
  const [operator, operand] = entries[0] ?? [];
  if (entries.length !== 1 || operator === undefined || !OPERATORS.includes(operator))
    return refuse(path, `expected a condition: one of ${OPERATORS.join(', ')}`);
  const at = [...path, operator];
  switch (operator) {
    case 'all':
    case 'any': {
      if (!Array.isArray(operand)) return refuse(at, 'expected a list of conditions');
      const parts = operand.map((part, index) => parseCondition(part, [...at, index], fail));
      return operator === 'all' ? { all: parts } : { any: parts };
    }
    case 'not':
      return { not: parseCondition(operand, at, fail) };
    case 'fact':
      return typeof operand === 'string' && Object.hasOwn(FACTS, operand)
        ? { fact: operand as FactName }
        : refuse(at, `expected one of the facts ${Object.keys(FACTS).join(', ')}`);
    case 'preference':
      return (PREFERENCES as readonly unknown[]).includes(operand)
        ? { preference: operand as string }
        : refuse(at, `expected one of the preferences ${PREFERENCES.join(', ')}`);
    default:
      return typeof operand === 'string' ? { consent: operand } : refuse(at, 'expected the id of a consent');
  }
};

const ConditionShape = z
  .unknown()
  .transform((value, context) =>
    parseCondition(value, [], (path, message) => context.addIssue({ code: 'custom', path, message })),
  );

const text = z.string().trim().min(1);
const Category = z.enum(DATA_CATEGORIES);
const Country = z.string().refine((code) => COUNTRIES.has(code), 'expected an ISO 3166-1 alpha-2 country code');
const slug = z.string().regex(/^[a-z][a-z0-9-]*$/, 'expected lower-case words joined by dashes');

/** A list; everything but a list; or what a fact names, less a list. */
const Categories = z.union(
  [
    z.array(Category),
    z.strictObject({ except: z.array(Category) }),
    z.strictObject({ namedBy: z.literal('legalProcess'), except: z.array(Category) }),
  ],
  { error: 'expected a list of data categories, { except: [...] } or { namedBy: legalProcess, except: [...] }' },
);

const Reveal = z.strictObject({
  /** SELF, VISITOR, MEMBER, STAFF_<role> or a partner kind of this policy. */
  to: text,
  /** Left out: whatever the caller's purpose, also none. */
  purposes: z.array(slug).optional(),
  categories: Categories,
  when: ConditionShape.default(ALWAYS),
  /** Who is put on record: the caller, or the authority that the fact names. */
  recordedAs: z.enum(['CALLER', 'AUTHORITY']).default('CALLER'),
});

const Clause = z
  .strictObject({
    id: z.string().regex(/^[a-z][a-z-]*\.[a-z][a-z-]*$/, 'expected a clause id such as newsletters.opt-out'),
    section: text,
    summary: text,
    kind: z.array(z.enum(CLAUSE_KINDS)).min(1),
    /** NARROWED: stricter than the text. INFERRED: the text needs it without saying it. */
    reading: z.enum(READINGS),
    narrowing: text.optional(),
    /** Why the text needs it; a narrowed clause may rest on an inference as well. */
    inference: text.optional(),
    legalBasis: z.enum(LEGAL_BASES),
    /** ACCEPTED: holds toward people who accepted a version that contains it. CURRENT: holds toward everybody. */
    judgedUnder: z.enum(['ACCEPTED', 'CURRENT']).default('ACCEPTED'),
    /** Purposes of the company's own use, for the record. */
    ownUse: z.array(slug).default([]),
    reveals: z.array(Reveal).default([]),
    /** A clause of the same policy that says otherwise, and how we settle it. */
    conflict: z.strictObject({ with: text, settledBy: text }).optional(),
  })
  .refine((clause) => (clause.reading === 'NARROWED') === (clause.narrowing !== undefined), {
    path: ['narrowing'],
    message: 'expected one line why, on NARROWED clauses and only there',
  })
  .refine((clause) => (clause.inference === undefined ? clause.reading !== 'INFERRED' : clause.reading !== 'LITERAL'), {
    path: ['inference'],
    message: 'expected one line why, on INFERRED clauses and never on LITERAL ones',
  })
  .refine((clause) => clause.kind.includes('reveal') || clause.reveals.length === 0, {
    path: ['kind'],
    message: 'expected the kind reveal on a clause that reveals',
  });

const Purpose = z.strictObject({
  id: slug,
  description: text,
  /** CALLER: a token or a contract may name it. OWN: the company's own use, which no caller can claim. */
  use: z.enum(['CALLER', 'OWN']),
  /** Advertising or promotion: no service provider may hold a contract for it. */
  promotional: z.boolean().default(false),
  /** The W3C Data Privacy Vocabulary's term, e.g. `dpv:DirectMarketing`. */
  dpv: z.string().regex(/^dpv:[A-Za-z]+$/),
});

const PartnerKind = z.strictObject({
  id: z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'expected upper-case words joined by underscores'),
  description: text,
  /** Works on the company's behalf, and so never for a promotional purpose. */
  serviceProvider: z.boolean().default(false),
});

const Consent = z.strictObject({
  id: z.string().regex(/^[a-z][A-Za-z0-9]*$/, 'expected a camelCase id'),
  description: text,
  dpv: z.string().regex(/^dpv:[A-Za-z]+$/),
  /** EXPRESS: an act of its own. EXPLICIT_ACCEPTANCE: bundled into accepting, for residents of the transfer region. */
  givenBy: z.enum(['EXPRESS', 'EXPLICIT_ACCEPTANCE']),
});

const preferenceDefaults = Object.fromEntries(PREFERENCES.map((name) => [name, z.boolean()])) as Record<
  (typeof PREFERENCES)[number],
  z.ZodBoolean
>;

export const PolicyFile = z.strictObject({
  version: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'expected a version such as 2014-09-12'),
  title: text,
  publisher: text,
  /** Where people's data is held and processed. */
  processedIn: Country,
  /** Whole years: nobody younger may have an account. */
  minimumAge: z.number().int().min(0).max(21),
  /** How long what is held of a child stays sealed before it is deleted. */
  childDeletionHours: z.number().int().min(0).default(720),
  /** The fewest people that a statistic may speak of. */
  minimumCell: z.number().int().min(2),
  /** Within how many days the privacy officer answers a case. */
  privacyCaseDays: z.number().int().min(1).default(30),
  /** How long a succession stands announced before anything is revealed. */
  noticeHours: z.number().int().min(0),
  /** Where leaving needs consent. */
  transferRegion: z.strictObject({ name: text, countries: z.array(Country) }),
  defaults: z.strictObject({ preferences: z.strictObject(preferenceDefaults), autoPost: z.boolean() }),
  consents: z.array(Consent),
  purposes: z.array(Purpose),
  partnerKinds: z.array(PartnerKind),
  /** What every reveal to a partner needs on top of its clause. */
  partnerRequirements: ConditionShape,
  clauses: z.array(Clause).min(1),
});

export type Policy = z.output<typeof PolicyFile>;
export type Clause = Policy['clauses'][number];
export type Reveal = Clause['reveals'][number];
export type Purpose = Policy['purposes'][number];
