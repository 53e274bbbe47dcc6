import { dateEverywhere, latestBirth } from '../base/birthdays.ts';
import { HOUR } from '../base/durations.ts';
import { isRecord, recordsIn } from '../base/records.ts';
import { COUNTRIES } from './countries.ts';
import { callerFact, type Fact, listFact, type Part, RANK, valueFact } from './fact.ts';
import type { Caller, Facts, Measures, Region, Situation } from './facts.ts';
import { heldBounds } from './held-times.ts';
import {
  A_TEXT,
  AN_INSTANT,
  after,
  atMost,
  equals,
  isInstant,
  oneOf,
  type Period,
  sampleOf,
  testOf,
  testOfElement,
  within,
} from './predicate.ts';
import type { CountingKinds } from './process-kinds.ts';
import { differingCountries, sidesOf } from './regions.ts';
import { knownCategories, STATUSES } from './vocabulary.ts';

const now = (moment: { readonly now: Date }) => moment.now;

const UNSETTLED = { status: oneOf(new Set(['OPEN', 'FAILED'])) };
const VOUCHED_FOR = [{ from: equals('SUBJECT') }, { from: equals('GUARDIAN'), verified: equals(true) }];
const IN_FORCE = { from: atMost(now), until: after(now) };

type RegionOf = (measures: Measures) => Region | undefined;

const residingIn = (says: string, regionOf: RegionOf): Fact => {
  const sides = (measures: Measures) => {
    const region = regionOf(measures);
    return region && sidesOf(region);
  };
  return valueFact({
    says,
    path: ['residence'],
    holds: oneOf(({ measures }) => sides(measures)?.inside ?? null),
    fails: oneOf(({ measures }) => sides(measures)?.outside ?? null),
    cases: (_caller, measures) => differingCountries(measures),
    rank: RANK.RESIDENCE,
  });
};

const establishedIn = (says: string, regionOf: RegionOf): Fact =>
  callerFact(says, ({ recipient, measures }) =>
    recipient !== null && COUNTRIES.has(recipient.jurisdiction)
      ? regionOf(measures)?.has(recipient.jurisdiction)
      : undefined,
  );

/** Legal processes in force, of every kind or of some kinds. They name data categories. */
export function legalProcessFact(kinds: CountingKinds): Fact {
  const fact = listFact({
    says: `a legal process in force now names the person${kinds ? `, of the kind ${[...kinds].join(' or ')}` : ''}`,
    list: 'legalProcesses',
    where: { ...IN_FORCE, ...(kinds && { kind: oneOf(kinds) }) },
    indexed: 'until',
    names: 'categories',
  });
  const cases: Part['cases'] = (caller) => [
    [],
    ...sampleProcesses(knownCategories(), kinds, caller).map((one) => [one]),
  ];
  return { ...fact, part: { path: ['legalProcesses'], cases } };
}

/** Samples of processes in force that name these categories, as facts hold them: one of each kind that counts. */
export const sampleProcesses = (categories: readonly string[], kinds: CountingKinds, caller: Caller): object[] => {
  const process = { ...(sampleOf(IN_FORCE, caller) as object), categories };
  return kinds ? [...kinds].map((kind) => ({ ...process, kind })) : [process];
};

/** Every fact that a policy's conditions can name. */
export const FACTS = {
  personActive: valueFact({
    says: 'the person is active: not sealed, not refused, not erased',
    path: ['status'],
    holds: equals('ACTIVE'),
    fails: oneOf(new Set(STATUSES.filter((status) => status !== 'ACTIVE'))),
    rank: RANK.STATUS,
  }),
  standingOptOut: valueFact({
    says: 'a Global Privacy Control opt-out stands',
    path: ['standingOptOut'],
    holds: equals(true),
    fails: equals(false),
    declined: true,
    rank: RANK.SWITCH,
  }),
  residesInTransferRegion: residingIn(
    'the person resides in the region whose data needs consent to leave it',
    ({ transferRegion }) => transferRegion,
  ),
  orderWithRecipient: listFact({
    says: 'an order of the person is open or failed with this recipient',
    list: 'orders',
    recipient: 'processor',
    where: UNSETTLED,
  }),
  unsettledOrder: listFact({
    says: 'an order of the person is open or failed, with whichever processor',
    list: 'orders',
    where: UNSETTLED,
  }),
  relationshipWithRecipient: listFact({
    says: 'the person has an active relationship with this recipient',
    list: 'relationships',
    recipient: 'partner',
    where: { active: equals(true) },
    isChoice: true,
  }),
  autoPostToRecipient: listFact({
    says: 'the person is linked with this recipient and lets activity be posted there',
    list: 'socialLinks',
    recipient: 'partner',
    where: { autoPost: equals(true) },
    isChoice: true,
  }),
  interactionWithRecipient: listFact({
    says: 'the person interacted with an advertisement of this recipient',
    list: 'adInteractions',
    recipient: 'partner',
    where: { at: atMost(now) },
  }),
  verifiedSubscription: listFact({
    says: 'a verified blog subscription is in force',
    list: 'subscriptions',
    where: { verified: equals(true) },
    isChoice: true,
  }),
  openPrivacyCase: listFact({
    says: 'a privacy case is open that the person opened, or that a verified guardian did',
    list: 'privacyCases',
    where: { status: equals('OPEN') },
    either: VOUCHED_FOR,
  }),
  legalProcess: legalProcessFact(null),
  noticeElapsed: callerFact(
    "this recipient's succession was announced and the notice has run in full",
    ({ recipient, now, measures }) => {
      const announcedAt = recipient?.successionAnnouncedAt;
      return isInstant(announcedAt) ? now.getTime() - announcedAt.getTime() >= measures.noticeHours * HOUR : undefined;
    },
  ),
  recipientInTransferRegion: establishedIn(
    'this recipient is established in the region the data would otherwise leave',
    ({ transferRegion }) => transferRegion,
  ),
} satisfies Record<string, Fact>;

