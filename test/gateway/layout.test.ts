import { afterAll, beforeAll, expect, test } from 'vitest';
import { layoutOf } from '../../src/gateway/layout.ts';
import { wordsWith } from '../support/words.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

const USERS = ['a', 'b', 'c', 'd'].map((id) => ({
  ...{
    id,
    name: `Person ${id}`,
    avatarName: `Avatar ${id}`,
    email: `${id}@example.com`,
    gender: 'female',
    country: 'US',
  },
  posts: [{ id: `post-${id}`, text: 'hello' }],
  transactions: [{ id: `deal-${id}`, good: 'Hat' }],
  orders: [{ id: `order-${id}`, processor: 'pay', status: 'OPEN' }],
}));
const PARTNERS = [
  { clientId: 'pay', name: 'Pay', kind: 'PAYMENT_PROCESSOR', jurisdiction: 'US', contract: { purposes: ['billing'] } },
  {
    ...{ clientId: 'wall', name: 'Wall', kind: 'OFFER_WALL', jurisdiction: 'US' },
    contract: { purposes: ['offer-completion'] },
  },
];

const SHARDED = new Map(
  layoutOf(wordsWith('targetedOffers')).flatMap(({ name, shardKey }) =>
    shardKey ? [[name, Object.keys(shardKey)] as const] : [],
  ),
);

// biome-ignore lint/suspicious/noExplicitAny: the driver sends commands of any shape
type Command = Record<string, any>;

/** Filters of writes of one document each, by collection: the writes that a router has to send to one shard. */
const singleWritesIn = (name: string, command: Command): Command[] => {
  if (name === 'findAndModify') return [command.query];
  if (name === 'update') return command.updates.flatMap(({ q, multi }: Command) => (multi ? [] : [q]));
  if (name === 'delete') return command.deletes.flatMap(({ q, limit }: Command) => (Number(limit) === 1 ? [q] : []));
  return [];
};

const seen = new Map<string, number>();
const astray: string[] = [];
let world: TestWorld;
beforeAll(async () => {
  world = await createWorld({ partners: PARTNERS });
  world.store.connection
    .getClient()
    .on('commandStarted', ({ commandName, command }: { commandName: string; command: Command }) => {
      const collection = command[commandName];
      const key = SHARDED.get(collection);
      if (!key) return;
      for (const filter of singleWritesIn(commandName, command)) {
        seen.set(collection, (seen.get(collection) ?? 0) + 1);
        if (!key.every((path) => path in filter)) astray.push(`${commandName} ${collection} by ${Object.keys(filter)}`);
      }
    });
});
afterAll(() => world.close());

test('every write of one document of a sharded collection names its shard key', async () => {
  await world.load({ users: USERS });
  await world.load({ users: USERS.map((user) => ({ ...user, gender: 'other', preferences: { adTargeting: false } })) });
  // things stored apart are put again, one by one, where the file states other values
  const again = (items: readonly object[] = [], change: object) => items.map((item) => ({ ...item, ...change }));
  await world.load({
    users: USERS.map((user) => ({
      ...user,
      posts: again(user.posts, { text: 'another' }),
      transactions: again(user.transactions, { good: 'another' }),
    })),
  });
  const ask = async (id: string, query: string, variables = {}) => {
    const { errors, data } = await world.ask(member(id), query, variables);
    expect(errors).toEqual([]);
    return data;
  };
  await ask('a', 'mutation { giveConsent(purpose: "targetedOffers") { user { id } } }');
  await ask(
    'a',
    'mutation { correctPersonalData(input: { avatarName: "New", email: "new@example.com" }) { user { id } } }',
  );
  await ask('a', 'mutation { deletePersonalData(categories: [GENDER, POSTS]) { deleted } }');
  await ask('b', 'mutation { refusePolicy { user { id } } }');
  const { me } = await ask('c', '{ me { partnerId(clientId: "pay") } }');
  await world.ask(
    partner('pay', 'billing', 'name'),
    'mutation ($user: ID!) { reportOrder(user: $user, order: "order-c", outcome: FILLED) }',
    { user: me.partnerId },
  );
  // one that is credited, and one that waits for support
  for (const name of ['Person c', 'Another'])
    await world.ask(
      partner('wall', 'offer-completion', ''),
      'mutation ($input: OfferCompletionInput!) { submitOfferCompletion(input: $input) { received } }',
      { input: { completionId: name, name, email: 'c@example.com', credits: 5 } },
    );
  const register = 'mutation ($input: RegisterInput!) { register(input: $input) { user { id } } }';
  await ask('e', register, { input: { name: 'Eve', email: 'a@example.com', avatarName: 'Eve' } });
  await world.ask(staff('privacy', 'privacy-request'), 'mutation { sealChild(user: "b") { __typename } }');
  const { requestErasure } = await ask('d', 'mutation { requestErasure { confirmation } }');
  await ask(
    'd',
    'mutation ($confirmation: String!) { eraseAccount(confirmation: $confirmation) { erasedAt } }',
    requestErasure,
  );
  await world.gateway.sweep();
  await world.gateway.close();
  expect(astray).toEqual([]);
  expect([...seen.keys()].sort()).toEqual(
    expect.arrayContaining([
      ...['credits', 'filled_orders', 'mailboxes', 'name_claims', 'people', 'person_keys', 'posts', 'transactions'],
      'waiting_credits',
    ]),
  );
});
