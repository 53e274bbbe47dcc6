import { afterEach, describe, expect, test } from 'vitest';
import { createClock, DAY } from '../support/clock.ts';
import { clauseOf, type Draft, draftOfReference, parsePolicy, referenceText } from '../support/policy.ts';
import { borrowTestStore } from '../support/store.ts';
import { createWorld, member, partner, type TestWorld } from '../support/world.ts';

const OLD = '2014-09-12';
const NEW = '2015-06-01';
const POSTED = '2026-03-01T12:00:00.000Z';
const HOLDS = '2026-03-31T12:00:00.000Z';

const REFERENCE = parsePolicy(referenceText, 'reference');

const version = (name: string, change: (draft: Draft) => void = () => {}) => {
  const draft = draftOfReference();
  draft.version = name;
  change(draft);
  return parsePolicy(JSON.stringify(draft), name);
};

/** Offers companies see people without their opt-in, and nobody else than the person sees a photo. */
const wider = (draft: Draft) => {
  const offers = clauseOf(draft, 'sharing.opt-in-offers');
  if (offers.reveals?.[0]) offers.reveals[0].when = { fact: 'personActive' };
  offers.kind = [...offers.kind, 'limit'];
  offers.forbids = [{ to: 'MEMBER', categories: ['PHOTOS'] }];
};

const EXPLICIT = version(NEW, (draft) => {
  wider(draft);
  draft.acceptance = 'EXPLICIT';
});
const ANNOUNCED = version(NEW, (draft) => {
  wider(draft);
  draft.announceDays = 30;
});

const offers = partner('offers', 'targeted-offers', 'name email');

const PEOPLE = {
  users: [
    {
      id: 'u1',
      avatarName: 'Neko',
      name: 'Nia Ko',
      country: 'US',
      photos: [{ url: 'https://img.example/1.png' }],
      acceptedPolicy: { version: OLD, mode: 'EXPLICIT', at: '2020-01-01T00:00:00Z' },
    },
    { id: 'u2', avatarName: 'Ziggy', acceptedPolicy: { version: OLD, mode: 'EXPLICIT', at: '2020-01-01T00:00:00Z' } },
  ],
  partners: [
    {
      clientId: 'offers',
      name: 'Offers',
      kind: 'OFFERS',
      jurisdiction: 'US',
      contract: { purposes: ['targeted-offers'] },
    },
  ],
};

const worlds: TestWorld[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0).reverse()) await world.close();
});

const open = async (options: Parameters<typeof createWorld>[1], people: object = PEOPLE) => {
  const world = await createWorld(people, options);
  worlds.push(world);
  return world;
};

const USE = '{ user(id: "u2") { avatarName } }';
const ACCEPT = 'mutation ($version: String!) { acceptPolicy(version: $version) { user { status } } }';

const accepted = async (world: TestWorld) =>
  (await world.ask(member('u1'), '{ me { policyAcceptances { version mode } } }')).data.me.policyAcceptances;
const seenByOffers = async (world: TestWorld): Promise<string[]> => {
  const { data } = await world.ask(offers, '{ users { edges { node { name } } } }');
  return data.users.edges.map(({ node }: { node: { name: string } }) => node.name);
};
const current = async (world: TestWorld) => (await world.ask(null, '{ policy { version } }')).data.policy.version;

