import { readdirSync } from 'node:fs';
import { type GraphQLSchema, getNamedType, isObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PARTS_OF_A_PERSON } from '../../src/client/caching.ts';
import { buildSchema } from '../../src/gateway/schema.ts';
import type { Policy } from '../../src/policy/clause.ts';
import { compile } from '../../src/policy/compile.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

/** Types without an id: a part of another object, without a place of its own in a cache. */
const VALUES: Readonly<Record<string, string>> = {
  Address: 'a value of a person or of an order',
  AskedErasure: 'a part of its share',
  CategoryInSight: 'a row of `viewer`',
  ClauseReasoning: 'a step of an explanation',
  ClauseReveal: 'a part of its clause',
  ConditionTrace: 'a step of an explanation',
  CreateTieCodePayload: 'told once',
  ErasureRequest: 'told once',
  Explanation: 'the answer to one question now',
  MailingHeaders: 'made for one mail',
  OverdueErasures: 'a row of a list of work',
  PageInfo: 'a part of its page',
  PaymentCard: 'a value of a person or of an order',
  PolicyDiff: 'made from two versions',
  PreferenceEffect: 'the answer to one question now',
  StatisticsCell: 'a row of its table',
  Viewer: 'the caller of this one request',
  ViewerContract: 'a part of `viewer`',
  VisibilityChange: 'a part of its diff',
};

const BUNDLES = readdirSync('policies', { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);
const policyOf = async (bundle: string) => (await loadPolicy(`policies/${bundle}`)).policy;
const schemaOf = (policy: Policy) => buildSchema(compile([policy], policy.version));
const objectsOf = (schema: GraphQLSchema) => {
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  return Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter((type) => !type.name.startsWith('__') && !roots.includes(type));
};
const isOfAnAnswer = (name: string) => /(Payload|Edge|Connection)$/.test(name);
/** The types that a vocabulary names for the values of its categories. */
const namedIn = ({ vocabulary }: Policy) => vocabulary.categories.map(({ type }) => type);

/** Mutations that answer no person, with why a cache of theirs needs none. */
const WITHOUT_USER: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    `acceptOfferCompletion announceSuccession closePrivacyCase confirmChildFinding decideRestriction endLegalProcess
     openLegalProcess recordChildFinding refuseOfferCompletion reinstatePartner reportActivity setContract setPartnerKeys
     suspendPartner upsertPartner verifyGuardianCase`
      .split(/\s+/)
      .map((name) => [name, 'by staff, about others']),
  ),
  ...Object.fromEntries(
    `acknowledgeErasure acknowledgePartnerEvents redeliver removeWebhook reportDisconnect reportOrder rotateWebhookSecret setWebhook
     submitOfferCompletion`
      .split(/\s+/)
      .map((name) => [name, 'by a partner']),
  ),
  ...Object.fromEntries(
    `createDevice eraseDevice forgetAddress openGuardianCase proveEmail recordMachine recordVisit updateDevice
     verifySubscription`
      .split(/\s+/)
      .map((name) => [name, 'without signing in']),
  ),
  subscribeToThread: 'by anybody, and the answer is the same for all',
  requestEmailProof: 'changes nothing of the person',
  requestErasure: 'changes nothing of the person',
  requestExport: 'changes nothing of the person',
  eraseAccount: 'the person is gone',
  createTieCode: 'changes nothing of the person',
  enterTie: 'answers the tie',
  confirmTie: 'by either person or by staff',
  endTie: 'by either person',
  giveConsentFor: 'about another person, possibly hidden from the guardian',
  withdrawConsentFor: 'about another person, possibly hidden from the guardian',
};

describe.each(BUNDLES)('the schema of policies/%s', async (bundle) => {
  const policy = await policyOf(bundle);
  const schema = schemaOf(policy);
  const objects = objectsOf(schema);

  test('gives an id to every type that is no value on purpose', () => {
    const without = objects.filter((type) => !('id' in type.getFields())).map(({ name }) => name);
    const values = [...Object.keys(VALUES), ...namedIn(policy)];
    expect(without.filter((name) => !isOfAnAnswer(name) && !values.includes(name))).toEqual([]);
  });

  test('gives the person back with every mutation that changes them', () => {
    const mutations = Object.values(schema.getMutationType()?.getFields() ?? {});
    const without = mutations.filter(({ type }) => {
      const answer = getNamedType(type);
      return !(answer.name === 'User' || (isObjectType(answer) && 'user' in answer.getFields()));
    });
    expect(without.map(({ name }) => name).filter((name) => !(name in WITHOUT_USER))).toEqual([]);
  });
});

