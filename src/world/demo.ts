import { HOUR } from '../base/durations.ts';

/**
 * The world in an empty database at the start. Everybody in it is invented: names are made of syllables, mail goes to
 * `example.com`, `.org` and `.net` (RFC 2606), telephones answer at 555-01xx, which North America keeps for fiction.
 *
 * | id  | avatar | state                                                                                      |
 * | --- | ------ | ------------------------------------------------------------------------------------------ |
 * | u1  | Neko   | US, everything filled in and allowed: each caller sees the most that it can see of anyone  |
 * | u2  | Ziggy  | US, the opposite: every switch off, nothing consented to, every tie with a partner ended   |
 * | u3  | Fleur  | FR, wants offers, but has withdrawn the transfer: partners outside the EEA find nobody     |
 * | u4  | Pip    | a child whose account is sealed                                                            |
 * | u5  | Grimm  | has refused the policy                                                                     |
 * | u6  | Sol    | DE, wants offers, the transfer is in force                                                 |
 * | u7  | Wren   | US, clicked an advertisement, but a Global Privacy Control opt-out stands                  |
 * | u8  | Moss   | CA, wanted offers and has withdrawn; an order has failed                                   |
 * | u9  | Echo   | GB, wanted offers, withdrew, wants them again                                              |
 * | u10 | Lark   | SE, wants offers, but accepted the policy only by staying: no transfer                     |
 * | u11 | Kit    | US, of the youngest age allowed, clicked an advertisement                                  |
 * | u12 | Rune   | has given an avatar name and nothing else                                                  |
 *
 * The rest, `u13` and up, are drawn from a seeded generator.
 */

export interface DemoOptions {
  readonly now: Date;
  /** The version that everybody has accepted. */
  readonly policyVersion: string;
  readonly preferences: readonly string[];
  /** Whole years. */
  readonly minimumAge: number;
  /** The time from the announcement of a succession to its first reveal. */
  readonly noticeHours: number;
  /** Countries of the transfer region, ISO 3166-1 alpha-2: data leaves it only with consent. */
  readonly transferRegion: readonly string[];
  /** The same seed and time give the same world. */
  readonly seed?: number;
  /** The number of people, 300 by default, the twelve above included. A larger number does not change the others. */
  readonly people?: number;
}

const MAIL_PURPOSES = [
  'imvu-newsletter',
  'developer-newsletter',
  'friend-added-notice',
  'friend-message-notice',
  'non-friend-message-notice',
  'blog-notification',
  'service-notice',
  'creator-notification',
];
const MAIL_SCOPE = 'avatar-name name email postal-address cell-phone';
const OFFER_SCOPE = 'name email postal-address gender birth-date';
const SUCCESSOR_SCOPE =
  'avatar-name name email gender birth-date age age-band postal-address cell-phone billing-address ' +
  'payment-card card-expiry photos posts activity transactions';

export interface DemoPartner {
  readonly clientId: string;
  readonly name: string;
  readonly kind: string;
  readonly jurisdiction: string;
  readonly purposes: readonly string[];
  /** The scope of its tokens. */
  readonly scope: string;
  readonly status?: 'SUSPENDED';
  /** In force unless said otherwise. */
  readonly contract?: 'EXPIRED' | 'NONE';
}

