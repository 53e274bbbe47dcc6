import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CallerClaims } from '../../src/http/signing.ts';
import { scopeWord } from '../../src/policy/vocabulary.ts';
import { createCommandLog, tallyOf, UNCOUNTED } from '../support/commands.ts';
import { until } from '../support/engines.ts';
import { tokenMailedTo } from '../support/mailboxes.ts';
import { DATA_CATEGORIES } from '../support/words.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

const at = (second: number) => new Date(Date.parse('2020-01-01T00:00:00Z') + second * 1_000).toISOString();
const upTo = <Item>(count: number, item: (index: number) => Item) => Array.from({ length: count }, (_, i) => item(i));
const PEOPLE = 100;

/** A page of people with records of different sizes. */
const users = upTo(PEOPLE, (index) => ({
  id: `u${index}`,
  avatarName: `Avatar ${index}`,
  name: 'Nia Ko',
  email: 'nia@mail.example',
  birthDate: '1990-02-03',
  country: 'US',
  paymentCard: { brand: 'VISA', lastFour: '4242', expiry: '2027-09', processorToken: 'tok' },
  photos: upTo(index % 4, (i) => ({ id: `f${i}`, url: 'https://img.example/1.png' })),
  posts: upTo(index % 13, (i) => ({ id: `p${i}`, text: 'hello', at: at(i) })),
  transactions: upTo(index % 11, (i) => ({ id: `t${i}`, good: 'hat', at: at(i) })),
  recentActivity: upTo(index % 3, (i) => ({ id: `a${i}`, text: 'came by', at: at(i) })),
  consents: [
    ...upTo(index % 17, (i) => ({ purpose: 'euTransfer', action: i % 2 ? 'GIVEN' : 'WITHDRAWN', at: at(i) })),
    { purpose: 'targetedOffers', action: 'GIVEN', at: at(0) },
  ],
  orders: [{ processor: 'processor', status: 'OPEN' }],
  relationships: [{ partner: 'cobranded' }],
  socialLinks: [{ partner: 'social' }],
  adInteractions: [{ partner: 'advertiser', at: at(0) }],
  privacyCases: [{ status: 'OPEN' }],
}));

const PARTNERS = [
  { clientId: 'processor', kind: 'PAYMENT_PROCESSOR', purpose: 'billing' },
  { clientId: 'mailer', kind: 'EMAIL_PROVIDER', purpose: 'service-notice' },
  { clientId: 'offers', kind: 'OFFERS', purpose: 'targeted-offers' },
  { clientId: 'advertiser', kind: 'ADVERTISER', purpose: 'advertising' },
  { clientId: 'cobranded', kind: 'CO_BRANDED', purpose: 'co-branded-service' },
  { clientId: 'social', kind: 'SOCIAL', purpose: 'activity-posting' },
  { clientId: 'successor', kind: 'SUCCESSOR', purpose: 'succession' },
] as const;
const ALL_SCOPE = DATA_CATEGORIES.map(scopeWord).join(' ');
const callerOf = (wanted: (typeof PARTNERS)[number]['kind']) => {
  const { clientId, purpose } = PARTNERS.find(({ kind }) => kind === wanted) ?? PARTNERS[0];
  return partner(clientId, purpose, ALL_SCOPE);
};

let world: TestWorld;
let log: ReturnType<typeof createCommandLog>;
beforeAll(async () => {
  world = await createWorld({
    users,
    partners: PARTNERS.map(({ clientId, kind, purpose }) => ({
      ...{ clientId, kind, name: clientId, jurisdiction: 'US' },
      contract: { purposes: [purpose] },
    })),
    successions: [{ partner: 'successor', announcedAt: at(0) }],
  });
  log = createCommandLog(world.store);
  // everybody has shares to show, and both books are open
  for (const { kind } of PARTNERS) await ask(callerOf(kind), '{ users(first: 100) { edges { node { id name } } } }');
  await world.ask(staff('support', 'customer-support'), '{ users(first: 1) { edges { node { id } } } }');
  // the gateway has met them
  for (const id of ['u7', 'u8', 'u9']) await world.ask(member(id), '{ me { id } }');
});

