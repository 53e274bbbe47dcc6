import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Log } from '../../../src/base/log.ts';
import type { CallerKind } from '../../../src/http/issuers-file.ts';
import { documentedIssuers, issuerOf, justIssued, PAGES, signedBy } from '../../support/issuers.ts';
import { openTestStore, type TestStore } from '../../support/store.ts';
import { createWorld, type TestWorld } from '../../support/world.ts';
import { PARTNERS, PEOPLE, SHAPES, type Shape } from './shapes.ts';

// Each token that a stock provider emits, under the mapping that its page offers to be copied.

const KINDS: readonly CallerKind[] = ['member', 'partner', 'staff'];
const OFFERS = { kind: 'OFFERS', jurisdiction: 'US', contract: { purposes: ['targeted-offers'] } };
const SHOPPER = {
  ...{ id: 'u1', avatarName: 'Neko', name: 'Nia Ko', email: 'neko@example.com', gender: 'x', country: 'US' },
  consents: [{ purpose: 'targetedOffers', action: 'GIVEN', at: '2026-01-01T00:00:00Z' }],
};

let store: TestStore;
/** As the pages say. */
let documented: TestWorld;
/** The same, but that each issuer may speak for one kind alone. */
let restricted: ReadonlyMap<CallerKind, TestWorld>;
/** The kind of caller of the request before. */
let caller: string | undefined;

const log = {
  info: (line: { caller?: string }) => {
    caller = line.caller;
  },
  warn: () => {},
  error: () => {},
} as unknown as Log;

beforeAll(async () => {
  store = await openTestStore();
  const entries = await documentedIssuers();
  const people = Object.entries(PEOPLE).map(([page, id]) => ({ id, avatarName: `Of ${page}`, country: 'US' }));
  const partners = Object.entries(PARTNERS).map(([page, clientId]) => ({ ...OFFERS, clientId, name: `Of ${page}` }));
  documented = await createWorld(
    { users: [SHOPPER, ...people], partners },
    { store, log, issuers: entries.map(issuerOf) },
  );
  const worlds = KINDS.map(async (kind) => {
    const issuers = entries.map((entry) => issuerOf({ ...entry, kinds: [kind] }));
    return [kind, await createWorld({}, { store, log, issuers })] as const;
  });
  restricted = new Map(await Promise.all(worlds));
});
afterAll(async () => {
  for (const world of [documented, ...restricted.values()]) await world.close();
  await store.drop();
});

const tokenOf = ({ header, claims }: Shape) => signedBy(String(claims.iss), header, { ...claims, ...justIssued() });

const ask = async (world: TestWorld, shape: Shape, query: string, variables = {}) => {
  const authorization = `Bearer ${tokenOf(shape)}`;
  const response = await world.post({ query, variables }, { authorization });
  return { status: response.status, ...((await response.json()) as { data?: unknown; errors?: { path?: unknown }[] }) };
};

const accepted = SHAPES.filter(({ kind }) => kind !== null);
const of = (kind: CallerKind) => SHAPES.filter((shape) => shape.kind === kind);

test('every page has a token of a program, one of a person and one for signing in', () => {
  const cases = SHAPES.map(({ name, kind }) => `${name.split(':')[0]} ${/an ID token/.test(name) ? 'ID' : kind}`);
  for (const provider of ['Keycloak', 'Auth0', 'Okta', 'Entra ID', 'Cognito'])
    for (const kind of ['partner', 'member', 'ID']) expect(cases).toContain(`${provider} ${kind}`);
  expect(PAGES).toHaveLength(5);
});

describe('a token of a program is its partner’s, with the purpose and the categories that it was granted', () => {
  test.each(of('partner'))('$name', async (shape) => {
    const { data, errors } = await ask(documented, shape, '{ users { edges { node { name email gender } } } }');
    expect(caller).toBe('PARTNER');
    expect(data).toEqual({ users: { edges: [{ node: { name: 'Nia Ko', email: 'neko@example.com', gender: null } }] } });
    expect(errors?.map(({ path }) => path)).toEqual([['users', 'edges', 0, 'node', 'gender']]);
  });
});

describe('a token of a person is that person’s', () => {
  const REGISTER = 'mutation ($input: RegisterInput!) { register(input: $input) { user { id } } }';
  test.each(of('member'))('$name', async (shape) => {
    // an id that a world file can't hold is one that registers; again, it is there already
    const isUnknown = !Object.values(PEOPLE).some((id) => Object.values(shape.claims).includes(id));
    const input = { avatarName: 'Of auth0', name: 'Nia Ko', email: 'nia@example.com', policyVersion: '2014-09-12' };
    if (isUnknown) await ask(documented, shape, REGISTER, { input });
    const { data } = await ask(documented, shape, '{ me { id } }');
    expect(caller).toBe('MEMBER');
    expect(Object.values(shape.claims)).toContain((data as { me: { id: string } }).me.id);
  });
});

describe('a token of a member of staff has the role and its purpose', () => {
  test.each(of('staff'))('$name', async (shape) => {
    const { data } = await ask(documented, shape, '{ user(id: "u1") { name billingAddress { city } } }');
    expect(caller).toBe('STAFF');
    expect(data).toEqual({ user: { name: 'Nia Ko', billingAddress: null } });
  });
});

describe('a token is accepted as its own kind and as no other', () => {
  test.each(accepted)('$name', async (shape) => {
    for (const [kind, world] of restricted)
      expect([kind, (await ask(world, shape, '{ __typename }')).status]).toEqual([
        kind,
        kind === shape.kind ? 200 : 401,
      ]);
  });
});

describe('a token that opens nothing is refused, whichever kind the issuer may speak for', () => {
  test.each(SHAPES.filter(({ kind }) => kind === null))('$name', async (shape) => {
    for (const world of [documented, ...restricted.values()])
      expect((await ask(world, shape, '{ __typename }')).status).toBe(401);
  });
});