/** Every kind of partner, and every ground to refuse one. */
export const demoPartners: readonly DemoPartner[] = [
  {
    clientId: 'acme-pay',
    name: 'Acme Pay',
    kind: 'PAYMENT_PROCESSOR',
    jurisdiction: 'US',
    purposes: ['billing', 'order-fulfilment'],
    scope: 'name email billing-address payment-card card-expiry processor-token',
  },
  {
    clientId: 'mailwing',
    name: 'Mailwing',
    kind: 'EMAIL_PROVIDER',
    jurisdiction: 'US',
    purposes: MAIL_PURPOSES,
    scope: MAIL_SCOPE,
  },
  {
    clientId: 'briefpost',
    name: 'Briefpost',
    kind: 'EMAIL_PROVIDER',
    jurisdiction: 'DE',
    purposes: MAIL_PURPOSES,
    scope: MAIL_SCOPE,
  },
  {
    clientId: 'offerly',
    name: 'Offerly',
    kind: 'OFFERS',
    jurisdiction: 'US',
    purposes: ['targeted-offers', 'offer-prefill'],
    scope: OFFER_SCOPE,
  },
  {
    clientId: 'dealnest',
    name: 'Dealnest',
    kind: 'OFFERS',
    jurisdiction: 'US',
    purposes: ['targeted-offers'],
    scope: OFFER_SCOPE,
    contract: 'EXPIRED',
  },
  {
    clientId: 'adhive',
    name: 'Adhive',
    kind: 'ADVERTISER',
    jurisdiction: 'US',
    purposes: ['advertising'],
    scope: 'gender age-band',
  },
  {
    clientId: 'glowcast',
    name: 'Glowcast',
    kind: 'ADVERTISER',
    jurisdiction: 'US',
    purposes: ['advertising'],
    scope: 'gender age-band',
    status: 'SUSPENDED',
  },
  {
    clientId: 'coinwall',
    name: 'Coinwall',
    kind: 'OFFER_WALL',
    jurisdiction: 'US',
    purposes: ['offer-completion'],
    scope: 'name email',
  },
  {
    clientId: 'gigmatch',
    name: 'Gigmatch',
    kind: 'CO_BRANDED',
    jurisdiction: 'US',
    purposes: ['co-branded-service', 'job-application'],
    scope: 'name email',
  },
  {
    clientId: 'petalbox',
    name: 'Petalbox',
    kind: 'CO_BRANDED',
    jurisdiction: 'US',
    purposes: ['co-branded-service'],
    scope: 'name email',
    contract: 'NONE',
  },
  {
    clientId: 'facelink',
    name: 'Facelink',
    kind: 'SOCIAL',
    jurisdiction: 'US',
    purposes: ['activity-posting'],
    scope: 'activity',
  },
  {
    clientId: 'newco',
    name: 'Newco',
    kind: 'SUCCESSOR',
    jurisdiction: 'US',
    purposes: ['succession'],
    scope: SUCCESSOR_SCOPE,
  },
  {
    clientId: 'latermerge',
    name: 'Latermerge',
    kind: 'SUCCESSOR',
    jurisdiction: 'US',
    purposes: ['succession'],
    scope: SUCCESSOR_SCOPE,
  },
];

const SEED = 20140912;
const PEOPLE = 300;

/**
 * Invents a world file: people in every state that decisions depend on, partners of every kind, successions and legal
 * processes in force and past.
 *
 * @returns plain JSON that `parseWorld` accepts
 */
export function demoWorld(options: DemoOptions): unknown {
  const { now, noticeHours, seed = SEED, people = PEOPLE } = options;
  const clock = createClock(now);
  const personas = PERSONAS.map((persona, index) => personaAt(index + 1, persona, clock, options));
  const others = Array.from({ length: Math.max(0, people - personas.length) }, (_, index) =>
    inventPerson(personas.length + index + 1, createDice(seed, personas.length + index + 1), clock, options),
  );
  return {
    users: [...personas, ...others],
    partners: demoPartners.map((partner) => partnerAt(partner, clock)),
    successions: [
      { partner: 'newco', announcedAt: clock.hoursAgo(noticeHours * 2) },
      { partner: 'latermerge', announcedAt: clock.hoursAgo(noticeHours / 3) },
    ],
    legalProcesses: legalProcessesAt(clock),
  };
}

interface Persona {
  readonly avatarName: string;
  /** For documentation. */
  readonly about: string;
  readonly country: string;
  /** The person's data besides the avatar name. */
  readonly facts?: (clock: Clock, options: DemoOptions) => Readonly<Record<string, unknown>>;
}