/** Whether the entries of every act have reached the ledger. */
const isSettled = async () => {
  const { connection } = world.store;
  const people = connection.getClient().db(connection.name).collection('people');
  return (await people.countDocuments({ 'ledger.outbox.n': { $gt: 0 } }, { comment: UNCOUNTED })) === 0;
};

const FOLLOW_UP = 'aggregate people';

/** The commands of one request, those that follow its answer among them. */
async function ask(caller: CallerClaims | null, query: string, variables = {}) {
  log.take();
  const { data, errors } = await world.ask(caller, query, variables);
  await until(isSettled);
  if (caller?.kind === 'partner' && data?.users) await until(() => log.holds(FOLLOW_UP));
  expect(errors.map(({ extensions }) => extensions.code)).not.toContain('INTERNAL');
  return { data, tally: tallyOf(log.take()) };
}

const table: { readonly asked: string; readonly commands: number; readonly of: string }[] = [];
const report = (asked: string, tally: Record<string, number>) =>
  table.push({
    asked,
    commands: Object.values(tally).reduce((sum, count) => sum + count, 0),
    of: Object.entries(tally)
      .map(([name, count]) => (count > 1 ? `${count} ${name}` : name))
      .join(', '),
  });
afterAll(async () => {
  console.table(table);
  await world.close();
});

const TOKEN = { 'find revoked_tokens': 1 };
/** One command fetches the keys of all shown people. */
const KEYS = { 'find person_keys': 1 };
const BY_PARTNER = {
  ...TOKEN,
  ...KEYS,
  'find partners': 1,
  'insert disclosure_books': 1,
  // afterwards, once for all responses of that insert: looks for an erasure of the shown data before this record
  [FOLLOW_UP]: 1,
};
const BY_STAFF = { ...TOKEN, ...KEYS, 'insert audit_books': 1 };

const EVERYTHING = `id avatarName name email gender birthDate age ageBand cellPhone postalAddress { city } billingAddress { city }
  paymentCard { brand lastFour expiry processorToken } photos { id } posts { id } recentActivity { id } transactions { id }`;
const PRIVACY_RECORD = `id name preferences { adTargeting } consents(first: 10) { purpose action inForce ledgerEntry { hash } }
  thirdPartyShares(first: 10) { recipient { name } categories clauses { key } } policyAcceptances { version }
  relationships { partner { name } } socialLinks { partner { name } } privacyCases { status } corrections { id }`;

interface Page {
  readonly name: string;
  readonly caller: CallerClaims;
  readonly fields: string;
  readonly tally: Record<string, number>;
  /** The commands for a page of one person, if they differ. */
  readonly ofOne?: Record<string, number>;
}

const PRIVACY_READS = {
  ...{ ...BY_STAFF, 'find people': 1, 'find person_ledger': 1 },
  // partners of relationships and links, known at once, and partners in the shares
  'find partners': 2,
};

describe.each<Page>([
  ...PARTNERS.map(({ kind }) => ({
    name: `everything, by a partner ${kind}`,
    caller: callerOf(kind),
    fields: EVERYTHING,
    tally: {
      ...BY_PARTNER,
      'find people': 1,
      ...(kind === 'SUCCESSOR' && { 'aggregate posts': 1, 'aggregate transactions': 1 }),
    },
  })),
  ...(['support', 'analyst'] as const).map((role) => ({
    name: `everything, by staff ${role}`,
    caller: staff(role, role === 'support' ? 'customer-support' : 'internal-analysis'),
    fields: EVERYTHING,
    tally: { ...BY_STAFF, 'find people': 1, 'aggregate transactions': 1 },
  })),
  {
    name: 'the privacy record, by staff privacy',
    caller: staff('privacy', 'privacy-request'),
    fields: PRIVACY_RECORD,
    tally: { ...PRIVACY_READS, 'find disclosure_books': 1 },
    ofOne: { ...PRIVACY_READS, 'aggregate disclosure_books': 1 },
  },
])('a page of $name', ({ name, caller, fields, tally, ofOne = tally }) => {
  test.each([1, 2, PEOPLE])('of %i costs the same commands', async (first) => {
    const page = await ask(
      caller,
      `{ users(first: ${first}) { edges { node { ${fields} } } pageInfo { hasNextPage } } }`,
    );
    expect(page.data.users.edges).toHaveLength(first);
    expect(page.tally).toEqual(first === 1 ? ofOne : tally);
    if (first === PEOPLE) report(`100 people: ${name}`, page.tally);
  });
});

