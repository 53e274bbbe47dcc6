import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import type { CallerClaims } from '../../src/http/signing.ts';
import { createClock, HOUR } from '../support/clock.ts';
import { documentsIn } from '../support/people.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

const OFFERS = {
  clientId: 'offers',
  name: 'Offers',
  kind: 'OFFERS',
  jurisdiction: 'US',
  contract: { purposes: ['targeted-offers'] },
};

const clock = createClock('2026-03-10T12:00:00.000Z');
let world: TestWorld;
beforeAll(async () => {
  world = await createWorld({ partners: [OFFERS] }, { clock });
});
afterAll(() => world.close());

let people = 0;
/** A new person. */
async function newcomer(more: object = {}, where = world): Promise<string> {
  people += 1;
  const id = `person-${people}`;
  await where.load({ users: [{ id, avatarName: id, email: `${id}@mail.example`, country: 'US', ...more }] });
  clock.advance(HOUR);
  return id;
}

const CONSENT = 'purpose action at policyVersion expression inForce ledgerEntry { hash }';
const mutationOf = (name: string) => `mutation ($purpose: ConsentPurpose!) {
  ${name}(purpose: $purpose) {
    user { id consents { action inForce } } consent { ${CONSENT} } ledgerEntry { number type at hash previousHash }
  }
}`;

async function act(name: 'giveConsent' | 'withdrawConsent', id: string, purpose = 'targetedOffers') {
  const { data, errors } = await world.ask(member(id), mutationOf(name), { purpose });
  expect(errors).toEqual([]);
  return data[name];
}

const recordOf = async (id: string) =>
  (await world.ask(member(id), `{ me { consents { ${CONSENT} } } }`)).data.me.consents;

/** How many entries the person's ledger has. */
async function entriesOf(id: string): Promise<number> {
  const person = await documentsIn(world.store).findOne({ publicId: id });
  return person?.ledger.head.n ?? 0;
}

/** The person's address as the offers partner sees it right now. */
async function told(id: string, where = world): Promise<string> {
  const { data } = await where.ask(member(id), '{ me { partnerId(clientId: "offers") } }');
  const caller = partner('offers', 'targeted-offers', 'email');
  const answer = await where.ask(caller, 'query ($id: ID!) { user(id: $id) { email } }', { id: data.me.partnerId });
  return answer.data.user?.email ?? 'NOT_FOUND';
}

describe('a consent', () => {
  test('that is given is told as it stands now, with its entry in the ledger', async () => {
    const id = await newcomer();
    const before = await entriesOf(id);
    const { user, consent, ledgerEntry } = await act('giveConsent', id);
    const at = clock.now().toISOString();
    expect(consent).toEqual({
      purpose: 'targetedOffers',
      action: 'GIVEN',
      at,
      policyVersion: '2014-09-12',
      expression: 'EXPRESS',
      inForce: true,
      ledgerEntry: { hash: ledgerEntry.hash },
    });
    expect(user).toEqual({ id, consents: [{ action: 'GIVEN', inForce: true }] });
    expect(ledgerEntry).toMatchObject({ number: before + 1, type: 'CONSENT', at });
  });

  test('and its withdrawal are both on record, newest first, chained to each other', async () => {
    const id = await newcomer();
    const given = await act('giveConsent', id);
    clock.advance(HOUR);
    const withdrawn = await act('withdrawConsent', id);
    expect(withdrawn.ledgerEntry.previousHash).toBe(given.ledgerEntry.hash);
    expect(await recordOf(id)).toMatchObject([
      { action: 'WITHDRAWN', inForce: false, ledgerEntry: { hash: withdrawn.ledgerEntry.hash } },
      { action: 'GIVEN', inForce: false, ledgerEntry: { hash: given.ledgerEntry.hash } },
    ]);
  });

  test.each(['giveConsent', 'withdrawConsent'] as const)('%s twice is once', async (name) => {
    const id = await newcomer();
    const first = await act(name, id);
    const before = await entriesOf(id);
    clock.advance(HOUR);
    expect(await act(name, id)).toEqual(first);
    expect(await entriesOf(id)).toBe(before);
  });

  test('that is given by many requests at once is given once', async () => {
    const id = await newcomer();
    const before = await entriesOf(id);
    const answers = await Promise.all(Array.from({ length: 6 }, () => act('giveConsent', id)));
    expect(new Set(answers.map(({ ledgerEntry }) => ledgerEntry.hash)).size).toBe(1);
    expect(await entriesOf(id)).toBe(before + 1);
  });

  test('that was never given can be withdrawn, which is on record', async () => {
    const id = await newcomer();
    const before = await entriesOf(id);
    const { consent, ledgerEntry } = await act('withdrawConsent', id);
    expect(consent).toMatchObject({ action: 'WITHDRAWN', inForce: false });
    expect(ledgerEntry.number).toBe(before + 1);
    expect(await recordOf(id)).toMatchObject([{ action: 'WITHDRAWN' }]);
  });

  test('governs the read that comes next, both ways', async () => {
    const id = await newcomer();
    expect(await told(id)).toBe('NOT_FOUND');
    await act('giveConsent', id);
    expect(await told(id)).toBe(`${id}@mail.example`);
    await act('withdrawConsent', id);
    expect(await told(id)).toBe('NOT_FOUND');
  });

  test('bundled into accepting is withdrawn like any other', async () => {
    const id = await newcomer({
      country: 'FR',
      consents: [{ purpose: 'targetedOffers', action: 'GIVEN', at: '2026-01-01T00:00:00Z' }],
    });
    expect(await told(id)).toBe(`${id}@mail.example`);
    const { consent } = await act('withdrawConsent', id, 'euTransfer');
    expect(consent).toMatchObject({ purpose: 'euTransfer', action: 'WITHDRAWN', expression: 'EXPRESS' });
    expect(await told(id)).toBe('NOT_FOUND');
    expect(await recordOf(id)).toMatchObject([
      { purpose: 'euTransfer', action: 'WITHDRAWN' },
      { purpose: 'euTransfer', action: 'GIVEN', expression: 'BUNDLED', inForce: false },
      { purpose: 'targetedOffers', action: 'GIVEN', inForce: true },
    ]);
  });
});

