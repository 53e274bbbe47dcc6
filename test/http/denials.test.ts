import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, createWorld, member, type TestWorld } from '../support/world.ts';

let world: TestWorld;
beforeAll(async () => {
  world = await createWorld({
    users: [
      { id: 'u1', avatarName: 'Neko', name: 'Nia Ko', email: 'nia@mail.example' },
      { id: 'u2', avatarName: 'Ziggy' },
    ],
  });
});
afterAll(() => world.close());

const ASKED = { 'assent-denials': 'include' };
const DENIED = '{ user(id: "u1") { avatarName email mailbox: email photos { id } } }';

/** The `extensions` of an answer, as JSON has them. */
const extensionsOf = async (query: string, headers: Record<string, string>, caller = member('u2')) => {
  const authorization = `Bearer ${await world.token(caller)}`;
  const response = await world.post({ query }, { authorization, ...headers });
  const body = (await response.json()) as Answer & { readonly extensions?: { readonly denials?: unknown } };
  return { response, body, denials: body.extensions?.denials };
};

describe('denials as data', () => {
  test('are told beside the errors, each with the details of its error', async () => {
    const { body, denials } = await extensionsOf(DENIED, ASKED);
    const told = { code: 'FORBIDDEN', category: 'EMAIL', reason: 'NO_CLAUSE' };
    expect(denials).toEqual([
      { path: ['user', 'email'], ...told },
      { path: ['user', 'mailbox'], ...told },
    ]);
    expect(denials).toEqual(body.errors.map(({ path, extensions }) => ({ path, ...extensions })));
  });

  test.each([
    { name: 'without the header', headers: {} },
    { name: 'with another value of the header', headers: { 'assent-denials': 'yes' } },
  ])('are not told $name, and the errors are the same', async ({ headers }) => {
    const [asked, not] = [await extensionsOf(DENIED, ASKED), await extensionsOf(DENIED, headers)];
    expect(not.body).toEqual({ data: asked.body.data, errors: asked.body.errors });
  });

  test('are an empty list where nothing was denied', async () => {
    expect((await extensionsOf('{ me { email } }', ASKED)).denials).toEqual([]);
  });

  test('have the denial of an operation without a category', async () => {
    const { denials } = await extensionsOf('{ users { edges { cursor } } }', ASKED);
    expect(denials).toEqual([{ path: ['users'], code: 'FORBIDDEN', reason: 'NOT_PERMITTED' }]);
  });

  test('leave out errors that are no denials', async () => {
    const { body, denials } = await extensionsOf(
      '{ users: policies { changesFrom(version: "none") { added } } }',
      ASKED,
    );
    expect(body.errors).toMatchObject([{ extensions: { code: 'BAD_INPUT' } }]);
    expect(denials).toEqual([]);
  });

  test('are not told of a document that is not run', async () => {
    const { body } = await extensionsOf('{ nothing }', ASKED);
    expect(body).toEqual({ errors: [expect.objectContaining({ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } })] });
  });

  test.each([{ headers: ASKED }, { headers: {} }])('a cache is told that the header matters, with $headers', async ({
    headers,
  }) => {
    const { response } = await extensionsOf(DENIED, headers);
    expect(response.headers.get('vary')).toContain('assent-denials');
  });
});
