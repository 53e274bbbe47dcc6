/**
 * The decision table, written down a second time from the design's page about it and from nothing else: no code is
 * shared with the gateway, so that the two can disagree. It is meant to be read as the specification.
 */

export const CATEGORIES = [
  'AVATAR_NAME',
  'NAME',
  'EMAIL',
  'GENDER',
  'BIRTH_DATE',
  'AGE',
  'AGE_BAND',
  'POSTAL_ADDRESS',
  'CELL_PHONE',
  'BILLING_ADDRESS',
  'PAYMENT_CARD',
  'CARD_EXPIRY',
  'PROCESSOR_TOKEN',
  'PHOTOS',
  'POSTS',
  'ACTIVITY',
  'TRANSACTIONS',
  'ACCOUNT',
  'CORRECTED_VALUE',
] as const;
export type Category = (typeof CATEGORIES)[number];

const everythingBut = (...hidden: Category[]) => CATEGORIES.filter((category) => !hidden.includes(category));

/** Every purpose that a token may name. */
export const PURPOSES = [
  'billing',
  'order-fulfilment',
  'imvu-newsletter',
  'developer-newsletter',
  'friend-added-notice',
  'friend-message-notice',
  'non-friend-message-notice',
  'blog-notification',
  'service-notice',
  'creator-notification',
  'targeted-offers',
  'offer-prefill',
  'advertising',
  'offer-completion',
  'co-branded-service',
  'job-application',
  'activity-posting',
  'succession',
  'customer-support',
  'internal-analysis',
  'privacy-request',
  'legal-process',
] as const;
export type Purpose = (typeof PURPOSES)[number];

export const PARTNER_KINDS = [
  'PAYMENT_PROCESSOR',
  'EMAIL_PROVIDER',
  'OFFERS',
  'ADVERTISER',
  'OFFER_WALL',
  'CO_BRANDED',
  'SOCIAL',
  'SUCCESSOR',
] as const;
export type PartnerKind = (typeof PARTNER_KINDS)[number];

export const STAFF_ROLES = ['support', 'analyst', 'privacy', 'legal'] as const;
export type StaffRole = (typeof STAFF_ROLES)[number];

type CallerName = 'SELF' | 'VISITOR' | 'MEMBER' | PartnerKind | `staff ${StaffRole}`;

/** The EU's 27 members, and Iceland, Liechtenstein and Norway. */
export const EEA =
  'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK IS LI NO GB GI AX GF GP MF MQ RE YT'.split(
    ' ',
  );

export const PREFERENCES = [
  'imvuNewsletter',
  'developerNewsletter',
  'friendAdded',
  'friendMessage',
  'nonFriendMessage',
  'creatorNotification',
  'adTargeting',
] as const;
type Preference = (typeof PREFERENCES)[number];

export type Reason = 'NO_CLAUSE' | 'WRONG_PURPOSE' | 'CONTRACT_NOT_IN_FORCE' | 'MISSING_SCOPE' | 'NOT_PERMITTED';

/** An act on a consent. */
export interface ConsentAct {
  readonly purpose: 'targetedOffers' | 'euTransfer';
  readonly action: 'GIVEN' | 'WITHDRAWN';
  readonly at: string;
}

export interface Address {
  readonly street: string;
  readonly city: string;
  readonly postalCode: string;
  readonly country: string;
}

/** A person as a world file states one; an absent field is as at registration. */
export interface WorldUser {
  readonly id: string;
  readonly avatarName: string;
  readonly name?: string;
  readonly email?: string;
  /** Whether its owner has proven the address: it is, unless the file says otherwise. */
  readonly emailProven?: boolean;
  readonly gender?: string;
  readonly birthDate?: string;
  readonly country?: string;
  readonly postalAddress?: Address;
  readonly cellPhone?: string;
  readonly billingAddress?: Address;
  readonly paymentCard?: { brand: string; lastFour: string; expiry: string; processorToken: string };
  readonly photos?: readonly { id: string; url: string; caption: string }[];
  readonly posts?: readonly { id: string; forum: string; text: string; at: string }[];
  readonly recentActivity?: readonly { id: string; kind: string; text: string; at: string }[];
  readonly transactions?: readonly {
    id: string;
    kind: string;
    good: string;
    price: number;
    profit: number;
    at: string;
  }[];
  readonly preferences?: Partial<Record<Preference, boolean>>;
  readonly consents?: readonly ConsentAct[];
  readonly status?: 'ACTIVE' | 'SEALED' | 'REFUSED';
  readonly gpcOptOut?: boolean;
  readonly acceptedPolicy?: { version: string; mode: 'EXPLICIT' | 'DEEMED'; at: string };
  readonly orders?: readonly { processor: string; status: 'OPEN' | 'FAILED' | 'FILLED' | 'CANCELLED' }[];
  readonly subscriptions?: readonly { thread: string; verified: boolean }[];
  readonly relationships?: readonly { partner: string; active: boolean }[];
  readonly socialLinks?: readonly { partner: string; autoPost: boolean }[];
  readonly adInteractions?: readonly { partner: string; at: string }[];
  readonly privacyCases?: readonly {
    id: string;
    status: 'OPEN' | 'CLOSED';
    from?: 'SUBJECT' | 'GUARDIAN';
    verified?: boolean;
  }[];
}

