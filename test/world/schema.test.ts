import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseWorld, parseWorldText, WorldFileError, type WorldRules } from '../../src/world/schema.ts';
import { referencePolicy } from '../support/policy.ts';
import { DATA_CATEGORIES, PREFERENCES } from '../support/words.ts';

const rules: WorldRules = {
  now: new Date('2026-06-15T12:00:00Z'),
  policyVersions: ['2012-01-01', '2014-09-12'],
  currentVersion: '2014-09-12',
  purposes: ['billing', 'service-notice', 'targeted-offers'],
  promotionalPurposes: ['targeted-offers'],
  partnerKinds: new Map([
    ['PAYMENT_PROCESSOR', { serviceProvider: true }],
    ['OFFERS', { serviceProvider: false }],
  ]),
  ...{ recipientAttributes: [], recipientConsents: [], processKinds: referencePolicy.processKinds.map(({ id }) => id) },
  ...{ guardianTies: new Map(), restrictions: [] },
  consentPurposes: ['targetedOffers', 'euTransfer'],
  vocabulary: referencePolicy.vocabulary,
  minimumAge: 13,
  knownPartners: new Set(['stored-partner']),
  knownUsers: new Set(['stored-user']),
};

type Json = Record<string, unknown>;

const user = (facts: Json = {}): Json => ({ id: 'u1', avatarName: 'Neko', ...facts });
const partner = (facts: Json = {}): Json => ({
  clientId: 'p1',
  name: 'Partner',
  kind: 'OFFERS',
  jurisdiction: 'US',
  ...facts,
});
const worldOf = (facts: Json): Json => ({ users: [user(facts)], partners: [partner()] });
const partnerOf = (facts: Json): Json => ({ partners: [partner(facts)] });
const processOf = (facts: Json): Json => ({ users: [user()], legalProcesses: [{ subject: 'u1', ...facts }] });

const AT = '2024-05-01T10:00:00Z';
const promotional = { purposes: ['targeted-offers'] };
const succession = { partner: 'stored-partner', announcedAt: AT };
const consent = (at: unknown) => ({ purpose: 'targetedOffers', action: 'GIVEN', at });
const withPhoto = (id: string) => user({ id, photos: [{ id: 'photo' }] });
const address = { street: '1 Quill Lane', city: 'Larkmoor', postalCode: '00101', country: 'US' };

/** A world with every key of the format, each with a value. */
const fullWorld = () => ({
  users: [
    {
      id: 'u1',
      avatarName: 'Neko',
      name: 'Nora Kestrelmoor',
      email: 'neko@example.com',
      emailProven: false,
      gender: 'female',
      birthDate: '1990-02-03',
      country: 'US',
      postalAddress: { ...address },
      cellPhone: '+1 202-555-0101',
      billingAddress: { ...address },
      paymentCard: { brand: 'VISA', lastFour: '4242', expiry: '2027-09', processorToken: 'token-1' },
      photos: [{ id: 'ph1', url: 'https://example.org/1.jpg', caption: 'My room' }],
      posts: [{ id: 'po1', forum: 'Lobby', text: 'Hello', at: AT }],
      recentActivity: [{ id: 'a1', kind: 'ROOM', text: 'redecorated', at: AT }],
      transactions: [{ id: 't1', kind: 'SOLD', good: 'Lamp', price: 1.5, profit: -0.5, at: AT }],
      preferences: Object.fromEntries(PREFERENCES.map((preference) => [preference, false])),
      consents: [{ purpose: 'targetedOffers', action: 'GIVEN', at: AT }],
      status: 'ACTIVE',
      gpcOptOut: true,
      invented: false,
      acceptedPolicy: { version: '2012-01-01', mode: 'DEEMED', at: AT },
      orders: [{ id: 'o1', processor: 'p1', status: 'FAILED' }],
      subscriptions: [{ thread: 'welcome', verified: true }],
      relationships: [{ partner: 'p1', active: false }],
      socialLinks: [{ partner: 'p1', autoPost: false }],
      adInteractions: [{ partner: 'p1', at: AT }],
      privacyCases: [{ id: 'c1', status: 'CLOSED', from: 'GUARDIAN', verified: true }],
    },
  ],
  partners: [
    {
      clientId: 'p1',
      name: 'Partner',
      kind: 'OFFERS',
      jurisdiction: 'US',
      status: 'SUSPENDED',
      contract: { mode: 'TEST', from: AT, until: '2030-01-01T00:00:00Z', purposes: ['targeted-offers'] },
      policyUrl: 'https://partner.example/privacy',
      dpopBoundAccessTokens: true,
    },
  ],
  successions: [{ partner: 'p1', announcedAt: AT }],
  legalProcesses: [
    {
      id: 'l1',
      kind: 'SUBPOENA',
      authority: 'Court',
      reference: 'R-1',
      subject: 'u1',
      categories: ['EMAIL'],
      from: AT,
      until: '2030-01-01T00:00:00Z',
    },
  ],
});