const CHANGE = {
  ...TOKEN,
  ...KEYS,
  'find people': 1,
  'findAndModify people': 1,
  // afterwards: the entry moves from the document to the ledger
  'insert person_ledger': 1,
  'update people': 1,
};
/** Only the present record tells that nothing has to change. */
const NO_CHANGE = { ...TOKEN, ...KEYS, 'find people': 2, 'find person_ledger': 1 };
const PLACED_BEFORE = { ...TOKEN, 'find person_keys': 2, 'find people': 2 };
const SWITCH =
  'mutation { updatePreferences(input: { adTargeting: false }) { preferences { adTargeting } ledgerEntry { hash } } }';
const GIVE = 'mutation { giveConsent(purpose: "targetedOffers") { consent { inForce } ledgerEntry { hash } } }';
const WITHDRAW = 'mutation { withdrawConsent(purpose: "targetedOffers") { consent { inForce } ledgerEntry { hash } } }';

const placing = (key: string) => `mutation { placeOrder(${key} input: { processor: "processor", processorToken: "t",
  brand: "VISA", lastFour: "4242", expiry: "2099-09", billingAddress: { country: "US" } }) { order { status } } }`;
/** The key of the person is fetched to seal the card and address, and to read the person again. */
const PLACED = { ...CHANGE, 'find person_keys': 2, 'find partners': 1 };

