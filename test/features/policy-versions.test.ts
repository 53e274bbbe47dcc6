import { afterEach, describe, expect, test } from 'vitest';
import { createClock, DAY } from '../support/clock.ts';
import { clauseOf, type Draft, draftOfReference, parsePolicy, referenceText } from '../support/policy.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

const OLD = '2014-09-12';
const NEW = '2015-06-01';

/** A later version that lets offers companies see people without their opt-in, and drops the co-branded clause. */
const later = (change: (draft: Draft) => void = () => {}) => {
  const draft = draftOfReference();
  draft.version = NEW;
  const offers = clauseOf(draft, 'sharing.opt-in-offers').reveals?.[0];
  if (offers) offers.when = { fact: 'personActive' };
  draft.clauses = draft.clauses.filter(({ id }) => id !== 'cobranded.share');
  change(draft);
  return parsePolicy(JSON.stringify(draft), 'later');
};

const REFERENCE = parsePolicy(referenceText, 'reference');
const LATER = later();

const offers = partner('offers', 'targeted-offers', 'name email');
const job = partner('job', 'job-application', 'name email');

let world: TestWorld;
afterEach(() => world.close());

const open = async (user: object = {}) => {
  const clock = createClock('2026-03-01T12:00:00.000Z');
  world = await createWorld(
    {
      users: [
        {
          id: 'u1',
          avatarName: 'Neko',
          name: 'Nia Ko',
          country: 'US',
          acceptedPolicy: { version: OLD, mode: 'EXPLICIT', at: '2020-01-01T00:00:00Z' },
          relationships: [{ partner: 'job' }],
          ...user,
        },
        { id: 'u2', avatarName: 'Ziggy' },
      ],
      partners: [
        {
          clientId: 'offers',
          name: 'Offers',
          kind: 'OFFERS',
          jurisdiction: 'US',
          contract: { purposes: ['targeted-offers'] },
        },
        {
          clientId: 'job',
          name: 'Job',
          kind: 'CO_BRANDED',
          jurisdiction: 'US',
          contract: { purposes: ['job-application'] },
        },
      ],
    },
    { clock, policy: LATER, olderPolicies: [REFERENCE] },
  );
  return clock;
};

const names = async (caller: typeof offers) => {
  const { data } = await world.ask(caller, '{ users { edges { node { name } } } }');
  return data.users.edges.map(({ node }: { node: { name: string } }) => node.name);
};
const acceptances = async () =>
  (await world.ask(member('u1'), '{ me { status policyAcceptances { version mode } } }')).data.me;

const ACCEPT = 'mutation ($version: String!) { acceptPolicy(version: $version) { user { status } } }';
const REFUSE = 'mutation { refusePolicy { user { status } } }';

describe('updates.posting: versions are public, and so are their changes', () => {
  test('every version is listed with the time of its posting, and one is the current', async () => {
    await open();
    const { data } = await world.ask(null, '{ policies { version current postedAt } }');
    expect(data.policies).toEqual([
      { version: OLD, current: false, postedAt: '2026-03-01T12:00:00.000Z' },
      { version: NEW, current: true, postedAt: '2026-03-01T12:00:00.000Z' },
    ]);
  });

  test('the difference of two versions names the clauses that changed and the data that becomes visible, by recipient', async () => {
    await open();
    const { data } = await world.ask(
      null,
      `{ policy { changesFrom(version: "${OLD}") { added removed changed visibility { recipient purpose category fields change } inWords } } }`,
    );
    const { added, removed, changed, visibility, inWords } = data.policy.changesFrom;
    expect({ added, removed, changed }).toEqual({
      added: [],
      removed: ['cobranded.share'],
      changed: ['sharing.opt-in-offers'],
    });
    expect(visibility).toContainEqual({
      recipient: 'CO_BRANDED',
      purpose: 'job-application',
      category: 'EMAIL',
      fields: ['User.email'],
      change: 'HIDDEN',
    });
    expect(visibility).toContainEqual({
      recipient: 'OFFERS',
      purpose: 'targeted-offers',
      category: 'NAME',
      fields: ['User.name'],
      change: 'CONDITIONED',
    });
    expect(inWords).toContain('CO_BRANDED, for job-application, no longer sees User.name, User.email');
    expect(inWords).toContain('the clause cobranded.share is gone');
  });
});

