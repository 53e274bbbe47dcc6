import { isRecord } from '../base/records.ts';
import { duplicates, type Fault, isText, type Loose, listOf, mapOf } from './file-parts.ts';
import { ANYBODY } from './forbids.ts';
import { canBeHeld } from './held-times.ts';
import { type ConditionLeaf, factOf, isLeafName, type LeafName, leafFault } from './leaf.ts';
import { COMMON_PROCESS_KINDS } from './process-kinds.ts';
import {
  CLAUSE_KINDS,
  categoryNamed,
  categoryWith,
  firstPartyAudiences,
  idsOf,
  isFirstParty,
  READINGS,
  type Vocabulary,
} from './vocabulary.ts';
import { expected, expectedOneOf } from './wording.ts';
import type { Path } from './yaml-source.ts';

/** The parts of a list that have an id; null if there is no list. */
const definedIn = (list: unknown): ReadonlyMap<string, Loose> | null =>
  Array.isArray(list)
    ? new Map(list.map(mapOf).flatMap((item) => (isText(item.id) ? [[item.id, item] as const] : [])))
    : null;

const LISTS_WITH_IDS = [
  'clauses',
  'purposes',
  'partnerKinds',
  'consents',
  'regions',
  'recipientAttributes',
  'processKinds',
];

interface Names {
  readonly clauses: ReadonlyMap<string, Loose> | null;
  readonly purposes: ReadonlyMap<string, Loose> | null;
  readonly kinds: ReadonlyMap<string, Loose> | null;
  readonly consents: ReadonlyMap<string, Loose> | null;
  readonly regions: ReadonlyMap<string, Loose> | null;
  readonly attributes: ReadonlyMap<string, Loose> | null;
  readonly processKinds: ReadonlyMap<string, Loose> | null;
  /** Null if the vocabulary can't be read. */
  readonly vocabulary: Vocabulary | null;
}

/**
 * Faults that a shape can't find, such as undefined names and keys that do not fit each other.
 *
 * @param defaults  the preferences at registration, from the vocabulary
 */
export function* misfits(
  source: unknown,
  vocabulary: Vocabulary | null,
  defaults: Readonly<Record<string, boolean>>,
): Generator<Fault> {
  const file = mapOf(source);
  const names = {
    clauses: definedIn(file.clauses),
    purposes: definedIn(file.purposes),
    kinds: definedIn(file.partnerKinds),
    consents: definedIn(file.consents),
    regions: definedIn(file.regions ?? []),
    attributes: definedIn(file.recipientAttributes ?? []),
    processKinds: definedIn(file.processKinds ?? COMMON_PROCESS_KINDS),
    vocabulary,
  };
  for (const key of LISTS_WITH_IDS) yield* duplicates(listOf(file[key]), key);
  yield* misfitsOfDefaults(names, file.defaults, defaults);
  yield* misfitsOfConsents(names, listOf(file.consents));
  yield* misfitsOfCondition(names, file.partnerRequirements, ['partnerRequirements'], { to: 'partners' });
  for (const id of names.kinds?.keys() ?? [])
    if (isFirstParty(id))
      yield {
        path: ['partnerKinds', listOf(file.partnerKinds).findIndex((kind) => mapOf(kind).id === id), 'id'],
        message: `expected a partner kind; ${id} is one of our own callers`,
      };
  for (const [index, clause] of listOf(file.clauses).entries())
    yield* misfitsOfClause(names, mapOf(clause), ['clauses', index]);
}

/** Acceptance can't give a consent for a single recipient, a consent that ends by itself, or a guardian's consent. */
function* misfitsOfConsents(names: Names, consents: readonly unknown[]): Generator<Fault> {
  for (const [index, consent] of consents.entries()) {
    const { givenBy, per, endsAfterDays, under } = mapOf(consent);
    if (givenBy === 'EXPLICIT_ACCEPTANCE' && [per, endsAfterDays, under].some((key) => key !== undefined))
      yield {
        path: ['consents', index, 'givenBy'],
        message:
          'expected EXPRESS for a consent that is given for each recipient, that ends by itself, or that a guardian gives',
      };
    if (isRecord(under)) yield* misfitsOfUnder(names, mapOf(under), ['consents', index, 'under']);
  }
}