test.each<{ name: string; caller: CallerClaims | null; query: string; tally: Record<string, number> }>([
  {
    name: '`me`, the id',
    caller: member('u7'),
    query: '{ me { id } }',
    tally: { ...TOKEN, 'find people': 1 },
  },
  {
    name: '`me`, the id, of a person new to the gateway',
    caller: member('u6'),
    query: '{ me { id } }',
    tally: { ...TOKEN, 'find public_ids': 1, 'find people': 1 },
  },
  {
    name: '`me`, the erasures that partners still owe',
    caller: member('u7'),
    query: '{ me { thirdPartyShares { askedErasure { dueAt overdue } } } }',
    tally: { ...TOKEN, ...KEYS, 'find people': 1, 'aggregate disclosure_books': 1, 'find erasure_notices': 1 },
  },
  {
    name: '`overdueErasures`',
    caller: staff('privacy', 'privacy-request'),
    query: '{ overdueErasures { partner { name } people oldestDueAt } }',
    tally: { ...TOKEN, 'aggregate erasure_notices': 1 },
  },
  {
    name: '`me`, everything',
    caller: member('u7'),
    query: `{ me { ${EVERYTHING} ${PRIVACY_RECORD} partnerId(clientId: "offers") } }`,
    tally: {
      ...TOKEN,
      ...KEYS,
      'find people': 1,
      'aggregate posts': 1,
      'aggregate transactions': 1,
      'find person_ledger': 1,
      'aggregate disclosure_books': 1,
      'find partners': 2,
    },
  },
  {
    name: '`user(id)`, by a visitor',
    caller: null,
    query: '{ user(id: "u7") { avatarName } }',
    tally: { 'find public_ids': 1, 'find people': 1 },
  },
  {
    name: '`user(id)`, by a visitor, of nobody',
    caller: null,
    query: '{ user(id: "nobody") { avatarName } }',
    tally: { 'find public_ids': 1, 'find people': 1 },
  },
  {
    name: '`user(avatarName)`, by a visitor',
    caller: null,
    query: '{ user(avatarName: "Avatar 7") { avatarName } }',
    tally: { 'find people': 1 },
  },
  {
    name: 'three people by id, by a member',
    caller: member('u7'),
    query: `{ ${['u1', 'u2', 'u3'].map((id) => `${id}: user(id: "${id}") { avatarName posts { id } }`).join(' ')} }`,
    // the caller, and the people in question
    tally: { ...TOKEN, ...KEYS, 'find public_ids': 1, 'find people': 2, 'aggregate posts': 1 },
  },
  {
    name: 'three people by name, by a member',
    caller: member('u7'),
    query: `{ ${[1, 2, 3].map((n) => `u${n}: user(avatarName: "Avatar ${n}") { avatarName posts { id } }`).join(' ')} }`,
    tally: { ...TOKEN, ...KEYS, 'find people': 2, 'aggregate posts': 1 },
  },
  {
    name: '`node` of a partner',
    caller: null,
    query: '{ node(id: "Partner:offers") { id } }',
    tally: { 'find partners': 1 },
  },
  { name: '`policy`', caller: null, query: '{ policy { clauses { id summary } } }', tally: {} },
  {
    name: '`explain`, all categories',
    caller: member('u7'),
    query: `{ ${DATA_CATEGORIES.map(
      (category) => `${category}: explain(subject: "u7", category: ${category}, recipient: "offers",
      purpose: "targeted-offers") { outcome clauses { clause { id } } }`,
    ).join(' ')} }`,
    tally: { ...TOKEN, 'find people': 1, 'find partners': 1 },
  },
  {
    name: '`previewPreferences`',
    caller: member('u7'),
    query: '{ previewPreferences(input: { adTargeting: false }) { category partner { name } clauses { key } } }',
    tally: { ...TOKEN, 'find people': 1, 'find partners': 1 },
  },
  { name: 'switches that turn', caller: member('u8'), query: SWITCH, tally: CHANGE },
  { name: 'switches that stand so already', caller: member('u8'), query: SWITCH, tally: NO_CHANGE },
  { name: 'a consent that is withdrawn', caller: member('u8'), query: WITHDRAW, tally: CHANGE },
  { name: 'a consent that was withdrawn already', caller: member('u8'), query: WITHDRAW, tally: NO_CHANGE },
  { name: 'a consent that is given', caller: member('u8'), query: GIVE, tally: CHANGE },
  { name: 'a consent that was given already', caller: member('u8'), query: GIVE, tally: NO_CHANGE },
  { name: 'an order that is placed', caller: member('u8'), query: placing(''), tally: PLACED },
  {
    name: 'an order that is placed under a key',
    caller: member('u8'),
    query: placing('idempotencyKey: "basket",'),
    tally: {
      ...PLACED,
      'findAndModify idempotency_keys': 1,
      // an earlier call with this key may have placed it, and it may be settled since
      'find filled_orders': 1,
      'update idempotency_keys': 1,
    },
  },
  {
    name: 'an order that was placed under a key',
    caller: member('u8'),
    query: placing('idempotencyKey: "basket",'),
    tally: { ...PLACED_BEFORE, 'findAndModify idempotency_keys': 1 },
  },
  {
    name: 'a token that is refused',
    caller: partner('nobody', 'billing', 'name'),
    query: '{ policy { version } }',
    tally: { 'find revoked_tokens': 1, 'find partners': 1 },
  },
])('$name costs a fixed number of commands', async ({ name, caller, query, tally }) => {
  const { tally: counted } = await ask(caller, query);
  expect(counted).toEqual(tally);
  report(name, counted);
});

