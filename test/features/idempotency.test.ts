import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { resetWorld } from '../../src/world/reset.ts';
import { createClock, DAY } from '../support/clock.ts';
import { noteCommands } from '../support/commands.ts';
import { until } from '../support/engines.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

type Caller = ReturnType<typeof partner> | null;

const self = member('u1');
const legal = staff('legal', 'legal-process');
const officer = staff('privacy', 'privacy-request');
const wall = partner('wall', 'offer-completion', 'name');
const contracted = (clientId: string, kind: string, purpose: string) => ({
  ...{ clientId, name: clientId, kind, jurisdiction: 'US' },
  contract: { purposes: [purpose] },
});
const WORLD = {
  users: [
    { id: 'u1', avatarName: 'Neko', name: 'Nia Ko', email: 'neko@example.com', country: 'US' },
    { id: 'u2', avatarName: 'Mika', name: 'Mika Ito', email: 'mika@example.com', country: 'US' },
  ],
  partners: [
    contracted('pay', 'PAYMENT_PROCESSOR', 'billing'),
    contracted('wall', 'OFFER_WALL', 'offer-completion'),
    contracted('other-wall', 'OFFER_WALL', 'offer-completion'),
    contracted('heir', 'SUCCESSOR', 'succession'),
    contracted('other-heir', 'SUCCESSOR', 'succession'),
  ],
  legalProcesses: [{ id: 'lp', authority: 'A court', subject: 'u1', categories: ['EMAIL'] }],
};
const START = '2026-03-10T12:00:00.000Z';
const KEY = 'a-key-of-the-caller';

let world: TestWorld;
/** Another gateway on the same database. */
let second: TestWorld;
const clock = createClock(START);
beforeAll(async () => {
  world = await createWorld({}, { clock });
  second = await createWorld({}, { clock, store: world.store });
});
beforeEach(async () => {
  clock.set(START);
  await resetWorld(world.store);
  await world.load(WORLD);
});
afterAll(async () => {
  await second.close();
  await world.close();
});

const collection = (name: string) =>
  world.store.connection.getClient().db(world.store.connection.name).collection(name);
const personOf = (publicId = 'u1') => collection('people').findOne({ publicId });
const records = () => collection('idempotency_keys').find({}).toArray();
/** As if the first call had been cut off before its end was on record. */
const cutOff = () => collection('idempotency_keys').updateMany({}, { $set: { made: false } });
const own = async (fields: string, caller = self) => (await world.ask(caller, `{ me { ${fields} } }`)).data.me;

interface Making {
  readonly operation: string;
  readonly caller: Caller;
  readonly variables: string;
  readonly call: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Other arguments, also good. */
  readonly others: Readonly<Record<string, unknown>>;
  /** The number of things that the operation has made so far. */
  readonly count: () => Promise<number>;
}

const order = {
  ...{ processor: 'pay', processorToken: 'tok', brand: 'VISA', lastFour: '4242', expiry: '2031-09' },
  billingAddress: { street: '12 Quill Row', country: 'US' },
};
const process = {
  ...{ kind: 'STATUTE', authority: 'An office', reference: 'R', subject: 'u1', categories: ['NAME'] },
  until: '2027-01-01T00:00:00Z',
};
const completion = { completionId: 'c', name: 'Nia Ko', email: 'neko@example.com', credits: 5 };
const credits = async () => {
  await until(async () => (await collection('offer_completions').countDocuments()) === 0);
  return collection('credits').countDocuments();
};

