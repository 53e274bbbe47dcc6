import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClock, DAY } from '../support/clock.ts';
import { documentsIn } from '../support/people.ts';
import { clauseOf, draftOfReference, parsePolicy } from '../support/policy.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

/** The reference policy with offers of adults alone, to certified partners that each person consented to. */
function loaded() {
  const draft = draftOfReference();
  draft.recipientAttributes = [{ id: 'certified', says: 'An auditor certified it.' }];
  draft.regions = [{ id: 'NORDIC', says: 'The Nordic countries.', countries: ['NO', 'SE'] }];
  const consent = { description: 'Offers of this partner.', dpv: 'dpv:Marketing', givenBy: 'EXPRESS' } as const;
  draft.consents = [...draft.consents, { id: 'offersOf', per: 'RECIPIENT', endsAfterDays: 90, ...consent }];
  for (const reveal of clauseOf(draft, 'sharing.opt-in-offers').reveals ?? [])
    reveal.when = {
      all: [
        { recipientConsent: 'offersOf' },
        { recipient: 'certified' },
        { age: { atLeast: 18 } },
        { not: { resides: 'NORDIC' } },
      ],
    };
  return parsePolicy(JSON.stringify({ ...draft, version: 'offers-of-each' }), 'p.json');
}

const NOW = '2026-03-10T12:00:00.000Z';
const partnerOf = (clientId: string, more: object = {}) => ({
  ...{ clientId, name: clientId, kind: 'OFFERS', jurisdiction: 'US' },
  contract: { purposes: ['targeted-offers'], attributes: { certified: true }, ...more },
});
const personOf = (id: string, more: object = {}) => ({
  ...{ id, avatarName: id, email: `${id}@mail.example`, country: 'US', birthDate: '1990-01-01' },
  ...more,
});
const given = (recipient: string, at: string = NOW) => ({ purpose: 'offersOf', action: 'GIVEN', recipient, at });

const clock = createClock(NOW);
let world: TestWorld;
beforeAll(async () => {
  world = await createWorld(
    {
      partners: [
        partnerOf('first'),
        partnerOf('second'),
        partnerOf('until', { attributes: { certified: '2026-03-11T00:00:00Z' } }),
        partnerOf('denied', { attributes: { certified: false } }),
        partnerOf('silent', { attributes: {} }),
      ],
      users: [
        personOf('grown', { consents: ['first', 'until', 'denied', 'silent'].map((name) => given(name)) }),
        personOf('young', { birthDate: '2008-03-11', consents: [given('first')] }),
        personOf('ageless', { birthDate: undefined, consents: [given('first')] }),
        personOf('norse', { country: 'NO', consents: [given('first')] }),
        personOf('past', { consents: [given('first', '2025-12-10T12:00:00.000Z')] }),
        personOf('undone', {
          consents: [given('first', '2026-03-01T00:00:00Z'), { ...given('first'), action: 'WITHDRAWN' }],
        }),
        personOf('mover'),
      ],
    },
    { clock, policy: loaded() },
  );
});
afterAll(() => world.close());

/** The addresses that a partner is told in its list of people. */
async function listed(clientId: string): Promise<string[]> {
  const { data, errors } = await world.ask(
    partner(clientId, 'targeted-offers', 'email'),
    '{ users(first: 50) { edges { node { email } } } }',
  );
  expect(errors).toEqual([]);
  return data.users.edges.map(({ node }: { node: { email: string } }) => node.email.split('@')[0]).sort();
}

describe('offers that each person consents to for each certified partner', () => {
  test.each([
    { by: 'first', to: ['grown'], it: 'a certified partner is shown adults who consented for it' },
    { by: 'second', to: [], it: 'a consent for one partner shows nothing to another' },
    { by: 'until', to: ['grown'], it: 'a certificate counts until its time' },
    { by: 'denied', to: [], it: 'a contract that denies the certificate shows nothing' },
    { by: 'silent', to: [], it: 'a contract that does not speak of it shows nothing' },
  ])('$it', async ({ by, to }) => expect(await listed(by)).toEqual(to));
});

const consentFields = 'purpose action inForce endsAt recipient { clientId }';
const act = (id: string, name: string, recipient: string | null) =>
  world.ask(
    member(id),
    `mutation ($recipient: ID) { ${name}(purpose: "offersOf", recipient: $recipient) { consent { ${consentFields} } } }`,
    { recipient },
  );

