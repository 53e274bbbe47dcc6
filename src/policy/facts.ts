import { COUNTRIES } from './countries.ts';
import { exactly, type Filter, single, someElement } from './filter.ts';
import { type CategoryMask, DATA_CATEGORIES, maskOf, NO_CATEGORIES, PREFERENCES, STATUSES } from './vocabulary.ts';

/** Three values, because "we do not know" must never turn into permission by being negated. */
export type Truth = boolean | undefined;

/**
 * What decisions need to know of a person, as it lies in the person's document under `facts`.
 * Nothing here is trusted to be present or well formed: every reader checks, and what is missing is unknown.
 */
export interface Facts {
  readonly status?: unknown;
  /** The policy version this person accepted. */
  readonly acceptedVersion?: unknown;
  /** ISO 3166-1 alpha-2; the account's country, else the postal address's, never the billing address's. */
  readonly residence?: unknown;
  readonly preferences?: unknown;
  /** By consent purpose: `{ given: boolean, at: Date }`, the latest act by instant, a withdrawal winning a tie. */
  readonly consents?: unknown;
  /** A standing Global Privacy Control opt-out. */
  readonly standingOptOut?: unknown;
  /** Whether the person cleared the opt-out in spite of their browser's signal. No decision asks for it. */
  readonly outlastsSignals?: unknown;
  readonly orders?: unknown;
  readonly subscriptions?: unknown;
  readonly relationships?: unknown;
  readonly socialLinks?: unknown;
  readonly adInteractions?: unknown;
  /** `{ id, status, from, verified }`, `from` being `SUBJECT` or `GUARDIAN`. */
  readonly privacyCases?: unknown;
  /** What was collected for optional programs alone. */
  readonly programs?: unknown;
  /** `{ id, authority, categories, from, until }`, with `from <= now < until` in force. */
  readonly legalProcesses?: unknown;
}

/** What decisions need to know of a recipient. */
export interface Recipient {
  readonly clientId: string;
  readonly kind: string;
  /** False for a suspended record: it may receive nothing, whatever its contract. */
  readonly active: boolean;
  /** ISO 3166-1 alpha-2. */
  readonly jurisdiction: string;
  /** Null: none on file. */
  readonly contract: Contract | null;
  /** When this recipient's succession was first announced. */
  readonly successionAnnouncedAt: Date | null;
}

/** In force while `from <= now < until`; a missing bound is unbounded. */
export interface Contract {
  readonly from: Date | null;
  readonly until: Date | null;
  readonly purposes: readonly string[];
}

/** The numbers and lists of the policy that facts are measured against. */
export interface Measures {
  readonly noticeHours: number;
  readonly transferRegion: ReadonlySet<string>;
}

/** Everything a condition may look at. */
export interface Situation {
  readonly facts: Facts;
  readonly recipient: Recipient | null;
  readonly now: Date;
  readonly measures: Measures;
}

/** Everything of a situation but the person and the numbers of the policy. */
export type Caller = Pick<Situation, 'recipient' | 'now'>;

/** The part of a person that a fact looks at. */
export interface Part {
  /** Where it stands among the facts of a person: `orders`, or `preferences` and the name of one. */
  readonly path: readonly [keyof Facts, string?];
  /** Values that the fact tells apart, and, where it can, what facts about the same part tell apart. */
  readonly cases: (caller: Caller, measures: readonly Measures[]) => readonly unknown[];
  /** The value after a person has declined; left out where people have no choice. */
  readonly declined?: unknown;
}

/** A country for each way in which regions hold countries or leave them out. */
export const differingCountries = (measures: readonly Measures[]): string[] => {
  const heldBy = (country: string) => measures.map(({ transferRegion }) => transferRegion.has(country)).join();
  return [...new Map([...COUNTRIES].map((country) => [heldBy(country), country])).values()];
};

