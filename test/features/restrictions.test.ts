import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CallerClaims } from '../../src/http/signing.ts';
import { verify } from '../../src/ledger/verify/verify.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { collectionOf } from '../../src/store/mongo/collections.ts';
import { resetWorld } from '../../src/world/reset.ts';
import { actsOf } from '../support/acts.ts';
import { createClock, HOUR } from '../support/clock.ts';
import { noticesAbout, partnerIdsOf } from '../support/notices.ts';
import { documentsIn } from '../support/people.ts';
import { parsePolicy } from '../support/policy.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

interface Act {
  readonly act?: string;
  readonly sids: readonly string[];
}

interface Draft {
  version: string;
  clauses: { id: string; reveals: { when: { all: object[] } }[] }[];
}

/** The corner shop with a laboratory that sees no restricted allergies, with the change made on top. */
async function shop(change: (draft: Draft) => void = () => {}) {
  const draft = JSON.parse((await loadPolicy('policies/corner-shop')).canonical);
  change(draft);
  return parsePolicy(JSON.stringify(draft), 'corner-shop');
}
const shopBefore = () =>
  shop((draft) => {
    draft.version = 'before';
    for (const { id, reveals } of draft.clauses)
      if (id === 'shop.allergies') for (const { when } of reveals) when.all = when.all.slice(0, 2);
  });

const START = '2026-03-01T12:00:00.000Z';
const SHOP = {
  users: [
    {
      ...{ id: 'ana', nickname: 'Ana', fullName: 'Ana Lima', mail: 'ana@mail.example', country: 'DE' },
      ...{ birthday: '1990-02-03', allergies: ['milk'] },
      consents: ['allergyCheck', 'birthdayCard'].map((purpose) => ({ purpose, action: 'GIVEN' })),
      relationships: [{ partner: 'lab' }],
    },
    {
      ...{ id: 'bo', nickname: 'Bo', fullName: 'Bo Ek', country: 'DE', allergies: ['nuts'] },
      consents: [{ purpose: 'allergyCheck', action: 'GIVEN' }],
      relationships: [{ partner: 'lab' }],
    },
  ],
  partners: [
    {
      ...{ clientId: 'lab', name: 'Lab', kind: 'LABORATORY', jurisdiction: 'CH' },
      contract: { purposes: ['allergy-check'] },
    },
    {
      ...{ clientId: 'cards', name: 'Cards', kind: 'PRINTER', jurisdiction: 'AT' },
      contract: { purposes: ['birthday-card'] },
    },
  ],
};

const ana = member('ana');
const lab = partner('lab', 'allergy-check', 'allergies town');
const cards = partner('cards', 'birthday-card', 'full-name birthday');
const officer = staff('officer', 'complaints');

const clock = createClock(START);
let world: TestWorld;
beforeAll(async () => {
  world = await createWorld({}, { clock, policy: await shop() });
});
beforeEach(async () => {
  clock.set(START);
  await resetWorld(world.store);
  await world.load(SHOP);
});
afterAll(() => world.close());

const ask = (caller: CallerClaims | null, query: string, variables = {}) => world.ask(caller, query, variables);
const done = async (caller: CallerClaims, query: string, variables = {}) => {
  const { data, errors } = await ask(caller, query, variables);
  expect(errors).toEqual([]);
  return data;
};
const refusal = async (caller: CallerClaims | null, query: string, variables = {}) =>
  (await ask(caller, query, variables)).errors[0]?.extensions;

const RESTRICTIONS = '{ restrictions { purpose state requestedAt at } }';
const request = (key?: string) =>
  done(
    ana,
    `mutation ($key: String) {
      requestRestriction(purpose: "allergy-check", idempotencyKey: $key) ${RESTRICTIONS}
    }`,
    { key },
  );