export interface LegalProcess {
  readonly categories: readonly Category[];
  readonly from?: string;
  readonly until?: string;
}

/**
 * The facts about a person that a decision may ask for. Each may be left out: then it is unknown, and an unknown fact
 * permits nothing.
 */
export interface Facts {
  readonly status?: string;
  readonly acceptedVersion?: string;
  readonly residence?: string;
  readonly preferences: Partial<Record<Preference, boolean>>;
  readonly consents: readonly ConsentAct[];
  readonly gpcOptOut?: boolean;
  readonly orders: readonly { processor?: string; status?: string }[];
  readonly subscriptions: readonly { verified?: boolean }[];
  readonly relationships: readonly { partner?: string; active?: boolean }[];
  readonly socialLinks: readonly { partner?: string; autoPost?: boolean }[];
  readonly adInteractions: readonly { partner?: string; at?: string }[];
  readonly privacyCases: readonly { status?: string; from?: string; verified?: boolean }[];
  readonly legalProcesses: readonly LegalProcess[];
}

export interface Person {
  readonly user: WorldUser;
  readonly facts: Facts;
}

export interface Partner {
  readonly clientId: string;
  readonly kind: PartnerKind;
  readonly jurisdiction: string;
  readonly status?: 'ACTIVE' | 'SUSPENDED';
  readonly contract?: { from?: string; until?: string; purposes: readonly Purpose[] };
  readonly successions?: readonly string[];
}

export type Caller =
  | { readonly kind: 'VISITOR' }
  /** The person that the token names; null where that person has no record. */
  | { readonly kind: 'MEMBER'; readonly person: Person | null }
  | {
      readonly kind: 'PARTNER';
      readonly partner: Partner;
      readonly purpose: Purpose;
      readonly scope: readonly Category[];
    }
  | { readonly kind: 'STAFF'; readonly role: StaffRole; readonly purpose: Purpose };

export interface Question {
  readonly caller: Caller;
  readonly person: Person;
  readonly now: Date;
  /** The clauses of each version of the policy. */
  readonly versions: ReadonlyMap<string, ReadonlySet<string>>;
}

// The person

const DEFAULTS: Record<Preference, boolean> = {
  imvuNewsletter: true,
  developerNewsletter: true,
  friendAdded: true,
  friendMessage: true,
  nonFriendMessage: true,
  adTargeting: true,
  creatorNotification: false,
};

/** `country`, else the postal address's country; never the billing address's. */
const residenceOf = ({ country, postalAddress }: WorldUser) => country ?? postalAddress?.country;

/** The time and the mode of a person's acceptance; without an entry, both are those of the registration. */
export const acceptanceOf = ({ acceptedPolicy }: WorldUser, currentVersion: string, now: Date) =>
  acceptedPolicy ?? { version: currentVersion, mode: 'EXPLICIT' as const, at: now.toISOString() };

/**
 * A person's acts of consent. Explicit acceptance, and no deemed one, gives `euTransfer` to people in the EEA, unless
 * the list speaks of it itself.
 *
 * The page is silent on a person of unknown residence. We take it as the page takes every doubt: without `euTransfer`
 * such a person is hidden from partners outside the EEA (see `mayLeaveTheEea`), and therefore explicit acceptance gives
 * it to them too.
 */