const faultsOf = (read: () => unknown): readonly string[] => {
  try {
    read();
  } catch (error) {
    if (error instanceof WorldFileError) return error.faults;
    throw error;
  }
  return [];
};
const faultsIn = (json: unknown) => faultsOf(() => parseWorld(json, rules));

type Path = readonly (string | number)[];

/** Every place of a document, the document itself first. */
function* placesIn(value: unknown, path: Path = []): Generator<{ path: Path; value: unknown }> {
  yield { path, value };
  if (typeof value !== 'object' || value === null) return;
  for (const [key, part] of Object.entries(value)) yield* placesIn(part, [...path, Array.isArray(value) ? +key : key]);
}

const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);
const objectPaths = [...placesIn(fullWorld())].filter(({ value }) => isObject(value)).map(({ path }) => path);
const valuePaths = [...placesIn(fullWorld())].filter(({ path }) => path.length > 0).map(({ path }) => path);
const leafPaths = [...placesIn(fullWorld())].filter(({ value }) => typeof value !== 'object').map(({ path }) => path);

const at = (json: unknown, path: Path): Json => path.reduce((value, key) => (value as Json)[key], json) as Json;
const set = (target: object, key: string | number, value: unknown) =>
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
const replaced = (path: Path, value: unknown) => {
  const json = fullWorld();
  set(at(json, path.slice(0, -1)), path.at(-1) as string | number, value);
  return json;
};
const printed = (path: Path) =>
  path
    .reduce<string>((place, key) => (typeof key === 'number' ? `${place}[${key}]` : `${place}.${key}`), '')
    .slice(1) || 'world';

describe('a well-formed world', () => {
  test('comes back whole, its times as instants', () => {
    const { users, partners, successions, legalProcesses } = parseWorld(fullWorld(), rules);
    const instant = new Date(AT);
    expect(
      JSON.parse(JSON.stringify({ users, partners, successions, legalProcesses }).replaceAll('.000Z', 'Z')),
    ).toEqual(fullWorld());
    expect(users[0]?.consents).toEqual([{ purpose: 'targetedOffers', action: 'GIVEN', at: instant }]);
    expect(partners[0]?.contract?.from).toEqual(instant);
    expect(successions[0]?.announcedAt).toEqual(instant);
    expect(legalProcesses[0]?.from).toEqual(instant);
  });

  test('may be empty', () => {
    const empty = { users: [], partners: [], successions: [], legalProcesses: [] };
    expect(parseWorld({}, rules)).toEqual({ ...empty, readAt: rules.now });
  });

  test('gets the simple defaults, and none that the policy decides', () => {
    const minimal = { users: [user()], partners: [partner()] };
    const { users, partners } = parseWorld(minimal, rules);
    expect(users).toEqual([
      {
        ...user(),
        photos: [],
        posts: [],
        recentActivity: [],
        transactions: [],
        preferences: {},
        consents: [],
        status: 'ACTIVE',
        orders: [],
        subscriptions: [],
        relationships: [],
        socialLinks: [],
        adInteractions: [],
        privacyCases: [],
      },
    ]);
    expect(partners).toEqual([{ ...partner(), status: 'ACTIVE', dpopBoundAccessTokens: false }]);
  });

  test('leaves the status of a person of the database open', () => {
    const { users } = parseWorld({ users: [user({ id: 'stored-user' })] }, rules);
    expect(users[0]).toHaveProperty('status', undefined);
  });

  test('has entries that say no more than they must', () => {
    const { users, partners, successions, legalProcesses } = parseWorld(
      {
        users: [
          user({
            acceptedPolicy: {},
            photos: [{}],
            posts: [{}],
            recentActivity: [{}],
            transactions: [{}],
            consents: [{ purpose: 'euTransfer', action: 'WITHDRAWN' }],
            orders: [{ processor: 'p1' }],
            subscriptions: [{}],
            relationships: [{ partner: 'p1' }],
            socialLinks: [{ partner: 'p1' }],
            adInteractions: [{ partner: 'p1' }],
            privacyCases: [{}],
          }),
        ],
        partners: [partner({ contract: {} })],
        successions: [{ partner: 'p1' }],
        legalProcesses: [{ subject: 'u1' }],
      },
      rules,
    );
    const { now } = rules;
    expect(users[0]).toMatchObject({
      acceptedPolicy: { version: '2014-09-12', mode: 'EXPLICIT', at: now },
      photos: [{}],
      posts: [{ at: now }],
      recentActivity: [{ at: now }],
      transactions: [{ at: now }],
      consents: [{ purpose: 'euTransfer', action: 'WITHDRAWN', at: now }],
      orders: [{ processor: 'p1', status: 'OPEN' }],
      subscriptions: [{ verified: false }],
      relationships: [{ partner: 'p1', active: true }],
      socialLinks: [{ partner: 'p1', autoPost: true }],
      adInteractions: [{ partner: 'p1', at: now }],
      privacyCases: [{ status: 'OPEN', from: 'SUBJECT', verified: false }],
    });
    expect(partners[0]?.contract).toEqual({ mode: 'LIVE', purposes: [] });
    expect(successions).toEqual([{ partner: 'p1', announcedAt: now }]);
    expect(legalProcesses).toEqual([{ subject: 'u1', categories: [] }]);
  });

  test.each([
    { name: 'a partner of the database', world: { users: [user({ orders: [{ processor: 'stored-partner' }] })] } },
    { name: 'a person of the database', world: { legalProcesses: [{ subject: 'stored-user' }] } },
    { name: 'a time with a fraction', world: worldOf({ posts: [{ at: '2024-02-29T23:59:59.123456Z' }] }) },
    { name: 'a consent of this very instant', world: worldOf({ consents: [consent(rules.now.toISOString())] }) },
    { name: 'a person of 13 years from today', world: worldOf({ birthDate: '2013-06-15' }) },
    { name: 'a sealed child', world: worldOf({ birthDate: '2020-01-01', status: 'SEALED' }) },
    { name: 'a promotional purpose of a partner that serves itself', world: partnerOf({ contract: promotional }) },
    { name: 'the longest id', world: { users: [user({ id: 'aZ0_-'.padEnd(64, 'x') })] } },
    { name: 'a gender of 32 characters outside the basic plane', world: worldOf({ gender: '𝒳'.repeat(32) }) },
    { name: 'entries of two people with the same id', world: { users: ['a', 'b'].map(withPhoto) } },
    { name: 'two announcements of one succession', world: { successions: [succession, succession] } },
  ])('may hold $name', ({ world }) => {
    expect(faultsIn(world)).toEqual([]);
  });
});

