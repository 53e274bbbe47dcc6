import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DemoOptions, demoPartners, demoPersonas, demoWorld } from '../../src/world/demo.ts';
import { parseWorld, type World, type WorldRules, type WorldUser } from '../../src/world/schema.ts';
import { referencePolicy as policy } from '../support/policy.ts';
import { DATA_CATEGORIES, PREFERENCES } from '../support/words.ts';

const NOW = new Date('2026-06-15T12:00:00Z');
const EEA = policy.transferRegion.countries;

const optionsAt = (now: Date, changes: Partial<DemoOptions> = {}): DemoOptions => ({
  now,
  policyVersion: policy.version,
  preferences: PREFERENCES,
  minimumAge: policy.minimumAge,
  noticeHours: policy.noticeHours,
  transferRegion: EEA,
  ...changes,
});

const callerPurposes = policy.purposes.filter(({ use }) => use === 'CALLER');
const rulesAt = (now: Date): WorldRules => ({
  now,
  policyVersions: [policy.version],
  currentVersion: policy.version,
  purposes: callerPurposes.map(({ id }) => id),
  promotionalPurposes: callerPurposes.filter(({ promotional }) => promotional).map(({ id }) => id),
  partnerKinds: new Map(policy.partnerKinds.map((kind) => [kind.id, kind])),
  ...{ recipientAttributes: [], recipientConsents: [], processKinds: policy.processKinds.map(({ id }) => id) },
  ...{ guardianTies: new Map(), restrictions: [] },
  consentPurposes: policy.consents.map(({ id }) => id),
  vocabulary: policy.vocabulary,
  minimumAge: policy.minimumAge,
  knownPartners: new Set(),
  knownUsers: new Set(),
});

const parsedAt = (now: Date, changes?: Partial<DemoOptions>): World =>
  parseWorld(demoWorld(optionsAt(now, changes)), rulesAt(now));

const world = parsedAt(NOW);
const { partners, successions, legalProcesses } = world;
const users: readonly WorldUser[] = world.users;
const invented = users.slice(demoPersonas.length);

const ageOf = (user: WorldUser, now = NOW) => {
  const birthDate = String(user.birthDate ?? '');
  const [birthYear, birthday] = [Number(birthDate.slice(0, 4)), birthDate.slice(5)];
  const passed = birthday <= now.toISOString().slice(5, 10);
  return now.getUTCFullYear() - birthYear - (passed ? 0 : 1);
};
const history = ({ consents }: WorldUser, purpose: string) =>
  consents
    .filter((consent) => consent.purpose === purpose)
    .sort((a, b) => a.at.getTime() - b.at.getTime())
    .map(({ action }) => action)
    .join(' ');
const livesInEea = ({ country }: WorldUser) => country !== undefined && EEA.includes(country);

describe('the demo world', () => {
  test('is the same for the same seed and time', () => {
    expect(demoWorld(optionsAt(NOW))).toEqual(demoWorld(optionsAt(NOW)));
    expect(demoWorld(optionsAt(NOW, { seed: 2 }))).not.toEqual(demoWorld(optionsAt(NOW, { seed: 3 })));
  });

  test('is plain JSON', () => {
    const json = demoWorld(optionsAt(NOW));
    expect(JSON.parse(JSON.stringify(json))).toStrictEqual(json);
  });

  test('holds 300 people, or as many as are asked for, and always the personas', () => {
    expect(users).toHaveLength(300);
    expect(parsedAt(NOW, { people: 40 }).users).toEqual(users.slice(0, 40));
    expect(parsedAt(NOW, { people: 0 }).users).toEqual(users.slice(0, demoPersonas.length));
  });

  test('is well formed at any time, for any seed, under any age limit', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2020-01-01'), max: new Date('2060-01-01'), noInvalidDate: true }),
        fc.integer(),
        fc.integer({ min: 0, max: 21 }),
        (now, seed, minimumAge) => {
          const json = demoWorld(optionsAt(now, { seed, minimumAge, people: 60 }));
          expect(parseWorld(json, { ...rulesAt(now), minimumAge }).users).toHaveLength(60);
        },
      ),
      { numRuns: 50, examples: [[new Date('2028-02-29T00:00:00Z'), 1, 13]] },
    );
  });

  test('names nobody real', () => {
    const full = users.filter(({ id }) => id !== 'u12');
    for (const { email, cellPhone, photos } of full) {
      expect(email).toMatch(/^[a-z0-9.]+@example\.(com|org|net)$/);
      expect(cellPhone).toMatch(/^\+1 \d{3}-555-01\d\d$/);
      for (const { url } of photos) expect(url).toMatch(/^https:\/\/example\.org\//);
    }
    expect(new Set(full.map(({ email }) => email)).size).toBe(full.length);
  });
});