export function consentsOf(user: WorldUser, currentVersion: string, now: Date): readonly ConsentAct[] {
  const { consents = [] } = user;
  const { mode, at } = acceptanceOf(user, currentVersion, now);
  const residence = residenceOf(user);
  const asked = residence === undefined || EEA.includes(residence);
  const bundled = asked && mode === 'EXPLICIT' && !consents.some(({ purpose }) => purpose === 'euTransfer');
  return bundled ? [...consents, { purpose: 'euTransfer', action: 'GIVEN', at }] : consents;
}

/** A person of a world file, loaded at `now`. */
export function personOf(
  user: WorldUser,
  legalProcesses: readonly LegalProcess[],
  currentVersion: string,
  now: Date,
): Person {
  const residence = residenceOf(user);
  const facts: Facts = {
    status: user.status ?? 'ACTIVE',
    acceptedVersion: acceptanceOf(user, currentVersion, now).version,
    ...(residence !== undefined && { residence }),
    preferences: { ...DEFAULTS, ...user.preferences },
    consents: consentsOf(user, currentVersion, now),
    gpcOptOut: user.gpcOptOut ?? false,
    orders: user.orders ?? [],
    subscriptions: user.subscriptions ?? [],
    relationships: user.relationships ?? [],
    socialLinks: user.socialLinks ?? [],
    adInteractions: user.adInteractions ?? [],
    privacyCases: (user.privacyCases ?? []).map((filed) => ({ from: 'SUBJECT', ...filed })),
    legalProcesses,
  };
  return { user, facts };
}

// Conditions

type Condition = (question: Question) => boolean;

/** Half-open: from <= now < until. A bound that is left out is no bound. */
const inForce = ({ from, until }: { from?: string; until?: string }, now: Date) =>
  (from === undefined || new Date(from) <= now) && (until === undefined || now < new Date(until));

const always: Condition = () => true;

/** Neither sealed nor refused nor erased. */
const active: Condition = ({ person }) => person.facts.status === 'ACTIVE';

const prefers =
  (name: Preference): Condition =>
  ({ person }) =>
    person.facts.preferences[name] === true;

/** The latest entry by instant that is not in the future is GIVEN; at the same instant WITHDRAWN wins. */
const consented =
  (purpose: ConsentAct['purpose']): Condition =>
  ({ person, now }) => {
    const past = person.facts.consents.filter((act) => act.purpose === purpose && new Date(act.at) <= now);
    const latest = Math.max(...past.map(({ at }) => Date.parse(at)));
    const standing = past.filter(({ at }) => Date.parse(at) === latest);
    return standing.length > 0 && standing.every(({ action }) => action === 'GIVEN');
  };

/** The client id of the partner that asks. */
const recipientOf = ({ caller }: Question) => (caller.kind === 'PARTNER' ? caller.partner.clientId : undefined);

const isUnsettled = ({ status }: { readonly status?: string }) => status === 'OPEN' || status === 'FAILED';

const hasUnsettledOrder: Condition = (question) =>
  question.person.facts.orders.some((order) => order.processor === recipientOf(question) && isUnsettled(order));

/** With any processor. */
const hasAnyUnsettledOrder: Condition = ({ person }) => person.facts.orders.some(isUnsettled);

const hasVerifiedSubscription: Condition = ({ person }) =>
  person.facts.subscriptions.some(({ verified }) => verified === true);

/** An interaction in the future is no record of anything that happened. */
const hasInteraction: Condition = (question) =>
  question.person.facts.adInteractions.some(
    ({ partner, at }) => partner === recipientOf(question) && at !== undefined && new Date(at) <= question.now,
  );

/** Without a record of opt-outs, the person counts as opted out. */
const hasNoStandingOptOut: Condition = ({ person }) => person.facts.gpcOptOut === false;

const hasRelationship: Condition = (question) =>
  question.person.facts.relationships.some(
    ({ partner, active: goesOn }) => partner === recipientOf(question) && goesOn === true,
  );

const hasAutoPostingLink: Condition = (question) =>
  question.person.facts.socialLinks.some(
    ({ partner, autoPost }) => partner === recipientOf(question) && autoPost === true,
  );

const NOTICE = 30 * 24 * 3_600_000;

/** 30 x 24 hours since the earliest announcement. Until then the person does not exist for the successor. */
const noticeHasRun: Condition = ({ caller, now }) => {
  const announced = caller.kind === 'PARTNER' ? (caller.partner.successions ?? []) : [];
  return announced.some((at) => now.getTime() - Date.parse(at) >= NOTICE);
};

