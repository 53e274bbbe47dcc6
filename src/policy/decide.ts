import { groupBy } from '../base/group-by.ts';
import type { DecisionTable, Ruling } from './compile.ts';
import { besides } from './condition.ts';
import { RANK } from './fact.ts';
import type { Facts, Recipient, Situation } from './facts.ts';
import { and, exactly, type Filter, or, wordingOf } from './filter.ts';
import { INVENTED } from './known-facts.ts';
import { equals, oneOf } from './predicate.ts';
import type { Retention } from './retention.ts';
import {
  bitOf,
  type CategoryMask,
  type DataCategory,
  type DenialReason,
  EVERY_CATEGORY,
  isFirstParty,
  isIn,
  NO_CATEGORIES,
  type Vocabulary,
} from './vocabulary.ts';

/** The caller, as a decision sees it. */
export interface Audience {
  /** SELF, VISITOR, MEMBER, STAFF_<role> or a partner kind. */
  readonly name: string;
  readonly purpose: string | null;
  /** The partner that asks; null for everybody else. */
  readonly recipient: Recipient | null;
  /** The categories of the token's scope; every category if the token has no scope. */
  readonly scope: CategoryMask;
}

/** A ruling that held, and the categories that it revealed. */
export interface Ground {
  readonly ruling: Ruling;
  readonly mask: CategoryMask;
}

/** The categories of a person that a caller may see now. An empty mask: the person does not exist for this caller. */
export interface Decision {
  readonly mask: CategoryMask;
  readonly grounds: readonly Ground[];
}

const ONLY_INVENTED = exactly('invented', equals(true), RANK.RARE);

export const NOTHING: Decision = Object.freeze({ mask: NO_CATEGORIES, grounds: [] });

export const reveals = (decision: Decision, category: DataCategory) => isIn(decision.mask, category);

/** The access of one audience at one instant. Everything about the caller is settled before the first person. */
export interface Access {
  readonly audience: Audience;
  /** The words of all versions of the policy. */
  readonly vocabulary: Vocabulary;
  readonly now: Date;
  /** The retention times of data. */
  readonly retention: Retention;
  /** The client id of a partner that settles orders, under any version of the policy; null for everybody else. */
  readonly processor: string | null;
  /** Every category that some person's facts could make visible. */
  readonly reach: CategoryMask;
  /** The ties that decisions ask for, under any version of the policy. */
  readonly ties: readonly string[];
  readonly decide: (facts: Facts) => Decision;
  /** The rulings of the person's version for this audience, for every purpose, contract and scope. */
  readonly candidates: (facts: Facts) => readonly Ruling[];
  /** The candidates that this caller's purpose, contract and scope allow. */
  readonly weighed: (facts: Facts) => readonly Ruling[];
  /** The reason for the denial of a category. It depends on the caller alone. */
  readonly reasonFor: (category: DataCategory) => DenialReason;
  /** The reason if this caller can see nothing of anyone; else null. */
  readonly refusal: () => DenialReason | null;
  /** The people that exist for this caller. */
  readonly filter: () => Filter;
}

/** A person's facts as if the caller held every tie that decisions of this audience ask for. */
export const withEveryTie = ({ ties }: Pick<Access, 'ties'>, facts: Facts): Facts =>
  ties.length === 0 ? facts : { ...facts, ties: Object.fromEntries(ties.map((tie) => [tie, true])) };

/** Half-open: in force while `from <= now < until`; never for a suspended partner. */
export const contractInForce = ({ active, contract }: Recipient, now: Date) =>
  active &&
  contract !== null &&
  (contract.from === null || contract.from <= now) &&
  (contract.until === null || now < contract.until);

const serves = (ruling: Ruling, purpose: string | null) =>
  ruling.purposes === null || (purpose !== null && ruling.purposes.has(purpose));

const NO_RULINGS: readonly Ruling[] = [];

type ReadRulings = (rulings: readonly Ruling[] | undefined) => readonly Ruling[];

const asTheyAre: ReadRulings = (rulings = NO_RULINGS) => rulings;

/** Adds to each ruling that the person is invented; the same ruling always gives the same result. */
function forInventedAlone(): ReadRulings {
  const narrowed = new Map<Ruling, Ruling>();
  const narrow = (ruling: Ruling): Ruling => {
    const known = narrowed.get(ruling) ?? { ...ruling, condition: besides(INVENTED, ruling.condition) };
    narrowed.set(ruling, known);
    return known;
  };
  return (rulings = NO_RULINGS) => rulings.map(narrow);
}

/**
 * Settles every part of a decision that depends on the caller alone.
 *
 * @param table  every version of the policy, compiled
 * @param now  the instant for which every answer holds
 */
