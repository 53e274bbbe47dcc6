import {
  type Address,
  CATEGORIES,
  type Category,
  type ConsentAct,
  EEA,
  type Facts,
  type LegalProcess,
  type Person,
  PREFERENCES,
  personOf,
  type WorldUser,
} from './oracle.ts';
import { fromNow, HOUR, knownOf, NOW } from './partners.ts';

export const CURRENT = '2014-09-12';

/** Older versions of the policy, by the clauses that they lack. Each clause is in one of them and lacks in another. */
export const OLDER: Readonly<Record<string, readonly string[]>> = {
  '2010-01-01': [
    'photos.visibility',
    'registration.contact',
    'newsletters.default-in',
    'blog.subscription',
    'programs.creator-notification',
    'sharing.successor',
    'sharing.legal-process',
    'purchases.billing',
    'cobranded.share',
  ],
  '2011-01-01': [
    'forums.public',
    'aggregate.transactions',
    'communications.social',
    'sharing.service-providers',
    'sharing.opt-in-offers',
    'ads.interaction',
    'social.activity',
    'contact.privacy-officer',
    'rights.access',
    'offers.inbound',
  ],
};

/** A record as the database holds it. */
type Stored = Readonly<Record<string, unknown>>;

export interface TestPerson {
  readonly name: string;
  readonly file: WorldUser;
  readonly legalProcesses: readonly (LegalProcess & { readonly id: string })[];
  /** Fields to write into the person's record by hand, by path; `undefined` removes. */
  readonly write: Stored;
  /** The person as the oracle takes it. */
  readonly person: Person;
  /** Fields of the person's own account that show spoiled data, and are not compared. */
  readonly spoilt: readonly string[];
}

const address = (country: string, street: string): Address => ({
  street,
  city: 'Springfield',
  postalCode: '12345',
  country,
});

const act = (purpose: ConsentAct['purpose'], action: ConsentAct['action'], at: string): ConsentAct => ({
  purpose,
  action,
  at,
});

const YEARS_AGO = '2020-01-01T00:00:00.000Z';
const LATER = '2021-01-01T00:00:00.000Z';
const accepted = (mode: 'EXPLICIT' | 'DEEMED', version = CURRENT) => ({ version, mode, at: YEARS_AGO });

/** A person in the United States, with every condition of the table fulfilled and a value in every category. */
const complete = (id: string): WorldUser => ({
  id,
  avatarName: `Avatar ${id}`,
  name: `Name ${id}`,
  email: `${id}@example.com`,
  gender: 'female',
  // The age and the age band changed five days ago: this month nobody but the person learns it.
  birthDate: '1991-03-05',
  country: 'US',
  postalAddress: address('US', `${id} Postal Street`),
  cellPhone: `+1 555 ${id}`,
  billingAddress: address('US', `${id} Billing Street`),
  paymentCard: { brand: 'VISA', lastFour: '4242', expiry: '2027-09', processorToken: `tok-${id}` },
  photos: [
    { id: 'photo-1', url: `https://photos.example/${id}/1`, caption: 'One' },
    { id: 'photo-2', url: `https://photos.example/${id}/2`, caption: 'Two' },
  ],
  posts: [
    { id: 'post-2', forum: 'blog', text: `Later, ${id}`, at: LATER },
    { id: 'post-1', forum: 'board', text: `First, ${id}`, at: YEARS_AGO },
  ],
  recentActivity: [{ id: 'activity-1', kind: 'review', text: `Reviewed by ${id}`, at: YEARS_AGO }],
  transactions: [
    { id: 'transaction-2', kind: 'SOLD', good: `Chair of ${id}`, price: 1.5, profit: 0.5, at: LATER },
    { id: 'transaction-1', kind: 'BOUGHT', good: 'Lamp', price: 2, profit: 0, at: YEARS_AGO },
  ],
  preferences: Object.fromEntries(PREFERENCES.map((preference) => [preference, true])),
  consents: [act('targetedOffers', 'GIVEN', YEARS_AGO)],
  status: 'ACTIVE',
  gpcOptOut: false,
  acceptedPolicy: accepted('EXPLICIT'),
  orders: knownOf('PAYMENT_PROCESSOR').map((processor) => ({ processor, status: 'OPEN' })),
  subscriptions: [{ thread: 'thread-1', verified: true }],
  relationships: knownOf('CO_BRANDED').map((partner) => ({ partner, active: true })),
  socialLinks: knownOf('SOCIAL').map((partner) => ({ partner, autoPost: true })),
  adInteractions: knownOf('ADVERTISER').map((partner) => ({ partner, at: YEARS_AGO })),
  privacyCases: [{ id: 'case-1', status: 'OPEN' }],
});

