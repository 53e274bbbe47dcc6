import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildSchema } from '../../src/gateway/schema.ts';
import { createClock, DAY } from '../support/clock.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

const NOW = '2026-03-01T12:00:00.000Z';
const advertiser = (clientId: string, rest: object = {}) => ({
  clientId,
  name: clientId,
  kind: 'ADVERTISER',
  jurisdiction: 'US',
  contract: { purposes: ['advertising'] },
  ...rest,
});
const PARTNERS = [
  advertiser('adhive'),
  advertiser('glowcast'),
  advertiser('halted', { status: 'SUSPENDED' }),
  { clientId: 'facelink', name: 'Facelink', kind: 'SOCIAL', jurisdiction: 'US' },
];

const clock = createClock(NOW);
let world: TestWorld;
let count = 0;
let self = member('');
beforeAll(async () => {
  world = await createWorld({ partners: PARTNERS }, { clock });
});
afterAll(() => world.close());

/** A new person, signed in from now on. */
const open = async (user: object = {}) => {
  count += 1;
  const id = `u${count}`;
  self = member(id);
  await world.load({
    users: [{ id, avatarName: id, gender: 'female', birthDate: '1990-02-03', country: 'US', ...user }],
  });
};
const CLICKED = { adInteractions: [{ partner: 'adhive', at: '2026-02-01T00:00:00Z' }] };

const RECORD = 'mutation ($partner: ID!) { recordAdInteraction(partner: $partner) { id } }';
const record = (clientId: string, caller: typeof self | null = self, headers = {}) =>
  world.ask(caller, RECORD, { partner: clientId }, headers);
/** The answer that an advertiser gets about the person with the id that it has. */
const seenBy = async (clientId: string, fields = 'gender ageBand') => {
  const { data } = await world.ask(self, `{ me { partnerId(clientId: "${clientId}") } }`);
  const query = `query ($id: ID!) { user(id: $id) { ${fields} } }`;
  return world.ask(partner(clientId, 'advertising', 'gender age-band name'), query, { id: data.me.partnerId });
};
const shownTo = async (clientId: string) => (await seenBy(clientId)).data.user;
const SHOWN = { gender: 'female', ageBand: 'AGE_35_49' };
const INTERACTIONS = '{ me { adInteractions { partner { clientId } at } } }';
const interactions = async () => (await world.ask(self, INTERACTIONS)).data.me.adInteractions;

describe('ads.interaction: an advertiser sees two categories of people who interacted with its advertisement', () => {
  test('nothing before the interaction, gender and age band on the next read, nothing to other advertisers', async () => {
    await open();
    expect(await shownTo('adhive')).toBeNull();
    expect((await record('adhive')).errors).toEqual([]);
    expect(await shownTo('adhive')).toEqual(SHOWN);
    expect(await shownTo('glowcast')).toBeNull();
  });

  test('no scope shows another category', async () => {
    await open();
    await record('adhive');
    const { data, errors } = await seenBy('adhive', 'name');
    expect(data.user).toEqual({ name: null });
    expect(errors.map(({ extensions }) => extensions)).toEqual([
      { code: 'FORBIDDEN', category: 'NAME', reason: 'NO_CLAUSE' },
    ]);
  });

  test('of several interactions with one advertiser the first is kept', async () => {
    await open();
    clock.set(NOW);
    await record('adhive');
    clock.advance(DAY);
    await record('adhive');
    await record('glowcast');
    expect(await interactions()).toEqual([
      { partner: { clientId: 'adhive' }, at: NOW },
      { partner: { clientId: 'glowcast' }, at: '2026-03-02T12:00:00.000Z' },
    ]);
  });

  test.each(['nobody', 'facelink', 'halted', ''])('%j is no active advertiser and is refused', async (clientId) => {
    await open();
    const { errors } = await record(clientId);
    expect(errors.map(({ extensions }) => extensions)).toEqual([
      {
        code: 'BAD_INPUT',
        argument: 'partner',
        expected: 'the client id of an active partner of kind ADVERTISER',
      },
    ]);
    expect(await interactions()).toEqual([]);
  });

  test.each([
    { who: 'a visitor', caller: null },
    { who: 'the advertiser', caller: partner('adhive', 'advertising', 'gender') },
    { who: 'staff', caller: staff('legal', 'legal-process') },
  ])('$who records nothing', async ({ caller }) => {
    await open();
    expect((await record('adhive', caller as typeof self)).errors[0]?.extensions.code).toBe('FORBIDDEN');
    expect(await interactions()).toEqual([]);
  });

  test('an account that is closed to use records nothing', async () => {
    await open({ status: 'REFUSED' });
    expect((await record('adhive')).errors[0]?.extensions.code).toBe('FORBIDDEN');
  });
});

