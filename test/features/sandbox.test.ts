import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PartnerDocument, recipientOf } from '../../src/features/partners/recipient.ts';
import { createWorldLoader } from '../../src/world/load-world.ts';
import { parseWorld } from '../../src/world/schema.ts';
import { quiet } from '../support/store.ts';
import { createWorld, KEYS, member, partner, staff, type TestWorld } from '../support/world.ts';

const consents = [{ purpose: 'targetedOffers', action: 'GIVEN', at: '2026-01-01T00:00:00Z' }];
const person = (id: string, rest: object = {}) => ({
  ...{ id, avatarName: `Avatar ${id}`, name: `Name ${id}`, email: `${id}@example.com`, country: 'US', consents },
  ...rest,
});
const offers = (clientId: string, mode?: string) => ({
  ...{ clientId, name: clientId, kind: 'OFFERS', jurisdiction: 'US' },
  contract: { purposes: ['targeted-offers'], ...(mode && { mode }) },
});
const wall = (clientId: string, mode: string) => ({
  ...{ clientId, name: clientId, kind: 'OFFER_WALL', jurisdiction: 'US' },
  contract: { purposes: ['offer-completion'], mode },
});
const caller = (clientId: string) => partner(clientId, 'targeted-offers', 'name email');
const legal = staff('legal', 'legal-process');

let world: TestWorld;
beforeAll(async () => {
  world = await createWorld({
    users: [
      person('real'),
      person('stated-real', { invented: false }),
      person('demo', { invented: true }),
      person('demo-without-consent', { invented: true, consents: [] }),
      person('demo-sealed', { invented: true, status: 'SEALED' }),
    ],
    partners: [offers('live'), offers('trial', 'TEST'), wall('wall', 'TEST')],
  });
});
afterAll(() => world.close());

const namesFor = async (clientId: string) => {
  const { data } = await world.ask(caller(clientId), '{ users(first: 100) { edges { node { name } } } }');
  return data.users.edges.map(({ node }: { node: { name: string } }) => node.name).sort();
};
const idFor = async (clientId: string, of: string) =>
  (await world.ask(member(of), `{ me { partnerId(clientId: "${clientId}") } }`)).data.me.partnerId;