const ID = 'expected 1 to 64 characters of A-Z, a-z, 0-9, _ and -';
const NAME = 'expected text of 1 to 200 characters on one line, not all of them invisible';
const TIME = 'expected a time in UTC, such as 2026-01-31T12:00:00Z';
const PARTNER = 'expected the clientId of a partner, in this file or the database';
const SUBJECT = 'expected the id of a user, in this file or the database';
const DUPLICATE = 'expected a value that no earlier entry of the list has';
const TOO_YOUNG = 'expected at least 13 years ago, or a status other than ACTIVE';
const NOT_PAST = 'expected a time that is not in the future';
const PROMOTIONAL = 'expected no promotional purpose for a service provider';

describe('a large world', () => {
  const users = Array.from({ length: 2_000 }, (_, index) => ({ ...fullWorld().users[0], id: `u${index}` }));
  const large = { ...fullWorld(), users };

  test('is read as its parts are', () => {
    const alone = users
      .slice(0, 20)
      .map((person) => parseWorld({ ...large, users: [person], legalProcesses: [] }, rules));
    expect(parseWorld(large, rules).users.slice(0, 20)).toEqual(alone.flatMap((world) => world.users));
  });

  test('has its faults told as a small one has', () => {
    const spoilt = { country: 'XX', nickname: 'N' };
    const faults = faultsIn({ ...large, users: users.map((person) => ({ ...person, ...spoilt })) });
    expect(faults).toHaveLength(4_000);
    expect(faults.slice(0, 2)).toEqual(faultsIn({ ...large, users: [{ ...users[0], ...spoilt }], legalProcesses: [] }));
  });
});

