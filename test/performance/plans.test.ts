import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CallerClaims } from '../../src/http/signing.ts';
import { scopeWord } from '../../src/policy/vocabulary.ts';
import { type Command, createCommandLog, nameOf, UNCOUNTED } from '../support/commands.ts';
import { tokenMailedTo } from '../support/mailboxes.ts';
import { DATA_CATEGORIES } from '../support/words.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

const AT = '2020-01-01T00:00:00Z';
const users = Array.from({ length: 30 }, (_, index) => ({
  ...{ id: `u${index}`, avatarName: `Avatar ${index}`, name: 'Nia Ko', email: `nia-${index}@mail.example` },
  ...{ birthDate: '1990-02-03', country: 'US' },
  posts: [{ id: 'p', text: 'hello', at: AT }],
  transactions: [{ id: 't', good: 'hat', at: AT }],
  consents: [{ purpose: 'targetedOffers', action: 'GIVEN', at: AT }],
  orders: [{ processor: 'processor', status: 'OPEN' }],
  subscriptions: [{ thread: 'news', verified: true }],
  relationships: [{ partner: 'cobranded' }],
  socialLinks: [{ partner: 'social' }],
  adInteractions: [{ partner: 'advertiser', at: AT }],
  privacyCases: [{ status: 'OPEN' }],
}));
const PARTNERS = [
  ['processor', 'PAYMENT_PROCESSOR', 'billing'],
  ['mailer', 'EMAIL_PROVIDER', 'blog-notification'],
  ['offers', 'OFFERS', 'targeted-offers'],
  ['advertiser', 'ADVERTISER', 'advertising'],
  ['cobranded', 'CO_BRANDED', 'co-branded-service'],
  ['social', 'SOCIAL', 'activity-posting'],
  ['successor', 'SUCCESSOR', 'succession'],
] as const;
const asPartner = ([clientId, , purpose]: (typeof PARTNERS)[number]) =>
  partner(clientId, purpose, DATA_CATEGORIES.map(scopeWord).join(' '));

let world: TestWorld;
let log: ReturnType<typeof createCommandLog>;
beforeAll(async () => {
  world = await createWorld({
    users,
    partners: PARTNERS.map(([clientId, kind, purpose]) => ({
      ...{ clientId, kind, name: clientId, jurisdiction: 'US' },
      contract: { purposes: [purpose] },
    })),
    successions: [{ partner: 'successor', announcedAt: AT }],
  });
  log = createCommandLog(world.store);
});
afterAll(() => world.close());

/** A command without the additions of the driver. */
function bareOf({ commandName, command }: Command) {
  const { find, filter, sort, hint, limit, projection, aggregate, pipeline } = command;
  const { findAndModify, query, update, updates, deletes } = command;
  const delete_ = command.delete;
  switch (commandName) {
    case 'find':
      return {
        find,
        filter,
        ...Object.fromEntries(Object.entries({ sort, hint, limit, projection }).filter(([, value]) => value)),
      };
    case 'aggregate':
      return { aggregate, pipeline, cursor: {} };
    case 'findAndModify':
      return { findAndModify, query, update };
    case 'update':
      return { update, updates: updates.slice(0, 1) };
    case 'delete':
      return { delete: delete_, deletes: deletes.slice(0, 1) };
    default:
      return null;
  }
}

const stagesOf = (plan: unknown): string[] =>
  typeof plan === 'object' && plan !== null
    ? Object.entries(plan).flatMap(([key, value]) =>
        key === 'stage' && typeof value === 'string' ? [value] : key === 'rejectedPlans' ? [] : stagesOf(value),
      )
    : [];

/** Stages that look into an index, or into a collection that is not there yet. */
const INDEXED = /^(IXSCAN|IDHACK|EXPRESS_|CLUSTERED_IXSCAN|EOF)/;

/** Reads that may walk a whole collection: partners are few. */
const isOfAllPartners = (command: Command) =>
  nameOf(command) === 'find partners' && Object.keys(command.command.filter).length === 0;

const ID = 'id avatarName';
const everything = `${ID} name email birthDate posts { id } transactions { id } paymentCard { brand }`;
const record = `${ID} preferences { adTargeting } consents { action } thirdPartyShares { id } policyAcceptances { version }
  orders { id } subscriptions { thread } relationships { partner { name } } socialLinks { partner { name } }
  privacyCases { id } corrections { id }`;
const list = (fields: string) => `{ users(first: 10) { edges { cursor node { ${fields} } } pageInfo { endCursor } } }`;

const officer = staff('privacy', 'privacy-request');
/** The cursor of a page of cases of these kinds. */
const cursorOf = async (kinds: string) => {
  const page = `{ privacyCases(first: 1, kinds: [${kinds}]) { pageInfo { endCursor } } }`;
  return { after: (await world.ask(officer, page)).data.privacyCases.pageInfo.endCursor };
};
const casesAfter = (name: string, kinds: string) => ({
  ...{ name, caller: officer, variables: () => cursorOf(kinds) },
  query: 'query ($after: String) { privacyCases(first: 2, after: $after) { edges { node { id } } } }',
});