describe('ads.opt-out: an opt-out outweighs any interaction', () => {
  const update = (input: object, headers = {}) =>
    world.ask(
      self,
      'mutation ($input: PreferencesInput!) { updatePreferences(input: $input) { preferences { gpcOptOut adTargeting } } }',
      { input },
      headers,
    );
  const SIGNAL = { 'sec-gpc': '1' };
  const optedOut = async (headers = {}) =>
    (await world.ask(self, '{ me { preferences { gpcOptOut } } }', {}, headers)).data.me.preferences.gpcOptOut;

  test('switching targeting off hides on the very next read, switching it on shows again', async () => {
    await open(CLICKED);
    expect(await shownTo('adhive')).toEqual(SHOWN);
    await update({ adTargeting: false });
    expect(await shownTo('adhive')).toBeNull();
    await update({ adTargeting: true });
    expect(await shownTo('adhive')).toEqual(SHOWN);
  });

  test('the signal narrows the request that carries it, and stands from then on', async () => {
    await open(CLICKED);
    expect(await optedOut()).toBe(false);
    expect(await optedOut(SIGNAL)).toBe(true);
    expect(await shownTo('adhive')).toBeNull();
    expect(await optedOut()).toBe(true);
  });

  test('an interaction that comes with the signal shows nothing', async () => {
    await open();
    expect((await record('adhive', self, SIGNAL)).errors).toEqual([]);
    expect(await shownTo('adhive')).toBeNull();
  });

  test('only an explicit act of the person clears it', async () => {
    await open(CLICKED);
    await optedOut(SIGNAL);
    await update({ adTargeting: true });
    await world.ask(self, '{ me { id } }', {}, { 'sec-gpc': '0' });
    expect(await shownTo('adhive')).toBeNull();
    await update({ gpcOptOut: false });
    expect(await shownTo('adhive')).toEqual(SHOWN);
  });

  test.each([
    { name: 'nobody’s request', caller: null, headers: SIGNAL },
    { name: 'a partner’s request', caller: partner('adhive', 'advertising', 'gender'), headers: SIGNAL },
    { name: 'staff’s request', caller: staff('support', 'customer-support'), headers: SIGNAL },
    { name: 'another member’s request', caller: member('other'), headers: SIGNAL },
    { name: 'any value but 1', caller: 'SELF' as const, headers: { 'sec-gpc': 'true' } },
  ])('a signal on $name opts nobody out', async ({ caller, headers }) => {
    await open(CLICKED);
    await world.load({ users: [{ id: 'other', avatarName: 'Ziggy' }] });
    await world.ask(caller === 'SELF' ? self : caller, '{ __typename }', {}, headers);
    expect(await optedOut()).toBe(false);
    expect(await shownTo('adhive')).toEqual(SHOWN);
  });

  test('a signal under a token that is not good opts nobody out', async () => {
    await open();
    const token = await world.token(self);
    const response = await world.post(
      { query: '{ me { id } }' },
      { authorization: `Bearer ${token.slice(0, -4)}AAAA`, ...SIGNAL },
    );
    expect(response.status).toBe(401);
    expect(await optedOut()).toBe(false);
  });

  test('the site says that it heeds the signal, in the form of the specification', async () => {
    await open();
    const response = await world.gateway.fetch(new Request('http://gateway.test/.well-known/gpc.json'));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/json\b/);
    expect(await response.json()).toEqual({ gpc: true, lastUpdate: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/) });
  });
});

describe('ads.beacons: nothing of an advertiser’s cookie or beacon enters a person’s record', () => {
  test('an interaction is a partner and a time, in the database too', async () => {
    await open();
    await record('adhive');
    const people = world.store.connection.getClient().db(world.store.connection.name).collection('people');
    const person = await people.findOne({ publicId: self.sub });
    expect(person?.facts.adInteractions).toEqual([{ partner: 'adhive', at: clock.now() }]);
  });

  test('an interaction has no place for a payload', async () => {
    await open();
    const { errors } = await world.ask(
      self,
      'mutation { recordAdInteraction(partner: "adhive", payload: "pixel") { id } }',
    );
    expect(errors[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
    expect(await interactions()).toEqual([]);
    const field = buildSchema(world.table).getMutationType()?.getFields().recordAdInteraction;
    expect(field?.args.map(({ name }) => name)).toEqual(['partner']);
  });
});