describe('one fault is told by its place and the expected form', () => {
  test.each([
    { world: null, fault: 'world: expected an object' },
    { world: [], fault: 'world: expected an object' },
    {
      world: { people: [] },
      fault: 'world: unknown key "people", expected only users, partners, successions, legalProcesses',
    },
    { world: { users: {} }, fault: 'users: expected a list' },
    { world: { users: [null] }, fault: 'users[0]: expected an object' },
    { world: { users: [{ avatarName: 'Neko' }] }, fault: `users[0].id: missing, ${ID}` },
    { world: { users: [{ id: 'u1' }] }, fault: `users[0].avatarName: missing, ${NAME}` },
    { world: { users: [user({ id: '' })] }, fault: `users[0].id: ${ID}` },
    { world: { users: [user({ id: 'x'.repeat(65) })] }, fault: `users[0].id: ${ID}` },
    { world: { users: [user({ id: 'a b' })] }, fault: `users[0].id: ${ID}` },
    { world: { users: [user({ id: 'é' })] }, fault: `users[0].id: ${ID}` },
    { world: { users: [user({ id: 7 })] }, fault: `users[0].id: ${ID}` },
    { world: { users: [user({ id: 'u1\n' })] }, fault: `users[0].id: ${ID}` },
    { world: worldOf({ avatarName: '' }), fault: `users[0].avatarName: ${NAME}` },
    {
      world: worldOf({ name: 'x'.repeat(201) }),
      fault: 'users[0].name: expected text of at most 200 characters on one line',
    },
    { world: worldOf({ name: null }), fault: 'users[0].name: expected text of at most 200 characters on one line' },
    {
      world: worldOf({ gender: 'x'.repeat(33) }),
      fault: 'users[0].gender: expected text of at most 32 characters on one line',
    },
    {
      world: worldOf({ gender: '𝒳'.repeat(33) }),
      fault: 'users[0].gender: expected text of at most 32 characters on one line',
    },
    { world: worldOf({ email: 'neko' }), fault: 'users[0].email: expected an email address' },
    { world: worldOf({ email: 'a@b@example.com' }), fault: 'users[0].email: expected an email address' },
    { world: worldOf({ email: 'a b@example.com' }), fault: 'users[0].email: expected an email address' },
    { world: worldOf({ email: 'a@example..com' }), fault: 'users[0].email: expected an email address' },
    { world: worldOf({ email: 'Neko <neko@example.com>' }), fault: 'users[0].email: expected an email address' },
    { world: worldOf({ email: 'ne\u200bko@example.com' }), fault: 'users[0].email: expected an email address' },
    { world: worldOf({ emailProven: 'yes' }), fault: 'users[0].emailProven: expected true or false' },
    { world: worldOf({ avatarName: 'Ne\nko' }), fault: `users[0].avatarName: ${NAME}` },
    { world: worldOf({ avatarName: '\u202eNeko' }), fault: `users[0].avatarName: ${NAME}` },
    { world: worldOf({ avatarName: '\u200b\u3164' }), fault: `users[0].avatarName: ${NAME}` },
    {
      world: worldOf({ name: 'Nia\u2028Ko' }),
      fault: 'users[0].name: expected text of at most 200 characters on one line',
    },
    { world: worldOf({ country: 'XX' }), fault: 'users[0].country: expected an ISO 3166-1 alpha-2 country code' },
    { world: worldOf({ country: 'us' }), fault: 'users[0].country: expected an ISO 3166-1 alpha-2 country code' },
    { world: worldOf({ country: 'UK' }), fault: 'users[0].country: expected an ISO 3166-1 alpha-2 country code' },
    { world: worldOf({ birthDate: '1990-02-30' }), fault: 'users[0].birthDate: expected a calendar date, YYYY-MM-DD' },
    { world: worldOf({ birthDate: '1990-2-3' }), fault: 'users[0].birthDate: expected a calendar date, YYYY-MM-DD' },
    { world: worldOf({ birthDate: AT }), fault: 'users[0].birthDate: expected a calendar date, YYYY-MM-DD' },
    {
      world: worldOf({ birthDate: '2026-06-16' }),
      fault: 'users[0].birthDate: expected a date that is not in the future',
    },
    { world: worldOf({ birthDate: '2013-06-16' }), fault: `users[0].birthDate: ${TOO_YOUNG}` },
    { world: worldOf({ birthDate: '2026-06-15' }), fault: `users[0].birthDate: ${TOO_YOUNG}` },
    { world: worldOf({ postalAddress: 'x' }), fault: 'users[0].postalAddress: expected an object' },
    {
      world: worldOf({ postalAddress: { country: 'EU' } }),
      fault: 'users[0].postalAddress.country: expected an ISO 3166-1 alpha-2 country code',
    },
    {
      world: worldOf({ billingAddress: { zip: '1' } }),
      fault: 'users[0].billingAddress: unknown key "zip", expected only street, city, postalCode, country',
    },
    {
      world: worldOf({ paymentCard: { lastFour: '42424242' } }),
      fault: 'users[0].paymentCard.lastFour: expected the last four digits',
    },
    {
      world: worldOf({ paymentCard: { lastFour: 4242 } }),
      fault: 'users[0].paymentCard.lastFour: expected the last four digits',
    },
    {
      world: worldOf({ paymentCard: { expiry: '2027-13' } }),
      fault: 'users[0].paymentCard.expiry: expected a month, YYYY-MM',
    },
    {
      world: worldOf({ paymentCard: { expiry: '09/27' } }),
      fault: 'users[0].paymentCard.expiry: expected a month, YYYY-MM',
    },
    {
      world: worldOf({ paymentCard: { number: '4242424242424242' } }),
      fault: 'users[0].paymentCard: unknown key "number", expected only brand, lastFour, expiry, processorToken',
    },
    {
      world: worldOf({ photos: [{ url: 'javascript:alert(1)' }] }),
      fault: 'users[0].photos[0].url: expected an http or https URL of at most 2048 characters',
    },
    {
      world: worldOf({ photos: [{ url: 'https://' }] }),
      fault: 'users[0].photos[0].url: expected an http or https URL of at most 2048 characters',
    },
    {
      world: worldOf({ photos: [{ url: `https://example.org/${'x'.repeat(2048)}` }] }),
      fault: 'users[0].photos[0].url: expected an http or https URL of at most 2048 characters',
    },
    { world: worldOf({ photos: [{ id: 'a' }, { id: 'a' }] }), fault: `users[0].photos[1].id: ${DUPLICATE}` },
    {
      world: worldOf({ posts: [{ text: 'x'.repeat(10_001) }] }),
      fault: 'users[0].posts[0].text: expected text of at most 10000 characters',
    },
    { world: worldOf({ posts: [{ at: '2024-05-01T10:00:00+02:00' }] }), fault: `users[0].posts[0].at: ${TIME}` },
    { world: worldOf({ posts: [{ at: '2024-05-01T10:00:00' }] }), fault: `users[0].posts[0].at: ${TIME}` },
    { world: worldOf({ posts: [{ at: '2023-02-29T10:00:00Z' }] }), fault: `users[0].posts[0].at: ${TIME}` },
    { world: worldOf({ posts: [{ at: '2024-05-01T24:00:00Z' }] }), fault: `users[0].posts[0].at: ${TIME}` },
    { world: worldOf({ posts: [{ at: 1714557600000 }] }), fault: `users[0].posts[0].at: ${TIME}` },
    { world: worldOf({ posts: [{ id: 'a' }, { id: 'a' }] }), fault: `users[0].posts[1].id: ${DUPLICATE}` },
    {
      world: worldOf({ recentActivity: [{ kind: 'x'.repeat(33) }] }),
      fault: 'users[0].recentActivity[0].kind: expected text of at most 32 characters on one line',
    },
    {
      world: worldOf({ recentActivity: [{ id: 'a' }, { id: 'a' }] }),
      fault: `users[0].recentActivity[1].id: ${DUPLICATE}`,
    },
    {
      world: worldOf({ transactions: [{ kind: 'GIVEN' }] }),
      fault: 'users[0].transactions[0].kind: expected one of CREATED, SOLD, BOUGHT',
    },
    {
      world: worldOf({ transactions: [{ price: '1.5' }] }),
      fault: 'users[0].transactions[0].price: expected a finite number',
    },
    {
      world: worldOf({ transactions: [{ profit: Infinity }] }),
      fault: 'users[0].transactions[0].profit: expected a finite number',
    },
    {
      world: worldOf({ transactions: [{ id: 'a' }, { id: 'a' }] }),
      fault: `users[0].transactions[1].id: ${DUPLICATE}`,
    },
    {
      world: worldOf({ preferences: { autoPost: true } }),
      fault: `users[0].preferences: unknown key "autoPost", expected only ${PREFERENCES.join(', ')}`,
    },
    {
      world: worldOf({ preferences: { adTargeting: 'yes' } }),
      fault: 'users[0].preferences.adTargeting: expected true or false',
    },
    {
      world: worldOf({ consents: [{ action: 'GIVEN' }] }),
      fault: 'users[0].consents[0].purpose: missing, expected one of targetedOffers, euTransfer',
    },
    {
      world: worldOf({ consents: [{ ...consent(AT), purpose: 'billing' }] }),
      fault: 'users[0].consents[0].purpose: expected one of targetedOffers, euTransfer',
    },
    {
      world: worldOf({ consents: [{ ...consent(AT), action: 'given' }] }),
      fault: 'users[0].consents[0].action: expected one of GIVEN, WITHDRAWN',
    },
    {
      world: worldOf({ consents: [consent('2026-06-15T12:00:00.001Z')] }),
      fault: `users[0].consents[0].at: ${NOT_PAST}`,
    },
    { world: worldOf({ consents: [consent('yesterday')] }), fault: `users[0].consents[0].at: ${TIME}` },
    { world: worldOf({ status: 'ERASED' }), fault: 'users[0].status: expected one of ACTIVE, SEALED, REFUSED' },
    { world: worldOf({ gpcOptOut: 1 }), fault: 'users[0].gpcOptOut: expected true or false' },
    { world: worldOf({ invented: 1 }), fault: 'users[0].invented: expected true or false' },
    {
      world: worldOf({ acceptedPolicy: { version: '2015-01-01' } }),
      fault: 'users[0].acceptedPolicy.version: expected one of 2012-01-01, 2014-09-12',
    },
    {
      world: worldOf({ acceptedPolicy: { mode: 'IMPLIED' } }),
      fault: 'users[0].acceptedPolicy.mode: expected one of EXPLICIT, DEEMED',
    },
    { world: worldOf({ orders: [{ processor: 'nobody' }] }), fault: `users[0].orders[0].processor: ${PARTNER}` },
    { world: worldOf({ orders: [{}] }), fault: `users[0].orders[0].processor: missing, ${PARTNER}` },
    {
      world: worldOf({ orders: [{ processor: 'p1', status: 'PAID' }] }),
      fault: 'users[0].orders[0].status: expected one of OPEN, FAILED, FILLED, CANCELLED',
    },
    {
      world: worldOf({ orders: ['p1', 'p1'].map((processor) => ({ id: 'a', processor })) }),
      fault: `users[0].orders[1].id: ${DUPLICATE}`,
    },
    {
      world: worldOf({ subscriptions: [{ verified: null }] }),
      fault: 'users[0].subscriptions[0].verified: expected true or false',
    },
    {
      world: worldOf({ relationships: [{ partner: 'nobody' }] }),
      fault: `users[0].relationships[0].partner: ${PARTNER}`,
    },
    { world: worldOf({ socialLinks: [{ partner: 'nobody' }] }), fault: `users[0].socialLinks[0].partner: ${PARTNER}` },
    {
      world: worldOf({ adInteractions: [{ partner: 'nobody' }] }),
      fault: `users[0].adInteractions[0].partner: ${PARTNER}`,
    },
    {
      world: worldOf({ privacyCases: [{ status: 'DONE' }] }),
      fault: 'users[0].privacyCases[0].status: expected one of OPEN, CLOSED',
    },
    {
      world: worldOf({ privacyCases: [{ from: 'STAFF' }] }),
      fault: 'users[0].privacyCases[0].from: expected one of SUBJECT, GUARDIAN',
    },
    {
      world: worldOf({ privacyCases: [{ verified: 'yes' }] }),
      fault: 'users[0].privacyCases[0].verified: expected true or false',
    },
    {
      world: worldOf({ privacyCases: [{ id: 'a' }, { id: 'a' }] }),
      fault: `users[0].privacyCases[1].id: ${DUPLICATE}`,
    },
    { world: { users: [user(), user()] }, fault: `users[1].id: ${DUPLICATE}` },
    { world: { partners: [partner(), partner()] }, fault: `partners[1].clientId: ${DUPLICATE}` },
    { world: partnerOf({ clientId: undefined }), fault: `partners[0].clientId: missing, ${ID}` },
    { world: partnerOf({ name: undefined }), fault: `partners[0].name: missing, ${NAME}` },
    {
      world: partnerOf({ kind: undefined }),
      fault: 'partners[0].kind: missing, expected one of PAYMENT_PROCESSOR, OFFERS',
    },
    {
      world: partnerOf({ jurisdiction: undefined }),
      fault: 'partners[0].jurisdiction: missing, expected an ISO 3166-1 alpha-2 country code',
    },
    { world: partnerOf({ kind: 'FRIEND' }), fault: 'partners[0].kind: expected one of PAYMENT_PROCESSOR, OFFERS' },
    {
      world: partnerOf({ policyUrl: 'http://partner.example/privacy' }),
      fault: 'partners[0].policyUrl: expected an https URL of at most 2048 characters',
    },
    { world: partnerOf({ status: 'GONE' }), fault: 'partners[0].status: expected one of ACTIVE, SUSPENDED' },
    {
      world: partnerOf({ contract: { purposes: ['world-domination'] } }),
      fault: 'partners[0].contract.purposes[0]: expected one of billing, service-notice, targeted-offers',
    },
    {
      world: partnerOf({ kind: 'PAYMENT_PROCESSOR', contract: { purposes: ['billing', 'targeted-offers'] } }),
      fault: `partners[0].contract.purposes[1]: ${PROMOTIONAL}`,
    },
    {
      world: partnerOf({ contract: { from: AT, until: AT } }),
      fault: 'partners[0].contract.until: expected a time after `from`',
    },
    {
      world: partnerOf({ contract: { from: '2024-05-01T10:00:00.5Z', until: AT } }),
      fault: 'partners[0].contract.until: expected a time after `from`',
    },
    { world: { successions: [{ announcedAt: AT }] }, fault: `successions[0].partner: missing, ${PARTNER}` },
    { world: { successions: [{ partner: 'nobody' }] }, fault: `successions[0].partner: ${PARTNER}` },
    {
      world: processOf({ kind: 'WHIM' }),
      fault:
        'legalProcesses[0].kind: expected one of COURT_ORDER, SUBPOENA, JUDICIAL_PROCEEDING, STATUTE, RIGHTS_PROTECTION',
    },
    { world: processOf({ subject: 'nobody' }), fault: `legalProcesses[0].subject: ${SUBJECT}` },
    { world: processOf({ subject: undefined }), fault: `legalProcesses[0].subject: missing, ${SUBJECT}` },
    {
      world: processOf({ categories: ['DIARY'] }),
      fault: `legalProcesses[0].categories[0]: expected one of ${DATA_CATEGORIES.join(', ')}`,
    },
    {
      world: processOf({ from: '2025-01-01T00:00:00Z', until: AT }),
      fault: 'legalProcesses[0].until: expected a time after `from`',
    },
    {
      world: { legalProcesses: ['a', 'a'].map((id) => ({ id, subject: 'stored-user' })) },
      fault: `legalProcesses[1].id: ${DUPLICATE}`,
    },
  ])('$fault', ({ world, fault }) => {
    expect(faultsIn(world)).toEqual([fault]);
  });

  test('a birthday of 29 February counts from 1 March where the year has none', () => {
    const child = worldOf({ birthDate: '2012-02-29' });
    const on = (day: string) => faultsOf(() => parseWorld(child, { ...rules, now: new Date(`${day}T12:00:00Z`) }));
    expect(on('2025-02-28')).toEqual([`users[0].birthDate: ${TOO_YOUNG}`]);
    expect(on('2025-03-01')).toEqual([]);
  });
});