/** A guardian holds a one-way tie: a symmetric tie does not tell the guardian from the child. */
function* misfitsOfUnder({ vocabulary }: Names, { by }: Loose, path: Path): Generator<Fault> {
  if (!vocabulary) return;
  const right = idsOf(vocabulary.ties.filter(({ symmetric }) => !symmetric));
  if (isText(by) && !right.includes(by))
    yield {
      path: [...path, 'by'],
      message: right.length > 0 ? expectedOneOf(ONE_WAY_TIE, 'one of the ties ', by, right) : NO_TIES,
    };
  if (!categoryWith(vocabulary, 'birthDate')) yield { path: [...path, 'age'], message: NO_BIRTH_DATE };
}

const ONE_WAY_TIE = 'a tie that one person holds to another';
const NO_BIRTH_DATE = 'expected a category with the role birthDate in the vocabulary, from which an age follows';

function* misfitsOfClause(names: Names, clause: Loose, path: Path): Generator<Fault> {
  const { reading, narrowing, inference } = clause;
  const isKnown = (READINGS as readonly unknown[]).includes(reading);
  if (isKnown && (reading === 'NARROWED') !== (narrowing !== undefined))
    yield { path: [...path, 'narrowing'], message: 'expected one line why, on NARROWED clauses and only there' };
  if (inference === undefined ? reading === 'INFERRED' : reading === 'LITERAL')
    yield {
      path: [...path, 'inference'],
      message: 'expected one line why, on INFERRED clauses and never on LITERAL ones',
    };
  const kinds = listOf(clause.kind);
  const areKnown = kinds.length > 0 && kinds.every((kind) => (CLAUSE_KINDS as readonly unknown[]).includes(kind));
  if (areKnown && !kinds.includes('reveal') && listOf(clause.reveals).length > 0)
    yield { path: [...path, 'kind'], message: 'expected the kind reveal on a clause that reveals' };
  const against = mapOf(clause.conflict).with;
  if (isText(against) && names.clauses?.has(against) === false)
    yield {
      path: [...path, 'conflict', 'with'],
      message: expected('the id of a clause of this policy', against, names.clauses.keys()),
    };
  for (const [index, id] of listOf(clause.ownUse).entries())
    yield* misfitsOfPurpose(names, id, 'OWN', [...path, 'ownUse', index]);
  if (areKnown && !kinds.includes('limit') && listOf(clause.forbids).length > 0)
    yield { path: [...path, 'kind'], message: 'expected the kind limit on a clause that forbids' };
  for (const [index, forbid] of listOf(clause.forbids).entries())
    yield* misfitsOfForbid(names, mapOf(forbid), [...path, 'forbids', index]);
  if (areKnown && clause.keeps !== undefined && !kinds.some((kind) => KEEPING_KINDS.includes(kind as string)))
    yield { path: [...path, 'kind'], message: 'expected the kind limit or duty on a clause that keeps for a time' };
  yield* misfitsOfKeeps(names, clause.keeps, [...path, 'keeps']);
  for (const [index, reveal] of listOf(clause.reveals).entries())
    yield* misfitsOfReveal(names, mapOf(reveal), [...path, 'reveals', index]);
}

/** Clauses of these kinds can promise a retention time. */
const KEEPING_KINDS = ['limit', 'duty'];

function* misfitsOfKeeps(names: Names, keeps: unknown, path: Path): Generator<Fault> {
  yield* misfitsOfCategories(names, keeps, path);
  for (const [index, id] of listOf(keeps).entries()) {
    const category = names.vocabulary && isText(id) ? categoryNamed(names.vocabulary, id) : undefined;
    if (category && !category.keep)
      yield { path: [...path, index], message: `expected a category with a keep in the vocabulary; ${id} has none` };
  }
}

function* misfitsOfPurpose({ purposes }: Names, id: unknown, use: string, path: Path): Generator<Fault> {
  const message = isText(id) ? misfitOfPurpose(purposes, id, use) : null;
  if (message !== null) yield { path, message };
}

function misfitOfPurpose(purposes: Names['purposes'], id: string, use: string): string | null {
  if (!purposes || purposes.get(id)?.use === use) return null;
  const right = [...purposes].filter(([, purpose]) => purpose.use === use).map(([name]) => name);
  return expected(`a purpose with use: ${use}`, id, right);
}

function* misfitsOfDefaults(
  { vocabulary }: Names,
  stated: unknown,
  defaults: Readonly<Record<string, boolean>>,
): Generator<Fault> {
  const known = vocabulary && idsOf(vocabulary.preferences);
  const { preferences = {} } = mapOf(stated);
  for (const name of known ?? [])
    if (isRecord(stated) && isRecord(preferences) && !(name in preferences) && !(name in defaults))
      yield { path: ['defaults', 'preferences', name], message: 'is missing; expected true or false' };
  for (const name of Object.keys(mapOf(preferences)))
    if (known?.includes(name) === false)
      yield {
        path: ['defaults', 'preferences', name],
        message: expectedOneOf('a preference', 'one of the preferences ', name, known),
      };
}