const MAKINGS: readonly Making[] = [
  {
    ...{ operation: 'placeOrder', caller: self, variables: '$input: OrderInput!' },
    call: '(input: $input, idempotencyKey: $key) { order { id status } }',
    ...{ args: { input: order }, others: { input: { ...order, lastFour: '1881' } } },
    count: async () => (await own('orders { id }')).orders.length,
  },
  {
    ...{ operation: 'addPhoto', caller: self, variables: '$url: URL!, $caption: String' },
    call: '(url: $url, caption: $caption, idempotencyKey: $key) { photos { id url caption } }',
    args: { url: 'https://photos.example/1.png', caption: 'One' },
    others: { url: 'https://photos.example/1.png', caption: 'Two' },
    count: async () => (await own('photos { id }')).photos.length,
  },
  {
    ...{ operation: 'submitPost', caller: self, variables: '$forum: String!, $text: String!' },
    call: '(forum: $forum, text: $text, idempotencyKey: $key) { post { id forum text at } warnings }',
    ...{ args: { forum: 'blog', text: 'Call 202 555 0143 now' }, others: { forum: 'blog', text: 'Bye' } },
    count: async () => (await own('posts { id }')).posts.length,
  },
  {
    ...{ operation: 'postActivity', caller: self, variables: '$kind: String!, $text: String!' },
    call: '(kind: $kind, text: $text, idempotencyKey: $key) { recentActivity { id kind text at } }',
    ...{ args: { kind: 'ROOM', text: 'painted' }, others: { kind: 'ROOM', text: 'sold' } },
    count: async () => (await own('recentActivity { id }')).recentActivity.length,
  },
  {
    ...{ operation: 'openPrivacyCase', caller: self, variables: '$message: String!' },
    call: '(message: $message, idempotencyKey: $key) { privacyCases { id status openedAt dueAt } }',
    ...{ args: { message: 'What is held?' }, others: { message: 'Who saw it?' } },
    count: async () => collection('privacy_case_texts').countDocuments(),
  },
  ...['Mika', 'Nobody'].map((child) => ({
    ...{ operation: 'openGuardianCase', caller: null },
    variables: '$child: String!, $contact: EmailAddress!, $message: String!',
    call: '(child: $child, contact: $contact, message: $message, idempotencyKey: $key)',
    args: { child, contact: 'mum@example.com', message: 'My child' },
    others: { child, contact: 'dad@example.com', message: 'My child' },
    count: () => collection('child_reports').countDocuments(),
  })),
  {
    ...{ operation: 'recordChildFinding', caller: officer, variables: '$user: ID!, $seen: String!' },
    call: '(user: $user, seen: $seen, idempotencyKey: $key)',
    ...{ args: { user: 'u2', seen: 'A post' }, others: { user: 'u2', seen: 'A photo' } },
    count: () => collection('child_reports').countDocuments(),
  },
  {
    ...{ operation: 'openLegalProcess', caller: legal, variables: '$input: LegalProcessInput!' },
    call: '(input: $input, idempotencyKey: $key)',
    ...{ args: { input: process }, others: { input: { ...process, reference: 'S' } } },
    count: async () => collection('legal_processes').countDocuments(),
  },
  {
    ...{ operation: 'createDevice', caller: null, variables: '$input: DeviceInput!' },
    call: '(input: $input, idempotencyKey: $key) { id volume }',
    ...{ args: { input: { volume: 3 } }, others: { input: { volume: 4 } } },
    count: async () => collection('devices').countDocuments(),
  },
  {
    ...{ operation: 'submitOfferCompletion', caller: wall, variables: '$input: OfferCompletionInput!' },
    call: '(input: $input, idempotencyKey: $key) { received }',
    ...{ args: { input: completion }, others: { input: { ...completion, credits: 6 } } },
    count: credits,
  },
  {
    ...{ operation: 'subscribeToThread', caller: null, variables: '$thread: ID!, $email: EmailAddress' },
    call: '(thread: $thread, email: $email, idempotencyKey: $key)',
    args: { thread: 'news', email: 'fan@example.com' },
    others: { thread: 'news', email: 'shy@example.com' },
    count: async () => collection('blog_followers').countDocuments(),
  },
  {
    ...{ operation: 'announceSuccession', caller: legal, variables: '$partner: ID!' },
    call: '(partner: $partner, idempotencyKey: $key) { announcedAt partner { clientId } }',
    ...{ args: { partner: 'heir' }, others: { partner: 'other-heir' } },
    count: async () => collection('partners').countDocuments({ 'successions.0': { $exists: true } }),
  },
  {
    ...{ operation: 'register', caller: member('new'), variables: '$input: RegisterInput!' },
    call: '(input: $input, idempotencyKey: $key) { user { id avatarName email } }',
    args: { input: { name: 'Nova', email: 'nova@example.com', avatarName: 'Nova' } },
    others: { input: { name: 'Nova', email: 'nova@example.com', avatarName: 'Nova Two' } },
    count: async () => (await collection('people').countDocuments()) - WORLD.users.length,
  },
];