test('the tables name types and fields that exist', async () => {
  const schemas = (await Promise.all(BUNDLES.map(policyOf))).map(schemaOf);
  const types = new Map(schemas.flatMap(objectsOf).map((type) => [type.name, type]));
  expect(
    Object.keys(VALUES).filter((name) => !types.has(name) || 'id' in (types.get(name)?.getFields() ?? {})),
  ).toEqual([]);
  expect(PARTS_OF_A_PERSON.filter((name) => !('id' in (types.get(name)?.getFields() ?? {})))).toEqual([]);
  const mutations = new Set(schemas.flatMap((schema) => Object.keys(schema.getMutationType()?.getFields() ?? {})));
  expect(Object.keys(WITHOUT_USER).filter((name) => !mutations.has(name))).toEqual([]);
});

describe('ids for caches', () => {
  const KIND = { name: 'Ad', kind: 'ADVERTISER', jurisdiction: 'US', contract: { purposes: ['advertising'] } };
  const person = (id: string) => ({
    ...{ id, avatarName: id, name: id, country: 'US' },
    relationships: [{ partner: 'cobrand' }],
    socialLinks: [{ partner: 'social' }],
    adInteractions: [{ partner: 'ad', at: '2020-01-01T00:00:00Z' }],
    subscriptions: [{ thread: 'thread-of-cats', verified: true }],
    consents: [
      { purpose: 'targetedOffers', action: 'GIVEN', at: '2020-01-01T00:00:00Z' },
      { purpose: 'targetedOffers', action: 'WITHDRAWN', at: '2020-01-02T00:00:00Z' },
      { purpose: 'targetedOffers', action: 'GIVEN', at: '2020-01-03T00:00:00Z' },
    ],
    posts: ['1', '2', '3'].map((n) => ({ id: `post-${n}`, text: n, at: `2020-01-0${n}T00:00:00Z` })),
    transactions: ['1', '2', '3'].map((n) => ({ id: `sale-${n}`, good: n, at: '2020-01-01T00:00:00Z' })),
    privacyCases: [{ id: `case-of-${id}`, status: 'OPEN' }],
  });
  const RECORD = `preferences { id } relationships { id } socialLinks { id } adInteractions { id } subscriptions { id }
    consents { id ledgerEntry { id } } policyAcceptances { id } thirdPartyShares { id }`;
  let world: TestWorld;
  beforeAll(async () => {
    world = await createWorld({
      users: [person('person-one'), person('person-two')],
      partners: [
        { ...KIND, clientId: 'ad' },
        { ...KIND, clientId: 'social', kind: 'SOCIAL', contract: { purposes: ['activity-posting'] } },
        { ...KIND, clientId: 'cobrand', kind: 'CO_BRANDED', contract: { purposes: ['co-branded-service'] } },
      ],
    });
    for (let n = 0; n < 3; n++)
      await world.ask(partner('cobrand', 'co-branded-service', 'name'), '{ users { edges { node { name } } } }');
  });
  afterAll(() => world.close());

  const idsIn = (value: unknown): string[] =>
    Array.isArray(value)
      ? value.flatMap(idsIn)
      : value !== null && typeof value === 'object'
        ? Object.entries(value).flatMap(([key, part]) => (key === 'id' ? [String(part)] : idsIn(part)))
        : [];
  const read = async (id: string) => {
    const { data, errors } = await world.ask(member(id), `{ me { ${RECORD} } notices { id } policies { id } }`);
    expect(errors).toEqual([]);
    return data;
  };

  test('are no two objects’, of one person or of two', async () => {
    const [first, second] = [await read('person-one'), await read('person-two')];
    const ids = [...idsIn(first), ...idsIn(second.me)];
    expect(ids.length).toBeGreaterThan(20);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('are the same the next time', async () => {
    expect(await read('person-one')).toEqual(await read('person-one'));
  });

  test('begin with the type, and hold nothing of the thing or its owner', async () => {
    const { me } = await read('person-one');
    const { _id: sid } = (await world.store.connection.collection('people').findOne({ publicId: 'person-one' })) ?? {};
    expect(sid).toBeDefined();
    const { id: _, ...ofOthers } = me;
    for (const id of idsIn({ ...ofOthers, thirdPartyShares: [] })) {
      const [, digest] = /^[A-Z]\w+:([\w-]{22})$/.exec(id) ?? [];
      expect(digest).toBeDefined();
      const forms = [
        digest,
        ...(['hex', 'latin1'] as const).map((form) => Buffer.from(digest ?? '', 'base64url').toString(form)),
      ];
      for (const form of forms)
        for (const part of ['person-one', 'cats', 'social', String(sid)]) expect(form).not.toContain(part);
    }
  });

  test('are others to staff, and lead nowhere by `node`', async () => {
    const [own] = idsIn((await read('person-one')).me.preferences);
    const { data } = await world.ask(
      staff('privacy', 'privacy-request'),
      '{ user(id: "person-one") { preferences { id } } }',
    );
    expect(data.user.preferences.id).not.toBe(own);
    expect(
      (await world.ask(member('person-one'), 'query ($id: ID!) { node(id: $id) { id } }', { id: own })).data,
    ).toEqual({
      node: null,
    });
  });

  test('of the switches stay theirs when they are set', async () => {
    const query =
      'mutation { updatePreferences(input: { friendAdded: false }) { preferences { id } user { preferences { id friendAdded } } } }';
    const { updatePreferences: answer } = (await world.ask(member('person-two'), query)).data;
    expect(answer.user.preferences).toEqual({ ...answer.preferences, friendAdded: false });
    expect(answer.preferences).toEqual((await read('person-two')).me.preferences);
  });

  test('a post that was just written is among the posts of the person beside it', async () => {
    const post = (text: string) =>
      `submitPost(forum: "cats", text: "${text}") { post { id } user { posts(first: 1) { text } } }`;
    const { data } = await world.ask(member('person-two'), `mutation { a: ${post('one')} b: ${post('two')} }`);
    expect(data).toMatchObject({
      a: { user: { posts: [{ text: 'one' }] } },
      b: { user: { posts: [{ text: 'two' }] } },
    });
  });

  describe.each([
    { list: 'consents', of: 'at action' },
    { list: 'thirdPartyShares', of: 'id' },
    { list: 'posts', of: 'id' },
    { list: 'transactions', of: 'id' },
  ])('the pages of $list', ({ list, of }) => {
    const page = async (first: number, after: string | null, caller = member('person-one'), who = 'me') => {
      const query = `query ($first: Int, $after: String) {
        person: ${who} { ${list} { ${of} } pages: ${list}Connection(first: $first, after: $after) {
          edges { cursor node { ${of} } } pageInfo { hasNextPage endCursor }
        } }
      }`;
      return world.ask(caller, query, { first, after });
    };

    test('have all of the list, in its order, each item once', async () => {
      const seen: unknown[] = [];
      let after: string | null = null;
      let goesOn = true;
      let whole: unknown[] = [];
      while (goesOn) {
        const { data, errors } = await page(2, after);
        expect(errors).toEqual([]);
        const { edges, pageInfo } = data.person.pages;
        seen.push(...edges.map(({ node }: { node: unknown }) => node));
        whole = data.person[list];
        ({ hasNextPage: goesOn, endCursor: after } = pageInfo);
      }
      expect(whole.length).toBeGreaterThan(2);
      expect(seen).toEqual(whole);
    });

    test('take no cursor of another person or of another list', async () => {
      const { data } = await page(1, null);
      const cursor = data.person.pages.pageInfo.endCursor;
      for (const [caller, after] of [
        [member('person-two'), cursor],
        [member('person-one'), `${cursor}A`],
      ] as const)
        expect((await page(1, after, caller)).errors).toMatchObject([
          { extensions: { code: 'BAD_INPUT', argument: 'after' } },
        ]);
    });
  });

  test('a page of data that the caller may not see is denied as the list is', async () => {
    const { data, errors } = await world.ask(
      null,
      '{ user(avatarName: "person-one") { posts { id } postsConnection { edges { cursor } } } }',
    );
    expect(data.user).toEqual({ posts: null, postsConnection: null });
    const [list, pages] = errors.map(({ extensions }) => extensions);
    expect(pages).toEqual(list);
  });
});