describe('a partner with a contract of the mode TEST', () => {
  test('is shown invented people alone, and those as a live contract shows them', async () => {
    expect(await namesFor('live')).toEqual(['Name demo', 'Name real', 'Name stated-real']);
    expect(await namesFor('trial')).toEqual(['Name demo']);
  });

  test('finds nobody else by an id, as if there were nobody', async () => {
    const query = 'query ($id: ID!) { user(id: $id) { id name } node(id: $id) { id } }';
    const nobody = await world.ask(caller('trial'), query, { id: 'never-issued' });
    for (const of of ['real', 'stated-real', 'demo-without-consent', 'demo-sealed']) {
      const { data, errors } = await world.ask(caller('trial'), query, { id: await idFor('trial', of) });
      expect({ data, errors }, of).toEqual({ data: nobody.data, errors: nobody.errors });
    }
    const { data } = await world.ask(caller('trial'), query, { id: await idFor('trial', 'demo') });
    expect(data.user.name).toBe('Name demo');
  });

  test('is not shown people who register', async () => {
    const input = '{ avatarName: "Newcomer", email: "new@example.com", name: "New Comer", birthDate: "1990-01-01" }';
    const { errors } = await world.ask(member('newcomer'), `mutation { register(input: ${input}) { __typename } }`);
    expect(errors).toEqual([]);
    await world.ask(member('newcomer'), 'mutation { giveConsent(purpose: "targetedOffers") { user { id } } }');
    expect(await namesFor('live')).toContain('New Comer');
    expect(await namesFor('trial')).toEqual(['Name demo']);
  });

  test.each([
    { of: 'real', outcome: 'DENY', reason: 'NOT_PERMITTED', holds: 'UNKNOWN' },
    { of: 'stated-real', outcome: 'DENY', reason: 'NOT_PERMITTED', holds: 'FALSE' },
    { of: 'demo', outcome: 'REVEAL', reason: null, holds: 'TRUE' },
  ])('is explained to $of by the condition that denies or lets it', async ({ of, outcome, reason, holds }) => {
    const query = `query ($recipient: ID!, $subject: ID!) {
      explain(subject: $subject, category: EMAIL, recipient: $recipient, purpose: "targeted-offers") {
        outcome reason clauses { holds conditions { of { says holds } } }
      }
    }`;
    const asked = async (recipient: string) =>
      (await world.ask(member(of), query, { recipient, subject: of })).data.explain;
    const { clauses, ...told } = await asked('trial');
    expect(told).toEqual({ outcome, reason });
    const says = expect.stringContaining('the person is invented');
    expect(clauses).toEqual([{ holds, conditions: { of: expect.arrayContaining([{ says, holds }]) } }]);
    expect(JSON.stringify(await asked('live'))).not.toContain('invented');
  });

  test('stands in no preview of a person that it is not shown', async () => {
    const recipients = async (of: string) => {
      const query = '{ previewPreferences(withdraw: ["targetedOffers"]) { recipient } }';
      const { data } = await world.ask(member(of), query);
      return new Set(data.previewPreferences.map(({ recipient }: { recipient: string }) => recipient));
    };
    expect([await recipients('real'), await recipients('demo')]).toEqual([
      new Set(['live']),
      new Set(['live', 'trial']),
    ]);
  });

  test('is told so', async () => {
    const modeOf = async (clientId: string) =>
      (await world.ask(caller(clientId), '{ viewer { contract { mode } } }')).data.viewer.contract.mode;
    expect([await modeOf('live'), await modeOf('trial')]).toEqual(['LIVE', 'TEST']);
  });

  test('completes offers of invented people alone', async () => {
    const submit = (email: string) =>
      world.ask(
        partner('wall', 'offer-completion', ''),
        'mutation ($input: OfferCompletionInput!) { submitOfferCompletion(input: $input) { received } }',
        { input: { completionId: email, name: `Name ${email.split('@')[0]}`, email, credits: 5 } },
      );
    for (const of of ['real', 'demo']) expect((await submit(`${of}@example.com`)).errors).toEqual([]);
    const creditsOf = async (of: string) =>
      (await world.ask(member(of), '{ me { credits { credits } } }')).data.me.credits;
    await expect.poll(() => creditsOf('demo')).toEqual([{ credits: 5 }]);
    expect(await creditsOf('real')).toEqual([]);
    expect(
      JSON.stringify((await world.ask(member('real'), '{ me { waitingCredits { credits } } }')).data),
    ).not.toContain('5');
  });
});

describe('the mode of a contract', () => {
  const SET = `mutation ($contract: ContractInput) { setContract(partner: "changing", contract: $contract) { clientId } }`;
  const purposes = ['targeted-offers'];

  test('is the one that legal staff enter, and LIVE where they enter none', async () => {
    await world.load({ partners: [offers('changing')] });
    const seen = [];
    for (const contract of [
      { purposes, mode: 'TEST' },
      { purposes, mode: 'LIVE' },
      { purposes, mode: 'TEST' },
      { purposes },
    ]) {
      expect((await world.ask(legal, SET, { contract })).errors).toEqual([]);
      seen.push((await namesFor('changing')).includes('Name real'));
    }
    expect(seen).toEqual([false, true, false, true]);
  });

  const record = (contract: object) =>
    recipientOf({
      ...offers('any'),
      _id: 'any',
      status: 'ACTIVE',
      successions: [],
      contract,
    } as object as PartnerDocument);
  test.each([
    { name: 'that is left out, as earlier versions did', mode: {}, contract: { mode: 'LIVE' } },
    { name: 'LIVE', mode: { mode: 'LIVE' }, contract: { mode: 'LIVE' } },
    { name: 'TEST', mode: { mode: 'TEST' }, contract: { mode: 'TEST' } },
  ])('$name on record counts', ({ mode, contract }) => {
    expect(record({ from: null, until: null, purposes, ...mode }).contract).toMatchObject(contract);
  });
  test.each(['test', '', null, true])('%j on record makes a contract none', (mode) => {
    expect(record({ from: null, until: null, purposes, mode }).contract).toBeNull();
  });
});

test('people invented by a loader stay invented, and people already there stay as they are', async () => {
  const { store, table, clock } = world;
  const inventing = createWorldLoader({ store, table, clock, ...KEYS, log: quiet, invents: true });
  const users = [person('real'), person('made'), person('made-real', { invented: false })];
  await inventing.load(parseWorld({ users }, await inventing.rules()));
  await world.load({ users: [person('made')] });
  expect(await namesFor('trial')).toEqual(['Name demo', 'Name made']);
});
