import { groupBy } from '../base/group-by.ts';
import { activeFor, asksForActive } from './active.ts';
import { type Clause, choicesOf, consentPeriodsOf, maskOfCategories, type Policy, type Reveal } from './clause.ts';
import {
  type CompiledCondition,
  type Condition,
  compileCondition,
  countingKindsOf,
  names,
  tiesIn,
} from './condition.ts';
import type { Measures, Situation } from './facts.ts';
import { type Forbidden, forbidsOf, permittedParts } from './forbids.ts';
import { spelledOut } from './guardians.ts';
import { heldTimes } from './held-times.ts';
import { legalProcessFact } from './known-facts.ts';
import type { CountingKinds } from './process-kinds.ts';
import { type Retention, retentionOf } from './retention.ts';
import { satisfiableToward } from './satisfiable.ts';
import { unionOf } from './vocabularies.ts';
import {
  type Category,
  type CategoryMask,
  categoriesIn,
  categoryNamed,
  isFirstParty,
  type Vocabulary,
} from './vocabulary.ts';

/** One line of the decision table: a clause that reveals some categories to one audience under a condition. */
export interface Ruling {
  readonly clause: Clause;
  readonly version: string;
  readonly measures: Measures;
  readonly audience: string;
  /** Null: for every purpose of the caller. */
  readonly purposes: ReadonlySet<string> | null;
  /** All it could reveal. */
  readonly mask: CategoryMask;
  /** The categories that it reveals in one situation; a fact may name them. */
  readonly maskIn: (situation: Situation) => CategoryMask;
  /** If a fact names the categories: the ones it may name; it must name at least one. */
  readonly named: readonly string[] | undefined;
  readonly condition: CompiledCondition;
  /** The ties that it asks for. */
  readonly ties: ReadonlySet<string>;
  readonly recordedAs: Reveal['recordedAs'];
  /** The kinds of legal process that it rests on, if any. */
  readonly processKinds: CountingKinds;
  /** Whether it asks for an order that the recipient settles. */
  readonly forOrder: boolean;
  /** Whether the clause names the categories that it needs. Otherwise it reveals all data that is held. */
  readonly needsCategories: boolean;
}

/** All versions of a policy, compiled for decisions. */
export interface DecisionTable {
  readonly current: Policy;
  /** The words of all versions. */
  readonly vocabulary: Vocabulary;
  /** In the order of their posting. */
  readonly policies: ReadonlyMap<string, Policy>;
  /** When each version was posted, as far as that is on record. */
  readonly postedAt: ReadonlyMap<string, Date>;
  /** The next current version, once its time of announcement is over; null if none is announced. */
  readonly next: NextTable | null;
  /** By audience: rulings of the current version that hold toward everybody. */
  readonly standing: ReadonlyMap<string, readonly Ruling[]>;
  /**
   * The same rulings by the version that a person accepted, if a version forbids more than the current one. Then no
   * standing ruling holds toward people without a known version on record. Null if no version forbids more.
   */
  readonly standingUnder: ReadonlyMap<string, ReadonlyMap<string, readonly Ruling[]>> | null;
  /** By the version a person accepted, then by audience. */
  readonly accepted: ReadonlyMap<string, ReadonlyMap<string, readonly Ruling[]>>;
  /** By audience: every ruling of every version that can hold toward somebody. */
  readonly all: ReadonlyMap<string, readonly Ruling[]>;
  /** Whether a condition of any version asks for an age: then dates of birth are among the facts. */
  readonly asksAge: boolean;
  /** The categories in `held` conditions of any version. */
  readonly asksHeld: readonly Category[];
  /** The purposes in `restriction` conditions of any version. */
  readonly asksRestrictions: readonly string[];
  /** The retention times of data, under all versions. */
  readonly retention: Retention;
  /** Purposes that a token or a contract may name, in any version. */
  readonly callerPurposes: ReadonlySet<string>;
}

/** The table that holds after another one. */
interface NextTable {
  readonly from: Date;
  readonly table: () => DecisionTable;
}

/** The numbers and lists of a policy that facts are compared with. */
export const measuresOf = (policy: Policy): Measures => ({
  noticeHours: policy.noticeHours,
  transferRegion: new Set(policy.transferRegion.countries),
  regions: new Map(policy.regions.map(({ id, countries }) => [id, new Set(countries)])),
  consentPeriods: consentPeriodsOf(policy),
  heldTimes: heldTimes(choicesOf([policy]).held, policy, [policy]),
});

/** The numbers and lists of a version among all versions. */
type MeasuresAmong = (policy: Policy) => Measures;

/** The times of the current version count besides the times of the version that a person accepted. */
function measuresAmong(current: Policy, policies: readonly Policy[]): MeasuresAmong {
  const times = heldTimes(choicesOf(policies).held, current, policies);
  return (policy) => ({ ...measuresOf(policy), heldTimes: times });
}

/**
 * The condition that a policy writes for a reveal, with the consents of guardians spelled out. A reveal to a partner
 * also needs the requirements for all partners.
 */
export const writtenCondition = (policy: Policy, { to, when }: Reveal): Condition =>
  spelledOut(policy, isFirstParty(to) ? when : { all: [policy.partnerRequirements, when] });

/** The whole condition of a reveal: the written one, and an active person, unless it already asks for that. */
export function conditionOf(policy: Policy, reveal: Reveal): Condition {
  const written = writtenCondition(policy, reveal);
  const active = activeFor(policy.vocabulary, reveal.to);
  if (active === null) return written;
  const measures = measuresOf(policy);
  // a condition that nobody can fulfil implies everything, an active person too
  const asks = asksForActive(policy.vocabulary, reveal.to, written, measures);
  return asks && satisfiableToward(reveal.to, written, measures) ? written : { all: [active, written] };
}