const PERSONAS: readonly Persona[] = [
  {
    avatarName: 'Neko',
    about: 'has filled in and allowed everything',
    country: 'US',
    facts: ({ daysAgo }, { preferences }) => ({
      name: 'Nora Kestrelmoor',
      gender: 'female',
      birthDate: '1990-02-03',
      preferences: allOf(preferences, true),
      consents: acts('targetedOffers', [300], daysAgo),
      gpcOptOut: false,
      orders: [
        { id: 'u1-order-1', processor: 'acme-pay', status: 'OPEN' },
        { id: 'u1-order-2', processor: 'acme-pay', status: 'FILLED' },
      ],
      subscriptions: [{ thread: 'welcome-to-the-blog', verified: true }],
      relationships: [
        { partner: 'gigmatch', active: true },
        { partner: 'petalbox', active: true },
      ],
      socialLinks: [{ partner: 'facelink', autoPost: true }],
      adInteractions: [
        { partner: 'adhive', at: daysAgo(3) },
        { partner: 'glowcast', at: daysAgo(4) },
      ],
      privacyCases: [{ id: 'u1-case-1', status: 'OPEN' }],
    }),
  },
  {
    avatarName: 'Ziggy',
    about: 'has every switch off and every tie ended',
    country: 'US',
    facts: (_clock, { preferences }) => ({
      preferences: allOf(preferences, false),
      orders: [
        { id: 'u2-order-1', processor: 'acme-pay', status: 'FILLED' },
        { id: 'u2-order-2', processor: 'acme-pay', status: 'CANCELLED' },
      ],
      subscriptions: [{ thread: 'welcome-to-the-blog', verified: false }],
      relationships: [{ partner: 'gigmatch', active: false }],
      socialLinks: [{ partner: 'facelink', autoPost: false }],
      privacyCases: [{ id: 'u2-case-1', status: 'CLOSED' }],
    }),
  },
  {
    avatarName: 'Fleur',
    about: 'lives in the EEA and has withdrawn the transfer',
    country: 'FR',
    facts: ({ daysAgo }) => ({
      consents: [...acts('targetedOffers', [300], daysAgo), ...acts('euTransfer', [700, 60], daysAgo)],
    }),
  },
  {
    avatarName: 'Pip',
    about: 'a child with a sealed account, and a guardian that has written',
    country: 'US',
    facts: ({ bornAt }, { minimumAge }) => ({
      birthDate: bornAt(Math.max(0, minimumAge - 2), 100),
      status: 'SEALED',
      privacyCases: [{ id: 'u4-case-1', status: 'OPEN', from: 'GUARDIAN', verified: false }],
    }),
  },
  { avatarName: 'Grimm', about: 'has refused the policy', country: 'US', facts: () => ({ status: 'REFUSED' }) },
  {
    avatarName: 'Sol',
    about: 'lives in the EEA with the transfer in force',
    country: 'DE',
    facts: ({ daysAgo }) => ({ consents: acts('targetedOffers', [300], daysAgo) }),
  },
  {
    avatarName: 'Wren',
    about: 'has a Global Privacy Control opt-out',
    country: 'US',
    facts: ({ daysAgo }) => ({ gpcOptOut: true, adInteractions: [{ partner: 'adhive', at: daysAgo(3) }] }),
  },
  {
    avatarName: 'Moss',
    about: 'wanted offers and has withdrawn',
    country: 'CA',
    facts: ({ daysAgo }) => ({
      consents: acts('targetedOffers', [300, 90], daysAgo),
      orders: [{ id: 'u8-order-1', processor: 'acme-pay', status: 'FAILED' }],
    }),
  },
  {
    avatarName: 'Echo',
    about: 'withdrew from offers and wants them again',
    country: 'GB',
    facts: ({ daysAgo }) => ({ consents: acts('targetedOffers', [300, 90, 10], daysAgo) }),
  },
  {
    avatarName: 'Lark',
    about: 'lives in the EEA and accepted the policy only by staying',
    country: 'SE',
    facts: ({ daysAgo }, { policyVersion }) => ({
      acceptedPolicy: { version: policyVersion, mode: 'DEEMED', at: daysAgo(700) },
      consents: acts('targetedOffers', [300], daysAgo),
    }),
  },
  {
    avatarName: 'Kit',
    about: 'is of the youngest age allowed',
    country: 'US',
    facts: ({ daysAgo, bornAt }, { minimumAge }) => ({
      birthDate: bornAt(minimumAge, 100),
      adInteractions: [{ partner: 'adhive', at: daysAgo(3) }],
    }),
  },
  { avatarName: 'Rune', about: 'has given an avatar name and nothing else', country: 'US' },
];