const everythingNamed: LegalProcess = { categories: CATEGORIES };

interface Change {
  readonly name: string;
  /** Differences in the world file; `undefined` leaves a field out. */
  readonly user?: { readonly [Key in keyof WorldUser]?: WorldUser[Key] | undefined };
  readonly processes?: readonly LegalProcess[];
  readonly write?: Stored;
  /** The facts after the writing by hand, as the oracle takes them. */
  readonly means?: (facts: Facts) => Facts;
  readonly spoilt?: readonly string[];
}

const withoutUndefined = <T extends object>(values: T) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

const correctionOf = (id: string) => ({
  id: 'correction-1',
  category: 'NAME',
  at: new Date(LATER),
  previousValue: `"Former name ${id}"`,
});

/** The correction that each person has, as the person and nobody else may read it. */
export const correctionsOf = ({ id }: WorldUser) => [{ ...correctionOf(id), at: LATER }];

function testPerson(id: string, { name, user = {}, processes = [everythingNamed], ...change }: Change): TestPerson {
  const { write = {}, means = (facts) => facts, spoilt = [] } = change;
  const file = withoutUndefined({ ...complete(id), ...user }) as unknown as WorldUser;
  const { facts } = personOf(file, processes, CURRENT, NOW);
  return {
    name,
    file,
    legalProcesses: processes.map((process, index) => ({ ...process, id: `process-${id}-${index}` })),
    write: { corrections: [correctionOf(id)], ...write },
    person: { user: file, facts: means(facts) },
    spoilt,
  };
}

// States that a world file can hold

const consented = (name: string, purpose: ConsentAct['purpose'], acts: [ConsentAct['action'], string][]): Change => ({
  name,
  user: { consents: acts.map(([action, at]) => act(purpose, action, at)) },
});

const under = (name: string, ...processes: LegalProcess[]): Change => ({ name, processes });
const during = (from: string | undefined, until: string | undefined, categories: readonly Category[] = CATEGORIES) => ({
  categories,
  ...(from !== undefined && { from }),
  ...(until !== undefined && { until }),
});

const GIVEN = 'GIVEN';
const WITHDRAWN = 'WITHDRAWN';
const transfer = (acts: [ConsentAct['action'], string][]) =>
  [act('targetedOffers', GIVEN, YEARS_AGO), ...acts.map(([action, at]) => act('euTransfer', action, at))] as const;

const NO_VALUES = {
  name: undefined,
  email: undefined,
  gender: undefined,
  birthDate: undefined,
  postalAddress: undefined,
  cellPhone: undefined,
  billingAddress: undefined,
  paymentCard: undefined,
  photos: undefined,
  posts: undefined,
  recentActivity: undefined,
  transactions: undefined,
};

const NO_RECORDS = {
  preferences: undefined,
  consents: undefined,
  status: undefined,
  gpcOptOut: undefined,
  acceptedPolicy: undefined,
  orders: undefined,
  subscriptions: undefined,
  relationships: undefined,
  socialLinks: undefined,
  adInteractions: undefined,
  privacyCases: undefined,
};