describe('a version with acceptance: EXPLICIT', () => {
  test('is not accepted by using the site, and the person stays judged under the one before', async () => {
    const world = await open({ policy: EXPLICIT, olderPolicies: [REFERENCE] });
    const { headers } = await world.ask(member('u1'), USE);
    expect(headers.get('assent-deemed-acceptance')).toBeNull();
    expect(await accepted(world)).toEqual([{ version: OLD, mode: 'EXPLICIT' }]);
    expect(await seenByOffers(world)).toEqual([]);
  });

  test('is accepted by saying so', async () => {
    const world = await open({ policy: EXPLICIT, olderPolicies: [REFERENCE] });
    expect((await world.ask(member('u1'), ACCEPT, { version: NEW })).errors).toEqual([]);
    expect((await accepted(world))[0]).toEqual({ version: NEW, mode: 'EXPLICIT' });
    expect(await seenByOffers(world)).toEqual(['Nia Ko']);
  });

  test('is not passed over by using the site after a later version, which use would accept', async () => {
    const later = version('2016-01-01', wider);
    const world = await open({ policy: later, olderPolicies: [REFERENCE, EXPLICIT] });
    await world.ask(member('u1'), USE);
    expect(await accepted(world)).toEqual([{ version: OLD, mode: 'EXPLICIT' }]);
    await world.ask(member('u1'), ACCEPT, { version: '2016-01-01' });
    expect((await accepted(world))[0]).toEqual({ version: '2016-01-01', mode: 'EXPLICIT' });
  });

  test('leaves use to accept a later version once it was accepted', async () => {
    const later = version('2016-01-01', wider);
    const people = {
      users: [{ ...PEOPLE.users[0], acceptedPolicy: { version: NEW, mode: 'EXPLICIT', at: POSTED } }, PEOPLE.users[1]],
    };
    const world = await open({ policy: later, olderPolicies: [REFERENCE, EXPLICIT] }, people);
    await world.ask(member('u1'), USE);
    expect((await accepted(world))[0]).toEqual({ version: '2016-01-01', mode: 'DEEMED' });
  });

  test('says so', async () => {
    const world = await open({ policy: EXPLICIT, olderPolicies: [REFERENCE] });
    expect((await world.ask(null, '{ policies { version acceptedByUse } }')).data.policies).toEqual([
      { version: OLD, acceptedByUse: true },
      { version: NEW, acceptedByUse: false },
    ]);
  });
});