const documentOf = ({ operation, variables, call }: Making) =>
  `mutation (${variables}, $key: String) { ${operation}${call} }`;
const make = async (making: Making, rest: { args?: object; key?: string | null; through?: TestWorld } = {}) => {
  const { args = making.args, key = KEY, through = world } = rest;
  const { data, errors } = await through.ask(making.caller, documentOf(making), { ...args, key });
  return { made: data?.[making.operation], codes: errors.map(({ extensions }) => extensions.code), errors };
};

describe.each(MAKINGS)('$operation with a key', (making) => {
  test('makes one thing for any number of calls, through any gateway, and answers with the first one', async () => {
    const before = await making.count();
    const first = await make(making);
    expect(first.codes).toEqual([]);
    clock.advance(1_000);
    for (const through of [world, second]) {
      const { made, errors } = await make(making, { through });
      expect(errors).toEqual([]);
      expect(made).toEqual(first.made);
    }
    expect(await making.count()).toBe(before + 1);
  });

  test('makes one thing for calls at the same time', async () => {
    const before = await making.count();
    const calls = [world, second, world].map((through) => make(making, { through }));
    const [one, ...others] = await Promise.all(calls);
    expect(one?.codes).toEqual([]);
    for (const other of others) expect(other).toEqual(one);
    expect(await making.count()).toBe(before + 1);
  });

  test('goes on where it was cut off', async () => {
    const before = await making.count();
    const first = await make(making);
    await cutOff();
    expect(await make(making, { through: second })).toEqual(first);
    expect(await making.count()).toBe(before + 1);
    expect((await records()).map(({ made }) => made)).toEqual([true]);
  });

  test('is a conflict with other arguments', async () => {
    await make(making);
    const before = await making.count();
    const { errors } = await make(making, { args: making.others });
    expect(errors).toMatchObject([
      {
        message: expect.stringMatching(/^idempotencyKey: .*other arguments/),
        extensions: { code: 'CONFLICT', argument: 'idempotencyKey' },
      },
    ]);
    expect(await making.count()).toBe(before);
  });

  test('keeps marks alone: nothing that was sent, and nothing that was made', async () => {
    const { made } = await make(making);
    const text = JSON.stringify(await records());
    const ids = JSON.stringify(made).match(/"id":"[^"]+"/g) ?? [];
    for (const id of ids) expect(text).not.toContain(id.slice(6, -1));
    for (const value of [KEY, 'u1', 'pay', 'Nia', 'blog', 'Quill', 'example', 'news'])
      expect(text).not.toContain(value);
  });
});

const byOperation = (operation: string) => MAKINGS.find((making) => making.operation === operation) as Making;
const [ORDER, PHOTO, POST, ACTIVITY, DEVICE] = [
  ...['placeOrder', 'addPhoto', 'submitPost', 'postActivity', 'createDevice'].map(byOperation),
] as [Making, Making, Making, Making, Making];

describe('a thing made under a key', () => {
  const undo = {
    placeOrder: ({ order: { id } }: { order: { id: string } }) =>
      world.ask(self, 'mutation ($id: ID!) { cancelOrder(order: $id) { order { status } } }', { id }),
    addPhoto: () => world.ask(self, 'mutation { removePhotos(all: true) { id } }'),
    submitPost: ({ post: { id } }: { post: { id: string } }) =>
      world.ask(self, 'mutation ($id: ID!) { removePosts(ids: [$id]) { id } }', { id }),
    postActivity: () => world.ask(self, 'mutation { deletePersonalData(categories: [ACTIVITY]) { deleted } }'),
    createDevice: ({ id }: { id: string }) => world.ask(null, 'mutation ($id: ID!) { eraseDevice(id: $id) }', { id }),
  } as Record<string, (made: never) => Promise<{ errors: readonly unknown[] }>>;

  test.each([ORDER, PHOTO, POST, ACTIVITY, DEVICE])('is not made again once it is gone: $operation', async (making) => {
    const { made } = await make(making);
    expect((await undo[making.operation]?.(made as never))?.errors).toEqual([]);
    const before = await making.count();
    expect((await make(making, { through: second })).codes).toEqual([]);
    expect(await making.count()).toBe(before);
  });

  test.each([
    ORDER,
    PHOTO,
    ACTIVITY,
  ])('is not made again either where the call was cut off: $operation', async (making) => {
    const { made } = await make(making);
    await undo[making.operation]?.(made as never);
    await cutOff();
    const before = await making.count();
    expect((await make(making, { through: second })).codes).toEqual([]);
    expect(await making.count()).toBe(before);
  });

  test('an order that was filled since is answered as it stands', async () => {
    const { made } = await make(ORDER);
    const pay = partner('pay', 'billing', 'name');
    const { partnerId } = await own('partnerId(clientId: "pay")');
    const REPORT = 'mutation ($u: ID!, $o: ID!) { reportOrder(user: $u, order: $o, outcome: FILLED) }';
    await world.ask(pay, REPORT, { u: partnerId, o: made.order.id });
    for (const cut of [false, true]) {
      if (cut) await cutOff();
      expect((await make(ORDER)).made).toEqual({ order: { id: made.order.id, status: 'FILLED' } });
    }
    expect(await ORDER.count()).toBe(1);
  });
});