const OF_EVERY_CONDITION: readonly Change[] = [
  { name: 'with every condition fulfilled' },
  { name: 'with an avatar name and no other data', user: { ...NO_VALUES, ...NO_RECORDS, country: undefined } },
  { name: 'with everything as at registration', user: NO_RECORDS },
  { name: 'with every condition fulfilled and no values', user: NO_VALUES },
  { name: 'with an unproven address', user: { emailProven: false } },
  ...PREFERENCES.map((preference) => ({
    name: `with ${preference} off`,
    user: { preferences: { ...complete('').preferences, [preference]: false } },
  })),
  { name: 'with a standing opt-out', user: { gpcOptOut: true } },

  { name: 'without orders', user: { orders: [] } },
  {
    name: 'with filled orders',
    user: { orders: knownOf('PAYMENT_PROCESSOR').map((processor) => ({ processor, status: 'FILLED' as const })) },
  },
  {
    name: 'with cancelled orders',
    user: { orders: knownOf('PAYMENT_PROCESSOR').map((processor) => ({ processor, status: 'CANCELLED' as const })) },
  },
  {
    name: 'with failed orders',
    user: { orders: knownOf('PAYMENT_PROCESSOR').map((processor) => ({ processor, status: 'FAILED' as const })) },
  },
  {
    name: 'with an order with one processor alone',
    user: {
      orders: knownOf('PAYMENT_PROCESSOR')
        .slice(1, 2)
        .map((processor) => ({ processor, status: 'OPEN' })),
    },
  },
  { name: 'without subscriptions', user: { subscriptions: [] } },
  { name: 'with an unverified subscription', user: { subscriptions: [{ thread: 'thread-1', verified: false }] } },
  {
    name: 'with one of two subscriptions verified',
    user: {
      subscriptions: [
        { thread: 'thread-1', verified: false },
        { thread: 'thread-2', verified: true },
      ],
    },
  },
  { name: 'without relationships', user: { relationships: [] } },
  {
    name: 'with relationships that ended',
    user: { relationships: knownOf('CO_BRANDED').map((partner) => ({ partner, active: false })) },
  },
  {
    name: 'with a relationship with one partner alone',
    user: {
      relationships: knownOf('CO_BRANDED')
        .slice(0, 1)
        .map((partner) => ({ partner, active: true })),
    },
  },
  { name: 'without social links', user: { socialLinks: [] } },
  {
    name: 'with links that do not post',
    user: { socialLinks: knownOf('SOCIAL').map((partner) => ({ partner, autoPost: false })) },
  },
  {
    name: 'with a link with one network alone',
    user: {
      socialLinks: knownOf('SOCIAL')
        .slice(0, 1)
        .map((partner) => ({ partner, autoPost: true })),
    },
  },
  { name: 'without interactions', user: { adInteractions: [] } },
  {
    name: 'with an interaction with one advertiser alone',
    user: {
      adInteractions: knownOf('ADVERTISER')
        .slice(0, 1)
        .map((partner) => ({ partner, at: YEARS_AGO })),
    },
  },
  {
    name: 'with an interaction at this instant',
    user: { adInteractions: knownOf('ADVERTISER').map((partner) => ({ partner, at: fromNow(0) })) },
  },
  {
    name: 'with an interaction a millisecond ahead',
    user: { adInteractions: knownOf('ADVERTISER').map((partner) => ({ partner, at: fromNow(1) })) },
  },
  { name: 'without privacy cases', user: { privacyCases: [] } },
  { name: 'with a closed case', user: { privacyCases: [{ id: 'case-1', status: 'CLOSED' }] } },
  {
    name: 'with a closed and an open case',
    user: {
      privacyCases: [
        { id: 'case-1', status: 'CLOSED' },
        { id: 'case-2', status: 'OPEN' },
      ],
    },
  },
  ...(
    [
      ['a guardian’s case that nobody verified', { status: 'OPEN', from: 'GUARDIAN', verified: false }],
      ['a guardian’s case that does not say that it was verified', { status: 'OPEN', from: 'GUARDIAN' }],
      ['a verified guardian’s case', { status: 'OPEN', from: 'GUARDIAN', verified: true }],
      ['a closed case of a verified guardian', { status: 'CLOSED', from: 'GUARDIAN', verified: true }],
      ['a case of their own that is called unverified', { status: 'OPEN', from: 'SUBJECT', verified: false }],
    ] as const
  ).map(([of, filed]): Change => ({ name: `with ${of}`, user: { privacyCases: [{ id: 'case-1', ...filed }] } })),
  {
    name: 'with a closed case of their own and a guardian’s that nobody verified',
    user: {
      privacyCases: [
        { id: 'case-1', status: 'CLOSED' },
        { id: 'case-2', status: 'OPEN', from: 'GUARDIAN', verified: false },
      ],
    },
  },
  ...(
    [
      ['of an unknown sender', { status: 'OPEN' }],
      ['of staff', { status: 'OPEN', from: 'STAFF', verified: true }],
      ['of a guardian that are verified in a text', { status: 'OPEN', from: 'GUARDIAN', verified: 'true' }],
      ['of a guardian that stand in their record unverified', { status: 'OPEN', from: 'GUARDIAN', verified: false }],
      ['with a list as their source', { status: 'OPEN', from: ['SUBJECT'] }],
    ] as const
  ).map(
    ([of, written]): Change => ({
      name: `with cases ${of}`,
      write: { 'facts.privacyCases': [{ id: 'case-1', ...written }] },
      means: (facts) => ({ ...facts, privacyCases: [] }),
    }),
  ),
];