/** The people of the table above. */
export const demoPersonas = PERSONAS.map(({ avatarName, about }, index) => ({
  id: `u${index + 1}`,
  avatarName,
  about,
}));

const personaAt = (n: number, { avatarName, country, facts }: Persona, clock: Clock, options: DemoOptions) => {
  const id = `u${n}`;
  if (facts === undefined) return { id, avatarName };
  const dice = createDice(options.seed ?? SEED, n);
  return {
    id,
    avatarName,
    ...inventIdentity(id, country, dice.between(21, 60), dice, clock),
    ...inventContent(id, 1, dice, clock),
    acceptedPolicy: { version: options.policyVersion, mode: 'EXPLICIT', at: clock.daysAgo(700) },
    email: `${avatarName.toLowerCase()}@example.com`,
    ...facts(clock, options),
  };
};

/** How many days ago a consent was given, withdrawn, given again, and so on. */
type History = readonly number[];

const OFFER_HISTORIES: readonly History[] = [[], [200], [200, 80], [200, 80, 9]];
const TRANSFER_HISTORIES: readonly History[] = [[], [], [240, 50], [240, 50, 7]];

const inventPerson = (n: number, dice: Dice, clock: Clock, options: DemoOptions) => {
  const { policyVersion, preferences, minimumAge, transferRegion } = options;
  const { pick, chance, between } = dice;
  const { daysAgo } = clock;
  const id = `u${n}`;
  const country = pick(HOMES);
  const status = pick([...Array<string>(36).fill('ACTIVE'), 'SEALED', 'SEALED', 'REFUSED', 'REFUSED']);
  const age =
    status === 'SEALED' ? Math.max(0, minimumAge - between(1, 4)) : minimumAge + between(0, chance(0.3) ? 4 : 57);
  const transfer = transferRegion.includes(country) ? pick(TRANSFER_HISTORIES) : [];
  return {
    id,
    avatarName: `${pick(AVATAR_FIRSTS)}${pick(AVATAR_SECONDS)}${n}`,
    ...inventIdentity(id, country, age, dice, clock),
    ...inventContent(id, 0, dice, clock),
    preferences: Object.fromEntries(
      preferences.filter(() => chance(0.4)).map((preference) => [preference, chance(0.5)]),
    ),
    consents: [...acts('targetedOffers', pick(OFFER_HISTORIES), daysAgo), ...acts('euTransfer', transfer, daysAgo)],
    status,
    gpcOptOut: chance(0.15),
    acceptedPolicy: {
      version: policyVersion,
      mode: chance(0.2) ? 'DEEMED' : 'EXPLICIT',
      at: daysAgo(between(250, 900)),
    },
    orders: dice.several(0, 3, (order) => ({
      id: `${id}-order-${order}`,
      processor: 'acme-pay',
      status: pick(['OPEN', 'FAILED', 'FILLED', 'FILLED', 'CANCELLED']),
    })),
    subscriptions: dice.several(0, 2, () => ({ thread: pick(THREADS), verified: chance(0.6) })),
    relationships: dice.several(0, 1, () => ({ partner: pick(['gigmatch', 'petalbox']), active: chance(0.7) })),
    socialLinks: dice.several(0, 1, () => ({ partner: 'facelink', autoPost: chance(0.7) })),
    adInteractions: dice.several(0, 1, () => ({ partner: pick(['adhive', 'glowcast']), at: daysAgo(between(1, 90)) })),
    privacyCases: chance(0.15) ? [{ id: `${id}-case-1`, status: pick(['OPEN', 'CLOSED']) }] : [],
  };
};