describe('among the invented people', () => {
  const states: { state: string; holds: (user: WorldUser) => boolean }[] = [
    { state: 'an active person', holds: ({ status }) => status === 'ACTIVE' },
    { state: 'a sealed child', holds: (user) => user.status === 'SEALED' && ageOf(user) < policy.minimumAge },
    { state: 'a person with a refusal', holds: ({ status }) => status === 'REFUSED' },
    { state: 'a person of the youngest age', holds: (user) => ageOf(user) === policy.minimumAge },
    { state: 'a person over 50', holds: (user) => ageOf(user) >= 50 },
    { state: 'a resident of the United States', holds: ({ country }) => country === 'US' },
    { state: 'a resident of the EEA', holds: livesInEea },
    { state: 'a resident of neither', holds: (user) => user.country !== 'US' && !livesInEea(user) },
    { state: 'offers never consented to', holds: (user) => history(user, 'targetedOffers') === '' },
    { state: 'offers consented to', holds: (user) => history(user, 'targetedOffers') === 'GIVEN' },
    { state: 'offers withdrawn', holds: (user) => history(user, 'targetedOffers') === 'GIVEN WITHDRAWN' },
    { state: 'offers given again', holds: (user) => history(user, 'targetedOffers') === 'GIVEN WITHDRAWN GIVEN' },
    { state: 'a transfer bundled in', holds: (user) => livesInEea(user) && history(user, 'euTransfer') === '' },
    {
      state: 'a transfer withdrawn',
      holds: (user) => livesInEea(user) && history(user, 'euTransfer').endsWith('WITHDRAWN'),
    },
    {
      state: 'a transfer given again',
      holds: (user) => livesInEea(user) && history(user, 'euTransfer').endsWith('WITHDRAWN GIVEN'),
    },
    { state: 'a deemed acceptance', holds: ({ acceptedPolicy }) => acceptedPolicy?.mode === 'DEEMED' },
    { state: 'an explicit acceptance', holds: ({ acceptedPolicy }) => acceptedPolicy?.mode === 'EXPLICIT' },
    { state: 'an opt-out by GPC', holds: ({ gpcOptOut }) => gpcOptOut === true },
    { state: 'no opt-out', holds: ({ gpcOptOut }) => gpcOptOut === false },
    ...(['OPEN', 'FAILED', 'FILLED', 'CANCELLED'] as const).map((status) => ({
      state: `an order that is ${status}`,
      holds: ({ orders }: WorldUser) => orders.some((order) => order.status === status),
    })),
    ...[true, false].flatMap((value) => [
      {
        state: `a subscription, verified ${value}`,
        holds: (user: WorldUser) => user.subscriptions.some(({ verified }) => verified === value),
      },
      {
        state: `a relationship, active ${value}`,
        holds: (user: WorldUser) => user.relationships.some(({ active }) => active === value),
      },
      {
        state: `a link, autoPost ${value}`,
        holds: (user: WorldUser) => user.socialLinks.some(({ autoPost }) => autoPost === value),
      },
      ...PREFERENCES.map((preference) => ({
        state: `the preference ${preference} set to ${value}`,
        holds: (user: WorldUser) => user.preferences[preference] === value,
      })),
    ]),
    {
      state: 'a preference left to its default',
      holds: ({ preferences }) => Object.keys(preferences).length < PREFERENCES.length,
    },
    { state: 'an interaction with an advertisement', holds: ({ adInteractions }) => adInteractions.length > 0 },
    {
      state: 'an open privacy case',
      holds: ({ privacyCases }) => privacyCases.some(({ status }) => status === 'OPEN'),
    },
    {
      state: 'a closed privacy case',
      holds: ({ privacyCases }) => privacyCases.some(({ status }) => status === 'CLOSED'),
    },
    ...(['photos', 'posts', 'recentActivity', 'transactions'] as const).flatMap((list) => [
      { state: `some ${list}`, holds: (user: WorldUser) => user[list].length > 0 },
      { state: `no ${list}`, holds: (user: WorldUser) => user[list].length === 0 },
    ]),
    ...(['CREATED', 'SOLD', 'BOUGHT'] as const).map((kind) => ({
      state: `something ${kind}`,
      holds: ({ transactions }: WorldUser) => transactions.some((transaction) => transaction.kind === kind),
    })),
  ];

  test.each(states)('there is $state', ({ holds }) => {
    expect(invented.filter(holds).length).toBeGreaterThan(0);
  });
});