describe('`erasureNotices`, with one gateway that writes', () => {
  const NOTICES = '{ erasureNotices { id } }';
  const NOTHING_NEW = {
    ...TOKEN,
    'find partners': 1,
    // the changes of people and the books left to follow, one more for each book
    'find people': 1,
    'find followed_books': 1,
    'find disclosure_books': 1,
    'find erasure_notices': 1,
  };
  const TOGETHER = {
    ...NOTHING_NEW,
    'find partners': 2,
    'find people': 2,
    'find person_ledger': 1,
    'aggregate disclosure_books': 1,
    'find erasure_notices': 2,
    'insert erasure_notices': 1,
    'update people': 1,
    // the partners with notices sent to them
    'find webhooks': 1,
  };

  test.each([
    { name: 'no withdrawal', ids: [], tally: NOTHING_NEW },
    { name: 'the withdrawal of one person', ids: ['u60'], tally: TOGETHER },
    { name: 'the withdrawals of forty people', ids: upTo(40, (index) => `u${index + 10}`), tally: TOGETHER },
  ])('costs a fixed number of commands after $name', async ({ name, ids, tally }) => {
    for (const id of ids) await world.ask(member(id), GIVE);
    await ask(callerOf('OFFERS'), '{ users(first: 100) { edges { node { name } } } }');
    await world.gateway.sweep();
    for (const id of ids) await world.ask(member(id), WITHDRAW);
    await until(isSettled);
    const { tally: counted } = await ask(callerOf('OFFERS'), NOTICES);
    expect(counted).toEqual(tally);
    report(`\`erasureNotices\`, after ${name}`, counted);
  });
});

describe('`partnerEvents`', () => {
  const EVENTS = '{ partnerEvents(first: 100) { edges { cursor node { id } } pageInfo { endCursor } } }';
  const ACKNOWLEDGE = 'mutation ($through: String!) { acknowledgePartnerEvents(through: $through) }';
  const READ_AGAIN = {
    ...TOKEN,
    'find partners': 1,
    'find people': 1,
    'find followed_books': 1,
    'find disclosure_books': 1,
    // the last position, the notices without one, and the page
    'find event_positions': 1,
    'find erasure_notices': 2,
  };

  test.each([
    1, 40,
  ])('gives %i events their places, and is read again, by a fixed number of commands', async (count) => {
    const caller = callerOf('OFFERS');
    const { data: before } = await ask(caller, EVENTS);
    if (before.partnerEvents.edges.length > 0)
      await ask(caller, ACKNOWLEDGE, { through: before.partnerEvents.pageInfo.endCursor });
    const ids = upTo(count, (index) => `u${index + 10}`);
    for (const id of ids) await world.ask(member(id), GIVE);
    await ask(caller, '{ users(first: 100) { edges { node { name } } } }');
    for (const id of ids) await world.ask(member(id), WITHDRAW);
    await world.gateway.sweep();
    const first = await ask(caller, EVENTS);
    expect(first.data.partnerEvents.edges).toHaveLength(count);
    expect(first.tally).toEqual({
      ...READ_AGAIN,
      'find event_positions': 2,
      'find erasure_notices': 3,
      // once to reserve the next positions, once to record that the notices have them
      'update event_positions': 2,
      'update erasure_notices': 1,
    });
    const again = await ask(caller, EVENTS);
    expect(again.tally).toEqual(READ_AGAIN);
    report(`\`partnerEvents\`, ${count} new`, first.tally);
    const { endCursor: through } = first.data.partnerEvents.pageInfo;
    const acknowledged = await ask(caller, ACKNOWLEDGE, { through });
    expect(acknowledged.tally).toEqual({ ...TOKEN, 'find partners': 1, 'update erasure_notices': 1 });
  });
});

test('responses that share a write share the commands after it', async () => {
  const responses = 40;
  log.take();
  const caller = callerOf('OFFERS');
  await Promise.all(upTo(responses, () => world.ask(caller, '{ users(first: 5) { edges { node { id name } } } }')));
  const { [FOLLOW_UP]: followUps = 0, 'insert disclosure_books': writes = 0 } = tallyOf(await log.untilQuiet());
  expect(followUps).toBeGreaterThan(0);
  expect(writes).toBeLessThan(responses / 2);
  expect(followUps).toBeLessThanOrEqual(writes);
});