const END = `mutation { endRestriction(purpose: "allergy-check") ${RESTRICTIONS} }`;
const DECIDE = 'mutation ($id: ID!, $to: RestrictionDecision!) { decideRestriction(id: $id, decision: $to) }';
const waiting = async (args = '') => {
  const selection = '{ id purpose requestedAt user { nickname } }';
  return (await done(officer, `{ restrictionRequests${args} ${selection} }`)).restrictionRequests;
};
const decide = async (to: 'AGREED' | 'DECLINED') => {
  const [{ id }] = await waiting();
  expect(await done(officer, DECIDE, { id, to })).toEqual({ decideRestriction: true });
  return id as string;
};
/** The restrictions in the ledger of the person. */
const restrictionsTold = async () =>
  (await actsOf(world.store, 'ana')).flatMap((act) => (act.type === 'RESTRICTION' ? act : []));
const states = async () =>
  (await done(ana, `{ me ${RESTRICTIONS} }`)).me.restrictions.map(({ state }: { state: string }) => state);

/** The allergies that the laboratory is shown, in the list; by their ids it has to be the same. */
async function shown(): Promise<string[]> {
  const { users } = await done(lab, '{ users { edges { node { id allergies } } } }');
  const listed: { id: string; allergies: string[] }[] = users.edges.map(({ node }: { node: object }) => node);
  const ids = await Promise.all(['ana', 'bo'].map((sub) => partnerIdsOf(world, member(sub), ['lab'])));
  const found = await Promise.all(ids.flat().map((id) => done(lab, `{ user(id: "${id}") { id allergies } }`)));
  const known = found.flatMap(({ user }) => user ?? []);
  expect(known.map(({ id }) => id).sort()).toEqual(listed.map(({ id }) => id).sort());
  return listed.flatMap(({ allergies }) => allergies).sort();
}

