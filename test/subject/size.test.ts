import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PersonDocument } from '../../src/subject/model.ts';
import { LARGEST_PERSON, requireFit, sizeOfPerson } from '../../src/subject/size.ts';
import { LONGEST_ADDRESS } from '../../src/subject/web-address.ts';
import { createClock } from '../support/clock.ts';
import { createWorld, member, type TestWorld } from '../support/world.ts';

const AT = '2020-01-01T00:00:00Z';
/** The characters that take the most room in the database for each one that is counted. */
const WIDEST = '語';
/** The same for a text that may have any character: JSON writes this one with six. */
const ESCAPED = '\u0001';
const several = <T>(count: number, make: (n: number) => T) => Array.from({ length: count }, (_, n) => make(n));
const url = (n: number) => `https://example.com/${n}/`.padEnd(LONGEST_ADDRESS, 'a');
const line = WIDEST.repeat(200);

const clock = createClock('2026-03-10T12:00:00.000Z');
let world: TestWorld;
beforeAll(async () => {
  const partners = several(500, (n) => ({ clientId: `p${n}`, name: `P ${n}`, kind: 'CO_BRANDED', jurisdiction: 'US' }));
  const processor = { clientId: 'pay', name: 'Pay', kind: 'PAYMENT_PROCESSOR', jurisdiction: 'US' };
  world = await createWorld({ partners: [...partners, processor] }, { clock });
}, 60_000);
afterAll(() => world.close());

const send = (id: string, query: string, variables: Record<string, unknown> = {}) =>
  world.ask(member(id), query, variables);
const ask = async (id: string, query: string, variables: Record<string, unknown> = {}) => {
  const { data, errors } = await send(id, query, variables);
  expect(errors).toEqual([]);
  return data;
};
const documentOf = async (id: string) =>
  (await world.store.connection
    .getClient()
    .db(world.store.connection.name)
    .collection('people')
    .findOne({ publicId: id })) as never as PersonDocument;
const address = (n: number) => ({
  street: `${n} ${line}`.slice(0, 200),
  ...{ city: line, postalCode: line.slice(0, 32), country: 'US' },
});

/** Everything that a person can do to have less shown or held, and to have more shown. */
const CHOICES: readonly { readonly name: string; readonly query: string }[] = [
  { name: 'withdrawConsent', query: 'mutation { withdrawConsent(purpose: "targetedOffers") { consent { inForce } } }' },
  { name: 'giveConsent', query: 'mutation { giveConsent(purpose: "euTransfer") { consent { inForce } } }' },
  ...[false, true].map((on) => ({
    name: `updatePreferences to ${on}`,
    query: `mutation { updatePreferences(input: { imvuNewsletter: ${on}, adTargeting: ${on}, gpcOptOut: ${!on} }) { ledgerEntry { number } } }`,
  })),
  { name: 'unsubscribeFromThread', query: `mutation { unsubscribeFromThread(thread: "0 ${line.slice(2)}") { id } }` },
  { name: 'leaveRelationship', query: 'mutation { leaveRelationship(partner: "p1") { id } }' },
  { name: 'refusePolicy', query: 'mutation { refusePolicy { user { status } } }' },
  { name: 'acceptPolicy', query: 'mutation { acceptPolicy(version: "2014-09-12") { user { status } } }' },
  { name: 'openPrivacyCase', query: 'mutation { openPrivacyCase(message: "Help") { id } }' },
  {
    name: 'deletePersonalData',
    query: 'mutation { deletePersonalData(categories: [CELL_PHONE, CORRECTED_VALUE]) { deleted } }',
  },
  { name: 'removePhotos', query: 'mutation { removePhotos(ids: ["photo-0"]) { id } }' },
];

/** The choices that must stay open to a person before all others. */
const FIRST_OF_ALL = /^(?:withdrawConsent|updatePreferences|deletePersonalData|removePhotos)/;

const erase = async (id: string) => {
  const { requestErasure } = await ask(id, 'mutation { requestErasure { confirmation } }');
  await ask(id, 'mutation ($c: String!) { eraseAccount(confirmation: $c) { erasedAt } }', {
    c: requestErasure.confirmation,
  });
  expect(await documentOf(id)).toBeNull();
};

