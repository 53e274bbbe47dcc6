import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { resetWorld } from '../../src/world/reset.ts';
import { createClock, HOUR } from '../support/clock.ts';
import { noticesAbout, partnerIdsOf } from '../support/notices.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

const START = '2026-03-10T12:00:00.000Z';
const LONG_AGO = '2020-01-01T00:00:00Z';

const self = member('u1');
const heir = partner('heir', 'succession', 'avatar-name name email gender birth-date age-band photos posts');
const offers = partner('offers', 'targeted-offers', 'name gender birth-date');
const offersPrefill = partner('offers', 'offer-prefill', 'name');
const ads = partner('ads', 'advertising', 'gender age-band');
const mail = partner('mail', 'imvu-newsletter', 'name email');
const service = partner('mail', 'service-notice', 'name email');
const club = partner('club', 'co-branded-service', 'name email');
const social = partner('social', 'activity-posting', 'activity');
const blog = partner('mail', 'blog-notification', 'name email');

const partnerOf = (clientId: string, kind: string, ...purposes: string[]) => ({
  ...{ clientId, name: clientId, kind, jurisdiction: 'US', contract: { purposes } },
});
const GIVEN = { purpose: 'targetedOffers', action: 'GIVEN', at: LONG_AGO };
const WORLD = {
  users: [
    {
      ...{ id: 'u1', avatarName: 'Neko', name: 'Nia Ko', email: 'neko@mail.example', gender: 'female' },
      ...{ birthDate: '1990-02-03', country: 'DE' },
      consents: [GIVEN, { purpose: 'euTransfer', action: 'GIVEN', at: LONG_AGO }],
      adInteractions: [{ partner: 'ads', at: LONG_AGO }],
      relationships: [{ partner: 'club', active: true }],
      socialLinks: [{ partner: 'social', autoPost: true }],
      recentActivity: [{ kind: 'ROOM', text: 'Opened a room', at: LONG_AGO }],
      subscriptions: [{ thread: 'news', verified: true }],
      photos: [{ url: 'https://photos.example/1' }, { url: 'https://photos.example/2' }],
      posts: [{ forum: 'lobby', text: 'hello', at: LONG_AGO }],
    },
  ],
  partners: [
    partnerOf('heir', 'SUCCESSOR', 'succession'),
    partnerOf('offers', 'OFFERS', 'targeted-offers', 'offer-prefill'),
    partnerOf('ads', 'ADVERTISER', 'advertising'),
    partnerOf('mail', 'EMAIL_PROVIDER', 'imvu-newsletter', 'service-notice', 'blog-notification'),
    partnerOf('club', 'CO_BRANDED', 'co-branded-service'),
    partnerOf('social', 'SOCIAL', 'activity-posting'),
  ],
  successions: [{ partner: 'heir', announcedAt: LONG_AGO }],
};

const clock = createClock(START);
let world: TestWorld;
let personIds: readonly string[];
beforeAll(async () => {
  world = await createWorld({}, { clock });
});
beforeEach(async () => {
  clock.set(START);
  await resetWorld(world.store);
  await world.load(WORLD);
  personIds = await partnerIdsOf(
    world,
    self,
    WORLD.partners.map(({ clientId }) => clientId),
  );
});
afterAll(() => world.close());

type Caller = typeof heir;
const read = async (caller: Caller, fields: string) => {
  const { data, errors } = await world.ask(caller, `{ users { edges { node { ${fields} } } } }`);
  expect(errors).toEqual([]);
  return data.users.edges[0]?.node;
};
const act = async (mutation: string, variables = {}) => {
  const { data, errors } = await world.ask(self, mutation, variables);
  expect(errors).toEqual([]);
  return data;
};
const noticesOf = (caller: Caller) =>
  noticesAbout(world, caller, personIds, 'id asked purpose categories everything at');
const told = async (caller: Caller) =>
  (await noticesOf(caller)).map(({ asked, purpose, categories, everything }: Record<string, unknown>) => ({
    ...{ asked, categories, ...(purpose !== null && { purpose }), ...(everything === true && { everything }) },
  }));