describe('a request holds at once', () => {
  test('for the purpose that it names, and for no other', async () => {
    expect(await shown()).toEqual(['milk', 'nuts']);
    const { requestRestriction } = await request();
    const wanted = { purpose: 'allergy-check', state: 'REQUESTED', requestedAt: START, at: START };
    expect(requestRestriction.restrictions).toEqual([wanted]);
    expect(await shown()).toEqual(['nuts']);
    const { users } = await done(cards, '{ users { edges { node { fullName } } } }');
    expect(users.edges).toEqual([{ node: { fullName: 'Ana Lima' } }]);
  });

  test('asking again while it holds changes nothing', async () => {
    await request();
    clock.advance(HOUR);
    const { requestRestriction } = await request();
    expect(requestRestriction.restrictions).toMatchObject([{ requestedAt: START }]);
    expect(await restrictionsTold()).toHaveLength(1);
  });

  test('and goes on to hold where staff agrees', async () => {
    await request();
    clock.advance(HOUR);
    await decide('AGREED');
    expect(await states()).toEqual(['AGREED']);
    expect(await shown()).toEqual(['nuts']);
    expect(await waiting()).toEqual([]);
  });

  test('and no longer where staff declines; the person may ask again', async () => {
    await request();
    await decide('DECLINED');
    expect(await states()).toEqual(['DECLINED']);
    expect(await shown()).toEqual(['milk', 'nuts']);
    await request();
    expect(await states()).toEqual(['REQUESTED']);
    expect(await shown()).toEqual(['nuts']);
  });

  test.each(['REQUESTED', 'AGREED'])('until the person ends it: one that was %s', async (state) => {
    await request();
    if (state === 'AGREED') await decide('AGREED');
    expect((await done(ana, END)).endRestriction.restrictions).toMatchObject([{ state: 'ENDED' }]);
    expect(await shown()).toEqual(['milk', 'nuts']);
    expect(await waiting()).toEqual([]);
  });

  test('ending a restriction that does not hold changes nothing', async () => {
    expect((await done(ana, END)).endRestriction.restrictions).toEqual([]);
    expect(await restrictionsTold()).toEqual([]);
  });

  test('a call under the same key asks once, even after a decision', async () => {
    await request('once');
    await decide('DECLINED');
    await request('once');
    expect(await states()).toEqual(['DECLINED']);
  });

  test('a partner that was shown something for the purpose is told to stop', async () => {
    await shown();
    const ids = await partnerIdsOf(world, ana, ['lab']);
    expect(await noticesAbout(world, lab, ids, 'asked')).toEqual([]);
    await request();
    expect(await noticesAbout(world, lab, ids, 'asked purpose')).toMatchObject([
      { asked: 'STOP', purpose: 'allergy-check' },
    ]);
    await done(cards, '{ users { edges { node { fullName } } } }');
    expect(await noticesAbout(world, cards, await partnerIdsOf(world, ana, ['cards']), 'asked')).toEqual([]);
  });

  test('the ledger of the person tells every turn, and no person or reason', async () => {
    await request();
    await decide('AGREED');
    await done(ana, END);
    const acts = await restrictionsTold();
    expect(acts.map(({ action, purpose }) => [action, purpose])).toEqual(
      ['REQUESTED', 'AGREED', 'ENDED'].map((action) => [action, 'allergy-check']),
    );
    expect((await verify(world.store)).faults).toEqual([]);
  });

  test('a closed account can ask, and not end', async () => {
    await done(ana, 'mutation { refusePolicy { user { id } } }');
    await request();
    expect(await states()).toEqual(['REQUESTED']);
    expect(await refusal(ana, END)).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('a purpose that no condition asks about is refused', async () => {
    const mutation = 'mutation { requestRestriction(purpose: "birthday-card") { id } }';
    expect(await refusal(ana, mutation)).toMatchObject({ code: 'BAD_INPUT', argument: 'purpose' });
    expect(await refusal(null, mutation)).toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('staff that decides', () => {
  const restrict = (users: readonly object[]) => world.load({ ...SHOP, users });
  const [first, second] = SHOP.users as [object, object];
  const asked = (at: string) => ({ restrictions: [{ purpose: 'allergy-check', at }] });

  test('finds the oldest request first, a page at a time', async () => {
    const users = [
      { ...first, ...asked('2026-02-02T00:00:00Z') },
      { ...second, ...asked('2026-02-01T00:00:00Z') },
    ];
    await restrict(users);
    const all = await waiting();
    const days = ['2026-02-01', '2026-02-02'];
    expect(all.map(({ requestedAt }: { requestedAt: string }) => requestedAt.slice(0, 10))).toEqual(days);
    const [one] = await waiting('(first: 1)');
    expect(one.requestedAt).toBe(all[0].requestedAt);
    const rest = await waiting(`(first: 1, after: "${one.id}")`);
    expect(rest).toMatchObject([{ requestedAt: all[1].requestedAt }]);
    expect(await waiting(`(after: "${rest[0].id}")`)).toEqual([]);
  });

  test('sees of the person the data that the policy reveals', async () => {
    await request();
    expect(await waiting()).toMatchObject([{ user: null }]);
    await done(ana, 'mutation { openPrivacyCase(message: "Why?") { id } }');
    expect(await waiting()).toMatchObject([{ user: { nickname: 'Ana' } }]);
  });

  test('is on the audit log before the decision is', async () => {
    await request();
    const id = await decide('DECLINED');
    await done(officer, DECIDE, { id, to: 'DECLINED' });
    const sid = (await documentsIn(world.store).findOne({ publicId: 'ana' }))?._id;
    const books = await collectionOf<{ entries?: readonly Act[] }>(world.store.connection, 'audit_books')
      .find({})
      .toArray();
    const acts = books.flatMap(({ entries = [] }) => entries).filter(({ sids }) => sids.includes(sid ?? ''));
    expect(acts).toMatchObject([{ act: 'RESTRICTION_DECLINED', case: 'allergy-check', role: 'officer', sids: [sid] }]);
  });

  test('does not decide otherwise, or a request that was ended or made anew', async () => {
    await request();
    const agreed = await decide('AGREED');
    const conflict = { code: 'CONFLICT' };
    expect(await refusal(officer, DECIDE, { id: agreed, to: 'DECLINED' })).toMatchObject(conflict);
    await done(ana, END);
    expect(await refusal(officer, DECIDE, { id: agreed, to: 'AGREED' })).toMatchObject(conflict);
    clock.advance(HOUR);
    await request();
    expect(await refusal(officer, DECIDE, { id: agreed, to: 'DECLINED' })).toMatchObject(conflict);
    expect(await states()).toEqual(['REQUESTED']);
  });

  test('names a request by an id that it was given', async () => {
    const variables = { id: 'ana', to: 'AGREED' };
    expect(await refusal(officer, DECIDE, variables)).toMatchObject({ code: 'BAD_INPUT', argument: 'id' });
    const page = '{ restrictionRequests(after: "ana") { id } }';
    expect(await refusal(officer, page)).toMatchObject({ code: 'BAD_INPUT', argument: 'after' });
  });

  test.each<{ name: string; caller: CallerClaims | null }>([
    { name: 'a visitor', caller: null },
    { name: 'the person', caller: ana },
    { name: 'a partner', caller: lab },
    { name: 'staff without the power', caller: staff('counter', 'counter') },
    { name: 'the role for another purpose', caller: staff('officer', 'counter') },
  ])('is not $name', async ({ caller }) => {
    await request();
    const [{ id }] = await waiting();
    expect(await refusal(caller, '{ restrictionRequests { id } }')).toMatchObject({ code: 'FORBIDDEN' });
    expect(await refusal(caller, DECIDE, { id, to: 'DECLINED' })).toMatchObject({ code: 'FORBIDDEN' });
    expect(await states()).toEqual(['REQUESTED']);
  });
});

describe('the restriction of a person', () => {
  test('is exported, once', async () => {
    await request();
    const { requestExport } = await done(ana, 'mutation { requestExport }');
    const account = requestExport['dpv:hasPersonalData'].find(
      ({ category }: { category: string }) => category === 'ACCOUNT',
    );
    expect(account.value.restrictions).toMatchObject([{ purpose: 'allergy-check', state: 'REQUESTED' }]);
  });

  test('stays as it is where a world file says the same again, and turns where it says otherwise', async () => {
    const restricted = (state: string) => ({
      ...SHOP,
      users: [{ ...SHOP.users[0], restrictions: [{ purpose: 'allergy-check', state }] }],
    });
    await world.load(restricted('REQUESTED'));
    await world.load(restricted('REQUESTED'));
    expect(await restrictionsTold()).toHaveLength(1);
    await world.load(SHOP);
    expect(await states()).toEqual(['REQUESTED']);
    await world.load(restricted('ENDED'));
    expect(await states()).toEqual(['ENDED']);
    expect(await shown()).toEqual(['milk', 'nuts']);
  });
});

describe('a version that begins to ask', () => {
  test('knows that people who register restricted nothing', async () => {
    const input = { nickname: 'Cy', fullName: 'Cy Dorn', mail: 'cy@mail.example' };
    await done(member('cy'), 'mutation ($input: RegisterInput!) { register(input: $input) { user { id } } }', {
      input,
    });
    const person = await documentsIn(world.store).findOne({ publicId: 'cy' });
    expect(person?.facts.restrictions).toEqual({ 'allergy-check': false });
    expect(person?.restrictions).toBeUndefined();
  });

  test('shows nobody with unknown restrictions, until a sweep has told of them', async () => {
    await documentsIn(world.store).updateMany({}, { $unset: { 'facts.restrictions': '' } });
    expect(await shown()).toEqual([]);
    await request();
    await world.gateway.sweep();
    expect(await shown()).toEqual(['nuts']);
    expect((await documentsIn(world.store).findOne({ publicId: 'bo' }))?.facts.restrictions).toEqual({
      'allergy-check': false,
    });
  });

  test('no restriction is in the schema before one does', async () => {
    const before = await createWorld(SHOP, { clock, policy: await shopBefore() });
    try {
      const { errors } = await before.ask(ana, `{ me ${RESTRICTIONS} }`);
      expect(errors[0]?.message).toBe('Type User has no field of this name.');
      const person = await documentsIn(before.store).findOne({ publicId: 'ana' });
      expect(person?.facts).not.toHaveProperty('restrictions');
    } finally {
      await before.close();
    }
  });
});