function rulingOf(policy: Policy, measures: Measures, clause: Clause, reveal: Reveal): Ruling {
  const mask = maskOfCategories(policy, reveal);
  const processKinds = countingKindsOf(reveal.when);
  const source = 'namedBy' in reveal.categories ? legalProcessFact(processKinds).categories : undefined;
  return {
    clause,
    version: policy.version,
    measures,
    audience: reveal.to,
    purposes: reveal.purposes ? new Set(reveal.purposes) : null,
    mask,
    maskIn: source ? (situation) => mask & source(situation) : () => mask,
    named: source ? categoriesIn(policy.vocabulary, mask) : undefined,
    condition: compileCondition(conditionOf(policy, reveal)),
    ties: tiesIn(reveal.when),
    recordedAs: reveal.recordedAs,
    processKinds,
    forOrder: names(reveal.when, { fact: 'orderWithRecipient' }),
    needsCategories: Array.isArray(reveal.categories),
  };
}

const rulingsOf = (policy: Policy, measuresIn: MeasuresAmong, forbids: readonly Forbidden[]): Ruling[] => {
  const measures = measuresIn(policy);
  return policy.clauses.flatMap((clause) =>
    clause.reveals
      .flatMap((reveal) => permittedParts(policy, reveal, forbids))
      .map((reveal) => rulingOf(policy, measures, clause, reveal)),
  );
};

const holdsTowardEverybody = ({ clause }: Ruling) => clause.judgedUnder === 'CURRENT';

/**
 * The rulings of the current version for people under each version: a version that forbids more keeps these people from
 * being shown more than they accepted. Null if no version forbids more than the current one.
 */
function standingUnderVersions(
  current: Policy,
  policies: readonly Policy[],
  measuresIn: MeasuresAmong,
): DecisionTable['standingUnder'] {
  const known = new Set(asMeasured(current, measuresIn).map(wordingOfForbidden));
  const forbidsBesides = (policy: Policy) =>
    asMeasured(policy, measuresIn).filter((forbid) => !known.has(wordingOfForbidden(forbid)));
  if (policies.every((policy) => forbidsBesides(policy).length === 0)) return null;
  return new Map(
    policies.map((policy) => [
      policy.version,
      byAudience(
        rulingsOf(current, measuresIn, [...forbidsOf(current), ...forbidsBesides(policy)]).filter(holdsTowardEverybody),
      ),
    ]),
  );
}

/** The forbids of a version with its own numbers, regions and guardians, for the reveals of another version. */
function asMeasured(policy: Policy, measuresIn: MeasuresAmong): Forbidden[] {
  const by = measuresIn(policy);
  return forbidsOf(policy).map(({ when, ...forbid }) => ({
    ...forbid,
    when: when && { measured: spelledOut(policy, when), by },
  }));
}

const wordingOfForbidden = ({ mask, ...forbid }: Forbidden) =>
  `${mask} ${JSON.stringify(forbid, (_, value) => (value instanceof Set || value instanceof Map ? [...value] : value))}`;

const byAudience = (rulings: readonly Ruling[]) => groupBy(rulings, ({ audience }) => audience);

/**
 * Turns policies into the table behind all decisions.
 *
 * @param policies  every version that a person may have accepted
 * @param currentVersion  the version in force for standing rulings and for new registrations
 * @param postedAt  the time of posting of each version
 * @throws {Error} if `currentVersion` is not among them
 */
export function compile(
  policies: readonly Policy[],
  currentVersion: string,
  postedAt: ReadonlyMap<string, Date> = new Map(),
): DecisionTable {
  const current = policies.find(({ version }) => version === currentVersion);
  if (!current) throw new Error(`The policy version ${currentVersion} is not among those given.`);
  const measuresIn = measuresAmong(current, policies);
  const choices = choicesOf(policies);
  const rulings = policies.map(
    (policy) =>
      [
        policy,
        rulingsOf(
          policy,
          measuresIn,
          policy === current ? forbidsOf(policy) : [...forbidsOf(policy), ...asMeasured(current, measuresIn)],
        ),
      ] as const,
  );
  const everything = rulings
    .flatMap(([, ofPolicy]) => ofPolicy)
    .filter(({ version, clause }) => version === currentVersion || clause.judgedUnder === 'ACCEPTED');
  const vocabulary = unionOf(current, policies);
  const byVersion = new Map(policies.map((policy) => [policy.version, policy]));
  return {
    current,
    vocabulary,
    policies: byVersion,
    retention: retentionOf(current, byVersion, vocabulary),
    postedAt,
    next: null,
    standing: byAudience(everything.filter(holdsTowardEverybody)),
    standingUnder: standingUnderVersions(current, policies, measuresIn),
    accepted: new Map(
      rulings.map(([{ version }, ofPolicy]) => [
        version,
        byAudience(ofPolicy.filter(({ clause }) => clause.judgedUnder === 'ACCEPTED')),
      ]),
    ),
    all: byAudience(everything),
    asksAge: choices.ages.length > 0,
    asksRestrictions: choices.restrictions,
    asksHeld: choices.held.flatMap((id) => categoryNamed(vocabulary, id) ?? []),
    callerPurposes: new Set(
      policies.flatMap(({ purposes }) => purposes.filter(({ use }) => use === 'CALLER').map(({ id }) => id)),
    ),
  };
}