function* misfitsOfCategories({ vocabulary }: Names, list: unknown, path: Path): Generator<Fault> {
  const known = vocabulary && idsOf(vocabulary.categories);
  for (const [index, category] of listOf(list).entries())
    if (isText(category) && known?.includes(category) === false)
      yield {
        path: [...path, index],
        message: expectedOneOf('a data category', 'one of the data categories ', category, known),
      };
}

function* misfitsOfForbid(names: Names, forbid: Loose, path: Path): Generator<Fault> {
  const { to, purposes, categories, when } = forbid;
  if (to !== ANYBODY) yield* misfitsOfAudience(names, to, [ANYBODY], [...path, 'to']);
  for (const [index, id] of listOf(purposes).entries())
    yield* misfitsOfPurpose(names, id, 'CALLER', [...path, 'purposes', index]);
  if (mapOf(categories).namedBy !== undefined)
    yield { path: [...path, 'categories', 'namedBy'], message: 'expected no such key on a clause that forbids' };
  yield* misfitsOfList(names, categories, [...path, 'categories']);
  // data that a condition forbids is shown if the condition fails
  if (when !== undefined)
    yield* misfitsOfCondition(names, when, [...path, 'when'], { to, forbids: true, negated: true });
}

function* misfitsOfAudience(names: Names, to: unknown, others: readonly string[], path: Path): Generator<Fault> {
  const own = names.vocabulary && firstPartyAudiences(names.vocabulary);
  if (!isText(to) || !names.kinds || !own || names.kinds.has(to) || own.includes(to)) return;
  const right = [...own, ...names.kinds.keys(), ...others];
  yield { path, message: expectedOneOf('an audience', 'one of ', to, right) };
}

function* misfitsOfList(names: Names, categories: unknown, path: Path): Generator<Fault> {
  yield* Array.isArray(categories)
    ? misfitsOfCategories(names, categories, path)
    : misfitsOfCategories(names, mapOf(categories).except, [...path, 'except']);
}

function* misfitsOfReveal(names: Names, reveal: Loose, path: Path): Generator<Fault> {
  const { to, purposes, categories, when, recordedAs } = reveal;
  const kind = isText(to) ? names.kinds?.get(to) : undefined;
  yield* misfitsOfAudience(names, to, [], [...path, 'to']);
  yield* misfitsOfList(names, categories, [...path, 'categories']);
  if (kind && purposes === undefined) yield { path, message: 'expected the purposes for which a partner may see this' };
  for (const [index, id] of listOf(purposes).entries()) {
    yield* misfitsOfPurpose(names, id, 'CALLER', [...path, 'purposes', index]);
    if (isText(id) && names.purposes?.get(id)?.promotional === true && kind?.serviceProvider === true)
      yield {
        path: [...path, 'purposes', index],
        message: `${id} is promotional, which no service provider may serve`,
      };
  }
  if (when !== undefined) yield* misfitsOfCondition(names, when, [...path, 'when'], { to });
  if (mapOf(categories).namedBy !== undefined || recordedAs === 'AUTHORITY')
    yield* misfitsOfProcesses(when, [...path, 'when']);
}

const AMONG_ALL = 'expected one condition of this sort, among those that all have to hold: only its processes count';

/** A reveal that takes categories or an authority from legal processes must say which processes count. */
function* misfitsOfProcesses(when: unknown, path: Path): Generator<Fault> {
  const placed = [...processLeaves(when, path, true)];
  for (const [index, { path: at, isConjunct }] of placed.entries())
    if (!isConjunct || index > 0) yield { path: at, message: AMONG_ALL };
}

function* processLeaves(
  condition: unknown,
  path: Path,
  isConjunct: boolean,
): Generator<{ readonly path: Path; readonly isConjunct: boolean }> {
  for (const [operator, operand] of Object.entries(mapOf(condition))) {
    const at = [...path, operator];
    if (operator === 'process') yield { path: at, isConjunct };
    else if (operator === 'not') yield* processLeaves(operand, at, false);
    else if (operator === 'all' || operator === 'any')
      for (const [index, part] of listOf(operand).entries())
        yield* processLeaves(part, [...at, index], isConjunct && operator === 'all');
  }
}

/** The place of a condition. */
interface Standing {
  /** The audience of the condition. */
  readonly to: unknown;
  /** Whether it is the condition of a clause that forbids. */
  readonly forbids?: boolean;
  /** Whether it stands under an odd number of negations. */
  readonly negated?: boolean;
}

