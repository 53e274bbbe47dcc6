import { createPublicKey, randomUUID, verify as verifyBytes } from 'node:crypto';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dueUnder } from '../../src/features/erasure/obligations.ts';
import { createEventForm } from '../../src/features/erasure/partner-event.ts';
import type { StoredNotice } from '../../src/features/erasure/stored-notice.ts';
import { createDispatcher } from '../../src/features/webhooks/dispatcher.ts';
import { createWebhookKeys } from '../../src/features/webhooks/message.ts';
import { createPost } from '../../src/features/webhooks/post.ts';
import { LONGEST_PAUSE } from '../../src/features/webhooks/retries.ts';
import { readConfig } from '../../src/process/config.ts';
import { createNoticePushes } from '../../src/store/mongo/repositories/notice-pushes.ts';
import { createPartners } from '../../src/store/mongo/repositories/partners.ts';
import { createWebhookRecords } from '../../src/store/mongo/repositories/webhooks.ts';
import { resetWorld } from '../../src/world/reset.ts';
import { createClock, DAY, HOUR } from '../support/clock.ts';
import { until } from '../support/engines.ts';
import { partnerIdsOf } from '../support/notices.ts';
import { openReceiver, type Received, type Receiver } from '../support/receiver.ts';
import { quiet } from '../support/store.ts';
import { createWorld, KEYS, member, partner, staff, type TestWorld } from '../support/world.ts';

const PEOPLE = ['u1', 'u2', 'u3', 'u4'];
const offers = partner('offers', 'targeted-offers', 'name gender birth-date');
const rival = partner('rival', 'targeted-offers', 'name gender birth-date');
const third = partner('third', 'targeted-offers', 'name gender birth-date');
const contracted = (clientId: string) => ({
  ...{ clientId, name: clientId, kind: 'OFFERS', jurisdiction: 'US' },
  contract: { purposes: ['targeted-offers'] },
});
const WORLD = {
  users: PEOPLE.map((id) => ({
    ...{ id, avatarName: `Neko ${id}`, name: 'Nia Kokkonen', email: `${id}@mail.example`, country: 'US' },
    ...{ gender: 'female', birthDate: '1990-02-03' },
    consents: [{ purpose: 'targetedOffers', action: 'GIVEN', at: '2020-01-01T00:00:00Z' }],
  })),
  partners: ['offers', 'rival', 'third'].map(contracted),
};
/** The time of the receivers, which refuse a message that is not of now: each test begins anew. */
let start = new Date();

let log = '';
const stream = new Writable({
  write: (chunk, _encoding, done) => {
    log += chunk;
    done();
  },
});

const clock = createClock(start);
let world: TestWorld;
/** Another gateway over the same database. */
let other: TestWorld;
let receivers: Receiver[] = [];
/** The ids by which `offers` knows the people. */
let ids: Readonly<Record<string, string>>;

beforeAll(async () => {
  const options = { clock, log: pino({}, stream), reach: { loopback: true } };
  world = await createWorld({}, options);
  other = await createWorld({}, { ...options, store: { ...world.store, drop: async () => {} } });
});
beforeEach(async () => {
  start = new Date();
  clock.set(start);
  log = '';
  await resetWorld(world.store);
  await world.load(WORLD);
  const found = await Promise.all(PEOPLE.map((id) => partnerIdsOf(world, member(id), ['offers'])));
  ids = Object.fromEntries(PEOPLE.map((id, index) => [id, found[index]?.[0] ?? '']));
});
afterEach(async () => {
  await world.ask(offers, 'mutation { removeWebhook }');
  await Promise.all(receivers.map(({ close }) => close()));
  receivers = [];
});
afterAll(async () => {
  await other.close();
  await world.close();
});

const collection = (name: string) =>
  world.store.connection.getClient().db(world.store.connection.name).collection(name);

const receiver = async (): Promise<Receiver> => {
  const opened = await openReceiver();
  receivers.push(opened);
  return opened;
};