describe('acts within one millisecond', () => {
  test('a withdrawal wins over a consent of the same instant', async () => {
    const id = await newcomer();
    await act('giveConsent', id);
    await act('withdrawConsent', id);
    expect(await told(id)).toBe('NOT_FOUND');
  });

  test('a consent given after a withdrawal is later than it', async () => {
    const id = await newcomer();
    const withdrawn = await act('withdrawConsent', id);
    const given = await act('giveConsent', id);
    expect(Date.parse(given.consent.at)).toBe(Date.parse(withdrawn.consent.at) + 1);
    clock.advance(1);
    expect(await told(id)).toBe(`${id}@mail.example`);
  });

  test('and once acknowledged it is in force on the next read, by a clock that runs', async () => {
    const running = await createWorld({ partners: [OFFERS] }, { clock: systemClock });
    const id = await newcomer({}, running);
    const there = 'withdrawConsent(purpose: "targetedOffers") { consent { at } }';
    const back = 'giveConsent(purpose: "targetedOffers") { consent { at } }';
    for (let round = 0; round < 10; round++) {
      const { errors } = await running.ask(
        member(id),
        `mutation { a: ${back} b: ${there} c: ${back} d: ${there} e: ${back} }`,
      );
      expect(errors).toEqual([]);
      expect(await told(id, running)).toBe(`${id}@mail.example`);
    }
    await running.close();
  });
});

describe('consents are the person’s own', () => {
  const CALLERS: { name: string; caller: CallerClaims | null }[] = [
    { name: 'a visitor', caller: null },
    { name: 'a token of nobody on record', caller: member('not-registered') },
    { name: 'a partner', caller: partner('offers', 'targeted-offers', 'email') },
    { name: 'privacy staff', caller: staff('privacy', 'privacy-request') },
    { name: 'legal staff', caller: staff('legal', 'legal-process') },
  ];
  test.each(
    CALLERS.flatMap((one) => ['giveConsent', 'withdrawConsent'].map((mutation) => ({ ...one, mutation }))),
  )('$mutation is not for $name', async ({ caller, mutation }) => {
    const { data, errors } = await world.ask(caller, mutationOf(mutation), { purpose: 'targetedOffers' });
    expect(data).toBeNull();
    expect(errors).toMatchObject([{ path: [mutation], extensions: { code: 'FORBIDDEN', reason: 'NOT_PERMITTED' } }]);
  });

  test.each([
    { name: 'as a variable', query: mutationOf('giveConsent'), variables: { purpose: 'my-secret' } },
    {
      name: 'in the document',
      query: 'mutation { giveConsent(purpose: "my-secret") { consent { action } } }',
      variables: {},
    },
    { name: 'as a number', query: 'mutation { giveConsent(purpose: 424242) { consent { action } } }', variables: {} },
  ])('an unknown purpose $name is refused without an echo', async ({ query, variables }) => {
    const id = await newcomer();
    const { errors } = await world.ask(member(id), query, variables);
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_INPUT' } }]);
    expect(JSON.stringify(errors)).not.toMatch(/my-secret|424242/);
    expect(await recordOf(id)).toEqual([]);
  });
});