export type FactName = keyof typeof FACTS;

/** The condition of every reveal under a contract for trials. No file contains it. */
export const INVENTED = valueFact({
  says: 'the person is invented, as the contract is one to try things out under',
  path: ['invented'],
  holds: equals(true),
  fails: equals(false),
  rank: RANK.RARE,
});

/** A switch that the person holds. */
export const preferenceFact = (name: string): Fact =>
  valueFact({
    says: `the preference \`${name}\` is on`,
    path: ['preferences', name],
    holds: equals(true),
    fails: equals(false),
    declined: false,
    rank: RANK.SWITCH,
  });

type Moment = Pick<Situation, 'now' | 'measures'>;

/** The possible times of a consent that is in force now: an act dated in the future has not happened yet. */
const givenInTime = (purpose: string) =>
  within(({ now, measures }: Moment): Period => {
    const milliseconds = measures.consentPeriods.get(purpose);
    return { until: now, after: milliseconds === undefined ? null : new Date(now.getTime() - milliseconds) };
  });

/** A consent of the person. It is unknown if its date is in the future or its time is over. */
export const consentFact = (purpose: string): Fact =>
  valueFact({
    says: `the consent \`${purpose}\` is in force`,
    path: ['consents', purpose],
    holds: { given: equals(true), at: givenInTime(purpose) },
    fails: { given: equals(false), at: AN_INSTANT },
    declined: { given: false, at: new Date(0) },
    cases: ({ now }, measures) => [
      { given: false, at: now },
      ...measures.flatMap(({ consentPeriods }) => {
        const milliseconds = consentPeriods.get(purpose);
        const ends = milliseconds === undefined ? [] : [milliseconds - 1, milliseconds];
        return [0, ...ends].map((ago) => ({ given: true, at: new Date(now.getTime() - ago) }));
      }),
    ],
    rank: RANK.CONSENT,
  });

/** The consent has a guardian's tie on record. Decisions check no more: the end of a tie withdraws its consents. */
const BY_GUARDIAN = { tie: A_TEXT };

/** A consent that a guardian gave. A consent of the person themself is unknown here, at every age. */
export const guardianConsentFact = (purpose: string): Fact =>
  valueFact({
    says: `a guardian gave the consent \`${purpose}\`, and it is in force`,
    path: ['consents', purpose],
    holds: { given: equals(true), at: givenInTime(purpose), ...BY_GUARDIAN },
    fails: { given: equals(false), at: AN_INSTANT },
    declined: { given: false, at: new Date(0) },
    rank: RANK.CONSENT,
  });

/** The same consent for the calling recipient. */
export const recipientConsentFact = (purpose: string): Fact =>
  listFact({
    says: `the consent \`${purpose}\` is in force for this recipient`,
    list: 'recipientConsents',
    recipient: 'partner',
    where: { purpose: equals(purpose), at: givenInTime(purpose) },
    isChoice: true,
  });

/** A guardian's consent for the calling recipient. */
export const guardianRecipientConsentFact = (purpose: string): Fact =>
  listFact({
    says: `a guardian gave the consent \`${purpose}\` for this recipient, and it is in force`,
    list: 'recipientConsents',
    recipient: 'partner',
    where: { purpose: equals(purpose), at: givenInTime(purpose), ...BY_GUARDIAN },
    isChoice: true,
  });

/** @param region  the id of one of the policy */
export const residenceFact = (region: string): Fact =>
  residingIn(`the person resides in the region \`${region}\``, ({ regions }) => regions.get(region));

/** @param region  the id of one of the policy */
export const recipientEstablishedFact = (region: string): Fact =>
  establishedIn(`this recipient is established in the region \`${region}\``, ({ regions }) => regions.get(region));

/** An attribute from the recipient's contract. An attribute with a time holds until then. */
export const recipientAttributeFact = (attribute: string): Fact => ({
  ...callerFact(`the contract of this recipient says \`${attribute}\``, ({ recipient, now }) => {
    const value = recipient?.contract?.attributes?.[attribute];
    if (isInstant(value)) return now < value;
    return typeof value === 'boolean' ? value : undefined;
  }),
  attribute,
});

/** Whole years. */
export type AgeBound = { readonly atLeast: number } | { readonly below: number };