/** One that the person opened, or a guardian's that staff has verified. */
const hasOpenCase: Condition = ({ person }) =>
  person.facts.privacyCases.some(
    ({ status, from, verified }) =>
      status === 'OPEN' && (from === 'SUBJECT' || (from === 'GUARDIAN' && verified === true)),
  );

const processesInForce = ({ person, now }: Question) =>
  person.facts.legalProcesses.filter((process) => inForce(process, now));

const isUnderProcess: Condition = (question) => processesInForce(question).length > 0;

const every =
  (...conditions: Condition[]): Condition =>
  (question) =>
    conditions.every((condition) => condition(question));

// The table

interface Row {
  readonly caller: CallerName;
  readonly sees: readonly Category[];
  /** `ANY` includes a token without a purpose. */
  readonly purposes: readonly Purpose[] | 'ANY';
  readonly onlyIf: Condition;
  /** `ANY`: under every accepted version. */
  readonly clause: string | 'ANY';
}

const row = (
  caller: CallerName,
  sees: readonly Category[],
  purposes: Row['purposes'],
  onlyIf: Condition,
  clause: Row['clause'],
): Row => ({ caller, sees, purposes, onlyIf, clause });

const CONTACT: Category[] = ['NAME', 'EMAIL'];
const NEVER_UNDER_PROCESS: Category[] = ['PROCESSOR_TOKEN', 'CORRECTED_VALUE'];

/**
 * Everything not listed is denied.
 *
 * The page names two clauses for three of its rows, and does not say how they share the row's categories. Each clause
 * carries the categories in its text: photos and posts, each with the avatar name beside them; the data of registration,
 * and the data that may be linked with transactions. `ads.opt-out` shows nothing by itself; its switches are conditions
 * of the other.
 */
const TABLE: readonly Row[] = [
  row('SELF', everythingBut('PROCESSOR_TOKEN'), 'ANY', always, 'ANY'),
  row('VISITOR', ['AVATAR_NAME'], 'ANY', active, 'registration.contact'),
  row('MEMBER', ['AVATAR_NAME', 'PHOTOS'], 'ANY', active, 'photos.visibility'),
  row('MEMBER', ['AVATAR_NAME', 'POSTS'], 'ANY', active, 'forums.public'),
  row(
    'PAYMENT_PROCESSOR',
    ['NAME', 'EMAIL', 'BILLING_ADDRESS', 'PAYMENT_CARD', 'CARD_EXPIRY', 'PROCESSOR_TOKEN'],
    ['billing', 'order-fulfilment'],
    hasUnsettledOrder,
    'purchases.billing',
  ),
  row('EMAIL_PROVIDER', CONTACT, ['imvu-newsletter'], prefers('imvuNewsletter'), 'newsletters.default-in'),
  row('EMAIL_PROVIDER', CONTACT, ['developer-newsletter'], prefers('developerNewsletter'), 'newsletters.default-in'),
  row('EMAIL_PROVIDER', CONTACT, ['friend-added-notice'], prefers('friendAdded'), 'communications.social'),
  row('EMAIL_PROVIDER', CONTACT, ['friend-message-notice'], prefers('friendMessage'), 'communications.social'),
  row('EMAIL_PROVIDER', CONTACT, ['non-friend-message-notice'], prefers('nonFriendMessage'), 'communications.social'),
  row('EMAIL_PROVIDER', CONTACT, ['blog-notification'], hasVerifiedSubscription, 'blog.subscription'),
  row('EMAIL_PROVIDER', CONTACT, ['service-notice'], always, 'sharing.service-providers'),
  row(
    'EMAIL_PROVIDER',
    ['AVATAR_NAME', 'NAME', 'EMAIL', 'POSTAL_ADDRESS', 'CELL_PHONE'],
    ['creator-notification'],
    prefers('creatorNotification'),
    'programs.creator-notification',
  ),
  row(
    'OFFERS',
    ['NAME', 'EMAIL', 'POSTAL_ADDRESS', 'GENDER', 'BIRTH_DATE'],
    ['targeted-offers', 'offer-prefill'],
    consented('targetedOffers'),
    'sharing.opt-in-offers',
  ),
  row(
    'ADVERTISER',
    ['GENDER', 'AGE_BAND'],
    ['advertising'],
    every(hasInteraction, prefers('adTargeting'), hasNoStandingOptOut),
    'ads.interaction',
  ),
  row('OFFER_WALL', [], ['offer-completion'], always, 'offers.inbound'),
  row('CO_BRANDED', CONTACT, ['co-branded-service', 'job-application'], hasRelationship, 'cobranded.share'),
  row('SOCIAL', ['ACTIVITY'], ['activity-posting'], hasAutoPostingLink, 'social.activity'),
  row(
    'SUCCESSOR',
    everythingBut('ACCOUNT', 'PROCESSOR_TOKEN', 'CORRECTED_VALUE'),
    ['succession'],
    noticeHasRun,
    'sharing.successor',
  ),
  row('staff support', ['AVATAR_NAME', 'NAME', 'EMAIL'], ['customer-support'], active, 'registration.contact'),
  row(
    'staff support',
    ['PAYMENT_CARD'],
    ['customer-support'],
    every(active, hasAnyUnsettledOrder),
    'purchases.billing',
  ),
  row(
    'staff support',
    ['NAME', 'GENDER', 'AGE', 'POSTAL_ADDRESS', 'TRANSACTIONS'],
    ['customer-support'],
    active,
    'aggregate.transactions',
  ),
  row(
    'staff analyst',
    ['NAME', 'GENDER', 'AGE', 'POSTAL_ADDRESS', 'TRANSACTIONS'],
    ['internal-analysis'],
    active,
    'aggregate.transactions',
  ),
  row(
    'staff privacy',
    ['AVATAR_NAME', 'NAME', 'EMAIL', 'ACCOUNT'],
    ['privacy-request'],
    hasOpenCase,
    'contact.privacy-officer',
  ),
  row('staff legal', everythingBut(...NEVER_UNDER_PROCESS), ['legal-process'], isUnderProcess, 'ANY'),
];