describe('a call that was cut off between two writes is finished when it comes again', () => {
  test('a case with a kept letter comes to the record', async () => {
    const making = byOperation('openPrivacyCase');
    const first = await make(making);
    await collection('people').updateOne({ publicId: 'u1' }, { $set: { 'facts.privacyCases': [] } });
    await cutOff();
    expect(await make(making)).toEqual(first);
    expect(await making.count()).toBe(1);
  });

  test('a legal process that was put down comes into force', async () => {
    const making = byOperation('openLegalProcess');
    await make(making);
    await collection('people').updateOne({ publicId: 'u1' }, { $set: { 'facts.legalProcesses': [] } });
    await cutOff();
    const { made } = await make(making);
    expect((await personOf())?.facts.legalProcesses).toMatchObject([{ id: made, categories: ['NAME'] }]);
    expect(await making.count()).toBe(1);
  });

  test('a registration that had its name and its key comes to a person', async () => {
    const making = byOperation('register');
    const { made } = await make(making);
    await collection('people').deleteOne({ publicId: 'new' });
    await cutOff();
    expect((await make(making)).made).toEqual(made);
    expect(await own('name', member('new'))).toEqual({ name: 'Nova' });
  });

  test('followers are told of a post once', async () => {
    await world.ask(null, 'mutation { subscribeToThread(thread: "blog", email: "fan@example.com") }');
    await collection('blog_followers').updateMany({}, { $set: { verified: true } });
    await make(POST);
    await cutOff();
    await make(POST, { through: second });
    expect((await world.mails()).filter(({ kind }) => kind === 'NEW_COMMENT')).toHaveLength(1);
  });
});

describe('sharing.suspicious-activity: a report under a key is put on record once', () => {
  const REPORT =
    'mutation ($p: ID!, $c: [DataCategory!]!, $key: String) { reportActivity(process: $p, categories: $c, idempotencyKey: $key) }';
  const reportIt = async (c: string[] = ['EMAIL']) => {
    const opened = await world.ask(
      legal,
      'mutation ($input: LegalProcessInput!) { openLegalProcess(input: $input, idempotencyKey: "p") }',
      {
        input: { ...process, categories: ['EMAIL', 'NAME'] },
      },
    );
    return world.ask(legal, REPORT, { p: opened.data.openLegalProcess, c, key: KEY });
  };
  const shares = async () => (await own('thirdPartyShares { categories }')).thirdPartyShares;

  test('and answers the same id, also where it was cut off', async () => {
    const { data } = await reportIt();
    expect((await reportIt()).data).toEqual(data);
    await cutOff();
    expect((await reportIt()).data).toEqual(data);
    expect(await shares()).toEqual([{ categories: ['EMAIL'] }]);
    expect((await reportIt(['NAME'])).errors[0]?.extensions.code).toBe('CONFLICT');
  });
});