const acknowledgeAll = async (caller: Caller) => {
  for (const { id } of await noticesOf(caller))
    await world.ask(caller, 'mutation ($id: ID!) { acknowledgeErasure(id: $id) }', { id });
};

const withdraw = (purpose: string) => `mutation { withdrawConsent(purpose: "${purpose}") { consent { inForce } } }`;
const give = (purpose: string) => `mutation { giveConsent(purpose: "${purpose}") { consent { inForce } } }`;
const prefer = (input: string) => `mutation { updatePreferences(input: { ${input} }) { user { id } } }`;
const correct = (input: string) => `mutation { correctPersonalData(input: { ${input} }) { user { id } } }`;

describe('rights.deletion: single things that are taken back are to be erased', () => {
  test.each([
    { what: 'photos', category: 'PHOTOS', remove: 'removePhotos' },
    { what: 'posts', category: 'POSTS', remove: 'removePosts' },
  ])('$what that a partner was shown', async ({ what, category, remove }) => {
    await read(heir, `${what} { id }`);
    const { me } = (await world.ask(self, `{ me { ${what} { id } } }`)).data;
    await act(`mutation ($ids: [ID!]!) { ${remove}(ids: $ids) { __typename } }`, { ids: [me[what][0].id] });
    expect(await told(heir)).toEqual([{ asked: 'ERASE', categories: [category] }]);
    await acknowledgeAll(heir);
    await read(heir, `${what} { id }`);
    expect(await told(heir)).toEqual([]);
  });

  test('not where the partner was shown something else', async () => {
    await read(heir, 'name');
    await act('mutation { removePhotos(all: true) { __typename } }');
    expect(await told(heir)).toEqual([]);
  });

  test('a call without an id takes nothing back', async () => {
    await read(heir, 'posts { id }');
    await act('mutation { removePosts(ids: []) { id } }');
    expect(await told(heir)).toEqual([]);
  });

  test('the ledger holds that posts were removed, and how many', async () => {
    const { me } = (await world.ask(self, '{ me { posts { id } } }')).data;
    await act('mutation ($ids: [ID!]!) { removePosts(ids: $ids) { id } }', { ids: [me.posts[0].id] });
    const entries = world.store.connection.collection('person_ledger');
    await world.gateway.sweep();
    expect(await entries.findOne({ type: 'POSTS_REMOVED' })).toMatchObject({ count: 1 });
  });
});

describe('rights.correction: a corrected value is to be replaced', () => {
  test('by partners that were shown the value before, and not by others', async () => {
    await read(heir, 'gender');
    await read(offers, 'name');
    await act(correct('gender: "other"'));
    expect(await told(heir)).toEqual([{ asked: 'REPLACE', categories: ['GENDER'] }]);
    expect(await told(offers)).toEqual([]);
  });

  test('so is a value made from it', async () => {
    await read(ads, 'ageBand');
    await act(correct('birthDate: "1970-02-03"'));
    expect(await told(ads)).toEqual([{ asked: 'REPLACE', categories: ['AGE_BAND'] }]);
  });

  test('and a value that joining a program replaced', async () => {
    await act(correct('cellPhone: "202 555 0100"'));
    const heirToPhones = partner('heir', 'succession', 'cell-phone');
    await read(heirToPhones, 'cellPhone');
    await act('mutation { joinCreatorNotification(cellPhone: "202 555 0199") { id } }');
    expect(await told(heir)).toEqual([{ asked: 'REPLACE', categories: ['CELL_PHONE'] }]);
  });

  test('a partner that has read the new value since is still asked for the old one alone', async () => {
    await read(heir, 'gender');
    await act(correct('gender: "other"'));
    clock.advance(HOUR);
    await read(heir, 'gender');
    const [notice, ...others] = await noticesOf(heir);
    expect(others).toEqual([]);
    expect(notice).toMatchObject({ asked: 'REPLACE', at: START });
    await acknowledgeAll(heir);
    expect(await told(heir)).toEqual([]);
  });
});