const inventIdentity = (id: string, country: string, age: number, dice: Dice, clock: Clock) => {
  const { pick, between, digits } = dice;
  const first = `${pick(FIRST_STARTS)}${pick(FIRST_ENDS)}`;
  const last = `${pick(LAST_STARTS)}${pick(LAST_ENDS)}`;
  const address = {
    street: `${between(1, 199)} ${pick(LAST_STARTS)} ${pick(['Lane', 'Row', 'Walk', 'Quay'])}`,
    city: pick(CITIES),
    postalCode: `00${between(100, 499)}`,
    country,
  };
  return {
    name: `${first} ${last}`,
    email: `${first}.${last}.${id}@example.${pick(['com', 'org', 'net'])}`.toLowerCase(),
    gender: pick(['female', 'male', 'non-binary']),
    birthDate: clock.bornAt(age, between(1, 360)),
    country,
    postalAddress: address,
    cellPhone: `+1 ${pick(AREA_CODES)}-555-01${digits(2)}`,
    billingAddress: address,
    paymentCard: {
      brand: pick(['VISA', 'MASTERCARD', 'AMEX']),
      lastFour: digits(4),
      expiry: `${clock.year + between(1, 4)}-${pick(['03', '06', '09', '12'])}`,
      processorToken: `demo-token-${id}`,
    },
  };
};

const inventContent = (id: string, least: number, dice: Dice, { daysAgo }: Clock) => {
  const { pick, between, several } = dice;
  const past = () => daysAgo(between(1, 240));
  return {
    photos: several(least, 3, (n) => ({
      id: `${id}-photo-${n}`,
      url: `https://example.org/photos/${id}-${n}.jpg`,
      caption: pick(CAPTIONS),
    })),
    posts: several(least, 3, (n) => ({ id: `${id}-post-${n}`, forum: pick(FORUMS), text: pick(POSTS), at: past() })),
    recentActivity: several(least, 3, (n) => ({ id: `${id}-activity-${n}`, ...pick(ACTIVITIES), at: past() })),
    transactions: several(least, 4, (n) => {
      const kind = pick(['CREATED', 'SOLD', 'BOUGHT']);
      const price = between(50, 2500) / 100;
      const profit = kind === 'SOLD' ? Math.round(price * 20) / 100 : 0;
      return { id: `${id}-transaction-${n}`, kind, good: pick(GOODS), price, profit, at: past() };
    }),
  };
};

const partnerAt = ({ clientId, name, kind, jurisdiction, purposes, status, contract }: DemoPartner, clock: Clock) => ({
  clientId,
  name,
  kind,
  jurisdiction,
  policyUrl: `https://${clientId}.example/privacy`,
  status: status ?? 'ACTIVE',
  ...(contract !== 'NONE' && {
    contract: {
      from: clock.daysAgo(800),
      ...(contract === 'EXPIRED' && { until: clock.daysAgo(30) }),
      purposes,
    },
  }),
});

const legalProcessesAt = ({ daysAgo, inDays }: Clock) => [
  {
    id: 'process-1',
    kind: 'SUBPOENA',
    authority: 'Court of Port Velmar',
    reference: 'PV-0001',
    subject: 'u1',
    categories: ['NAME', 'EMAIL'],
    from: daysAgo(20),
    until: inDays(345),
  },
  {
    id: 'process-2',
    kind: 'COURT_ORDER',
    authority: 'Court of Port Velmar',
    reference: 'PV-0002',
    subject: 'u2',
    categories: ['EMAIL', 'TRANSACTIONS'],
    from: daysAgo(300),
    until: daysAgo(210),
  },
  {
    id: 'process-3',
    kind: 'RIGHTS_PROTECTION',
    authority: 'Child Safety Office of Larkmoor',
    reference: 'CSO-17',
    subject: 'u4',
    categories: ['AVATAR_NAME', 'NAME', 'POSTS'],
    from: daysAgo(5),
    until: inDays(360),
  },
];

const allOf = (names: readonly string[], value: boolean) => Object.fromEntries(names.map((name) => [name, value]));