const OF_CONSENT: readonly Change[] = [
  consented('without a consent to offers', 'targetedOffers', []),
  consented('with offers withdrawn alone', 'targetedOffers', [[WITHDRAWN, YEARS_AGO]]),
  consented('with offers given and withdrawn', 'targetedOffers', [
    [GIVEN, YEARS_AGO],
    [WITHDRAWN, LATER],
  ]),
  consented('with offers withdrawn and given again', 'targetedOffers', [
    [WITHDRAWN, YEARS_AGO],
    [GIVEN, LATER],
  ]),
  consented('with the acts listed latest first', 'targetedOffers', [
    [WITHDRAWN, LATER],
    [GIVEN, YEARS_AGO],
  ]),
  consented('with offers given and withdrawn at one instant', 'targetedOffers', [
    [GIVEN, LATER],
    [WITHDRAWN, LATER],
  ]),
  consented('with offers withdrawn and given at one instant', 'targetedOffers', [
    [WITHDRAWN, LATER],
    [GIVEN, LATER],
  ]),
  consented('with offers given at this instant', 'targetedOffers', [[GIVEN, fromNow(0)]]),
  consented('with offers withdrawn at this instant', 'targetedOffers', [
    [GIVEN, YEARS_AGO],
    [WITHDRAWN, fromNow(0)],
  ]),
  {
    name: 'with a consent to offers in the future',
    write: { 'facts.consents.targetedOffers': { given: true, at: new Date(fromNow(1)) } },
    means: (facts) => ({ ...facts, consents: [act('targetedOffers', GIVEN, fromNow(1))] }),
    spoilt: ['consents'],
  },
];

const OF_STATUS: readonly Change[] = [
  { name: 'sealed', user: { status: 'SEALED', birthDate: '2016-07-01' } },
  { name: 'sealed, with no case and no process', user: { status: 'SEALED', privacyCases: [] }, processes: [] },
  { name: 'with a refusal', user: { status: 'REFUSED' } },
  { name: 'with a refusal, no case and no process', user: { status: 'REFUSED', privacyCases: [] }, processes: [] },
];

const OF_AGE: readonly Change[] = [
  ...['2013-03-10', '2013-03-01', '2008-03-05', '2008-03-01', '2001-03-02', '2001-02-28', '1991-03-01'],
  ...['1976-03-10', '1976-03-01', '1976-02-29', '1900-01-01'],
].map((birthDate) => ({ name: `born on ${birthDate}`, user: { birthDate } }));

const SEALED_CHILDREN: readonly Change[] = ['2026-03-05', '2025-03-05', '2013-03-11'].map((birthDate) => ({
  name: `sealed and born on ${birthDate}`,
  user: { birthDate, status: 'SEALED' as const },
}));

const livingIn = (name: string, country: string | undefined, rest: Change['user'] = {}): Change => ({
  name,
  user: { country, ...rest },
});
const NOWHERE = { country: undefined, postalAddress: undefined };
const DEEMED = { acceptedPolicy: accepted('DEEMED') };