const SET = 'mutation ($url: URL!) { setWebhook(url: $url) { secret webhook { url setAt publicKey disabledAt } } }';
interface Set {
  readonly secret: string;
  readonly webhook: { readonly publicKey: string };
}
const set = async ({ url }: Pick<Receiver, 'url'>, caller = offers): Promise<Set> => {
  const { data, errors } = await world.ask(caller, SET, { url });
  expect(errors).toEqual([]);
  return data.setWebhook;
};
/** A receiver that a partner has set. */
const listen = async (caller = offers) => {
  const opened = await receiver();
  return Object.assign(opened, await set(opened, caller));
};
const show = async (...callers: (typeof offers)[]) => {
  for (const caller of callers) {
    const { data } = await world.ask(caller, '{ users { edges { node { gender birthDate name } } } }');
    expect(data.users.edges).toHaveLength(PEOPLE.length);
  }
};
const act = async (id: string, mutation: string, through = world) => {
  const { errors } = await through.ask(member(id), `mutation { ${mutation} { __typename } }`);
  expect(errors).toEqual([]);
};
const remove = (id: string, category: string, through = world) =>
  act(id, `deletePersonalData(categories: [${category}])`, through);
const correct = (id: string, input: string) => act(id, `correctPersonalData(input: { ${input} })`);
const withdraw = (id: string) => act(id, 'withdrawConsent(purpose: "targetedOffers")');
/** Lets the gateway find the notices that are due by now, those of corrections and withdrawals too. */
const sweep = (through = world) => through.gateway.sweep();

const bodyOf = ({ body }: Received) => JSON.parse(body);
const known = () => new Set(Object.values(ids));
/** The messages about the people of this test; late ones about people of an earlier test are left out. */
const messagesTo = ({ received }: Receiver): Received[] =>
  received.filter((message) => known().has(bodyOf(message).data.personId));
const arrived = async (to: Receiver, count: number) => {
  await until(() => messagesTo(to).length >= count);
  return messagesTo(to) as [Received, Received, ...Received[]];
};
const status = async (caller = offers) => {
  const fields = 'pending lastDeliveredAt failingSince disabledAt disabledBecause';
  return (await world.ask(caller, `{ webhook { ${fields} } }`)).data.webhook;
};
const deliveries = async () =>
  (await world.ask(offers, '{ webhookDeliveries { at type event attempt outcome status milliseconds } }')).data
    .webhookDeliveries;
const noticeIds = async () => {
  const { data } = await world.ask(offers, '{ erasureNotices { id personId } }');
  return data.erasureNotices
    .filter(({ personId }: { personId: string }) => known().has(personId))
    .map(({ id }: { id: string }) => id);
};
const idOf = ({ headers }: Received) => headers['webhook-id'];
/** Waits until nothing is under way: nothing more comes until a clock moves. */
const settled = async () => {
  await until(async () => (await collection('webhooks').countDocuments({ lease: { $ne: null } })) === 0);
  await sleep(50);
};