describe('a clause that forbids', () => {
  test('names the forbidden categories, their recipients and the condition', async () => {
    const forbids = [
      { to: 'any', categories: ['GENDER'], purposes: ['targeted-offers'] },
      { to: 'OFFERS', categories: ['EMAIL'], when: { not: { preference: 'adTargeting' } } },
    ];
    const policy = later((draft) => {
      const clause = clauseOf(draft, 'sharing.opt-in-offers');
      Object.assign(clause, { forbids, kind: [...clause.kind, 'limit'] });
    });
    world = await createWorld({}, { policy });
    const { data } = await world.ask(null, '{ policy { clauses { key forbids { to purposes categories when } } } }');
    const clause = data.policy.clauses.find(({ key }: { key: string }) => key === 'sharing.opt-in-offers');
    expect(clause.forbids).toEqual([
      { to: 'any', purposes: ['targeted-offers'], categories: ['GENDER'], when: null },
      {
        ...{ to: 'OFFERS', purposes: null, categories: ['EMAIL'] },
        when: 'not: the preference `adTargeting` is on',
      },
    ]);
  });
});

test('a database holds the people of one company', async () => {
  const company = (change: (draft: Draft) => void) =>
    createWorld({}, { policy: later(change), olderPolicies: [REFERENCE] });
  await expect(company((draft) => Object.assign(draft, { publisher: 'Another company' }))).rejects.toThrow(
    /^policy version 2014-09-12: the database holds it of another publisher; expected a database of its own/,
  );
  world = await company((draft) =>
    Object.assign(draft, { publisher: 'Another name', formerPublishers: [REFERENCE.policy.publisher] }),
  );
});

describe('updates.posting: everyone is told of a new version', () => {
  const NOTICES = `{ notices {
    kind announcedAt effectiveAt partner { clientId } policy { version } changes { removed changed inWords }
  } }`;

  test('by a notice that lists the changes from the version before', async () => {
    await open();
    const { notices } = (await world.ask(null, NOTICES)).data;
    expect(notices).toMatchObject([
      {
        ...{ kind: 'POLICY_VERSION', announcedAt: '2026-03-01T12:00:00.000Z', effectiveAt: null, partner: null },
        policy: { version: NEW },
        changes: { removed: ['cobranded.share'], changed: ['sharing.opt-in-offers'] },
      },
    ]);
    expect(notices[0].changes.inWords).toContain('the clause cobranded.share is gone');
  });

  test('beside the notices of successions, the latest first', async () => {
    const clock = await open();
    await world.load({
      partners: [
        {
          ...{ clientId: 'heir', name: 'Heir', kind: 'SUCCESSOR', jurisdiction: 'US' },
          contract: { purposes: ['succession'] },
        },
      ],
    });
    clock.advance(DAY);
    const announce = 'mutation { announceSuccession(partner: "heir") { announcedAt } }';
    expect((await world.ask(staff('legal', 'legal-process'), announce)).errors).toEqual([]);
    const { notices } = (await world.ask(null, NOTICES)).data;
    expect(notices).toMatchObject([
      {
        ...{ kind: 'SUCCESSION', announcedAt: '2026-03-02T12:00:00.000Z', effectiveAt: '2026-04-01T12:00:00.000Z' },
        ...{ partner: { clientId: 'heir' }, policy: null, changes: null },
      },
      { kind: 'POLICY_VERSION' },
    ]);
  });

  test('the first version is no notice, since it changes nothing', async () => {
    world = await createWorld({});
    expect((await world.ask(null, NOTICES)).data.notices).toEqual([]);
  });
});