const OF_RESIDENCE: readonly Change[] = [
  ...EEA.map((country) => livingIn(`in ${country} with a deemed acceptance`, country, DEEMED)),
  ...['JE', 'CH', 'CA', 'TR', 'NC'].map((country) =>
    livingIn(`in ${country} with a deemed acceptance`, country, DEEMED),
  ),
  livingIn('in France with an acceptance', 'FR'),
  livingIn('in Norway with an acceptance', 'NO'),
  livingIn('in France with transfer withdrawn', 'FR', { consents: transfer([[WITHDRAWN, LATER]]) }),
  livingIn('in France with transfer given by an act', 'FR', { ...DEEMED, consents: transfer([[GIVEN, LATER]]) }),
  livingIn('in France with transfer given and withdrawn', 'FR', {
    consents: transfer([
      [GIVEN, YEARS_AGO],
      [WITHDRAWN, LATER],
    ]),
  }),
  livingIn('in France with transfer given and withdrawn at one instant', 'FR', {
    consents: transfer([
      [GIVEN, LATER],
      [WITHDRAWN, LATER],
    ]),
  }),
  livingIn('in France with transfer withdrawn and given again', 'FR', {
    consents: transfer([
      [WITHDRAWN, YEARS_AGO],
      [GIVEN, LATER],
    ]),
  }),
  {
    ...livingIn('in France with a transfer consent in the future', 'FR', DEEMED),
    write: { 'facts.consents.euTransfer': { given: true, at: new Date(fromNow(1)) } },
    means: (facts) => ({ ...facts, consents: [...facts.consents, act('euTransfer', GIVEN, fromNow(1))] }),
    spoilt: ['consents'],
  },
  livingIn('in France and sealed', 'FR', { status: 'SEALED' }),
  livingIn('in the US with transfer withdrawn', 'US', { consents: transfer([[WITHDRAWN, LATER]]) }),
  livingIn('with a postal address in France alone, and a deemed acceptance', undefined, {
    ...DEEMED,
    postalAddress: address('FR', 'Rue'),
  }),
  livingIn('with a postal address in France alone, and an acceptance', undefined, {
    postalAddress: address('FR', 'Rue'),
  }),
  livingIn('with a postal address in the US alone', undefined, DEEMED),
  livingIn('in the US with a postal address in France', 'US', { ...DEEMED, postalAddress: address('FR', 'Rue') }),
  livingIn('in France with a postal address in the US', 'FR', DEEMED),
  livingIn('in the US with a billing address in France', 'US', { ...DEEMED, billingAddress: address('FR', 'Rue') }),
  livingIn('with a billing address in France alone, and a deemed acceptance', undefined, {
    ...NOWHERE,
    ...DEEMED,
    billingAddress: address('FR', 'Rue'),
  }),
  livingIn('with a billing address in the US alone, and a deemed acceptance', undefined, { ...NOWHERE, ...DEEMED }),
  livingIn('with a billing address in France alone, and an acceptance', undefined, {
    ...NOWHERE,
    billingAddress: address('FR', 'Rue'),
  }),
  livingIn('with a billing address alone, and transfer withdrawn', undefined, {
    ...NOWHERE,
    consents: transfer([[WITHDRAWN, LATER]]),
  }),
];

const OF_PROCESS: readonly Change[] = [
  under('under no process'),
  under('under a process from this instant', during(fromNow(0), undefined)),
  under('under a process from the next instant', during(fromNow(1), undefined)),
  under('under a process until this instant', during(undefined, fromNow(0))),
  under('under a process until the next instant', during(undefined, fromNow(1))),
  under('under a process for this instant alone', during(fromNow(0), fromNow(1))),
  under('under a process that ended', during(fromNow(-2 * HOUR), fromNow(-HOUR))),
  under(
    'under several processes',
    during(fromNow(-HOUR), fromNow(HOUR), ['EMAIL', 'AGE']),
    during(fromNow(0), undefined, ['NAME', 'AGE']),
    during(undefined, fromNow(0), ['GENDER']),
    during(fromNow(1), undefined, ['PHOTOS']),
  ),
  under('under a process that names nothing', during(undefined, undefined, [])),
  under('under a process for a category that no process may name', during(undefined, undefined, ['PROCESSOR_TOKEN'])),
  under('under a process for values that the account shows', during(undefined, undefined, ['CORRECTED_VALUE'])),
  under(
    'under a process for categories that no process may name, and others',
    during(undefined, undefined, ['PROCESSOR_TOKEN', 'CORRECTED_VALUE', 'PAYMENT_CARD', 'ACCOUNT']),
  ),
  ...CATEGORIES.map((category) => under(`under a process for ${category}`, during(undefined, undefined, [category]))),
];

const OF_VERSION: readonly Change[] = [
  ...Object.keys(OLDER).map((version) => ({
    name: `with an acceptance of version ${version}`,
    user: { acceptedPolicy: accepted('EXPLICIT', version) },
  })),
  {
    name: 'with an acceptance of a version that is not on record',
    write: { 'facts.acceptedVersion': 'never-published' },
    means: (facts) => ({ ...facts, acceptedVersion: 'never-published' }),
  },
];

// States that only a database can hold

/** Values of a wrong type. None of them counts as a fact. */
const JUNK: readonly (readonly [string, unknown])[] = [
  ['missing', undefined],
  ['null', null],
  ['text', 'yes'],
  ['a number', 1],
  ['an empty list', []],
  ['an empty object', {}],
];