test.each<{
  name: string;
  caller: CallerClaims | null;
  query: string;
  variables?: () => Promise<Record<string, unknown>>;
}>([
  ...PARTNERS.map((one) => ({ name: `a page for ${one[1]}`, caller: asPartner(one), query: list(everything) })),
  {
    name: 'followers of a thread',
    caller: asPartner(PARTNERS[1]),
    query: '{ threadFollowers(thread: "news", first: 10) { edges { node { email } } } }',
  },
  {
    name: 'the events of a partner',
    caller: asPartner(PARTNERS[2]),
    query: '{ partnerEvents { edges { cursor node { id } } } }',
  },
  { name: 'the erasures that are overdue', caller: officer, query: '{ overdueErasures { people } }' },
  {
    name: 'an address forgotten',
    caller: null,
    query: 'mutation { forgetAddress(email: "stranger@mail.example") }',
  },
  { name: 'a page for support', caller: staff('support', 'customer-support'), query: list(everything) },
  {
    name: 'a page for analysts',
    caller: staff('analyst', 'internal-analysis'),
    query: list('name transactions { id }'),
  },
  { name: 'a page for privacy staff', caller: staff('privacy', 'privacy-request'), query: list(record) },
  { name: 'a page for legal staff', caller: staff('legal', 'legal-process'), query: list('id email') },
  { name: 'the cases that wait', caller: officer, query: '{ privacyCaseQueue { id } }' },
  {
    name: 'a guardian’s case opened',
    caller: null,
    query: 'mutation { openGuardianCase(child: "Avatar 4", contact: "a@b.example", message: "My child") }',
  },
  casesAfter('the cases after a person’s', 'SUBJECT'),
  casesAfter('the cases after an unverified guardian’s', 'GUARDIAN_UNVERIFIED'),
  {
    name: 'a guardian’s case verified',
    caller: officer,
    variables: async () => {
      const { data } = await world.ask(officer, '{ privacyCaseQueue { id kind } }');
      return data.privacyCaseQueue.find(({ kind }: { kind: string }) => kind === 'GUARDIAN_UNVERIFIED');
    },
    query: 'mutation ($id: ID!) { verifyGuardianCase(id: $id, proof: "a letter") }',
  },
  {
    name: 'an account sealed',
    caller: officer,
    query: 'mutation { sealChild(user: "u4") { deletionDueAt } }',
  },
  {
    name: 'a finding recorded',
    caller: officer,
    query: 'mutation { recordChildFinding(user: "u5", seen: "I am ten") }',
  },
  { name: 'oneself, everything', caller: member('u1'), query: `{ me { ${everything} ${record} } }` },
  { name: 'somebody by id', caller: member('u1'), query: `{ user(id: "u2") { ${ID} } }` },
  { name: 'somebody by name', caller: null, query: `{ user(avatarName: "Avatar 2") { ${ID} } }` },
  { name: 'all that is held', caller: member('u1'), query: 'mutation { requestExport }' },
  {
    name: 'a consent withdrawn',
    caller: member('u3'),
    query: 'mutation { withdrawConsent(purpose: "targetedOffers") { user { id } } }',
  },
  {
    name: 'a consent withdrawn already',
    caller: member('u3'),
    query: 'mutation { withdrawConsent(purpose: "targetedOffers") { user { id } } }',
  },
  {
    name: 'a switch turned',
    caller: member('u3'),
    query: 'mutation { updatePreferences(input: { adTargeting: false }) { preferences { adTargeting } } }',
  },
  {
    name: 'an order placed',
    caller: member('u3'),
    query: `mutation { placeOrder(idempotencyKey: "key", input: { processor: "processor", processorToken: "t", brand: "VISA",
      lastFour: "4242", expiry: "2099-09", billingAddress: { country: "US" } }) { order { id } } }`,
  },
  {
    name: 'an order cancelled that is nobody’s',
    caller: member('u3'),
    query: 'mutation { cancelOrder(order: "none") { order { id } } }',
  },
  {
    name: 'the completed offers that wait',
    caller: staff('support', 'customer-support'),
    query: '{ waitingOfferCompletions { id name } }',
  },
  {
    name: 'a completed offer that waits no more',
    caller: staff('support', 'customer-support'),
    query: 'mutation { acceptOfferCompletion(id: "none") }',
  },
  { name: 'a case opened', caller: member('u3'), query: 'mutation { openPrivacyCase(message: "hello") { id } }' },
  {
    name: 'a registration',
    caller: member('newcomer'),
    query: `mutation { register(input: { avatarName: "Newcomer", name: "Nia", email: "new@mail.example", country: "US" })
      { user { id } } }`,
  },
  {
    name: 'an address that is proven',
    caller: null,
    variables: async () => ({ token: await tokenMailedTo(world, 'new@mail.example') }),
    query: 'mutation ($token: String!) { proveEmail(token: $token) }',
  },
  {
    name: 'a name and an address that are corrected',
    caller: member('newcomer'),
    query: `mutation { correctPersonalData(input: { avatarName: "Newly", email: "newly@mail.example" }) { user { id } } }`,
  },
])('$name is found by an index', async ({ caller, query, variables }) => {
  const given = await variables?.();
  log.take();
  const { errors } = await world.ask(caller, query, given);
  expect(errors.map(({ extensions }) => extensions.code)).not.toContain('INTERNAL');
  expect(errors.map(({ extensions }) => extensions.code)).not.toContain('GRAPHQL_VALIDATION_FAILED');
  await world.gateway.sweep();

  const db = world.store.connection.getClient().db(world.store.connection.name);
  const plans: Record<string, string[]> = {};
  for (const command of log.take()) {
    const bare = bareOf(command);
    if (!bare || isOfAllPartners(command)) continue;
    const plan = await db.command({ explain: bare, verbosity: 'queryPlanner', comment: UNCOUNTED });
    plans[nameOf(command)] = [...(plans[nameOf(command)] ?? []), ...stagesOf(plan)];
  }
  expect(Object.keys(plans)).not.toEqual([]);
  const unindexed = Object.entries(plans).filter(([, stages]) => !stages.some((stage) => INDEXED.test(stage)));
  expect(Object.fromEntries(unindexed)).toEqual({});
  expect(Object.fromEntries(Object.entries(plans).filter(([, stages]) => stages.includes('COLLSCAN')))).toEqual({});
});