export function createAccess(table: DecisionTable, audience: Audience, now: Date): Access {
  const { name, purpose, recipient, scope } = audience;
  const contracted =
    recipient === null
      ? isFirstParty(name)
      : recipient.kind === name &&
        contractInForce(recipient, now) &&
        recipient.contract?.purposes.includes(purpose ?? '') === true;
  const isTrial = recipient?.contract?.mode === 'TEST';
  const read = isTrial ? forInventedAlone() : asTheyAre;
  const applicable = (rulings: readonly Ruling[] | undefined) =>
    contracted
      ? read(rulings).filter((ruling) => serves(ruling, purpose) && (ruling.mask & scope) !== NO_CATEGORIES)
      : NO_RULINGS;

  const all = table.all.get(name) ?? NO_RULINGS;
  const reach = applicable(all).reduce((mask, ruling) => mask | ruling.mask, NO_CATEGORIES) & scope;
  const standing = applicable(table.standing.get(name));
  const byVersion = new Map(
    [...table.accepted].map(([version, audiences]) => [version, applicable(audiences.get(name))]),
  );
  /** If the forbids of a person's version are unknown, only the person sees their data. */
  const isOpen = table.standingUnder === null || name === 'SELF';
  const standingOf = (version: string) => table.standingUnder?.get(version)?.get(name);
  const together = new Map(
    [...byVersion].map(([version, rulings]) => [
      version,
      [...(table.standingUnder ? applicable(standingOf(version)) : standing), ...rulings],
    ]),
  );

  const weighed = ({ acceptedVersion }: Facts) =>
    together.get(acceptedVersion as string) ?? (isOpen ? standing : NO_RULINGS);
  const candidates = ({ acceptedVersion }: Facts) => [
    ...read(isOpen ? table.standing.get(name) : standingOf(acceptedVersion as string)),
    ...read(table.accepted.get(acceptedVersion as string)?.get(name)),
  ];
  const situationOf = (facts: Facts, { measures }: Ruling): Situation => ({ facts, recipient, now, measures });

  const decide = (facts: Facts): Decision => {
    const grounds: Ground[] = [];
    let mask = NO_CATEGORIES;
    for (const ruling of weighed(facts)) {
      const situation = situationOf(facts, ruling);
      if (ruling.condition.test(situation) !== true) continue;
      const granted = ruling.maskIn(situation) & scope;
      if (granted === NO_CATEGORIES) continue;
      grounds.push({ ruling, mask: granted });
      mask |= granted;
    }
    return mask === NO_CATEGORIES ? NOTHING : { mask, grounds };
  };

  const reasonWithin = (wanted: CategoryMask): DenialReason => {
    const lines = all.filter((ruling) => (ruling.mask & wanted) !== NO_CATEGORIES);
    if (lines.length === 0) return 'NO_CLAUSE';
    if (!lines.some((ruling) => serves(ruling, purpose))) return 'WRONG_PURPOSE';
    if (recipient !== null) {
      if (recipient.contract && !recipient.contract.purposes.includes(purpose ?? '')) return 'WRONG_PURPOSE';
      if (!contractInForce(recipient, now)) return 'CONTRACT_NOT_IN_FORCE';
    }
    const inScope = lines.some((ruling) => serves(ruling, purpose) && (ruling.mask & wanted & scope) !== NO_CATEGORIES);
    return inScope ? 'NOT_PERMITTED' : 'MISSING_SCOPE';
  };

  const reasons = new Map<DataCategory, DenialReason>();
  const reasonFor = (category: DataCategory): DenialReason => {
    const reason = reasons.get(category) ?? reasonWithin(bitOf(category));
    reasons.set(category, reason);
    return reason;
  };

  return {
    audience,
    vocabulary: table.vocabulary,
    now,
    retention: table.retention,
    processor: recipient !== null && all.some(({ forOrder }) => forOrder) ? recipient.clientId : null,
    reach,
    ties: [...new Set(applicable(all).flatMap(({ ties }) => [...ties]))],
    decide,
    candidates,
    weighed,
    reasonFor,
    refusal: () => (reach === NO_CATEGORIES ? reasonWithin(EVERY_CATEGORY) : null),
    filter: () => {
      const filter = filterOf(isOpen ? standing : NO_RULINGS, isOpen ? byVersion : together, (ruling) => {
        const named = ruling.named?.filter((category) => isIn(scope, category));
        return ruling.condition.filter(situationOf({}, ruling), true, named);
      });
      // this condition holds for all rulings, so that its index is used
      return isTrial ? and([ONLY_INVENTED, filter]) : filter;
    },
  };
}

/** Versions with the same filter share one look-up. Standing rulings do not ask for a version. */
function filterOf(
  standing: readonly Ruling[],
  byVersion: ReadonlyMap<string, readonly Ruling[]>,
  filterOfRuling: (ruling: Ruling) => Filter,
): Filter {
  const conditions = [...byVersion].map(([version, rulings]) => ({ version, filter: or(rulings.map(filterOfRuling)) }));
  const alike = [...groupBy(conditions, ({ filter }) => wordingOf(filter)).values()].map((group) => {
    const accepted = oneOf(new Set(group.map(({ version }) => version)));
    return and([group[0]?.filter ?? false, exactly('acceptedVersion', accepted, RANK.VERSION)]);
  });
  return or([...standing.map(filterOfRuling), ...alike]);
}