describe('among the partners and processes', () => {
  const contractIsInForce = ({ contract }: World['partners'][number]) =>
    contract !== undefined && (contract.from ?? NOW) <= NOW && NOW < (contract.until ?? new Date(8.64e15));

  test.each(policy.partnerKinds)('there is a $id let in', ({ id }) => {
    const kind = partners.filter((partner) => partner.kind === id);
    expect(kind.some((partner) => partner.status === 'ACTIVE' && contractIsInForce(partner))).toBe(true);
  });

  test('there are partners not let in, for each reason, and one of the EEA', () => {
    const ids = (holds: (partner: World['partners'][number]) => boolean) =>
      partners.filter(holds).map(({ clientId }) => clientId);
    expect(ids(({ status }) => status === 'SUSPENDED')).toEqual(['glowcast']);
    expect(ids(({ contract }) => contract === undefined)).toEqual(['petalbox']);
    expect(ids(({ contract }) => contract?.until !== undefined && contract.until <= NOW)).toEqual(['dealnest']);
    expect(ids(({ jurisdiction }) => EEA.includes(jurisdiction))).toEqual(['briefpost']);
  });

  test('the contracts name every purpose a partner may serve, and the scopes every category it may see', () => {
    const reveals = policy.clauses.flatMap((clause) => clause.reveals);
    for (const { id } of policy.partnerKinds) {
      const ofKind = demoPartners.filter(({ kind }) => kind === id);
      const contracted = new Set(ofKind.flatMap(({ purposes }) => purposes));
      const scopes = new Set(
        ofKind.flatMap(({ scope }) => scope.split(' ').map((word) => word.toUpperCase().replaceAll('-', '_'))),
      );
      for (const { purposes = [], categories } of reveals.filter(({ to }) => to === id)) {
        expect(
          purposes.filter((purpose) => !contracted.has(purpose)),
          id,
        ).toEqual([]);
        const shown = Array.isArray(categories)
          ? categories
          : DATA_CATEGORIES.filter((category) => !categories.except.includes(category));
        expect(
          shown.filter((category) => !scopes.has(category)),
          id,
        ).toEqual([]);
      }
      expect(scopes).not.toContain(undefined);
    }
  });

  test('one succession has been announced long enough, one has not', () => {
    const elapsed = successions.map(({ partner, announcedAt }) => [
      partner,
      NOW.getTime() - announcedAt.getTime() >= policy.noticeHours * 3_600_000,
    ]);
    expect(Object.fromEntries(elapsed)).toEqual({ newco: true, latermerge: false });
  });

  test('legal processes are in force and past', () => {
    const inForce = legalProcesses.map(({ from, until }) => Boolean(from && until && from <= NOW && NOW < until));
    expect(inForce).toContain(true);
    expect(inForce).toContain(false);
  });
});

const PERSONAL = [
  'name',
  'email',
  'gender',
  'birthDate',
  'country',
  'postalAddress',
  'cellPhone',
  'billingAddress',
  'paymentCard',
  'acceptedPolicy',
] as const satisfies (keyof WorldUser)[];