describe('every fault is told, one a line', () => {
  const world = {
    users: [
      user({
        nickname: 'N',
        id: 'u 1',
        country: 'XX',
        orders: [
          { id: 'a', processor: 'nobody' },
          { id: 'a', processor: 'p1' },
        ],
      }),
      user({ birthDate: '2020-01-01', consents: [consent('2027-01-01T00:00:00Z')] }),
      user({ posts: 'none' }),
    ],
    partners: [
      partner({
        kind: 'PAYMENT_PROCESSOR',
        logo: '',
        contract: { from: AT, until: AT, purposes: ['targeted-offers', 'x'] },
      }),
    ],
    legalProcesses: [
      { id: 'l', subject: 'u1' },
      { id: 'l', subject: 'nobody' },
    ],
  };
  const places = [
    'users[0]: unknown key "nickname"',
    'users[0].id: ',
    'users[0].country: ',
    'users[0].orders[0].processor: ',
    'users[0].orders[1].id: ',
    'users[1].birthDate: ',
    'users[1].consents[0].at: ',
    'users[2].posts: ',
    'users[2].id: ',
    'partners[0]: unknown key "logo"',
    'partners[0].contract.until: ',
    'partners[0].contract.purposes[0]: ',
    'partners[0].contract.purposes[1]: ',
    'legalProcesses[1].id: ',
    'legalProcesses[1].subject: ',
  ];

  test('beside all others', () => {
    const faults = faultsIn(world);
    expect(faults).toHaveLength(places.length);
    for (const place of places)
      expect(
        faults.filter((fault) => fault.startsWith(place)),
        place,
      ).toHaveLength(1);
    expect(new WorldFileError(faults).message.split('\n')).toEqual(faults);
  });
});