const stops = (purpose: string, ...categories: string[]) => [{ asked: 'STOP', purpose, categories, everything: true }];

describe('data shown to a partner for a purpose that the person ended is to be used no more', () => {
  test.each([
    { act: withdraw('targetedOffers'), who: offers, fields: 'name', is: stops('targeted-offers', 'NAME') },
    { act: withdraw('euTransfer'), who: mail, fields: 'email', is: stops('imvu-newsletter', 'EMAIL') },
    { act: prefer('imvuNewsletter: false'), who: mail, fields: 'name', is: stops('imvu-newsletter', 'NAME') },
    { act: prefer('adTargeting: false'), who: ads, fields: 'gender', is: stops('advertising', 'GENDER') },
    { act: prefer('gpcOptOut: true'), who: ads, fields: 'gender', is: stops('advertising', 'GENDER') },
    {
      ...{ act: 'mutation { leaveRelationship(partner: "club") { __typename } }', who: club, fields: 'name' },
      is: stops('co-branded-service', 'NAME'),
    },
    {
      ...{ act: 'mutation { setAutoPost(partner: "social", on: false) { __typename } }', who: social },
      ...{ fields: 'recentActivity { id }', is: stops('activity-posting', 'ACTIVITY') },
    },
    {
      ...{ act: 'mutation { disconnectSocial(partner: "social") { __typename } }', who: social },
      ...{ fields: 'recentActivity { id }', is: stops('activity-posting', 'ACTIVITY') },
    },
    {
      ...{ act: 'mutation { unsubscribeFromThread(thread: "news") { __typename } }', who: blog, fields: 'email' },
      is: stops('blog-notification', 'EMAIL'),
    },
    {
      act: 'mutation { refusePolicy { __typename } }',
      who: offers,
      fields: 'name',
      is: stops('targeted-offers', 'NAME'),
    },
  ])('after $act', async ({ act: mutation, who, fields, is }) => {
    expect(await read(who, fields)).toBeDefined();
    await act(mutation);
    expect(await read(who, fields)).toBeUndefined();
    expect(await told(who)).toEqual(is);
    await acknowledgeAll(who);
    expect(await told(who)).toEqual([]);
  });

  test('for that purpose alone', async () => {
    await read(mail, 'name');
    await read(service, 'name');
    await act(prefer('imvuNewsletter: false'));
    expect(await told(service)).toEqual(stops('imvu-newsletter', 'NAME'));
  });

  test('once for each purpose', async () => {
    await read(offers, 'name');
    await read(offersPrefill, 'name');
    await act(withdraw('targetedOffers'));
    expect(await told(offers)).toEqual(
      expect.arrayContaining([...stops('targeted-offers', 'NAME'), ...stops('offer-prefill', 'NAME')]),
    );
  });

  test('a partner that was shown only that the person is there is told as well', async () => {
    await read(offers, 'id');
    await act(withdraw('targetedOffers'));
    expect(await told(offers)).toEqual(stops('targeted-offers'));
  });

  describe('a move into a region that data leaves only with consent', () => {
    const SHOWN = stops('targeted-offers', 'NAME');
    test.each([
      { name: 'after the consent was taken back', acts: [withdraw('euTransfer')], is: SHOWN },
      { name: 'with the consent', acts: [], is: [] },
    ])('$name', async ({ acts, is }) => {
      await act(correct('country: "US"'));
      for (const one of acts) await act(one);
      await read(offers, 'name');
      await act(correct('country: "FR"'));
      expect((await read(offers, 'name')) === undefined).toBe(is.length > 0);
      expect(await told(offers)).toEqual(is);
      await acknowledgeAll(offers);
      await act(correct('postalAddress: { city: "Oslo", country: "NO" }'));
      expect(await told(offers)).toEqual([]);
    });

    test.each([
      { name: 'of somebody who never gave it', person: { country: 'US' }, act: correct('country: "FR"') },
      {
        name: 'and likewise a deletion of all that says where somebody lives',
        person: { country: undefined, postalAddress: { city: 'Norrowick', country: 'US' } },
        act: 'mutation { deletePersonalData(categories: [POSTAL_ADDRESS]) { __typename } }',
      },
    ])('$name', async ({ person, act: mutation }) => {
      await world.load({ users: [{ ...WORLD.users[0], id: 'u2', avatarName: 'Ziggy', consents: [GIVEN], ...person }] });
      const mover = member('u2');
      const ids = await partnerIdsOf(world, mover, ['offers']);
      await world.ask(offers, '{ users { edges { node { name } } } }');
      expect((await world.ask(mover, mutation)).errors).toEqual([]);
      expect(await noticesAbout(world, offers, ids, 'asked purpose')).toMatchObject([
        { asked: 'STOP', purpose: 'targeted-offers' },
      ]);
    });
  });

  test.each([
    { name: 'another consent', act: withdraw('targetedOffers'), who: mail },
    { name: 'another preference', act: prefer('developerNewsletter: false'), who: mail },
    { name: 'a switch that is turned on', act: prefer('creatorNotification: true'), who: mail },
  ])('nobody is told of $name', async ({ act: mutation, who }) => {
    await read(who, 'name');
    await act(mutation);
    expect(await told(who)).toEqual([]);
  });

  test('nobody is told where the person does not live where the consent matters', async () => {
    await act(correct('country: "US"'));
    await read(mail, 'name');
    await act(withdraw('euTransfer'));
    expect(await told(mail)).toEqual([]);
  });

  test('data shown after a new consent is not meant, until that is withdrawn too', async () => {
    await read(offers, 'name');
    await act(withdraw('targetedOffers'));
    await acknowledgeAll(offers);
    clock.advance(HOUR);
    await act(give('targetedOffers'));
    await read(offers, 'gender');
    expect(await told(offers)).toEqual([]);
    clock.advance(HOUR);
    await act(withdraw('targetedOffers'));
    expect(await told(offers)).toEqual(stops('targeted-offers', 'GENDER'));
  });

  test('two switches that were turned off before anybody was told ask for the same', async () => {
    await read(ads, 'gender');
    await act(prefer('adTargeting: false'));
    await act(prefer('gpcOptOut: true'));
    expect(await told(ads)).toEqual(stops('advertising', 'GENDER'));
  });

  test('the time of a notice is not that of another act', async () => {
    await read(ads, 'gender');
    await act(prefer('adTargeting: false'));
    clock.advance(HOUR);
    await act(prefer('imvuNewsletter: false'));
    expect(await noticesOf(ads)).toMatchObject([{ at: START }]);
  });

  test('a child’s seal, which no partner can tell from a refusal', async () => {
    await read(offers, 'name');
    await act(
      'mutation { correctPersonalData(input: { birthDate: "2020-01-01", confirmBirthDate: true }) { user { id } } }',
    );
    const notices = await told(offers);
    expect(notices).toEqual(expect.arrayContaining(stops('targeted-offers', 'NAME')));
  });

  test('an erased person is to be erased, after any earlier end of a purpose', async () => {
    await read(offers, 'name');
    await act(withdraw('targetedOffers'));
    const { requestErasure } = await act('mutation { requestErasure { confirmation } }');
    await act(
      'mutation ($confirmation: String!) { eraseAccount(confirmation: $confirmation) { erasedAt } }',
      requestErasure,
    );
    expect(await told(offers)).toEqual([{ asked: 'ERASE', categories: ['NAME'], everything: true }]);
  });

  test('the sweep puts notices in place for partners that do not ask', async () => {
    await read(offers, 'name');
    await act(withdraw('targetedOffers'));
    await world.gateway.sweep();
    const stored = world.store.connection.collection('erasure_notices');
    expect(await stored.countDocuments({ pending: true, personId: { $in: personIds } })).toBe(1);
  });
});

test('nobody but partners has notices', async () => {
  for (const caller of [self, staff('support', 'customer-support'), null]) {
    const { errors } = await world.ask(caller, '{ erasureNotices { id } }');
    expect(errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
  }
});