describe('rights.deletion: choices fit beside any record', () => {
  test('with every list and text at its most', async () => {
    await world.load({ users: [{ id: 'most', avatarName: 'Most', email: 'most@example.com', country: 'US' }] });
    for (let n = 0; n <= 100; n++) {
      await ask('most', 'mutation ($input: CorrectionInput!) { correctPersonalData(input: $input) { user { id } } }', {
        input: { postalAddress: address(n) },
      });
      if (n === 100) break;
      await ask('most', 'mutation ($input: OrderInput!) { placeOrder(input: $input) { user { id } } }', {
        input: {
          ...{ processor: 'pay', processorToken: line, brand: line.slice(0, 32), lastFour: '4242', expiry: '2099-12' },
          billingAddress: address(n),
        },
      });
    }
    await world.load({
      users: [
        {
          ...{ id: 'most', avatarName: 'Most', name: line, gender: line.slice(0, 32), cellPhone: line },
          ...{ birthDate: '1990-02-03', postalAddress: address(100), preferences: { creatorNotification: true } },
          photos: several(500, (n) => ({ id: `photo-${n}`, url: url(n), caption: ESCAPED.repeat(1_000) })),
          recentActivity: several(50, (n) => ({ id: `a${n}`, kind: 'WROTE', text: ESCAPED.repeat(10_000), at: AT })),
          subscriptions: several(200, (n) => ({ thread: `${n} ${line}`.slice(0, 200), verified: true })),
          relationships: several(500, (n) => ({ partner: `p${n}` })),
          socialLinks: several(500, (n) => ({ partner: `p${n}` })),
          adInteractions: several(500, (n) => ({ partner: `p${n}`, at: AT })),
          privacyCases: several(19, (n) => ({ id: `case-${n}` })),
          consents: [{ purpose: 'targetedOffers', action: 'GIVEN', at: AT }],
        },
      ],
    });
    const { facts, billings = [], corrections = [], ...document } = await documentOf('most');
    expect([billings.length, corrections.length]).toEqual([100, 100]);
    const size = sizeOfPerson({ facts, billings, corrections, ...document });
    console.log(`a person with everything at its most has ${size} bytes of ${LARGEST_PERSON}`);
    expect(size).toBeGreaterThan(LARGEST_PERSON / 2);
    expect(size).toBeLessThan(LARGEST_PERSON);
    for (const { query } of CHOICES) await ask('most', query);
    await erase('most');
  }, 240_000);

  test('and at the largest size, where nothing large can be added any more', async () => {
    const photos = several(400, (n) => ({ id: `photo-${n}`, url: url(n), caption: WIDEST.repeat(7_080) }));
    const consents = [{ purpose: 'targetedOffers', action: 'GIVEN', at: AT }];
    await world.load({
      users: [
        {
          ...{ id: 'large', avatarName: 'Large', country: 'US', cellPhone: line, photos, consents },
          relationships: [{ partner: 'p1' }],
        },
      ],
    });
    const POST = 'mutation ($text: String!) { postActivity(kind: "WROTE", text: $text) { id } }';
    const text = WIDEST.repeat(10_000);
    let refused: Awaited<ReturnType<typeof send>>['errors'] = [];
    for (let n = 0; n < 50 && refused.length === 0; n++) refused = (await send('large', POST, { text })).errors;
    expect(refused).toMatchObject([{ message: expect.stringContaining('12 MiB'), extensions: { code: 'CONFLICT' } }]);
    expect(sizeOfPerson(await documentOf('large'))).toBeGreaterThan(LARGEST_PERSON - 60_000);
    expect(sizeOfPerson(await documentOf('large'))).toBeLessThanOrEqual(LARGEST_PERSON);
    for (const { query } of CHOICES.filter(({ name }) => FIRST_OF_ALL.test(name))) await ask('large', query);
    // there is room again
    await ask('large', POST, { text });
    await erase('large');
  }, 240_000);

  test('a world file with more about one person is refused, and says so', async () => {
    const photos = several(400, (n) => ({ id: `photo-${n}`, caption: WIDEST.repeat(9_000) }));
    await expect(world.load({ users: [{ id: 'huge', avatarName: 'Huge', photos }] })).rejects.toThrow(
      'users: expected at most 12 MiB about each, unlike huge',
    );
    expect(await documentOf('huge')).toBeNull();
  }, 60_000);
});

describe('a full record takes', () => {
  const filled = { facts: {}, values: { PHOTOS: 'a'.repeat(LARGEST_PERSON) } } as never as PersonDocument;
  const at = clock.now().toISOString();
  const large = 'b'.repeat(2_000);
  test.each([
    {
      name: 'a small thing',
      change: {
        set: { 'facts.status': 'ACTIVE' },
        entries: [{ type: 'ACCEPTANCE', at, version: 'v', mode: 'EXPLICIT' }],
      },
      fits: true,
    },
    {
      name: 'a large thing',
      change: { set: { 'values.NAME': large }, entries: [{ type: 'CORRECTION', at, categories: ['NAME'] }] },
      fits: false,
    },
    {
      name: 'a large thing without an entry',
      change: { set: { 'facts.legalProcesses': large }, entries: [] },
      fits: false,
    },
    {
      name: 'a large thing in the place of a larger one',
      change: { set: { 'values.PHOTOS': large }, entries: [{ type: 'PHOTO_ADDED', at, count: 1 }] },
      fits: true,
    },
    {
      name: 'a narrowing change, even a large one',
      change: { set: { 'values.NAME': large }, entries: [{ type: 'DELETION', at, categories: ['NAME'] }] },
      fits: true,
    },
  ])('$name: $fits', ({ change, fits }) => {
    const attempt = () => requireFit(filled, change as never);
    if (fits) attempt();
    else expect(attempt).toThrow('No more than 12 MiB');
  });
});