describe('a version with announceDays', () => {
  const announced = async () => {
    const clock = createClock(POSTED);
    return { clock, world: await open({ clock, policy: ANNOUNCED, olderPolicies: [REFERENCE] }) };
  };
  const untilTheEve = (clock: ReturnType<typeof createClock>) => clock.set(new Date(new Date(HOLDS).getTime() - 1));

  test('is posted at once, with its changes and the time when it takes effect', async () => {
    const { world } = await announced();
    const { data } = await world.ask(
      null,
      `{ policies { version current postedAt holdsFrom } policy(version: "${NEW}") { changesFrom(version: "${OLD}") { changed } }
         notices { kind announcedAt effectiveAt policy { version } changes { changed } } }`,
    );
    expect(data).toEqual({
      policies: [
        { version: OLD, current: true, postedAt: POSTED, holdsFrom: null },
        { version: NEW, current: false, postedAt: POSTED, holdsFrom: HOLDS },
      ],
      policy: { changesFrom: { changed: ['sharing.opt-in-offers'] } },
      notices: [
        {
          ...{ kind: 'POLICY_VERSION', announcedAt: POSTED, effectiveAt: HOLDS },
          ...{ policy: { version: NEW }, changes: { changed: ['sharing.opt-in-offers'] } },
        },
      ],
    });
  });

  test('is not current until its last day has passed, and is from then on', async () => {
    const { world, clock } = await announced();
    untilTheEve(clock);
    expect(await current(world)).toBe(OLD);
    clock.set(HOLDS);
    expect(await current(world)).toBe(NEW);
  });

  test('is accepted neither by use nor by saying so before it holds', async () => {
    const { world, clock } = await announced();
    untilTheEve(clock);
    await world.ask(member('u1'), USE);
    const { errors } = await world.ask(member('u1'), ACCEPT, { version: NEW });
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument: 'version' });
    expect(await accepted(world)).toEqual([{ version: OLD, mode: 'EXPLICIT' }]);
  });

  test('is accepted by use once it holds, without a restart', async () => {
    const { world, clock } = await announced();
    clock.set(HOLDS);
    const { headers } = await world.ask(member('u1'), USE);
    expect(headers.get('assent-deemed-acceptance')).toBe(NEW);
    expect((await accepted(world))[0]).toEqual({ version: NEW, mode: 'DEEMED' });
    expect(await seenByOffers(world)).toEqual(['Nia Ko']);
  });

  test('forbids nothing before it holds, and forbids toward everybody from then on', async () => {
    const { world, clock } = await announced();
    const photos = async () =>
      (await world.ask(member('u2'), '{ user(id: "u1") { photos { url } } }')).data.user.photos;
    untilTheEve(clock);
    expect(await photos()).toHaveLength(1);
    clock.set(HOLDS);
    // u1 has accepted the old version alone
    expect(await accepted(world)).toEqual([{ version: OLD, mode: 'EXPLICIT' }]);
    expect(await photos()).toBeNull();
  });

  test('is accepted by people who register once it holds', async () => {
    const { world, clock } = await announced();
    const register = async (sub: string) => {
      const query = `mutation { register(input: { name: "Mira", email: "${sub}@example.com", avatarName: "${sub}" }) { user { policyAcceptances { version } } } }`;
      return (await world.ask(member(sub), query)).data.register.user.policyAcceptances;
    };
    untilTheEve(clock);
    expect(await register('early')).toEqual([{ version: OLD }]);
    clock.set(HOLDS);
    expect(await register('late')).toEqual([{ version: NEW }]);
  });

  test('holds from the same instant for a gateway that starts while it stands posted', async () => {
    const clock = createClock(POSTED);
    const store = await borrowTestStore(ANNOUNCED.policy.consents.map(({ id }) => id));
    const shared = { clock, store, policy: ANNOUNCED, olderPolicies: [REFERENCE] };
    const first = await open(shared);
    clock.advance(10 * DAY);
    const second = await open(shared, {});
    untilTheEve(clock);
    expect([await current(first), await current(second)]).toEqual([OLD, OLD]);
    clock.set(HOLDS);
    expect([await current(first), await current(second)]).toEqual([NEW, NEW]);
    for (const world of worlds.splice(0)) await world.close();
    await store.drop();
  });

  test('is passed over where a later version holds before', async () => {
    const clock = createClock(POSTED);
    const later = version('2016-01-01');
    const world = await open({ clock, policy: later, olderPolicies: [REFERENCE, ANNOUNCED] });
    expect(await current(world)).toBe('2016-01-01');
    clock.set(HOLDS);
    expect(await current(world)).toBe('2016-01-01');
  });

  test('takes its turn where several wait', async () => {
    const clock = createClock(POSTED);
    const later = version('2016-01-01', (draft) => {
      draft.announceDays = 40;
    });
    const world = await open({ clock, policy: later, olderPolicies: [REFERENCE, ANNOUNCED] });
    expect(await current(world)).toBe(OLD);
    clock.set(HOLDS);
    expect(await current(world)).toBe(NEW);
    clock.advance(10 * DAY);
    expect(await current(world)).toBe('2016-01-01');
  });

  test('holds at once where it is the first, since there is nobody to announce it to', async () => {
    const world = await open({ policy: version(OLD, (draft) => Object.assign(draft, { announceDays: 30 })) }, {});
    expect(await current(world)).toBe(OLD);
  });

  test('ends requests of the version before under that version, with their disclosures on record', async () => {
    const { world, clock } = await announced();
    await world.ask(member('u1'), 'mutation { giveConsent(purpose: "targetedOffers") { consent { action } } }');
    untilTheEve(clock);
    const headers = { authorization: `Bearer ${await world.token(offers)}` };
    const query = '{ users { edges { node { name } } } }';
    const asked = Array.from({ length: 20 }, () => world.post({ query }, headers));
    clock.set(HOLDS);
    expect(await current(world)).toBe(NEW);
    for (const response of await Promise.all(asked))
      expect(await response.json()).toEqual({ data: { users: { edges: [{ node: { name: 'Nia Ko' } }] } } });
    const { data } = await world.ask(member('u1'), '{ me { thirdPartyShares { purpose } } }');
    expect(data.me.thirdPartyShares).toHaveLength(20);
  });
});