describe('the personas', () => {
  const persona = (avatarName: string) => {
    const found = users.find((user) => user.avatarName === avatarName);
    if (!found) throw new Error(`There is no ${avatarName}.`);
    return found;
  };
  const {
    id: _id,
    avatarName: _avatarName,
    ...bare
  } = parseWorld({ users: [{ id: 'x', avatarName: 'X' }] }, rulesAt(NOW)).users[0] as WorldUser;

  test('come first, as documented', () => {
    expect(users.slice(0, demoPersonas.length).map(({ id, avatarName }) => ({ id, avatarName }))).toEqual(
      demoPersonas.map(({ id, avatarName }) => ({ id, avatarName })),
    );
    expect(demoPersonas.map(({ id }) => id)).toEqual(Array.from({ length: 12 }, (_, index) => `u${index + 1}`));
  });

  test('Neko has everything filled in, and is tied to a partner of each kind', () => {
    const neko = persona('Neko');
    expect(PERSONAL.filter((key) => neko[key] === undefined)).toEqual([]);
    expect(Object.values(neko).filter((value) => Array.isArray(value) && value.length === 0)).toEqual([]);
    expect(neko).toMatchObject({
      id: 'u1',
      country: 'US',
      status: 'ACTIVE',
      gpcOptOut: false,
      preferences: Object.fromEntries(PREFERENCES.map((preference) => [preference, true])),
    });
    expect(history(neko, 'targetedOffers')).toBe('GIVEN');
    expect(neko.orders).toContainEqual(expect.objectContaining({ processor: 'acme-pay', status: 'OPEN' }));
    expect(neko.subscriptions).toContainEqual(expect.objectContaining({ verified: true }));
    expect(neko.relationships).toContainEqual({ partner: 'gigmatch', active: true });
    expect(neko.socialLinks).toContainEqual({ partner: 'facelink', autoPost: true });
    expect(neko.adInteractions).toContainEqual(expect.objectContaining({ partner: 'adhive' }));
    expect(neko.privacyCases).toContainEqual(expect.objectContaining({ status: 'OPEN' }));
    expect(legalProcesses.filter(({ subject }) => subject === 'u1')).not.toEqual([]);
  });

  test('Ziggy allows nothing', () => {
    const ziggy = persona('Ziggy');
    expect(Object.values(ziggy.preferences)).toEqual(PREFERENCES.map(() => false));
    expect(ziggy.consents).toEqual([]);
    expect(ziggy.adInteractions).toEqual([]);
    expect(ziggy.orders.map(({ status }) => status)).toEqual(['FILLED', 'CANCELLED']);
    expect(ziggy.subscriptions.filter(({ verified }) => verified)).toEqual([]);
    expect(ziggy.relationships.filter(({ active }) => active)).toEqual([]);
    expect(ziggy.socialLinks.filter(({ autoPost }) => autoPost)).toEqual([]);
  });

  test.each([
    { avatarName: 'Fleur', eea: true, offers: 'GIVEN', transfer: 'GIVEN WITHDRAWN', mode: 'EXPLICIT' },
    { avatarName: 'Sol', eea: true, offers: 'GIVEN', transfer: '', mode: 'EXPLICIT' },
    { avatarName: 'Lark', eea: true, offers: 'GIVEN', transfer: '', mode: 'DEEMED' },
    { avatarName: 'Moss', eea: false, offers: 'GIVEN WITHDRAWN', transfer: '', mode: 'EXPLICIT' },
    { avatarName: 'Echo', eea: true, offers: 'GIVEN WITHDRAWN GIVEN', transfer: '', mode: 'EXPLICIT' },
  ])('$avatarName has consented as documented', ({ avatarName, eea, offers, transfer, mode }) => {
    const user = persona(avatarName);
    expect(livesInEea(user)).toBe(eea);
    expect(history(user, 'targetedOffers')).toBe(offers);
    expect(history(user, 'euTransfer')).toBe(transfer);
    expect(user.acceptedPolicy?.mode).toBe(mode);
  });

  test('Pip is a sealed child, Grimm has refused, Kit is just old enough', () => {
    expect(persona('Pip').status).toBe('SEALED');
    expect(ageOf(persona('Pip'))).toBeLessThan(policy.minimumAge);
    expect(persona('Pip').privacyCases).toMatchObject([{ status: 'OPEN', from: 'GUARDIAN', verified: false }]);
    expect(persona('Grimm').status).toBe('REFUSED');
    expect(persona('Kit').status).toBe('ACTIVE');
    expect(ageOf(persona('Kit'))).toBe(policy.minimumAge);
  });

  test('Wren has opted out by GPC after an interaction, Moss has a failed order', () => {
    expect(persona('Wren')).toMatchObject({ gpcOptOut: true, adInteractions: [{ partner: 'adhive' }] });
    expect(persona('Moss').orders).toMatchObject([{ status: 'FAILED' }]);
  });

  test('Rune has an avatar name and nothing else', () => {
    expect(persona('Rune')).toEqual({ ...bare, id: 'u12', avatarName: 'Rune' });
  });
});