const REGISTER = `mutation ($id: String!, $email: EmailAddress!) {
  register(input: { avatarName: $id, name: "Nia", email: $email, country: "US" }) { user { id } } }`;
const RENAME =
  'mutation ($avatarName: String) { correctPersonalData(input: { avatarName: $avatarName }) { user { id } } }';
const READDRESS = 'mutation ($email: EmailAddress) { correctPersonalData(input: { email: $email }) { user { id } } }';
const PROVE = 'mutation ($token: String!) { proveEmail(token: $token) }';

/** A mail is counted and queued in the same way, whether or not somebody has proven the address. */
const MAIL = { 'aggregate mailboxes': 1, 'findAndModify allowances': 1, 'update outgoing_mail': 1 };
const MOVE = { 'insert person_ledger': 1, 'update people': 1 };
const REGISTRATION = {
  ...{ ...TOKEN, ...MOVE, ...MAIL, 'find people': 1, 'find tombstones': 2, 'find person_keys': 1 },
  ...{ 'find name_claims': 1, 'update name_claims': 1, 'insert person_keys': 1, 'insert people': 1 },
  ...{ 'find public_ids': 1, 'insert public_ids': 1 },
};
const CORRECTION = { ...TOKEN, ...MOVE, 'find people': 2, 'find person_keys': 2, 'findAndModify people': 1 };

test.each<{
  name: string;
  caller: CallerClaims | null;
  query: string;
  variables: () => object | Promise<object>;
  tally: Record<string, number>;
}>([
  {
    name: 'a registration',
    caller: member('first'),
    query: REGISTER,
    variables: () => ({ id: 'first', email: 'first@mail.example' }),
    tally: REGISTRATION,
  },
  {
    name: 'a registration with an address of another',
    caller: member('second'),
    query: REGISTER,
    variables: () => ({ id: 'second', email: 'nia@mail.example' }),
    tally: REGISTRATION,
  },
  {
    name: 'a registration with a name of another',
    caller: member('third'),
    query: REGISTER,
    variables: () => ({ id: 'FIRST', email: 'third@mail.example' }),
    tally: { ...TOKEN, 'find public_ids': 1, 'find tombstones': 1, 'find name_claims': 1 },
  },
  {
    name: 'an avatar name that is corrected',
    caller: member('u9'),
    query: RENAME,
    variables: () => ({ avatarName: 'Renamed' }),
    tally: { ...CORRECTION, 'find name_claims': 1, 'update name_claims': 1 },
  },
  {
    name: 'an address that is corrected',
    caller: member('u9'),
    query: READDRESS,
    variables: () => ({ email: 'u9@mail.example' }),
    tally: { ...CORRECTION, ...MAIL, 'delete suppressions': 1 },
  },
  {
    name: 'a link that is asked for again',
    caller: member('u9'),
    query: 'mutation { requestEmailProof }',
    variables: () => ({}),
    tally: { ...TOKEN, ...MAIL, 'find people': 2, 'find person_keys': 1 },
  },
  {
    name: 'an address that is proven',
    caller: null,
    query: PROVE,
    variables: async () => ({ token: await tokenMailedTo(world, 'u9@mail.example') }),
    tally: {
      ...{ ...MOVE, 'find people': 2, 'find person_keys': 1, 'findAndModify people': 1 },
      ...{ 'insert mailboxes': 1, 'find suppressions': 1 },
    },
  },
  {
    name: 'an address that was proven already',
    caller: null,
    query: PROVE,
    variables: async () => ({ token: await tokenMailedTo(world, 'u9@mail.example') }),
    tally: { 'find people': 1, 'find person_keys': 1 },
  },
])('$name costs a fixed number of commands', async ({ name, caller, query, variables, tally }) => {
  const { tally: counted } = await ask(caller, query, await variables());
  expect(counted).toEqual(tally);
  report(name, counted);
});