describe('the owner of a key', () => {
  test('another person’s key of the same name is another key', async () => {
    await make(PHOTO);
    const theirs = { ...PHOTO, caller: member('u2') };
    expect((await make(theirs, { args: PHOTO.others })).codes).toEqual([]);
    expect((await own('photos { caption }', member('u2'))).photos).toEqual([{ caption: 'Two' }]);
  });

  test('so is another partner’s', async () => {
    const making = byOperation('submitOfferCompletion');
    await make(making);
    expect((await make({ ...making, caller: partner('other-wall', 'offer-completion', 'name') })).codes).toEqual([]);
    expect(await credits()).toBe(2);
  });

  test('so is a visitor’s from another network', async () => {
    const from = async (remoteAddress: string) => {
      const body = JSON.stringify({ query: documentOf(DEVICE), variables: { ...DEVICE.args, key: KEY } });
      const headers = { 'content-type': 'application/json' };
      const request = new Request('http://gateway.test/graphql', { method: 'POST', headers, body });
      const response = await world.gateway.fetch(request, { req: { socket: { remoteAddress } } } as never);
      return (await response.json()).data.createDevice.id;
    };
    const [one, same, other] = [await from('192.0.2.1'), await from('192.0.2.1'), await from('198.51.100.7')];
    expect(same).toBe(one);
    expect(other).not.toBe(one);
    expect(JSON.stringify(await records())).not.toMatch(/192\.0|198\.51/);
  });

  test('and the same key stands for a call of each operation', async () => {
    expect((await make(PHOTO)).codes).toEqual([]);
    expect((await make(POST)).codes).toEqual([]);
  });

  test('a token with other claims is the same caller', async () => {
    const { made } = await make(ORDER);
    clock.advance(60_000);
    expect((await make(ORDER)).made).toEqual(made);
  });

  test('keys go with an erased person', async () => {
    await make(PHOTO);
    expect(await records()).toHaveLength(1);
    const { data } = await world.ask(self, 'mutation { requestErasure { confirmation } }');
    await world.ask(self, 'mutation ($c: String!) { eraseAccount(confirmation: $c) { erasedAt } }', {
      c: data.requestErasure.confirmation,
    });
    expect(await records()).toEqual([]);
  });

  test('a person who had an account before is told so, with any key', async () => {
    const making = { ...byOperation('register'), caller: self };
    for (const _ of [1, 2]) expect((await make(making)).codes).toEqual(['CONFLICT']);
    expect(await making.count()).toBe(0);
  });
});

describe('how long a key stands', () => {
  test('for 24 hours, to the millisecond; then it makes something new, and the sweep forgets it', async () => {
    const { made } = await make(ORDER);
    clock.advance(DAY - 1);
    expect((await make(ORDER)).made).toEqual(made);
    await world.gateway.sweep();
    expect(await records()).toHaveLength(1);
    clock.advance(1);
    const next = await make(ORDER, { args: ORDER.others });
    expect(next.codes).toEqual([]);
    expect(next.made.order.id).not.toBe(made.order.id);
    expect(await ORDER.count()).toBe(2);
    clock.advance(DAY);
    await world.gateway.sweep();
    expect(await records()).toEqual([]);
  });
});

describe('a call without a key', () => {
  test.each(
    MAKINGS.filter(({ operation }) => !/Succession|register|Offer|subscribe/.test(operation)),
  )('makes something new each time, and costs no command more: $operation', async (making) => {
    const before = await making.count();
    const { sent, stop } = noteCommands(world.store);
    for (const _ of [1, 2]) expect((await make(making, { key: null })).codes).toEqual([]);
    stop();
    expect(sent.filter((command) => command.includes('idempotency'))).toEqual([]);
    expect(await making.count()).toBe(before + 2);
  });

  test('with one it costs two more: the key is taken, and the end is put down', async () => {
    const tally = async (key: string | null) => {
      const { sent, stop } = noteCommands(world.store);
      await make(POST, { key });
      stop();
      return sent.filter((command) => command.includes('idempotency'));
    };
    expect(await tally(KEY)).toEqual(['findAndModify idempotency_keys', 'update idempotency_keys']);
    expect(await tally(KEY)).toEqual(['findAndModify idempotency_keys']);
  });
});