const acts = (purpose: string, history: History, daysAgo: Clock['daysAgo']) =>
  history.map((days, index) => ({ purpose, action: index % 2 === 0 ? 'GIVEN' : 'WITHDRAWN', at: daysAgo(days) }));

type Clock = ReturnType<typeof createClock>;

const createClock = (now: Date) => {
  const hoursAgo = (hours: number) => new Date(now.getTime() - hours * HOUR).toISOString();
  return {
    hoursAgo,
    daysAgo: (days: number) => hoursAgo(days * 24),
    inDays: (days: number) => hoursAgo(days * -24),
    year: now.getUTCFullYear(),
    /** The birth date of a person who reached `age` this many days ago, 1-360. */
    bornAt: (age: number, days: number) =>
      new Date(Date.UTC(now.getUTCFullYear() - age, now.getUTCMonth(), now.getUTCDate() - days))
        .toISOString()
        .slice(0, 10),
  };
};

type Dice = ReturnType<typeof createDice>;

/** Each person has a random generator of their own, so that one more person changes nobody else. */
const createDice = (seed: number, n: number) => {
  const random = mulberry32(seed ^ Math.imul(n, 0x9e3779b1));
  const between = (least: number, most: number) => least + Math.floor(random() * (most - least + 1));
  return {
    between,
    chance: (probability: number) => random() < probability,
    pick: <Item>(items: readonly Item[]) => items[between(0, items.length - 1)] as Item,
    digits: (count: number) => Array.from({ length: count }, () => between(0, 9)).join(''),
    /** A list with this number of items, numbered from 1. */
    several: <Item>(least: number, most: number, invent: (n: number) => Item) =>
      Array.from({ length: between(least, most) }, (_, index) => invent(index + 1)),
  };
};

/** Numbers in [0, 1). @see Tommy Ettinger's Mulberry32, in the public domain */
const mulberry32 = (seed: number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

const words = (list: string) => list.split(' ');
const FIRST_STARTS = words(
  'Bra Cor Del Fen Gal Hes Ily Jor Kel Lum Mir Nol Ori Pel Quil Ros Syl Tam Uri Vel Wil Yso Zan',
);
const FIRST_ENDS = words('abeth adric andel avel ennis erwyn ibel ilda imon olan oriel ovan udith ymar yssa');
const LAST_STARTS = words(
  'Amber Briar Copper Dusk Ember Fallow Gorse Hazel Indigo Juniper Kestrel Linden Marrow Nettle',
);
const LAST_ENDS = words('combe drift fen glade holt mere moor quill reach shaw thwaite vane wick wold');
const AVATAR_FIRSTS = words('Velvet Neon Lunar Pixel Mossy Cobalt Paper Static Honey Turbo Opal Rusty');
const AVATAR_SECONDS = words('Otter Comet Fern Falcon Biscuit Lantern Koi Thimble Badger Harp Juniper Moth');
const HOMES = words('US US US US CA GB DE FR IS IT NL PL SE AU BR JP MX');
const CITIES = ['Port Velmar', 'Larkmoor', 'Quillhaven', 'Norrowick', 'Emberfold', 'Saltmarrow', 'Vintergate'];
const AREA_CODES = words('202 303 404 505 606 707 808 909');
const THREADS = ['welcome-to-the-blog', 'winter-catalogue', 'dance-floor-update'];
const FORUMS = ['Lobby', 'Builders', 'Music room', 'Help'];
const CAPTIONS = ['My new room', 'Party on the roof', 'Dressed for winter', 'With the whole crew'];
const POSTS = [
  'Does anyone know how to light a room from below?',
  'The new catalogue is out, and the lamps are lovely.',
  'We dance in the music room tonight, come along.',
  'Thanks, that fixed it.',
];
const ACTIVITIES = [
  { kind: 'OUTFIT', text: 'changed outfit' },
  { kind: 'ROOM', text: 'redecorated a room' },
  { kind: 'REVIEW', text: 'reviewed a product' },
  { kind: 'FRIEND', text: 'made a friend' },
];
const GOODS = ['Paper lantern', 'Velvet sofa', 'Rain boots', 'Disco floor', 'Feather wings'];