describe('an unknown key', () => {
  const keys = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('__proto__', 'constructor', 'toString'),
  );

  test.each(objectPaths.map((path) => ({ path, place: printed(path) })))('is told from the known ones: $place', ({
    path,
  }) => {
    const json = fullWorld();
    // the members of keys are not ours, so that the whole document has none
    const keySet = printed(path) === 'partners[0]' ? ['jwks', 'jwksUri'] : [];
    const known = [...Object.keys(at(json, path)), ...keySet].sort();
    set(at(json, path), 'nickname', 'N');
    const [fault, ...others] = faultsIn(json);
    const [told, expectedKeys = ''] = fault?.split(', expected only ') ?? [];
    expect(told).toBe(`${printed(path)}: unknown key "nickname"`);
    expect(expectedKeys.split(', ').sort()).toEqual(known);
    expect(others).toEqual([]);
  });

  test('is refused anywhere, under any name', () => {
    fc.assert(
      fc.property(fc.constantFrom(...objectPaths), keys, fc.jsonValue(), (path, key, value) => {
        const json = fullWorld();
        const target = at(json, path);
        fc.pre(!Object.hasOwn(target, key));
        set(target, key, value);
        const faults = faultsIn(json);
        expect(faults).toHaveLength(1);
        expect(faults[0]).toContain(`${printed(path)}: unknown key "`);
        expect(faults[0]).toContain(', expected only ');
      }),
      { numRuns: 200 },
    );
  });

  test.each([
    { name: 'as it is', key: 'nickname', shown: 'nickname' },
    { name: 'whole at 40 characters', key: 'k'.repeat(40), shown: 'k'.repeat(40) },
    { name: 'cut beyond 40 characters', key: 'k'.repeat(41), shown: `${'k'.repeat(39)}…` },
    { name: 'on one line', key: 'a\nb\u2028c', shown: 'a\u{fffd}b\u{fffd}c' },
  ])('is shown $name', ({ key, shown }) => {
    const [fault, ...others] = faultsIn({ [key]: 1 });
    expect(fault).toMatch(`world: unknown key "${shown}", expected only `);
    expect(others).toEqual([]);
  });
});