describe('valid and invalid keys', () => {
  test.each([
    { name: 'one character', key: '~' },
    { name: '64 characters', key: '!'.repeat(64) },
    { name: 'a UUID', key: '0b8e2f2c-7d5e-4b7f-9a53-3c1f6f5f4f3a' },
  ])('$name', async ({ key }) => {
    expect((await make(PHOTO, { key })).codes).toEqual([]);
  });

  test.each([
    { name: 'nothing', key: '' },
    { name: '65 characters', key: 'x'.repeat(65) },
    { name: 'a space', key: 'a key' },
    { name: 'a character of control', key: 'a\nkey' },
    { name: 'a letter beyond ASCII', key: 'clé' },
  ])('is not $name', async ({ key }) => {
    const { errors } = await make(PHOTO, { key });
    expect(errors[0]?.extensions).toEqual({
      code: 'BAD_INPUT',
      argument: 'idempotencyKey',
      expected: '1 to 64 visible ASCII characters',
    });
    expect(await PHOTO.count()).toBe(0);
  });

  test.each([
    { name: 'a form that is at fault', args: { input: { ...order, lastFour: '4' } } },
    { name: 'a processor that is none', args: { input: { ...order, processor: 'wall' } } },
  ])('a call with $name takes no key', async ({ args }) => {
    expect((await make(ORDER, { args })).codes).toEqual(['BAD_INPUT']);
    expect((await make(ORDER)).codes).toEqual([]);
    expect(await ORDER.count()).toBe(1);
  });

  test('children.age-limit: a child who registers with a key leaves nothing behind, not even a mark', async () => {
    const making = byOperation('register');
    const args = { input: { name: 'Pip', email: 'pip@example.com', avatarName: 'Pip', birthDate: '2020-01-01' } };
    expect((await make(making, { args })).codes).toEqual(['BAD_INPUT']);
    expect(await records()).toEqual([]);
  });
});

/** The mutations that take no key, by the reason. */
const WITHOUT_KEY = {
  'sets something, which stays as it is when it is set again': [
    ...['acceptPolicy', 'refusePolicy', 'giveConsent', 'withdrawConsent', 'updatePreferences', 'correctPersonalData'],
    ...['connectSocial', 'disconnectSocial', 'setAutoPost', 'enterRelationship', 'leaveRelationship', 'updateDevice'],
    ...['joinCreatorNotification', 'leaveCreatorNotification', 'recordAdInteraction'],
    ...['upsertPartner', 'setContract', 'setPartnerKeys', 'suspendPartner', 'reinstatePartner'],
    ...['proveEmail'],
  ],
  'ends or removes something': [
    ...['cancelOrder', 'removePhotos', 'removePosts', 'deletePersonalData', 'eraseAccount', 'eraseDevice'],
    ...['endLegalProcess', 'unsubscribeFromThread', 'closePrivacyCase', 'removeWebhook'],
  ],
  'decides once on something that has an id': [
    ...['acceptOfferCompletion', 'refuseOfferCompletion', 'verifyGuardianCase', 'confirmChildFinding', 'sealChild'],
    ...['unsealAccount', 'reportOrder', 'reportDisconnect', 'verifySubscription'],
    ...['acknowledgeErasure', 'acknowledgePartnerEvents'],
  ],
  'answers, and keeps nothing': ['requestErasure', 'requestExport'],
  'mails something anew, which is its purpose': ['requestEmailProof', 'forgetAddress', 'redeliver'],
  'makes a secret anew, which is its purpose': ['setWebhook', 'rotateWebhookSecret'],
  'counts, and keeps nothing of its caller': ['recordVisit', 'recordMachine'],
};

test('every operation that makes something takes a key, and says so', async () => {
  const { data } = await world.ask(
    null,
    '{ __schema { mutationType { fields { name args { name description type { name kind } } } } } }',
  );
  type Field = { name: string; args: { name: string; description: string; type: object }[] };
  const fields: Field[] = data.__schema.mutationType.fields;
  const keyOf = ({ args }: Field) => args.find(({ name }) => name === 'idempotencyKey');
  const namesOf = (some: Field[]) => some.map(({ name }) => name).sort();
  const making = new Set([...MAKINGS.map(({ operation }) => operation), 'reportActivity']);
  expect(namesOf(fields.filter(keyOf))).toEqual([...making].sort());
  expect(namesOf(fields.filter((field) => !keyOf(field)))).toEqual(Object.values(WITHOUT_KEY).flat().sort());
  for (const key of fields.flatMap((field) => keyOf(field) ?? []))
    expect(key).toMatchObject({
      type: { kind: 'SCALAR', name: 'String' },
      description: expect.stringContaining('24 hours'),
    });
});