export interface Fact {
  /** One sentence for people, true when the fact holds. */
  readonly says: string;
  readonly test: (situation: Situation) => Truth;
  /** Undefined for a fact about the caller alone. */
  readonly part?: Part;
  /**
   * The people of whom `test` gives `expected`, `situation.facts` aside.
   * Undefined where a fact of a list is negated: no index finds who lacks an element.
   * `named` asks further that the fact name one of these categories.
   */
  readonly filter: (situation: Situation, expected: boolean, named?: readonly string[]) => Filter | undefined;
  /** The categories that the fact itself names, where a clause takes them from it. */
  readonly categories?: (situation: Situation) => CategoryMask;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
const isInstant = (value: unknown): value is Date => value instanceof Date && !Number.isNaN(value.getTime());
const asBoolean = (value: unknown): Truth => (typeof value === 'boolean' ? value : undefined);

/** Ranks of selectivity: bound to one recipient or one case, a rare act, a common switch, nearly everybody. */
const RANK = { OF_RECIPIENT: 0, RARE: 1, CONSENT: 2, SWITCH: 3, STATUS: 4, RESIDENCE: 5 } as const;

const HOUR = 3_600_000;

/** A fact that holds when some element of a list of the person does. */
function listFact(options: {
  says: string;
  list: keyof Facts;
  /** Whether one element, read with suspicion, fulfils it. */
  element: (element: Record<string, unknown>, situation: Situation) => boolean;
  /** The same as a query on the element; null where nobody can fulfil it. */
  query: (situation: Situation, named?: readonly string[]) => Record<string, unknown> | null;
  /** An element that fulfils it. */
  sample: (caller: Caller) => Record<string, unknown>;
  /** Whether the person decides which elements there are. */
  isChoice?: boolean;
  indexed: string;
  rank: number;
  categories?: Fact['categories'];
}): Fact {
  const { says, list, element, query, sample, isChoice, indexed, rank, categories } = options;
  return {
    says,
    part: { path: [list], cases: (caller) => [[], [sample(caller)]], ...(isChoice && { declined: [] }) },
    test: (situation) => {
      const elements = situation.facts[list];
      return Array.isArray(elements)
        ? elements.some((candidate) => isRecord(candidate) && element(candidate, situation))
        : undefined;
    },
    filter: (situation, expected, named) => {
      if (!expected) return undefined;
      const predicate = query(situation, named);
      return predicate !== null && someElement(`facts.${list}`, predicate, indexed, rank);
    },
    ...(categories && { categories }),
  };
}

/** A fact that holds when some element of a list names the recipient and fulfils the rest. */
const recipientFact = (options: {
  says: string;
  list: keyof Facts;
  field: string;
  rest: (element: Record<string, unknown>, now: Date) => boolean;
  restQuery: (now: Date) => Record<string, unknown>;
  restSample: (now: Date) => Record<string, unknown>;
  isChoice?: boolean;
}): Fact => {
  const { says, list, field, rest, restQuery, restSample, isChoice = false } = options;
  return listFact({
    says,
    list,
    element: (element, { recipient, now }) =>
      recipient !== null && element[field] === recipient.clientId && rest(element, now),
    query: ({ recipient, now }) => recipient && { [field]: single({ $eq: recipient.clientId }), ...restQuery(now) },
    sample: ({ recipient, now }) => ({ [field]: recipient?.clientId, ...restSample(now) }),
    isChoice,
    indexed: field,
    rank: RANK.OF_RECIPIENT,
  });
};

/** A fact about the caller is the same for everybody, so as a filter it is a constant. */
const callerFact = (says: string, test: Fact['test']): Fact => ({
  says,
  test,
  filter: (situation, expected) => test(situation) === expected,
});

type Region = Measures['transferRegion'];
const residentsBy = new WeakMap<Region, Readonly<Record<'inside' | 'outside', Filter>>>();

/** Who resides in a region, and who elsewhere: two lists of countries, made once for each region. */
function residents(region: Region) {
  const filterOf = (isInside: boolean) => {
    const countries = [...COUNTRIES].filter((country) => region.has(country) === isInside);
    return countries.length > 0 && exactly('facts.residence', { $in: countries }, RANK.RESIDENCE);
  };
  const known = residentsBy.get(region) ?? { inside: filterOf(true), outside: filterOf(false) };
  residentsBy.set(region, known);
  return known;
}

const UNSETTLED = ['OPEN', 'FAILED'];

/** Whether an order is still to be filled or put right. */
export const isUnsettled = ({ status }: { readonly status?: unknown }): boolean => UNSETTLED.includes(status as string);

/** Whether an order of the person is still to be filled or put right; one that can't be read may be. */
export const hasUnsettledOrder = ({ orders }: Facts): boolean =>
  !Array.isArray(orders) || orders.some((order) => !isRecord(order) || isUnsettled(order));

/** Whether a privacy case is the person's own, or a guardian's that staff has verified. */
export const isVouchedFor = ({ from, verified }: { readonly from?: unknown; readonly verified?: unknown }): boolean =>
  from === 'SUBJECT' || (from === 'GUARDIAN' && verified === true);

const inForce = (process: Record<string, unknown>, now: Date) =>
  isInstant(process.from) && isInstant(process.until) && process.from <= now && now < process.until;

/** Every fact that a policy's conditions can name. */
export const FACTS = {
  personActive: {
    says: 'the person is active: not sealed, not refused, not erased',
    test: ({ facts }) =>
      (STATUSES as readonly unknown[]).includes(facts.status) ? facts.status === 'ACTIVE' : undefined,
    filter: (_situation, expected) =>
      exactly(
        'facts.status',
        expected ? { $eq: 'ACTIVE' } : { $in: STATUSES.filter((status) => status !== 'ACTIVE') },
        RANK.STATUS,
      ),
    part: { path: ['status'], cases: () => STATUSES },
  },
  standingOptOut: {
    says: 'a Global Privacy Control opt-out stands',
    test: ({ facts }) => asBoolean(facts.standingOptOut),
    filter: (_situation, expected) => exactly('facts.standingOptOut', { $eq: expected }, RANK.SWITCH),
    part: { path: ['standingOptOut'], cases: () => [true, false], declined: true },
  },
  residesInTransferRegion: {
    says: 'the person resides in the region whose data needs consent to leave it',
    test: ({ facts, measures }) =>
      typeof facts.residence === 'string' && COUNTRIES.has(facts.residence)
        ? measures.transferRegion.has(facts.residence)
        : undefined,
    filter: ({ measures }, expected) => residents(measures.transferRegion)[expected ? 'inside' : 'outside'],
    part: { path: ['residence'], cases: (_caller, measures) => differingCountries(measures) },
  },
  orderWithRecipient: recipientFact({
    says: 'an order of the person is open or failed with this recipient',
    list: 'orders',
    field: 'processor',
    rest: isUnsettled,
    restQuery: () => ({ status: single({ $in: UNSETTLED }) }),
    restSample: () => ({ status: 'OPEN' }),
  }),
  unsettledOrder: listFact({
    says: 'an order of the person is open or failed, with whichever processor',
    list: 'orders',
    element: isUnsettled,
    query: () => ({ status: single({ $in: UNSETTLED }) }),
    sample: () => ({ status: 'OPEN' }),
    indexed: 'status',
    rank: RANK.RARE,
  }),
  relationshipWithRecipient: recipientFact({
    says: 'the person has an active relationship with this recipient',
    list: 'relationships',
    field: 'partner',
    rest: (relationship) => relationship.active === true,
    restQuery: () => ({ active: single({ $eq: true }) }),
    restSample: () => ({ active: true }),
    isChoice: true,
  }),
  autoPostToRecipient: recipientFact({
    says: 'the person is linked with this recipient and lets activity be posted there',
    list: 'socialLinks',
    field: 'partner',
    rest: (link) => link.autoPost === true,
    restQuery: () => ({ autoPost: single({ $eq: true }) }),
    restSample: () => ({ autoPost: true }),
    isChoice: true,
  }),
  interactionWithRecipient: recipientFact({
    says: 'the person interacted with an advertisement of this recipient',
    list: 'adInteractions',
    field: 'partner',
    rest: (interaction, now) => isInstant(interaction.at) && interaction.at <= now,
    restQuery: (now) => ({ at: single({ $lte: now }) }),
    restSample: (now) => ({ at: now }),
  }),
  verifiedSubscription: listFact({
    says: 'a verified blog subscription is in force',
    list: 'subscriptions',
    element: (subscription) => subscription.verified === true,
    query: () => ({ verified: single({ $eq: true }) }),
    sample: () => ({ verified: true }),
    isChoice: true,
    indexed: 'verified',
    rank: RANK.RARE,
  }),
  openPrivacyCase: listFact({
    says: 'a privacy case is open that the person opened, or that a verified guardian did',
    list: 'privacyCases',
    element: (privacyCase) => privacyCase.status === 'OPEN' && isVouchedFor(privacyCase),
    query: () => ({
      status: single({ $eq: 'OPEN' }),
      $or: [
        { from: single({ $eq: 'SUBJECT' }) },
        { from: single({ $eq: 'GUARDIAN' }), verified: single({ $eq: true }) },
      ],
    }),
    sample: () => ({ status: 'OPEN', from: 'SUBJECT' }),
    indexed: 'status',
    rank: RANK.RARE,
  }),
  legalProcess: listFact({
    says: 'a legal process in force now names the person',
    list: 'legalProcesses',
    element: (process, { now }) => inForce(process, now),
    query: ({ now }, named) => ({
      from: single({ $lte: now }),
      until: single({ $gt: now }),
      ...(named && { categories: { $in: named, $type: 'array' } }),
    }),
    sample: ({ now }) => ({ from: now, until: new Date(now.getTime() + HOUR), categories: DATA_CATEGORIES }),
    indexed: 'until',
    rank: RANK.RARE,
    categories: (situation) =>
      processesInForce(situation.facts, situation.now).reduce(
        (mask, process) => mask | maskOf(process.categories),
        NO_CATEGORIES,
      ),
  }),
  noticeElapsed: callerFact(
    "this recipient's succession was announced and the notice has run in full",
    ({ recipient, now, measures }) => {
      const announcedAt = recipient?.successionAnnouncedAt;
      return isInstant(announcedAt) ? now.getTime() - announcedAt.getTime() >= measures.noticeHours * HOUR : undefined;
    },
  ),
  recipientInTransferRegion: callerFact(
    'this recipient is established in the region the data would otherwise leave',
    ({ recipient, measures }) =>
      recipient !== null && COUNTRIES.has(recipient.jurisdiction)
        ? measures.transferRegion.has(recipient.jurisdiction)
        : undefined,
  ),
} satisfies Record<string, Fact>;

export type FactName = keyof typeof FACTS;

/** A switch that the person holds. */
export const preferenceFact = (name: string): Fact => ({
  says: `the preference \`${name}\` is on`,
  test: ({ facts }) => (isRecord(facts.preferences) ? asBoolean(facts.preferences[name]) : undefined),
  filter: (_situation, expected) => exactly(`facts.preferences.${name}`, { $eq: expected }, RANK.SWITCH),
  part: { path: ['preferences', name], cases: () => [true, false], declined: false },
});

/** An act that the person did. One dated in the future has not happened yet, so nothing is known. */
export const consentFact = (purpose: string): Fact => ({
  says: `the consent \`${purpose}\` is in force`,
  test: ({ facts, now }) => {
    const consent = isRecord(facts.consents) ? facts.consents[purpose] : undefined;
    if (!isRecord(consent) || !isInstant(consent.at)) return undefined;
    return consent.given === true ? consent.at <= now || undefined : asBoolean(consent.given);
  },
  filter: ({ now }, expected) => {
    const given = exactly(`facts.consents.${purpose}.given`, { $eq: expected }, RANK.CONSENT);
    const at = exactly(`facts.consents.${purpose}.at`, expected ? { $lte: now } : { $type: 'date' }, RANK.STATUS);
    return { and: [given, at] };
  },
  part: {
    path: ['consents', purpose],
    cases: ({ now }) => [true, false].map((given) => ({ given, at: now })),
    declined: { given: false, at: new Date(0) },
  },
});

/** A legal process as a decision and its record need it. */
export interface LegalProcessInForce {
  readonly id: string;
  readonly authority: string;
  readonly categories: readonly string[];
  readonly notBefore: Date | null;
}

/** The well-formed processes in force at `now`; one with a flaw is none. */
export const processesInForce = (facts: Facts, now: Date): LegalProcessInForce[] =>
  (Array.isArray(facts.legalProcesses) ? facts.legalProcesses : [])
    .filter((process) => isRecord(process) && inForce(process, now) && Array.isArray(process.categories))
    .map((process) => ({
      id: String(process.id),
      authority: String(process.authority),
      categories: process.categories.filter((category: unknown) => typeof category === 'string'),
      notBefore: isInstant(process.notBefore) ? process.notBefore : null,
    }));

/** Paths that an index is kept on, so that a list asks only for the people it may show. */
export const factIndexes = (consentPurposes: readonly string[]): string[] => {
  const situation: Situation = {
    facts: {},
    recipient: { clientId: '', kind: '', active: false, jurisdiction: '', contract: null, successionAnnouncedAt: null },
    now: new Date(0),
    measures: { noticeHours: 0, transferRegion: COUNTRIES },
  };
  const facts = [...Object.values(FACTS), ...PREFERENCES.map(preferenceFact), ...consentPurposes.map(consentFact)];
  const leaves = facts.map((fact) => fact.filter(situation, true) ?? false);
  return [...new Set(leaves.flatMap((filter) => pathsOf(filter)))];
};

const pathsOf = (filter: Filter): string[] => {
  if (typeof filter === 'boolean') return [];
  if ('and' in filter) return pathsOf(filter.and[0] ?? false);
  return 'or' in filter ? filter.or.flatMap(pathsOf) : [filter.index];
};