describe('no message holds a value of the file', () => {
  const CANARY = 'canary-7d1f';
  const NUMBER = 918273.6455;
  const canaries = [
    CANARY,
    NUMBER,
    [CANARY],
    { [PREFERENCES[0] ?? '']: CANARY },
    `${CANARY}@example.com`,
    `${CANARY} `.repeat(2_000),
  ];

  test.each(canaries.map((canary, index) => ({ index, canary })))('canary $index in each place', ({ canary }) => {
    const messages = valuePaths.flatMap((path) => faultsIn(replaced(path, canary)));
    expect(messages.length).toBeGreaterThan(25);
    expect(messages.join('\n')).not.toMatch(/canary|918273/);
  });

  test('in all places at once', () => {
    const json = fullWorld();
    for (const path of leafPaths) set(at(json, path.slice(0, -1)), path.at(-1) as string | number, CANARY);
    json.users.push(...json.users);
    json.partners.push(...json.partners);
    json.legalProcesses.push(...json.legalProcesses);
    const faults = faultsIn(json);
    expect(faults.length).toBeGreaterThan(60);
    expect(faults.join('\n')).not.toContain(CANARY);
  });

  test('nor does a syntax error', () => {
    const text = JSON.stringify({ users: [{ email: 'canary-7d1f@example.com' }] });
    for (let length = 0; length < text.length; length += 1)
      expect(faultsOf(() => parseWorldText(`${text.slice(0, length)}canary`, rules)).join()).not.toContain('canary');
  });
});