describe('updates.acceptance: a person is told that using the site accepted a version', () => {
  const USE = '{ user(id: "u2") { avatarName } me { deemedAcceptance { version mode } } }';
  const HEADER = 'assent-deemed-acceptance';
  const deemed = async () =>
    (await world.ask(member('u1'), '{ me { deemedAcceptance { version mode } } }')).data.me.deemedAcceptance;

  test('by a header of that answer and by `me`, and later by `me` alone', async () => {
    await open();
    const { headers, data } = await world.ask(member('u1'), USE);
    expect(headers.get(HEADER)).toBe(NEW);
    expect(data.me.deemedAcceptance).toEqual({ version: NEW, mode: 'DEEMED' });
    const again = await world.ask(member('u1'), USE);
    expect(again.headers.get(HEADER)).toBeNull();
    expect(again.data.me.deemedAcceptance).toEqual({ version: NEW, mode: 'DEEMED' });
  });

  test.each([
    { name: 'a question for the caller itself', caller: member('u1'), query: '{ viewer { kind } }' },
    { name: 'an answer that accepted nothing', caller: member('u1'), query: '{ me { name } }' },
    { name: 'an answer to another caller', caller: offers, query: '{ users { edges { node { name } } } }' },
  ])('$name has no such header', async ({ caller, query }) => {
    await open();
    expect((await world.ask(caller, query)).headers.get(HEADER)).toBeNull();
    expect(await deemed()).toBeNull();
  });

  test('until they accept it by saying so, which is on record as an act of its own', async () => {
    await open();
    await world.ask(member('u1'), USE);
    expect((await world.ask(member('u1'), ACCEPT, { version: NEW })).errors).toEqual([]);
    expect(await deemed()).toBeNull();
    expect((await acceptances()).policyAcceptances.slice(0, 2)).toEqual([
      { version: NEW, mode: 'EXPLICIT' },
      { version: NEW, mode: 'DEEMED' },
    ]);
    await world.ask(member('u1'), ACCEPT, { version: NEW });
    expect((await acceptances()).policyAcceptances).toHaveLength(3);
  });

  test('europe.transfer: saying so gives the consent that being deemed to accept did not', async () => {
    await open({ country: 'DE', acceptedPolicy: { version: OLD, mode: 'DEEMED', at: '2020-01-01T00:00:00Z' } });
    const given = async () => {
      const { data } = await world.ask(member('u1'), '{ me { consents { purpose inForce } } }');
      return data.me.consents;
    };
    await world.ask(member('u1'), USE);
    expect(await given()).toEqual([]);
    await world.ask(member('u1'), ACCEPT, { version: NEW });
    expect(await given()).toEqual([{ purpose: 'euTransfer', inForce: true }]);
  });
});

describe('updates.acceptance: a person is judged under the version they accepted', () => {
  test('a newer version reveals nothing of a person who has not accepted it, and hides nothing either', async () => {
    await open();
    expect(await names(offers)).not.toContain('Nia Ko');
    expect(await names(job)).toEqual(['Nia Ko']);
  });

  test('accepting it explicitly governs the next read', async () => {
    await open();
    expect((await world.ask(member('u1'), ACCEPT, { version: NEW })).errors).toEqual([]);
    expect(await names(offers)).toContain('Nia Ko');
    expect(await names(job)).toEqual([]);
    expect((await acceptances()).policyAcceptances).toEqual([
      { version: NEW, mode: 'EXPLICIT' },
      { version: OLD, mode: 'EXPLICIT' },
    ]);
  });

  test('accepting twice adds nothing to the ledger', async () => {
    await open();
    await world.ask(member('u1'), ACCEPT, { version: NEW });
    await world.ask(member('u1'), ACCEPT, { version: NEW });
    expect((await acceptances()).policyAcceptances).toHaveLength(2);
  });

  test('only the current version can be accepted', async () => {
    await open();
    const { errors } = await world.ask(member('u1'), ACCEPT, { version: OLD });
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument: 'version' });
  });

  test.each([
    { name: 'reading one’s own data', query: '{ me { name } user(id: "u1") { name } }' },
    {
      name: 'reading the policy and its notices',
      query: '{ policy { version } policies { version } notices { announcedAt } }',
    },
    {
      name: 'asking for an explanation',
      query: '{ explain(subject: "u1", category: NAME, recipient: "offers") { outcome } }',
    },
    { name: 'a preview', query: '{ previewPreferences(give: ["targetedOffers"]) { category } }' },
    {
      name: 'withdrawing a consent',
      query: 'mutation { withdrawConsent(purpose: "targetedOffers") { consent { action } } }',
    },
    {
      name: 'switching off',
      query: 'mutation { updatePreferences(input: { imvuNewsletter: false }) { preferences { imvuNewsletter } } }',
    },
    { name: 'asking about the schema', query: '{ __typename }' },
    { name: 'a query that does not fit the schema', query: '{ nothing }' },
  ])('$name accepts nothing', async ({ query }) => {
    await open();
    await world.ask(member('u1'), query);
    expect((await acceptances()).policyAcceptances).toEqual([{ version: OLD, mode: 'EXPLICIT' }]);
  });

  test.each([
    { name: 'looking at another member', query: '{ user(id: "u2") { avatarName } }' },
    { name: 'giving a consent', query: 'mutation { giveConsent(purpose: "targetedOffers") { consent { action } } }' },
    {
      name: 'switching on',
      query:
        'mutation { updatePreferences(input: { creatorNotification: true }) { preferences { creatorNotification } } }',
    },
    {
      name: 'use through a fragment',
      query: 'query { me { name } ...more } fragment more on Query { user(id: "u2") { avatarName } }',
    },
  ])('$name after the posting is deemed acceptance', async ({ query }) => {
    await open();
    expect((await world.ask(member('u1'), query)).errors).toEqual([]);
    expect((await acceptances()).policyAcceptances[0]).toEqual({ version: NEW, mode: 'DEEMED' });
    expect(await names(offers)).toContain('Nia Ko');
  });

  test('a GET is no acceptance, since it may come from any link', async () => {
    await open();
    const query = new URLSearchParams({ query: '{ user(id: "u2") { avatarName } }' });
    const headers = { authorization: `Bearer ${await world.token(member('u1'))}` };
    const response = await world.gateway.fetch(new Request(`http://gateway.test/graphql?${query}`, { headers }));
    expect(response.status).toBe(200);
    expect((await acceptances()).policyAcceptances.map(({ mode }: { mode: string }) => mode)).not.toContain('DEEMED');
  });

  test('deemed acceptance happens once', async () => {
    await open();
    for (const _ of [1, 2, 3]) await world.ask(member('u1'), '{ user(id: "u2") { avatarName } }');
    expect((await acceptances()).policyAcceptances).toHaveLength(2);
  });
});

