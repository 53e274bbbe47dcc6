import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CallerClaims } from '../../src/http/signing.ts';
import { createClock, HOUR } from '../support/clock.ts';
import { documentsIn } from '../support/people.ts';
import { PREFERENCES } from '../support/words.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

const START = '2026-03-10T12:00:00.000Z';
const clock = createClock(START);
const DEFAULTS = {
  imvuNewsletter: true,
  developerNewsletter: true,
  friendAdded: true,
  friendMessage: true,
  nonFriendMessage: true,
  creatorNotification: false,
  adTargeting: true,
  gpcOptOut: false,
};

let world: TestWorld;
beforeAll(async () => {
  world = await createWorld(
    {
      partners: [
        {
          clientId: 'mailer',
          name: 'Mailer',
          kind: 'EMAIL_PROVIDER',
          jurisdiction: 'US',
          contract: { purposes: ['imvu-newsletter', 'creator-notification'] },
        },
        {
          clientId: 'advertiser',
          name: 'Advertiser',
          kind: 'ADVERTISER',
          jurisdiction: 'US',
          contract: { purposes: ['advertising'] },
        },
      ],
    },
    { clock },
  );
});
afterAll(() => world.close());

let people = 0;
/** A new person. */
async function newcomer(more: object = {}): Promise<string> {
  people += 1;
  const id = `person-${people}`;
  const adInteractions = [{ partner: 'advertiser', at: '2026-03-01T00:00:00Z' }];
  await world.load({
    users: [
      { id, avatarName: id, email: `${id}@mail.example`, gender: 'female', country: 'US', adInteractions, ...more },
    ],
  });
  clock.advance(HOUR);
  return id;
}

const SWITCHES = `{ ${PREFERENCES.join(' ')} gpcOptOut }`;
const UPDATE = `mutation ($input: PreferencesInput!) {
  updatePreferences(input: $input) {
    user { id preferences ${SWITCHES} } preferences ${SWITCHES} ledgerEntry { number type at hash previousHash }
  }
}`;

async function update(id: string, input: Record<string, boolean | null>) {
  const { data, errors } = await world.ask(member(id), UPDATE, { input });
  expect(errors).toEqual([]);
  return data.updatePreferences;
}

const switchesOf = async (id: string, headers: Record<string, string> = {}) =>
  (await world.ask(member(id), `{ me { preferences ${SWITCHES} } }`, {}, headers)).data.me.preferences;

/** How many entries the person's ledger has. */
async function entriesOf(id: string): Promise<number> {
  const person = await documentsIn(world.store).findOne({ publicId: id });
  return person?.ledger.head.n ?? 0;
}

/** A field of a person as the partner sees it right now: its value, or the reason of the denial; nothing if not listed. */
async function toldTo(clientId: string, purpose: string, id: string, field: string) {
  const { data } = await world.ask(member(id), 'query ($clientId: ID!) { me { partnerId(clientId: $clientId) } }', {
    clientId,
  });
  const caller = partner(clientId, purpose, 'email gender');
  const answer = await world.ask(caller, `query ($id: ID!) { user(id: $id) { ${field} } }`, { id: data.me.partnerId });
  return answer.data.user?.[field] ?? 'NOT_FOUND';
}