/** The purposes of a kind of partner in the table. */
export const purposesOf = (kind: PartnerKind): Purpose[] => [
  ...new Set(TABLE.filter(({ caller }) => caller === kind).flatMap(({ purposes }) => [...purposes] as Purpose[])),
];

// The answer

export type Answer =
  /** HTTP 401 for the whole request. */
  | { readonly outcome: 'UNAUTHENTICATED' }
  /** One error for the operation, for every id. */
  | { readonly outcome: 'REFUSED'; readonly reason: Reason }
  /** Null without errors, as for an id that was never issued. */
  | { readonly outcome: 'NOT_FOUND' }
  | { readonly outcome: 'FOUND'; readonly of: Readonly<Record<Category, 'REVEALED' | Reason>> };

const isSelf = ({ caller, person }: Question) =>
  caller.kind === 'MEMBER' && caller.person !== null && caller.person.user.id === person.user.id;

function nameOf(question: Question): CallerName {
  const { caller } = question;
  switch (caller.kind) {
    case 'VISITOR':
      return 'VISITOR';
    case 'MEMBER':
      if (isSelf(question)) return 'SELF';
      return caller.person?.facts.status === 'ACTIVE' ? 'MEMBER' : 'VISITOR';
    case 'PARTNER':
      return caller.partner.kind;
    case 'STAFF':
      return `staff ${caller.role}`;
  }
}

const serves = ({ purposes }: Row, caller: Caller) =>
  purposes === 'ANY' || ('purpose' in caller && purposes.includes(caller.purpose));

const isInScope = (category: Category, caller: Caller) => caller.kind !== 'PARTNER' || caller.scope.includes(category);

/** A person residing in the EEA, or perhaps there, needs `euTransfer`, or a partner that is there too. */
const mayLeaveTheEea = (question: Question, { jurisdiction }: Partner) => {
  const { residence } = question.person.facts;
  const livesElsewhere = residence !== undefined && !EEA.includes(residence);
  return livesElsewhere || consented('euTransfer')(question) || EEA.includes(jurisdiction);
};

/** The requirements of a partner on top of the row, its scope aside. */
function isEntitled(question: Question): boolean {
  const { caller, now } = question;
  if (caller.kind !== 'PARTNER') return true;
  const { contract } = caller.partner;
  return (
    contract !== undefined &&
    inForce(contract, now) &&
    contract.purposes.includes(caller.purpose) &&
    active(question) &&
    mayLeaveTheEea(question, caller.partner)
  );
}