describe('europe.transfer: bundled into explicit acceptance, never into deemed', () => {
  const CONSENTS = '{ me { consents { purpose action expression } } }';
  const french = { country: 'FR', acceptedPolicy: { version: OLD, mode: 'DEEMED', at: '2020-01-01T00:00:00Z' } };

  test('explicit acceptance by a person in the EEA records the transfer consent as bundled', async () => {
    await open(french);
    expect((await world.ask(member('u1'), CONSENTS)).data.me.consents).toEqual([]);
    await world.ask(member('u1'), ACCEPT, { version: NEW });
    expect((await world.ask(member('u1'), CONSENTS)).data.me.consents).toEqual([
      { purpose: 'euTransfer', action: 'GIVEN', expression: 'BUNDLED' },
    ]);
    expect(await names(offers)).toContain('Nia Ko');
  });

  test('deemed acceptance gives no transfer consent, so no partner outside the EEA sees the person', async () => {
    await open(french);
    await world.ask(member('u1'), '{ user(id: "u2") { avatarName } }');
    expect((await world.ask(member('u1'), CONSENTS)).data.me.consents).toEqual([]);
    expect(await names(offers)).not.toContain('Nia Ko');
  });

  test('accepting again never revives a withdrawal', async () => {
    await open({ ...french, consents: [{ purpose: 'euTransfer', action: 'WITHDRAWN', at: '2021-01-01T00:00:00Z' }] });
    await world.ask(member('u1'), ACCEPT, { version: NEW });
    expect((await world.ask(member('u1'), CONSENTS)).data.me.consents).toHaveLength(1);
    expect(await names(offers)).not.toContain('Nia Ko');
  });
});