describe('nothing but a WorldFileError is thrown', () => {
  test('for any JSON', () => {
    fc.assert(fc.property(fc.jsonValue({ maxDepth: 5 }), (json) => void faultsIn(json)));
  });

  test('for a world with any JSON at any place', () => {
    fc.assert(
      fc.property(fc.constantFrom(...valuePaths), fc.jsonValue(), (path, json) => void faultsIn(replaced(path, json))),
      { numRuns: 300 },
    );
  });

  test('for any text', () => {
    const jsonish = fc.string({ unit: fc.constantFrom(...'{}[],:"\\ \n0-.eEtrue') });
    fc.assert(fc.property(fc.oneof(fc.string(), jsonish), (text) => void faultsOf(() => parseWorldText(text, rules))));
  });
});

describe('a text that is not JSON', () => {
  test.each([
    { name: 'nothing', text: '', line: 1, column: 1 },
    { name: 'a value left out', text: '{"a": }', line: 1, column: 7 },
    { name: 'a comma too many in an object', text: '{"a": 1,}', line: 1, column: 9 },
    { name: 'a comma too many in a list', text: '[1,\n]', line: 2, column: 1 },
    { name: 'a bare key', text: '{\n  users: []\n}', line: 2, column: 3 },
    { name: 'a key without a value', text: '{"a"}', line: 1, column: 5 },
    { name: 'single quotes', text: "{'a': 1}", line: 1, column: 2 },
    { name: 'a comment', text: '{} // the end', line: 1, column: 4 },
    { name: 'the wrong bracket', text: '{"a": [1}', line: 1, column: 9 },
    { name: 'a bracket too many', text: '[[]]]', line: 1, column: 5 },
    { name: 'an end too soon', text: '{"users": [\n', line: 2, column: 1 },
    { name: 'a string without an end', text: '["abc', line: 1, column: 6 },
    { name: 'a line break in a string', text: '["ab\nc"]', line: 1, column: 5 },
    { name: 'an unknown escape', text: '["ab\\x"]', line: 1, column: 5 },
    { name: 'a number that starts with zero', text: '[01]', line: 1, column: 3 },
    { name: 'a number without its fraction', text: '[1.]', line: 1, column: 3 },
    { name: 'a cut word', text: '[true, fals]', line: 1, column: 8 },
    { name: 'a byte order mark', text: '\u{feff}{}', line: 1, column: 1 },
    { name: 'lists without an end', text: '['.repeat(100_000), line: 1, column: 100_001 },
  ])('is told by line and column: $name', ({ text, line, column }) => {
    expect(faultsOf(() => parseWorldText(text, rules))).toEqual([`line ${line}, column ${column}: expected JSON`]);
  });

  test('is told where it breaks, after any text', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(), (json, at) => {
        const lines = JSON.stringify(json, null, 1).split('\n');
        const line = at % (lines.length + 1);
        const broken = lines.toSpliced(line, 0, '#').join('\n');
        expect(faultsOf(() => parseWorldText(broken, rules))).toEqual([`line ${line + 1}, column 1: expected JSON`]);
      }),
    );
  });

  test('is told from one that is', () => {
    expect(parseWorldText(JSON.stringify(fullWorld(), null, 2), rules)).toEqual(parseWorld(fullWorld(), rules));
  });
});
