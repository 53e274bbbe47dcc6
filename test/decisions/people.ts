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

/** Older versions of the policy, by the clauses that they lack. Between them each clause is there once and lacks once. */
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

/** What a record says, as the database holds it. */
type Stored = Readonly<Record<string, unknown>>;

export interface TestPerson {
  readonly name: string;
  readonly file: WorldUser;
  readonly legalProcesses: readonly (LegalProcess & { readonly id: string })[];
  /** What is then written into the person's record by hand, by path; `undefined` removes. */
  readonly write: Stored;
  /** What it amounts to. */
  readonly person: Person;
  /** Fields of the person's own account that show what was spoiled, of which nothing is expected. */
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

/** Somebody in the United States of whom every condition of the table holds and every category has a value. */
const complete = (id: string): WorldUser => ({
  id,
  avatarName: `Avatar ${id}`,
  name: `Name ${id}`,
  email: `${id}@example.com`,
  gender: 'female',
  // Five days ago the age and the age band changed, which nobody but the person learns this month.
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
  /** What differs in the world file; `undefined` leaves it out. */
  readonly user?: { readonly [Key in keyof WorldUser]?: WorldUser[Key] | undefined };
  readonly processes?: readonly LegalProcess[];
  readonly write?: Stored;
  /** What the writing by hand amounts to. */
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

/** What was corrected of everybody, as the person and nobody else may read it. */
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

// What a world file can state

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
  { name: 'of whom everything holds' },
  { name: 'of whom nothing is held but an avatar name', user: { ...NO_VALUES, ...NO_RECORDS, country: undefined } },
  { name: 'with everything as at registration', user: NO_RECORDS },
  { name: 'of whom everything holds and nothing has a value', user: NO_VALUES },
  { name: 'whose address is not proven', user: { emailProven: false } },
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
      ['of which nobody knows whom they come from', { status: 'OPEN' }],
      ['of staff', { status: 'OPEN', from: 'STAFF', verified: true }],
      ['of a guardian that are verified in a text', { status: 'OPEN', from: 'GUARDIAN', verified: 'true' }],
      ['of a guardian that stand in their record unverified', { status: 'OPEN', from: 'GUARDIAN', verified: false }],
      ['whose source is a list', { status: 'OPEN', from: ['SUBJECT'] }],
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
  consented('who never consented to offers', 'targetedOffers', []),
  consented('who withdrew from offers', 'targetedOffers', [[WITHDRAWN, YEARS_AGO]]),
  consented('who consented to offers and withdrew', 'targetedOffers', [
    [GIVEN, YEARS_AGO],
    [WITHDRAWN, LATER],
  ]),
  consented('who withdrew from offers and consented again', 'targetedOffers', [
    [WITHDRAWN, YEARS_AGO],
    [GIVEN, LATER],
  ]),
  consented('whose acts are listed latest first', 'targetedOffers', [
    [WITHDRAWN, LATER],
    [GIVEN, YEARS_AGO],
  ]),
  consented('who consented and withdrew at one instant', 'targetedOffers', [
    [GIVEN, LATER],
    [WITHDRAWN, LATER],
  ]),
  consented('who withdrew and consented at one instant', 'targetedOffers', [
    [WITHDRAWN, LATER],
    [GIVEN, LATER],
  ]),
  consented('who consents to offers at this instant', 'targetedOffers', [[GIVEN, fromNow(0)]]),
  consented('who withdraws at this instant', 'targetedOffers', [
    [GIVEN, YEARS_AGO],
    [WITHDRAWN, fromNow(0)],
  ]),
  {
    name: 'whose consent to offers lies in the future',
    write: { 'facts.consents.targetedOffers': { given: true, at: new Date(fromNow(1)) } },
    means: (facts) => ({ ...facts, consents: [act('targetedOffers', GIVEN, fromNow(1))] }),
    spoilt: ['consents'],
  },
];

const OF_STATUS: readonly Change[] = [
  { name: 'who is sealed', user: { status: 'SEALED', birthDate: '2016-07-01' } },
  { name: 'who is sealed, with no case and no process', user: { status: 'SEALED', privacyCases: [] }, processes: [] },
  { name: 'who refused', user: { status: 'REFUSED' } },
  { name: 'who refused, with no case and no process', user: { status: 'REFUSED', privacyCases: [] }, processes: [] },
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
  ...EEA.map((country) => livingIn(`in ${country} who accepted by going on`, country, DEEMED)),
  ...['JE', 'CH', 'CA', 'TR', 'NC'].map((country) =>
    livingIn(`in ${country} who accepted by going on`, country, DEEMED),
  ),
  livingIn('in France who accepted', 'FR'),
  livingIn('in Norway who accepted', 'NO'),
  livingIn('in France who withdrew', 'FR', { consents: transfer([[WITHDRAWN, LATER]]) }),
  livingIn('in France who gave by an act', 'FR', { ...DEEMED, consents: transfer([[GIVEN, LATER]]) }),
  livingIn('in France who gave and withdrew', 'FR', {
    consents: transfer([
      [GIVEN, YEARS_AGO],
      [WITHDRAWN, LATER],
    ]),
  }),
  livingIn('in France who gave and withdrew at one instant', 'FR', {
    consents: transfer([
      [GIVEN, LATER],
      [WITHDRAWN, LATER],
    ]),
  }),
  livingIn('in France who withdrew and gave again', 'FR', {
    consents: transfer([
      [WITHDRAWN, YEARS_AGO],
      [GIVEN, LATER],
    ]),
  }),
  {
    ...livingIn('in France whose transfer consent lies in the future', 'FR', DEEMED),
    write: { 'facts.consents.euTransfer': { given: true, at: new Date(fromNow(1)) } },
    means: (facts) => ({ ...facts, consents: [...facts.consents, act('euTransfer', GIVEN, fromNow(1))] }),
    spoilt: ['consents'],
  },
  livingIn('in France and sealed', 'FR', { status: 'SEALED' }),
  livingIn('in the US who withdrew', 'US', { consents: transfer([[WITHDRAWN, LATER]]) }),
  livingIn('with a postal address in France alone, who accepted by going on', undefined, {
    ...DEEMED,
    postalAddress: address('FR', 'Rue'),
  }),
  livingIn('with a postal address in France alone, who accepted', undefined, { postalAddress: address('FR', 'Rue') }),
  livingIn('with a postal address in the US alone', undefined, DEEMED),
  livingIn('in the US with a postal address in France', 'US', { ...DEEMED, postalAddress: address('FR', 'Rue') }),
  livingIn('in France with a postal address in the US', 'FR', DEEMED),
  livingIn('in the US with a billing address in France', 'US', { ...DEEMED, billingAddress: address('FR', 'Rue') }),
  livingIn('with a billing address in France alone, who accepted by going on', undefined, {
    ...NOWHERE,
    ...DEEMED,
    billingAddress: address('FR', 'Rue'),
  }),
  livingIn('with a billing address in the US alone, who accepted by going on', undefined, { ...NOWHERE, ...DEEMED }),
  livingIn('with a billing address in France alone, who accepted', undefined, {
    ...NOWHERE,
    billingAddress: address('FR', 'Rue'),
  }),
  livingIn('with a billing address alone, who withdrew', undefined, {
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
  under('under a process that names what none may', during(undefined, undefined, ['PROCESSOR_TOKEN'])),
  under('under a process for what is read through the account', during(undefined, undefined, ['CORRECTED_VALUE'])),
  under(
    'under a process that names what none may and more',
    during(undefined, undefined, ['PROCESSOR_TOKEN', 'CORRECTED_VALUE', 'PAYMENT_CARD', 'ACCOUNT']),
  ),
  ...CATEGORIES.map((category) => under(`under a process for ${category}`, during(undefined, undefined, [category]))),
];

const OF_VERSION: readonly Change[] = [
  ...Object.keys(OLDER).map((version) => ({
    name: `who accepted the version of ${version}`,
    user: { acceptedPolicy: accepted('EXPLICIT', version) },
  })),
  {
    name: 'who accepted a version that is not on record',
    write: { 'facts.acceptedVersion': 'never-published' },
    means: (facts) => ({ ...facts, acceptedVersion: 'never-published' }),
  },
];

// What a database may hold all the same

/** What stands where another type belongs. Nothing here says anything about anyone. */
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
    name: `whose ${path} is ${name}`,
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
      name: `whose ${list} name the partner and say nothing sound of it`,
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

/** Everybody that is asked about: one thing about each is otherwise than about the first. */
export const PEOPLE: readonly TestPerson[] = CHANGES.map((change, index) => testPerson(`p${index}`, change));