/** A birthday counts once it has begun everywhere on Earth. */
export function ageFact(bound: AgeBound): Fact {
  const years = 'atLeast' in bound ? bound.atLeast : bound.below;
  const latest = ({ now }: Pick<Situation, 'now'>) => latestBirth(years, dateEverywhere(now));
  const isOfAge = atMost(latest);
  const isYounger = within((moment: Pick<Situation, 'now'>): Period => ({ after: latest(moment), until: moment.now }));
  const [holds, fails] = 'atLeast' in bound ? [isOfAge, isYounger] : [isYounger, isOfAge];
  return valueFact({
    says: `the person is ${'atLeast' in bound ? `at least ${years}` : `younger than ${years}`} years old`,
    path: ['bornOn'],
    ...{ holds, fails },
    rank: RANK.RESIDENCE,
  });
}

/**
 * A tie of the calling member to the person: entered, confirmed and not ended. No document holds it, so that no filter
 * finds people by it. It is unknown unless the caller's ties were read.
 */
export const tieFact = (kind: string): Fact => ({
  says: `the member has the tie \`${kind}\` to the person`,
  part: { path: ['ties', kind], cases: () => [true, false], declined: false },
  test: ({ facts: { ties } }) => {
    const held = isRecord(ties) ? ties[kind] : undefined;
    return typeof held === 'boolean' ? held : undefined;
  },
  filter: (_situation, expected) => (expected ? false : undefined),
});

/** A value within its retention time; a value that only a legal process still holds does not count. */
export const heldFact = (category: string): Fact => {
  const boundsAt = ({ now, measures }: Moment) => heldBounds(measures.heldTimes?.get(category) ?? [], now);
  return valueFact({
    says: `the person holds a value of ${category}`,
    path: ['held', category],
    holds: after((moment: Moment) => boundsAt(moment).surely),
    fails: atMost((moment: Moment) => boundsAt(moment).over),
    rank: RANK.SWITCH,
  });
};

/** A restriction that the person requested, until staff declines it or the person ends it. */
export const restrictionFact = (purpose: string): Fact =>
  valueFact({
    says: `the person restricted the use of their data for \`${purpose}\``,
    path: ['restrictions', purpose],
    holds: equals(true),
    fails: equals(false),
    declined: true,
    rank: RANK.SWITCH,
  });

/** Names that conditions of policies can use besides the facts of every company. */
export interface Choices {
  readonly preferences: readonly string[];
  readonly consents: readonly string[];
  /** Consents for single recipients. */
  readonly recipientConsents: readonly string[];
  readonly ties: readonly string[];
  /** Ages that conditions ask for. */
  readonly ages: readonly AgeBound[];
  /** Categories in `held` conditions. */
  readonly held: readonly string[];
  /** Purposes in `restriction` conditions. */
  readonly restrictions: readonly string[];
}

/** All facts that conditions can ask for, except facts about the caller alone. */
export const everyFact = ({
  preferences,
  consents,
  recipientConsents,
  ties,
  ages,
  held,
  restrictions,
}: Choices): Fact[] => [
  ...Object.values(FACTS),
  INVENTED,
  ...preferences.map(preferenceFact),
  ...consents.map(consentFact),
  ...recipientConsents.map(recipientConsentFact),
  ...ties.map(tieFact),
  ...ages.map(ageFact),
  ...held.map(heldFact),
  ...restrictions.map(restrictionFact),
];

const isAsUnsettled = testOf(UNSETTLED);

/** Whether an order is open or failed. */
export const isUnsettled = (order: { readonly status?: unknown }): boolean => isAsUnsettled(order, undefined);

/** Whether the person may have an open or failed order; an unreadable order counts as one. */
export const hasUnsettledOrder = ({ orders }: Facts): boolean =>
  !Array.isArray(orders) || orders.some((order) => !isRecord(order) || isUnsettled(order));

const isAsVouchedFor = testOfElement({ where: {}, either: VOUCHED_FOR });

/** Whether the person, or a guardian verified by staff, opened a privacy case. */
export const isVouchedFor = (privacyCase: { readonly from?: unknown; readonly verified?: unknown }): boolean =>
  isAsVouchedFor(privacyCase, undefined);

/** A legal process for a decision and its record. */
export interface LegalProcessInForce {
  readonly id: string;
  readonly kind: unknown;
  readonly authority: string;
  readonly categories: readonly string[];
  readonly notBefore: Date | null;
}

const isInForce = testOf(IN_FORCE);

/** The well-formed processes in force at `now`; a malformed one does not count. */
export const processesInForce = (facts: Facts, now: Date): LegalProcessInForce[] =>
  recordsIn(facts.legalProcesses).flatMap((process) => {
    const { id, kind, authority, categories, notBefore } = process;
    if (!isInForce(process, { now }) || !Array.isArray(categories)) return [];
    return {
      id: String(id),
      kind,
      authority: String(authority),
      categories: categories.filter((category) => typeof category === 'string'),
      notBefore: isInstant(notBefore) ? notBefore : null,
    };
  });