describe('a message', () => {
  test('comes at once, and its receiver verifies it with a package of the specification', async () => {
    const to = await listen();
    await show(offers);
    await remove('u1', 'GENDER');
    const [message] = await arrived(to, 1);
    const [id] = await noticeIds();
    expect(new Webhook(to.secret).verify(message.body, message.headers)).toEqual({
      type: 'person.erase',
      timestamp: start.toISOString(),
      data: {
        ...{ id, asked: 'ERASE', personId: ids.u1, categories: ['GENDER'], purpose: null, everything: false },
        dueAt: new Date(start.getTime() + 30 * DAY).toISOString(),
      },
    });
    expect(idOf(message)).toBe(id);
    expect(message).toMatchObject({ path: '/hooks', headers: { 'content-type': 'application/json' } });
  });

  test('of a withdrawal comes within moments, without a sweep', async () => {
    const to = await listen();
    await show(offers);
    await withdraw('u1');
    const [{ body }] = await arrived(to, 1);
    expect(JSON.parse(body)).toMatchObject({ type: 'person.hidden', data: { personId: ids.u1 } });
  });

  test('is signed with a key of the webhook too, which is shown', async () => {
    const to = await listen();
    await show(offers);
    await remove('u1', 'GENDER');
    const [{ headers, body }] = await arrived(to, 1);
    const signature = /(?:^| )v1a,(\S+)/.exec(String(headers['webhook-signature']))?.[1] ?? '';
    expect(to.webhook.publicKey).toMatch(/^whpk_[\w+/]{43}=$/);
    const x = Buffer.from(to.webhook.publicKey.slice(5), 'base64').toString('base64url');
    const key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x } });
    const signed = Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`);
    expect(verifyBytes(null, signed, key, Buffer.from(signature, 'base64'))).toBe(true);
    expect(verifyBytes(null, Buffer.concat([signed, signed]), key, Buffer.from(signature, 'base64'))).toBe(false);
  });

  test.each([
    { what: 'a withdrawal', by: withdraw, type: 'person.hidden', purpose: 'targeted-offers', everything: true },
    {
      ...{ what: 'a correction', type: 'person.corrected', purpose: null, everything: false },
      by: (id: string) => correct(id, 'gender: "male"'),
    },
  ])('of $what has its type and says neither value nor cause', async ({ by, type, purpose, everything }) => {
    const to = await listen();
    await show(offers);
    await by('u1');
    await sweep();
    const [message] = await arrived(to, 1);
    expect(bodyOf(message)).toMatchObject({ type, data: { purpose, everything } });
    expect(Object.keys(bodyOf(message).data)).toEqual([
      'id',
      'asked',
      'personId',
      'categories',
      'purpose',
      'everything',
      'dueAt',
    ]);
    expect(message.body).not.toMatch(/Kokkonen|female|"male"|1990-|"u1"|WITHDRAW/i);
  });

  test('of the end of a contract names nobody', async () => {
    const to = await listen();
    const query = 'mutation { setContract(partner: "offers") { id } }';
    expect((await world.ask(staff('legal', 'legal-process'), query)).errors).toEqual([]);
    await sweep();
    await until(() => to.received.some((message) => bodyOf(message).type === 'contract.ended'));
    const [message] = to.received.filter((one) => bodyOf(one).type === 'contract.ended');
    expect(message && bodyOf(message).data).toMatchObject({ asked: 'STOP', personId: null, categories: [] });
  });

  test('that arrived is delivered and not acknowledged: the notice waits, and is not sent again', async () => {
    const to = await listen();
    await show(offers);
    await remove('u1', 'GENDER');
    await arrived(to, 1);
    await settled();
    expect(await status()).toMatchObject({ pending: 0, lastDeliveredAt: start.toISOString(), failingSince: null });
    expect(await noticeIds()).toHaveLength(1);
    clock.advance(4 * DAY);
    await sweep();
    await settled();
    expect(messagesTo(to)).toHaveLength(1);
  });

  test('is sent again under another id where its notice has grown', async () => {
    const to = await listen();
    await show(offers);
    await remove('u1', 'GENDER');
    await arrived(to, 1);
    await settled();
    await remove('u1', 'BIRTH_DATE');
    const [first, second] = await arrived(to, 2);
    expect(idOf(first)).not.toBe(idOf(second));
    expect(bodyOf(second).data.categories).toEqual(['GENDER', 'BIRTH_DATE']);
  });

  test('comes for notices that waited before there was a webhook, and not for acknowledged ones', async () => {
    await show(offers);
    await remove('u1', 'GENDER');
    await remove('u2', 'GENDER');
    const [acknowledged] = await noticeIds();
    await world.ask(offers, 'mutation ($id: ID!) { acknowledgeErasure(id: $id) }', { id: acknowledged });
    const to = await listen();
    const messages = await arrived(to, 1);
    await settled();
    expect(messagesTo(to)).toHaveLength(1);
    expect(messages.map(idOf)).toEqual(await noticeIds());
  });

  const change = (field: string) =>
    world.ask(staff('legal', 'legal-process'), `mutation { ${field}(partner: "offers") { clientId } }`);

  test('is not sent to a partner that is suspended', async () => {
    const to = await listen();
    await show(offers);
    expect((await change('suspendPartner')).errors).toEqual([]);
    await remove('u1', 'GENDER');
    await sweep();
    await settled();
    expect(messagesTo(to)).toEqual([]);
    await change('reinstatePartner');
    await sweep();
    await arrived(to, 1);
  });

  test('is not sent behind another one once the partner is suspended', async () => {
    await show(offers);
    await remove('u1', 'BIRTH_DATE');
    clock.advance(1_000);
    await withdraw('u1');
    await sweep();
    await until(async () => (await noticeIds()).length === 2);
    const to = await receiver();
    to.answerWith((response) => void change('suspendPartner').then(() => response.writeHead(204).end()));
    await set(to);
    await arrived(to, 1);
    await settled();
    expect(messagesTo(to)).toHaveLength(1);
    await change('reinstatePartner');
    await sweep();
    await arrived(to, 2);
  });
});

describe('a receiver that fails', () => {
  test.each([
    400, 404, 302, 429, 500, 503,
  ])('with %i gets the same message again once a pause is over', async (code) => {
    const to = await listen();
    to.answerWith((response) => response.writeHead(code).end());
    await show(offers);
    await remove('u1', 'GENDER');
    await arrived(to, 1);
    await settled();
    expect(await status()).toMatchObject({ pending: 1, failingSince: start.toISOString() });
    clock.advance(3_900);
    await sweep();
    await settled();
    expect(messagesTo(to)).toHaveLength(1);
    to.answerWith((response) => response.writeHead(200).end());
    clock.advance(3_000);
    await sweep();
    const [first, second] = await arrived(to, 2);
    expect(idOf(second)).toBe(idOf(first));
    expect(second.body).toBe(first.body);
    expect(Number(second.headers['webhook-timestamp'])).toBeGreaterThan(Number(first.headers['webhook-timestamp']));
    expect(new Webhook(to.secret).verify(second.body, second.headers)).toEqual(bodyOf(first));
    await settled();
    expect(await status()).toMatchObject({ pending: 0, failingSince: null });
    expect(await deliveries()).toMatchObject([
      { attempt: 2, outcome: 'DELIVERED', status: 200, event: idOf(first), type: 'person.erase' },
      { attempt: 1, outcome: 'REFUSED', status: code, event: idOf(first) },
    ]);
  });

  test('by asking for another protocol holds nothing up', async () => {
    const to = await listen();
    to.answerWith((response) => response.writeHead(101, { connection: 'upgrade', upgrade: 'x' }).end());
    await show(offers);
    await remove('u1', 'GENDER');
    await arrived(to, 1);
    await settled();
    expect(await deliveries()).toMatchObject([{ outcome: 'REFUSED', status: 101 }]);
  });

  test('is left alone as long as it asks for', async () => {
    const to = await listen();
    to.answerWith((response) => response.writeHead(503, { 'retry-after': '3600' }).end());
    await show(offers);
    await remove('u1', 'GENDER');
    await arrived(to, 1);
    await settled();
    to.answerWith((response) => response.writeHead(200).end());
    clock.advance(HOUR - 1);
    await remove('u2', 'GENDER');
    await sweep();
    await settled();
    expect(messagesTo(to)).toHaveLength(1);
    clock.advance(1);
    await sweep();
    await arrived(to, 3);
  });

  test('that was down for a day gets everything, of each person in order', async () => {
    const to = await listen();
    to.answerWith((response) => response.destroy());
    await show(offers);
    for (const id of PEOPLE) {
      await remove(id, 'BIRTH_DATE');
      clock.advance(HOUR);
      await correct(id, 'gender: "male"');
      clock.advance(HOUR);
      await withdraw(id);
      clock.advance(HOUR);
      await sweep();
      await settled();
    }
    clock.advance(12 * HOUR);
    await sweep();
    await settled();
    const failed = to.received.length;
    expect(failed).toBeLessThan(16);
    to.answerWith((response) => response.writeHead(204).end());
    for (let round = 0; round < 3; round++) {
      clock.advance(1.2 * LONGEST_PAUSE);
      await sweep();
      await settled();
    }
    const messages = messagesTo(to).slice(failed).map(bodyOf);
    expect(messages).toHaveLength(3 * PEOPLE.length);
    for (const id of PEOPLE)
      expect(messages.filter(({ data }) => data.personId === ids[id]).map(({ type }) => type)).toEqual([
        'person.erase',
        'person.corrected',
        'person.hidden',
      ]);
  });

  test('on one message gets no later one of the same person, and those of other people', async () => {
    const to = await listen();
    to.answerWith((response, message) =>
      response
        .writeHead(bodyOf(message).type === 'person.erase' && bodyOf(message).data.personId === ids.u1 ? 500 : 204)
        .end(),
    );
    await show(offers);
    await remove('u1', 'BIRTH_DATE');
    await arrived(to, 1);
    await settled();
    clock.advance(1_000);
    await withdraw('u1');
    await remove('u2', 'BIRTH_DATE');
    clock.advance(6_000);
    await sweep();
    await arrived(to, 3);
    await settled();
    expect(messagesTo(to).map((message) => [bodyOf(message).type, bodyOf(message).data.personId])).toEqual([
      ['person.erase', ids.u1],
      ['person.erase', ids.u2],
      ['person.erase', ids.u1],
    ]);
    to.answerWith((response) => response.writeHead(204).end());
    for (let round = 0; round < 2; round++) {
      clock.advance(HOUR);
      await sweep();
      await settled();
    }
    expect(
      messagesTo(to)
        .slice(3)
        .map((message) => bodyOf(message).type),
    ).toEqual(['person.erase', 'person.hidden']);
  });

  test('for three days is disabled, and its notices wait for it to ask', async () => {
    const to = await listen();
    to.answerWith((response) => response.writeHead(500).end());
    await show(offers);
    await remove('u1', 'GENDER');
    for (let hours = 0; hours <= 84; hours += 6) {
      await sweep();
      await settled();
      clock.advance(6 * HOUR);
    }
    expect(await status()).toMatchObject({ disabledAt: expect.any(String), disabledBecause: 'FAILING' });
    const tried = messagesTo(to).length;
    expect(tried).toBeGreaterThan(5);
    expect(new Set(messagesTo(to).map(idOf)).size).toBe(1);
    await remove('u2', 'GENDER');
    await sweep();
    await settled();
    expect(messagesTo(to)).toHaveLength(tried);
    expect(await noticeIds()).toHaveLength(2);
    const next = await listen();
    await arrived(next, 2);
    await settled();
    expect(await status()).toMatchObject({ pending: 0, disabledAt: null });
  });

  test('because it is gone is disabled at once', async () => {
    const to = await listen();
    to.answerWith((response) => response.writeHead(410).end());
    await show(offers);
    await remove('u1', 'GENDER');
    await arrived(to, 1);
    await until(async () => (await status()).disabledAt !== null);
    expect(await status()).toMatchObject({ disabledBecause: 'GONE', pending: 1 });
    await remove('u2', 'GENDER');
    clock.advance(DAY);
    await sweep();
    await settled();
    expect(messagesTo(to)).toHaveLength(1);
    expect(await noticeIds()).toHaveLength(2);
  });

  test('or is slow delays no other', async () => {
    const [dead, slow, sound] = [await listen(offers), await listen(rival), await listen(third)];
    dead.answerWith((response) => response.destroy());
    slow.answerWith(() => {});
    await show(offers, rival, third);
    const begun = performance.now();
    await remove('u1', 'GENDER');
    await until(() => sound.received.length > 0);
    await remove('u2', 'GENDER');
    await until(() => sound.received.length > 1);
    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(slow.received.length).toBeGreaterThan(0);
  });
});

describe('several gateways', () => {
  test('send each message once', async () => {
    const to = await listen();
    to.answerWith((response) => setTimeout(() => response.writeHead(204).end(), 20));
    await show(offers);
    await Promise.all(
      PEOPLE.flatMap((id, index) => [remove(id, 'GENDER', index % 2 ? world : other), sweep(world), sweep(other)]),
    );
    await Promise.all([sweep(world), sweep(other)]);
    await arrived(to, PEOPLE.length);
    await sleep(1_500);
    await settled();
    const messages = messagesTo(to).map(idOf);
    expect(messages).toHaveLength(PEOPLE.length);
    expect(new Set(messages).size).toBe(PEOPLE.length);
  });

  test('find a message of another one that ended between sending and noting, and send it under the same id', async () => {
    const to = await receiver();
    await show(offers);
    await remove('u1', 'GENDER');
    const { store } = world;
    const pushes = createNoticePushes<StoredNotice>(store);
    const records = createWebhookRecords(store);
    await records.set({
      ...{ _id: 'offers', url: to.url, setAt: start, keyId: randomUUID() },
      secrets: [{ id: randomUUID(), until: null }],
    });
    const lost = createDispatcher({
      ...{ clock, log: quiet, partners: createPartners(store), keys: createWebhookKeys(KEYS.sharedSecret) },
      ...{ post: createPost({ loopback: true }), eventOf: createEventForm(dueUnder({ erasureDays: 30 })) },
      placeNotices: async () => {},
      // it ends here: none of its writes happens
      pushes: { ...pushes, note: () => Promise.reject(new Error('ended')) },
      webhooks: { ...records, note: () => Promise.reject(new Error('ended')), release: async () => {} },
    });
    await lost.wake();
    await arrived(to, 1);
    await lost.stop();
    await sweep();
    await sleep(200);
    expect(messagesTo(to)).toHaveLength(1);
    clock.advance(30_000);
    await sweep();
    const [first, second] = await arrived(to, 2);
    expect([idOf(second), second.body]).toEqual([idOf(first), first.body]);
    await settled();
    expect(await status()).toMatchObject({ pending: 0 });
  });

  test('that end cut off messages under way, and another one sends them', async () => {
    const ended = await createWorld(
      {},
      { clock, reach: { loopback: true }, store: { ...world.store, drop: async () => {} } },
    );
    const to = await receiver();
    to.answerWith(() => {});
    await show(offers);
    await remove('u1', 'GENDER');
    await ended.ask(offers, SET, { url: to.url });
    await arrived(to, 1);
    const begun = performance.now();
    await ended.close();
    expect(performance.now() - begun).toBeLessThan(5_000);
    expect(await status()).toMatchObject({ pending: 1, failingSince: null });
    to.answerWith((response) => response.writeHead(204).end());
    await sweep();
    const [first, second] = await arrived(to, 2);
    expect(idOf(second)).toBe(idOf(first));
  });
});

describe('a partner', () => {
  test('has a new secret made, and the one before signs as well for 24 hours', async () => {
    const to = await listen();
    const { data } = await world.ask(offers, 'mutation { rotateWebhookSecret { secret webhook { publicKey } } }');
    const { secret, webhook } = data.rotateWebhookSecret;
    expect(secret).toMatch(/^whsec_[\w+/]{43}=$/);
    expect(secret).not.toBe(to.secret);
    expect(webhook.publicKey).toBe(to.webhook.publicKey);
    await show(offers);
    clock.advance(DAY - 1);
    await remove('u1', 'GENDER');
    await arrived(to, 1);
    clock.advance(1);
    await remove('u2', 'GENDER');
    const signaturesOf = ({ headers, body }: Received) =>
      [secret, to.secret].map((key) => {
        const at = new Date(Number(headers['webhook-timestamp']) * 1_000);
        const signature = new Webhook(key).sign(String(headers['webhook-id']), at, body);
        return String(headers['webhook-signature']).split(' ').includes(signature);
      });
    expect((await arrived(to, 2)).map(signaturesOf)).toEqual([
      [true, true],
      [true, false],
    ]);
  });

  test('that lost the answer has a secret made again, and the secret that it knows goes on for its time', async () => {
    const to = await listen();
    const rotate = async () => (await world.ask(offers, 'mutation { rotateWebhookSecret { secret } }')).errors;
    for (let n = 0; n < 5; n++) expect(await rotate()).toEqual([]);
    expect((await rotate())[0]?.extensions).toEqual({ code: 'RATE_LIMITED' });
    await show(offers);
    await remove('u1', 'GENDER');
    const [{ headers, body }] = await arrived(to, 1);
    expect(new Webhook(to.secret).verify(body, headers)).toEqual(JSON.parse(body));
  });

  test('has a message sent once more, under the same id', async () => {
    const to = await listen();
    await show(offers);
    await remove('u1', 'GENDER');
    const [{ headers }] = await arrived(to, 1);
    await settled();
    const REDELIVER = 'mutation ($id: ID!) { redeliver(id: $id) }';
    expect((await world.ask(offers, REDELIVER, { id: headers['webhook-id'] })).data).toEqual({ redeliver: true });
    const [first, second] = await arrived(to, 2);
    expect(idOf(second)).toBe(idOf(first));
    const ofAnother = await world.ask(rival, REDELIVER, { id: headers['webhook-id'] });
    expect(ofAnother.errors[0]?.extensions.code).toBe('CONFLICT');
    const unknown = await world.ask(offers, REDELIVER, { id: `${'0'.repeat(64)}.1` });
    expect(unknown.errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument: 'id' });
  });

  test('removes its webhook, and is sent nothing any more', async () => {
    const to = await listen();
    await show(offers);
    const REMOVE = 'mutation { removeWebhook }';
    expect((await world.ask(offers, REMOVE)).data).toEqual({ removeWebhook: true });
    expect((await world.ask(offers, REMOVE)).data).toEqual({ removeWebhook: false });
    await remove('u1', 'GENDER');
    await sweep();
    await settled();
    expect(messagesTo(to)).toEqual([]);
    expect(await status()).toBeNull();
    expect(await deliveries()).toEqual([]);
  });

  test('sees its own webhook alone, and never its secret again', async () => {
    const to = await listen();
    expect(await status(rival)).toBeNull();
    const { data } = await world.ask(offers, '{ webhook { url setAt publicKey pending } }');
    expect(data.webhook).toEqual({
      ...{ url: to.url, setAt: start.toISOString(), publicKey: to.webhook.publicKey, pending: 0 },
    });
    const stored = JSON.stringify(await collection('webhooks').find().toArray());
    const bytes = Buffer.from(to.secret.slice(6), 'base64');
    for (const form of [bytes.toString('base64'), bytes.toString('hex'), bytes.toString('base64url')])
      expect(stored).not.toContain(form);
  });

  test.each([
    'http://hooks.example/',
    'https://10.0.0.1/',
    'https://0x7f.1/',
    'https://[::ffff:127.0.0.1]/',
    'https://hooks.example:22/',
  ])('can’t have messages sent to %s', async (url) => {
    const { errors } = await (await refusing()).ask(offers, SET, { url });
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument: 'url' });
    expect(JSON.stringify(errors)).not.toContain(new URL(url).hostname);
  });

  test('can’t have messages sent to this machine, unless that is set for development', async () => {
    const { errors } = await (await refusing()).ask(offers, SET, { url: 'http://127.0.0.1:8080/' });
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument: 'url' });
  });

  test('sets 100 webhooks a day at the most', async () => {
    const to = await receiver();
    const one = (n: number) => `a${n}: setWebhook(url: "${to.url}") { secret }`;
    const many = (from: number, count: number) =>
      world.ask(offers, `mutation { ${Array.from({ length: count }, (_, n) => one(from + n)).join(' ')} }`);
    expect((await many(0, 100)).errors).toEqual([]);
    expect((await many(100, 1)).errors[0]?.extensions).toEqual({ code: 'RATE_LIMITED' });
    clock.advance(DAY);
    expect((await many(101, 1)).errors).toEqual([]);
  });

  test.each([
    ['a member', member('u1')],
    ['a visitor', null],
    ['staff', staff('legal', 'legal-process')],
  ])('has all of this for itself: %s is refused', async (_name, caller) => {
    for (const query of ['{ webhook { url } }', '{ webhookDeliveries { event } }', 'mutation { removeWebhook }'])
      expect((await world.ask(caller, query)).errors[0]?.extensions).toEqual({
        ...{ code: 'FORBIDDEN', reason: 'NOT_PERMITTED' },
      });
  });
});

test('production lets nobody have messages sent to this machine', () => {
  const production = {
    ...{ NODE_ENV: 'production', MONGODB_URI: 'mongodb://db.example', AUTH_JWKS_URL: 'https://idp.example/keys' },
    KEY_ENCRYPTION_KEY: Buffer.alloc(32).toString('base64'),
  };
  expect(readConfig(production).reach).toEqual({ loopback: false });
  expect(() => readConfig({ ...production, WEBHOOKS_LOOPBACK: 'on' })).toThrow(
    'WEBHOOKS_LOOPBACK: expected off, when NODE_ENV is production',
  );
});

let refuser: TestWorld | undefined;
/** A gateway that is set up as in production. */
const refusing = async () => {
  refuser ??= await createWorld({}, { clock, store: { ...world.store, drop: async () => {} } });
  return refuser;
};
afterAll(() => refuser?.close());

test('no log holds anything of anybody, no address and no secret', async () => {
  const to = await listen();
  to.answerWith((response) => response.writeHead(410).end());
  await show(offers);
  await remove('u1', 'GENDER');
  await until(async () => (await status()).disabledAt !== null);
  expect(log).toContain('a webhook is disabled');
  const [notice] = await noticeIds();
  for (const secret of [ids.u1 ?? '', notice, to.secret, to.url, 'Kokkonen', 'GENDER', '/hooks'])
    expect(log).not.toContain(secret);
});