describe('switches', () => {
  test('begin as the policy says', async () => {
    expect(await switchesOf(await newcomer())).toEqual(DEFAULTS);
  });

  test('that turn are told as they stand now, with their entry in the ledger', async () => {
    const id = await newcomer();
    const before = await entriesOf(id);
    const expected = { ...DEFAULTS, imvuNewsletter: false, creatorNotification: true };
    const { user, preferences, ledgerEntry } = await update(id, { imvuNewsletter: false, creatorNotification: true });
    expect(preferences).toEqual(expected);
    expect(user).toEqual({ id, preferences: expected });
    expect(ledgerEntry).toMatchObject({ number: before + 1, type: 'PREFERENCES', at: clock.now().toISOString() });
    expect(await switchesOf(id)).toEqual(expected);
    const next = await update(id, { imvuNewsletter: true });
    expect(next.ledgerEntry).toMatchObject({ number: before + 2, previousHash: ledgerEntry.hash });
  });

  test.each<{ name: string; input: Record<string, boolean | null> }>([
    { name: 'set to their present values', input: { friendAdded: false, creatorNotification: false } },
    { name: 'left out', input: {} },
    { name: 'null', input: { friendAdded: null, gpcOptOut: null } },
  ])('$name change nothing and add no entry', async ({ input }) => {
    const id = await newcomer();
    const first = await update(id, { friendAdded: false });
    const before = await entriesOf(id);
    clock.advance(HOUR);
    const again = await update(id, input);
    expect(again).toEqual(first);
    expect(await entriesOf(id)).toBe(before);
  });

  test('record only those that really turn', async () => {
    const id = await newcomer();
    await update(id, { friendAdded: false, friendMessage: true });
    const db = world.store.connection.getClient().db(world.store.connection.name);
    const person = await documentsIn(world.store).findOne({ publicId: id });
    const [latest] = [
      ...(person?.ledger.outbox ?? []),
      ...(await db.collection('person_ledger').find({ sid: person?._id }).sort({ n: -1 }).limit(1).toArray()),
    ];
    expect(latest).toMatchObject({ type: 'PREFERENCES', changes: { friendAdded: false }, source: 'PERSON' });
  });

  test('govern the read that comes next, both ways', async () => {
    const id = await newcomer();
    const told = () => toldTo('mailer', 'imvu-newsletter', id, 'email');
    expect(await told()).toBe(`${id}@mail.example`);
    await update(id, { imvuNewsletter: false });
    expect(await told()).toBe('NOT_FOUND');
    await update(id, { imvuNewsletter: true });
    expect(await told()).toBe(`${id}@mail.example`);
  });

  test('that many requests turn at once all turn, each with an entry', async () => {
    const id = await newcomer();
    const before = await entriesOf(id);
    const defaults: Readonly<Record<string, boolean>> = DEFAULTS;
    await Promise.all(PREFERENCES.map((name) => update(id, { [name]: !defaults[name] })));
    const turned = Object.fromEntries(PREFERENCES.map((name) => [name, !defaults[name]]));
    expect(await switchesOf(id)).toEqual({ ...turned, gpcOptOut: false });
    expect(await entriesOf(id)).toBe(before + PREFERENCES.length);
  });

  test.each<{ name: string; caller: CallerClaims | null }>([
    { name: 'a visitor', caller: null },
    { name: 'a token of nobody on record', caller: member('not-registered') },
    { name: 'a partner', caller: partner('mailer', 'imvu-newsletter', 'email') },
    { name: 'privacy staff', caller: staff('privacy', 'privacy-request') },
    { name: 'support staff', caller: staff('support', 'customer-support') },
  ])('are not for $name to set', async ({ caller }) => {
    const { data, errors } = await world.ask(caller, UPDATE, { input: { adTargeting: false } });
    expect(data).toBeNull();
    expect(errors).toMatchObject([
      { path: ['updatePreferences'], extensions: { code: 'FORBIDDEN', reason: 'NOT_PERMITTED' } },
    ]);
  });

  test.each([
    { name: 'a word in place of yes or no', input: { adTargeting: 'my-secret' } },
    { name: 'a switch that there is not', input: { mySecret: true } },
  ])('$name is refused without an echo', async ({ input }) => {
    const id = await newcomer();
    const answer = await world.ask(member(id), UPDATE, { input });
    expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_INPUT' } }]);
    expect(JSON.stringify(answer.errors)).not.toMatch(/my-?secret/i);
    expect(await switchesOf(id)).toEqual(DEFAULTS);
  });
});

describe('Global Privacy Control', () => {
  const SIGNAL = { 'sec-gpc': '1' };
  const told = (id: string) => toldTo('advertiser', 'advertising', id, 'gender');
  const visit = (caller: CallerClaims | null, headers: Record<string, string>) =>
    world.ask(caller, '{ __typename }', {}, headers);

  test('a signal on a request of the person’s own is a standing opt-out at once', async () => {
    const id = await newcomer();
    expect(await told(id)).toBe('female');
    await visit(member(id), SIGNAL);
    expect(await told(id)).toBe('NOT_FOUND');
    expect((await switchesOf(id)).gpcOptOut).toBe(true);
  });

  test('the request that brings it is already decided by it', async () => {
    const id = await newcomer();
    expect(await switchesOf(id, SIGNAL)).toEqual({ ...DEFAULTS, gpcOptOut: true });
  });

  test('it is on record once, however often it is sent', async () => {
    const id = await newcomer();
    const before = await entriesOf(id);
    await Promise.all([visit(member(id), SIGNAL), visit(member(id), SIGNAL)]);
    await visit(member(id), SIGNAL);
    expect(await entriesOf(id)).toBe(before + 1);
    expect((await update(id, {})).ledgerEntry).toMatchObject({ type: 'OPT_OUT', number: before + 1 });
  });

  test.each<{ name: string; headers: Record<string, string> }>([
    { name: 'no signal', headers: {} },
    { name: 'a signal of 0', headers: { 'sec-gpc': '0' } },
    { name: 'a signal that is another word', headers: { 'sec-gpc': 'true' } },
  ])('$name changes nothing, before it and after', async ({ headers }) => {
    const id = await newcomer();
    await visit(member(id), headers);
    expect(await told(id)).toBe('female');
    await visit(member(id), SIGNAL);
    await visit(member(id), headers);
    expect(await told(id)).toBe('NOT_FOUND');
  });

  test('nobody else’s signal counts for the person', async () => {
    const id = await newcomer();
    const callers = [null, member(await newcomer()), staff('support', 'customer-support')];
    for (const caller of callers) await world.ask(caller, 'query ($id: ID!) { user(id: $id) { id } }', { id }, SIGNAL);
    expect(await told(id)).toBe('female');
  });

  test('only the person’s own word clears it', async () => {
    const id = await newcomer();
    await visit(member(id), SIGNAL);
    await update(id, { adTargeting: false });
    await update(id, { adTargeting: true });
    await world.ask(member(id), 'mutation { giveConsent(purpose: "targetedOffers") { user { id } } }');
    expect(await told(id)).toBe('NOT_FOUND');
    const { preferences, ledgerEntry } = await update(id, { gpcOptOut: false });
    expect(preferences.gpcOptOut).toBe(false);
    expect(ledgerEntry).toMatchObject({ type: 'OPT_OUT' });
    expect(await told(id)).toBe('female');
  });
});
