import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createWorld, member, type TestWorld } from '../support/world.ts';

const self = member('u1');
let world: TestWorld;
beforeAll(async () => {
  world = await createWorld({ users: [{ id: 'u1', avatarName: 'Neko' }] });
});
afterAll(() => world.close());

const post = async (body: object, headers: [string, string][] = [], path = '/graphql') => {
  const request = new Request(`http://gateway.test${path}`, {
    method: 'POST',
    headers: [['content-type', 'application/json'], ...headers],
    body: JSON.stringify(body),
  });
  const response = await world.gateway.fetch(request);
  return { status: response.status, headers: response.headers, body: await response.json() };
};
const ME = { query: '{ me { id } }' };
const VERSION = { query: '{ policy { version } }' };

test.each(['/graphql', '/graphql/'])('%s is the endpoint', async (path) => {
  const { status, body } = await post(VERSION, [], path);
  expect([status, body]).toEqual([200, { data: { policy: { version: '2014-09-12' } } }]);
});

test.each(['/graphql//', '/graphql/x', '/graphqlx'])('%s is not', async (path) => {
  expect((await post(VERSION, [], path)).status).toBe(404);
});

test('an operation with an empty name is the only one', async () => {
  expect((await post({ ...VERSION, operationName: '' })).body).toHaveProperty('data');
});

describe('the authorization header', () => {
  test.each(['', ' ', '\t'])('%j shows no token', async (authorization) => {
    expect((await post(VERSION, [['authorization', authorization]])).status).toBe(200);
    expect((await post(ME, [['authorization', authorization]])).body.data).toEqual({ me: null });
  });

  test.each([
    'Bearer',
    'Bearer ',
    'Basic dTpw',
    'Bearer a b',
  ])('%j shows something else than a token', async (authorization) => {
    const { status, body } = await post(VERSION, [['authorization', authorization]]);
    expect([status, body.errors[0].message]).toEqual([
      401,
      'The token is not accepted: expected "Authorization: Bearer" and one token.',
    ]);
  });

  test('that was sent twice is refused, whichever of the two is good', async () => {
    const good = `Bearer ${await world.token(self)}`;
    for (const both of [
      [good, good],
      [good, 'Bearer x'],
      ['Bearer x', good],
    ])
      expect(
        (
          await post(
            ME,
            both.map((value) => ['authorization', value]),
          )
        ).status,
      ).toBe(401);
  });

  test('with a token of 16,000 characters is refused with the reason', async () => {
    const { status, body } = await post(ME, [['authorization', `Bearer ${'a'.repeat(16_000)}`]]);
    expect([status, body.errors[0].message]).toEqual([
      401,
      'The token is not accepted: it is longer than 8000 characters.',
    ]);
  });
});

describe('ads.opt-out: the browser’s signal', () => {
  const OPTED = { query: '{ me { preferences { gpcOptOut } } }' };
  beforeEach(async () => {
    await world.ask(self, 'mutation { updatePreferences(input: { gpcOptOut: false }) { user { id } } }');
  });

  test.each([
    [['1'], true],
    [['1', '1'], true],
    [['0', '1'], true],
    [['1, 1'], true],
    [['0'], false],
    [['11'], false],
    [['true'], false],
    [[], false],
  ])('%j stands as %s', async (values, optOut) => {
    const signals = values.map((value): [string, string] => ['sec-gpc', value]);
    const { body } = await post(OPTED, [['authorization', `Bearer ${await world.token(self)}`], ...signals]);
    expect(body.data.me.preferences.gpcOptOut).toBe(optOut);
  });
});

describe('ads.opt-out: the person clears the opt-out', () => {
  const CLEAR = {
    query: 'mutation { updatePreferences(input: { gpcOptOut: false }) { outlastsSignals preferences { gpcOptOut } } }',
  };
  const OPT_OUT = { query: 'mutation { updatePreferences(input: { gpcOptOut: true }) { outlastsSignals } }' };
  const SIGNAL: [string, string][] = [['sec-gpc', '1']];
  const send = async (body: object, signals: [string, string][] = []) =>
    (await post(body, [['authorization', `Bearer ${await world.token(self)}`], ...signals])).body.data;
  const stands = async (signals = SIGNAL) =>
    (await send({ query: '{ me { preferences { gpcOptOut } } }' }, signals)).me.preferences.gpcOptOut;
  beforeEach(async () => {
    await send(OPT_OUT);
  });

  test('on a request with the signal, and later signals change nothing', async () => {
    expect(await send(CLEAR, SIGNAL)).toEqual({
      updatePreferences: { outlastsSignals: true, preferences: { gpcOptOut: false } },
    });
    expect([await stands(), await stands()]).toEqual([false, false]);
  });

  test('on a request without the signal, and the next signal sets it again', async () => {
    expect(await send(CLEAR)).toEqual({
      updatePreferences: { outlastsSignals: false, preferences: { gpcOptOut: false } },
    });
    expect([await stands([]), await stands(), await stands([])]).toEqual([false, true, true]);
  });

  test('and an opt-out of their own lets signals count again', async () => {
    await send(CLEAR, SIGNAL);
    expect((await send(OPT_OUT)).updatePreferences.outlastsSignals).toBe(false);
    await send(CLEAR);
    expect(await stands()).toBe(true);
  });

  test('and another change of switches leaves it alone', async () => {
    await send(CLEAR, SIGNAL);
    const other = { query: 'mutation { updatePreferences(input: { adTargeting: true }) { outlastsSignals } }' };
    expect((await send(other)).updatePreferences.outlastsSignals).toBe(true);
    expect(await stands()).toBe(false);
  });
});

describe('the hash of a document without the document', () => {
  const extensions = { persistedQuery: { version: 1, sha256Hash: 'ab'.repeat(32) } };

  test('is answered in the form from which clients fall back', async () => {
    const { status, body } = await post({ extensions });
    expect(status).toBe(200);
    expect(body).toEqual({
      errors: [{ message: 'PersistedQueryNotSupported', extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' } }],
    });
  });

  test('is nothing beside the document', async () => {
    expect((await post({ ...VERSION, extensions })).body).toHaveProperty('data');
  });
});