function* misfitsOfCondition(names: Names, condition: unknown, path: Path, standing: Standing): Generator<Fault> {
  const { negated = false } = standing;
  const [[operator, operand] = ['', undefined], ...more] = Object.entries(mapOf(condition));
  if (more.length > 0) return;
  const at = [...path, operator];
  if (operator === 'not') yield* misfitsOfCondition(names, operand, at, { ...standing, negated: !negated });
  if (operator === 'all' || operator === 'any')
    for (const [index, part] of listOf(operand).entries())
      yield* misfitsOfCondition(names, part, [...at, index], standing);
  if (!isLeafName(operator) || leafFault(operator, operand) !== null) return;
  const misplaced = operator === 'tie' ? misfitOfTie(operand as string, standing) : null;
  const fault = misfitOfLeaf(names, operator, operand) ?? misplaced;
  if (fault !== null) yield { path: at, message: fault };
  else if (negated && factOf({ [operator]: operand } as ConditionLeaf).filter(NOBODY, false) === undefined)
    yield {
      path: at,
      message: `the ${isText(operand) ? `${operator} ${operand}` : operator} can't be negated: no index finds people without a list element`,
    };
}

/** The fault of the name in a leaf; null if the name is defined. */
function misfitOfLeaf(names: Names, leaf: LeafName, name: unknown): string | null {
  const { consents, purposes, regions, attributes, processKinds, vocabulary } = names;
  const among = (known: ReadonlyMap<string, Loose> | null, what: string) =>
    known?.has(name as string) === false ? expected(what, name, known.keys()) : null;
  switch (leaf) {
    case 'consent':
    case 'recipientConsent':
      return among(consents, 'a consent that the policy defines') ?? misfitOfConsent(consents, leaf, name as string);
    case 'resides':
    case 'recipientIn':
      return among(regions, 'a region that the policy defines');
    case 'recipient':
      return among(attributes, 'an attribute of recipients that the policy defines');
    case 'process': {
      const unknown = listOf(mapOf(name).kind).find((kind) => processKinds?.has(kind as string) === false);
      return unknown === undefined
        ? null
        : expected('a kind of legal process that the policy defines', unknown, processKinds?.keys());
    }
    case 'restriction':
      return misfitOfPurpose(purposes, name as string, 'CALLER');
    case 'age':
      return vocabulary && !categoryWith(vocabulary, 'birthDate') ? NO_BIRTH_DATE : null;
    case 'held': {
      const category = vocabulary && categoryNamed(vocabulary, name as string);
      if (!vocabulary || (category && canBeHeld(category))) return null;
      const right = idsOf(vocabulary.categories.filter(canBeHeld));
      return expectedOneOf(
        'a category with a value of its own',
        'one of the categories with a value of their own ',
        name,
        right,
      );
    }
    case 'preference': {
      const preferences = vocabulary && idsOf(vocabulary.preferences);
      return preferences?.includes(name as string) === false
        ? expectedOneOf('a preference', 'one of the preferences ', name, preferences)
        : null;
    }
    case 'tie': {
      const ties = vocabulary && idsOf(vocabulary.ties);
      if (ties?.includes(name as string) !== false) return null;
      return ties.length > 0 ? expectedOneOf('a tie', 'one of the ties ', name, ties) : NO_TIES;
    }
    case 'fact':
      return null;
  }
}

const NO_TIES = 'expected no tie: the vocabulary has none';

/** The fault of a tie in this place; null if a condition can ask for it here. */
function misfitOfTie(tie: string, { to, forbids, negated }: Standing): string | null {
  if (forbids) return `the tie ${tie} can't forbid anything: it stands in the conditions of reveals alone`;
  if (negated) return `the tie ${tie} can't be negated: no index finds people without a tie`;
  return isText(to) && to !== 'MEMBER' ? `the tie ${tie} can't be asked of ${to}: members alone have ties` : null;
}

/** Consents for single recipients and consents for all recipients have different leaves. */
function misfitOfConsent(consents: Names['consents'], leaf: 'consent' | 'recipientConsent', id: string): string | null {
  const consent = consents?.get(id);
  const right = consent?.per === 'RECIPIENT' ? 'recipientConsent' : 'consent';
  return consent === undefined || leaf === right ? null : `expected { ${right}: ${id} }, as the consent is given`;
}

const NOBODY = {
  ...{ facts: {}, recipient: null, now: new Date(0) },
  measures: { noticeHours: 0, transferRegion: new Set<string>(), regions: new Map(), consentPeriods: new Map() },
};