const spoiltAt = (path: string, means: Change['means'], more: readonly (readonly [string, unknown])[] = []): Change[] =>
  [...JUNK, ...more].map(([name, junk]) => ({
    name: `with a spoiled ${path}: ${name}`,
    write: { [`facts.${path}`]: junk },
    ...(means && { means }),
  }));

const PARTNERS_OF = {
  orders: 'PAYMENT_PROCESSOR',
  relationships: 'CO_BRANDED',
  socialLinks: 'SOCIAL',
  adInteractions: 'ADVERTISER',
} as const;
const without = (facts: Facts, key: keyof Facts): Facts => {
  const { [key]: _gone, ...rest } = facts;
  return rest as Facts;
};
const withoutActs = (facts: Facts, purpose: ConsentAct['purpose']): Facts => ({
  ...facts,
  consents: facts.consents.filter((known) => known.purpose !== purpose),
});

const SPOILT: readonly Change[] = [
  ...spoiltAt('status', (facts) => without(facts, 'status'), [['in a list', ['ACTIVE']]]),
  ...spoiltAt('acceptedVersion', (facts) => without(facts, 'acceptedVersion'), [['in a list', [CURRENT]]]),
  ...spoiltAt('residence', (facts) => without(facts, 'residence'), [
    ['in a list', ['US']],
    ['in lower case', 'us'],
  ]),
  ...spoiltAt('preferences', (facts) => ({ ...facts, preferences: {} }), [['in a list', [complete('').preferences]]]),
  ...PREFERENCES.flatMap((preference) =>
    spoiltAt(
      `preferences.${preference}`,
      (facts) => {
        const { [preference]: _gone, ...preferences } = facts.preferences;
        return { ...facts, preferences };
      },
      [['in a list', [true]]],
    ),
  ),
  ...spoiltAt('standingOptOut', (facts) => without(facts, 'gpcOptOut'), [['in a list', [false]]]),
  ...spoiltAt('consents', (facts) => ({ ...facts, consents: [] })),
  ...spoiltAt('consents.targetedOffers', (facts) => withoutActs(facts, 'targetedOffers'), [
    ['in a list', [{ given: true, at: new Date(YEARS_AGO) }]],
  ]),
  ...spoiltAt('consents.targetedOffers.given', (facts) => withoutActs(facts, 'targetedOffers'), [
    ['in a list', [true]],
  ]),
  ...spoiltAt('consents.targetedOffers.at', (facts) => withoutActs(facts, 'targetedOffers'), [
    ['text of a time', YEARS_AGO],
  ]),
  ...(
    [
      'orders',
      'subscriptions',
      'relationships',
      'socialLinks',
      'adInteractions',
      'privacyCases',
      'legalProcesses',
    ] as const
  ).flatMap((list) =>
    spoiltAt(list, (facts) => ({ ...facts, [list]: [] }), [
      ['a list of nothing', [null, 1, 'text', []]],
      [
        'an object with a sound one',
        { 0: { verified: true, status: 'OPEN', from: 'SUBJECT', active: true, autoPost: true } },
      ],
      [
        'a list of unsound ones',
        [{ verified: 'true', status: ['OPEN'], active: 1, autoPost: 'yes', at: YEARS_AGO, from: 0, until: 'never' }],
      ],
    ]),
  ),
  ...Object.entries(PARTNERS_OF).map(
    ([list, kind]): Change => ({
      name: `with ${list} that name the partner, and are unsound otherwise`,
      write: {
        [`facts.${list}`]: knownOf(kind).flatMap((clientId) => [
          { processor: clientId, partner: clientId },
          { processor: clientId, partner: clientId, status: 'open', active: 'true', autoPost: 1, at: YEARS_AGO },
        ]),
      },
      means: (facts) => ({ ...facts, [list]: [] }),
    }),
  ),
];

const CHANGES: readonly Change[] = [
  ...OF_EVERY_CONDITION,
  ...OF_CONSENT,
  ...OF_STATUS,
  ...OF_AGE,
  ...SEALED_CHILDREN,
  ...OF_RESIDENCE,
  ...OF_PROCESS,
  ...OF_VERSION,
  ...SPOILT,
];

/** All people of the table: each differs from the first in one thing. */
export const PEOPLE: readonly TestPerson[] = CHANGES.map((change, index) => testPerson(`p${index}`, change));