describe('updates.refusal: a person who can not accept stops using the site', () => {
  test('a person who refused is shown to nobody but themself', async () => {
    await open();
    expect((await world.ask(member('u1'), REFUSE)).data.refusePolicy.user.status).toBe('REFUSED');
    expect(await names(job)).toEqual([]);
    expect((await world.ask(null, '{ user(id: "u1") { avatarName } }')).data).toEqual({ user: null });
    expect((await world.ask(member('u1'), '{ me { name } }')).data.me.name).toBe('Nia Ko');
  });

  test('refusing twice is no error, and the person may accept later', async () => {
    const clock = await open();
    for (const _ of [1, 2]) expect((await world.ask(member('u1'), REFUSE)).errors).toEqual([]);
    clock.advance(DAY);
    await world.ask(member('u1'), ACCEPT, { version: NEW });
    expect(await acceptances()).toMatchObject({ status: 'ACTIVE' });
    expect(await names(offers)).toContain('Nia Ko');
  });

  test.each([
    'addPhoto(url: "https://example.com/a.png") { id }',
    'submitPost(forum: "f", text: "t") { post { id } }',
    'postActivity(kind: "k", text: "t") { id }',
    'joinCreatorNotification(cellPhone: "1") { id }',
    'subscribeToThread(thread: "t")',
    'enterRelationship(partner: "job") { id }',
    'recordAdInteraction(partner: "job") { id }',
    'connectSocial(partner: "job", takenIn: []) { id }',
    'setAutoPost(partner: "job", on: true) { id }',
  ])('the account is closed to use: %s', async (operation) => {
    await open();
    await world.ask(member('u1'), REFUSE);
    const { errors } = await world.ask(member('u1'), `mutation { ${operation} }`);
    expect(errors.map(({ extensions }) => extensions)).toEqual([{ code: 'FORBIDDEN', reason: 'NOT_PERMITTED' }]);
  });

  test.each([
    'correctPersonalData(input: { name: "N" }) { user { id } }',
    'deletePersonalData(categories: [GENDER]) { deleted }',
    'giveConsent(purpose: "targetedOffers") { consent { inForce } }',
    'withdrawConsent(purpose: "targetedOffers") { consent { inForce } }',
    'updatePreferences(input: { imvuNewsletter: false, creatorNotification: true }) { user { id } }',
    'leaveCreatorNotification { deleted }',
    'removePhotos(all: true) { id }',
    'openPrivacyCase(message: "m") { id }',
    'requestExport',
    'requestErasure { deadline }',
  ])('rights over their own data stay open: %s', async (operation) => {
    await open();
    await world.ask(member('u1'), REFUSE);
    expect((await world.ask(member('u1'), `mutation { ${operation} }`)).errors).toEqual([]);
    expect((await acceptances()).status).toBe('REFUSED');
  });

  test('a person who refused is a visitor to others, and never deemed to have accepted', async () => {
    await open();
    await world.ask(member('u1'), REFUSE);
    const { data, errors } = await world.ask(member('u1'), '{ user(id: "u2") { avatarName photos { id } } }');
    expect(data.user).toEqual({ avatarName: 'Ziggy', photos: null });
    expect(errors[0]?.extensions).toMatchObject({ category: 'PHOTOS', reason: 'NO_CLAUSE' });
    expect((await acceptances()).policyAcceptances).toEqual([{ version: OLD, mode: 'EXPLICIT' }]);
  });

  test.each([
    { name: 'a visitor', caller: null },
    { name: 'a partner', caller: offers },
    { name: 'staff', caller: staff('privacy', 'privacy-request') },
  ])('$name can neither accept nor refuse for anyone', async ({ caller }) => {
    await open();
    for (const [query, variables] of [
      [REFUSE, {}],
      [ACCEPT, { version: NEW }],
    ] as const)
      expect((await world.ask(caller, query, variables)).errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('updates.acceptance: an older version is not accepted after a newer one', () => {
  const older = parsePolicy(referenceText, 'reference');
  const accept = (gateway: TestWorld, version: string) => gateway.ask(member('u1'), ACCEPT, { version });

  test.each([
    { name: 'that knows the newer version', knows: true },
    { name: 'that started before the newer version was posted', knows: false },
  ])('through a gateway with the older file $name', async ({ knows }) => {
    await open();
    const { store, clock } = world;
    const policies = store.connection.getClient().db(store.connection.name).collection<{ _id: string }>('policies');
    const newer = await policies.findOne({ _id: NEW });
    if (!knows) await policies.deleteOne({ _id: NEW });
    const behind = await createWorld({}, { store, clock, policy: older });
    try {
      if (!knows && newer) await policies.insertOne(newer);
      await accept(world, NEW);
      const { data, errors } = await accept(behind, OLD);
      expect(data).toBeNull();
      expect(errors.map(({ extensions }) => extensions.code)).toEqual(['CONFLICT']);
      expect((await acceptances()).policyAcceptances[0]).toEqual({ version: NEW, mode: 'EXPLICIT' });
    } finally {
      await behind.close();
    }
  });
});