describe('a consent for one recipient', () => {
  test('shows the person to that partner alone, until it is withdrawn', async () => {
    const { data } = await act('mover', 'giveConsent', 'second');
    expect(data.giveConsent.consent).toEqual({
      ...{ purpose: 'offersOf', action: 'GIVEN', inForce: true, recipient: { clientId: 'second' } },
      endsAt: new Date(clock.now().getTime() + 90 * DAY).toISOString(),
    });
    expect(await listed('second')).toEqual(['mover']);
    expect(await listed('first')).toEqual(['grown']);
    const withdrawn = await act('mover', 'withdrawConsent', 'second');
    expect(withdrawn.data.withdrawConsent.consent).toMatchObject({ action: 'WITHDRAWN', inForce: false, endsAt: null });
    expect(await listed('second')).toEqual([]);
  });

  test('that is withdrawn twice leaves one entry in the ledger', async () => {
    const length = async () => (await documentsIn(world.store).findOne({ publicId: 'mover' }))?.ledger.head.n ?? 0;
    const before = await length();
    await act('mover', 'withdrawConsent', 'second');
    expect(await length()).toBe(before);
  });

  test('that was never given can be withdrawn, and that is on record', async () => {
    const { data } = await act('grown', 'withdrawConsent', 'second');
    expect(data.withdrawConsent.consent).toMatchObject({ action: 'WITHDRAWN', recipient: { clientId: 'second' } });
  });

  test.each([
    { recipient: null, it: 'names no partner' },
    { recipient: 'nobody', it: 'names a partner that is not on record' },
  ])('is refused where it $it', async ({ recipient }) => {
    const { errors } = await act('grown', 'giveConsent', recipient);
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument: 'recipient' });
  });

  test('that a world file withdraws ends, also where one was withdrawn before', async () => {
    await act('mover', 'giveConsent', 'second');
    await world.load({
      users: [
        {
          id: 'mover',
          avatarName: 'mover',
          consents: [{ purpose: 'offersOf', action: 'WITHDRAWN', recipient: 'second' }],
        },
      ],
    });
    expect((await documentsIn(world.store).findOne({ publicId: 'mover' }))?.facts.recipientConsents).toEqual([]);
  });

  test('is no consent that a preview can give', async () => {
    const { errors } = await world.ask(member('grown'), '{ previewPreferences(give: ["offersOf"]) { change } }');
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument: 'give.0' });
  });

  test('ends by itself, and given anew it holds again', async () => {
    clock.advance(90 * DAY - 1);
    expect(await listed('first')).toContain('grown');
    clock.advance(1);
    expect(await listed('first')).not.toContain('grown');
    const { data } = await world.ask(member('grown'), `{ me { consents { ${consentFields} } } }`);
    expect(data.me.consents.every(({ inForce }: { inForce: boolean }) => !inForce)).toBe(true);
    await act('grown', 'giveConsent', 'first');
    expect(await listed('first')).toContain('grown');
  });
});

describe('500 consents for single partners', () => {
  const many = (milliseconds: number) =>
    Array.from({ length: 500 }, (_, index) => ({
      ...{ purpose: 'offersOf', partner: `p${index}`, at: new Date(clock.now().getTime() - milliseconds) },
    }));
  const hold = (milliseconds: number) =>
    documentsIn(world.store).updateOne(
      { publicId: 'mover' },
      { $set: { 'facts.recipientConsents': many(milliseconds) } },
    );
  const held = async () => (await documentsIn(world.store).findOne({ publicId: 'mover' }))?.facts.recipientConsents;

  test('are the most that stand at a time', async () => {
    await hold(90 * DAY - 60_000);
    expect((await act('mover', 'giveConsent', 'first')).errors[0]?.extensions).toMatchObject({
      ...{ code: 'BAD_INPUT', argument: 'recipient' },
    });
    expect(await held()).toHaveLength(500);
  });

  test('that have ended do not count, and go once another is given', async () => {
    await hold(90 * DAY);
    expect((await act('mover', 'giveConsent', 'first')).errors).toEqual([]);
    expect(await held()).toMatchObject([{ partner: 'first' }]);
  });
});

describe('a date of birth', () => {
  const birth = async (id: string) => (await documentsIn(world.store).findOne({ publicId: id }))?.facts.bornOn;

  test('that is corrected counts at once', async () => {
    await act('young', 'giveConsent', 'first');
    expect(await listed('first')).toContain('young');
    await world.ask(
      member('young'),
      'mutation { correctPersonalData(input: { birthDate: "2009-01-01" }) { user { id } } }',
    );
    expect(await listed('first')).not.toContain('young');
    expect(await birth('young')).toEqual(new Date('2009-01-01T00:00:00Z'));
  });
});

describe('a contract as legal staff enter it', () => {
  const enter = (attributes: object[]) =>
    world.ask(
      staff('legal', 'legal-process'),
      `mutation ($attributes: [RecipientAttributeInput!]) {
        setContract(partner: "silent", contract: { purposes: ["targeted-offers"], attributes: $attributes }) { clientId }
      }`,
      { attributes },
    );

  test('enters each attribute of the partner', async () => {
    const { errors } = await enter([{ attribute: 'certified', holds: true }]);
    expect(errors).toEqual([]);
    await act('grown', 'giveConsent', 'silent');
    expect(await listed('silent')).toEqual(['grown']);
  });

  test.each([
    { attributes: [{ attribute: 'certified' }], argument: 'contract.attributes.0' },
    {
      attributes: [{ attribute: 'certified', holds: true, until: '2027-01-01T00:00:00Z' }],
      argument: 'contract.attributes.0',
    },
    {
      attributes: [
        { attribute: 'certified', holds: true },
        { attribute: 'certified', holds: false },
      ],
      argument: 'contract.attributes.1.attribute',
    },
  ])('is refused at $argument', async ({ attributes, argument }) => {
    const { errors } = await enter(attributes);
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument });
  });
});