const isOfTheirVersion = ({ clause }: Row, { person, versions }: Question) =>
  clause === 'ANY' || versions.get(person.facts.acceptedVersion ?? '')?.has(clause) === true;

/** The categories of a row; for legal staff, those that the processes in force name. */
const shownBy = ({ caller, sees }: Row, question: Question) => {
  if (caller !== 'staff legal') return sees;
  const named = processesInForce(question).flatMap(({ categories }) => categories);
  return sees.filter((category) => named.includes(category));
};

/** The reason of a denial of these categories: about the caller alone, the first that applies. */
function reasonFor(categories: readonly Category[], question: Question): Reason {
  const { caller, now } = question;
  const rows = TABLE.filter(
    ({ caller: name, sees }) => name === nameOf(question) && sees.some((category) => categories.includes(category)),
  );
  if (rows.length === 0) return 'NO_CLAUSE';

  const served = rows.filter((candidate) => serves(candidate, caller));
  if (served.length === 0) return 'WRONG_PURPOSE';
  if (caller.kind === 'PARTNER') {
    const { contract } = caller.partner;
    if (contract && !contract.purposes.includes(caller.purpose)) return 'WRONG_PURPOSE';
    if (!contract || !inForce(contract, now)) return 'CONTRACT_NOT_IN_FORCE';
  }
  const inScope = served.some(({ sees }) =>
    sees.some((category) => categories.includes(category) && isInScope(category, caller)),
  );
  return inScope ? 'NOT_PERMITTED' : 'MISSING_SCOPE';
}

/** The answer that the gateway must give to a caller that asks for every field of a person. */
export function answerTo(question: Question): Answer {
  const { caller } = question;
  if (caller.kind === 'PARTNER' && caller.partner.status === 'SUSPENDED') return { outcome: 'UNAUTHENTICATED' };

  const refusal = reasonFor(CATEGORIES, question);
  if (refusal !== 'NOT_PERMITTED') return { outcome: 'REFUSED', reason: refusal };

  const rows = TABLE.filter(
    (candidate) =>
      candidate.caller === nameOf(question) &&
      serves(candidate, caller) &&
      isEntitled(question) &&
      isOfTheirVersion(candidate, question) &&
      candidate.onlyIf(question),
  );
  const revealed = rows
    .flatMap((candidate) => shownBy(candidate, question))
    .filter((category) => isInScope(category, caller));
  if (revealed.length === 0) return { outcome: 'NOT_FOUND' };

  const verdicts = CATEGORIES.map((category) => [
    category,
    revealed.includes(category) ? 'REVEALED' : reasonFor([category], question),
  ]);
  return { outcome: 'FOUND', of: Object.fromEntries(verdicts) };
}

// Values that are derived

/** An address that its owner has not proven is null, without an error, to all but self, privacy and legal staff. */
export const addressFor = (
  caller: Caller,
  toSelf: boolean,
  { email, emailProven = true }: Pick<WorldUser, 'email' | 'emailProven'>,
): string | null => {
  const seesAny = toSelf || (caller.kind === 'STAFF' && (caller.role === 'privacy' || caller.role === 'legal'));
  return emailProven || seesAny ? (email ?? null) : null;
};

/** Whole years on a day, or null before the birth. */
const yearsOn = (birthDate: string, day: string): number | null => {
  const years = Number(day.slice(0, 4)) - Number(birthDate.slice(0, 4)) - (day.slice(5) < birthDate.slice(5) ? 1 : 0);
  return years < 0 ? null : years;
};

/** To anyone but the person the age is as of the first of this month (UTC). */
export const ageOf = ({ birthDate }: WorldUser, now: Date, toSelf: boolean): number | null => {
  const today = now.toISOString().slice(0, 10);
  return birthDate === undefined ? null : yearsOn(birthDate, toSelf ? today : `${today.slice(0, 8)}01`);
};

/** The band of an age; none for children below all of them. */
export function ageBandOf(age: number | null): string | null {
  if (age === null || age < 13) return null;
  if (age < 18) return 'AGE_13_17';
  if (age < 25) return 'AGE_18_24';
  if (age < 35) return 'AGE_25_34';
  return age < 50 ? 'AGE_35_49' : 'AGE_50_PLUS';
}
