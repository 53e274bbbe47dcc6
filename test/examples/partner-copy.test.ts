import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCopy } from '../../examples/partner/copy.js';
import { createClient } from '../../src/client/index.ts';
import { resetWorld } from '../../src/world/reset.ts';
import { createRandom, type Random } from '../leaks/random.ts';
import { createClock, HOUR } from '../support/clock.ts';
import { createWorld, member, partner, type TestWorld } from '../support/world.ts';

const START = '2026-03-10T12:00:00.000Z';
const LONG_AGO = '2020-01-01T00:00:00Z';
const PEOPLE = Array.from({ length: 300 }, (_, index) => `u${index + 1}`);
const STEPS = 250;
const PARTNERS = [
  { of: partner('offerly', 'targeted-offers', 'name email postal-address gender birth-date') },
  { of: partner('adcorp', 'advertising', 'gender age-band'), person: 'id gender ageBand' },
];

const consent = (purpose: string, random: Random) => ({
  ...{ purpose, action: random.chance(0.8) ? 'GIVEN' : 'WITHDRAWN', at: LONG_AGO },
});
const worldOf = (random: Random) => ({
  users: PEOPLE.map((id) => ({
    ...{ id, avatarName: `Neko ${id}`, name: `Nia ${id}`, email: `${id}@mail.example`, emailProven: true },
    ...{ country: random.pick(['US', 'US', 'FR']), postalAddress: { city: 'Norrowick' } },
    ...(random.chance(0.8) && { gender: 'female' }),
    ...(random.chance(0.8) && { birthDate: '1990-02-03' }),
    ...{ consents: [consent('targetedOffers', random), consent('euTransfer', random)] },
    ...{ preferences: { adTargeting: random.chance(0.8) } },
    ...{ adInteractions: [{ partner: 'adcorp', at: LONG_AGO }] },
  })),
  partners: [
    {
      ...{ clientId: 'offerly', name: 'Offerly', kind: 'OFFERS', jurisdiction: 'US' },
      contract: { purposes: ['targeted-offers'] },
    },
    {
      ...{ clientId: 'adcorp', name: 'Adcorp', kind: 'ADVERTISER', jurisdiction: 'US' },
      contract: { purposes: ['advertising'] },
    },
  ],
});

const clock = createClock(START);
let world: TestWorld;
beforeAll(async () => {
  world = await createWorld({}, { clock });
});
afterAll(() => world.close());

const copyOf = ({ of, person }: (typeof PARTNERS)[number]) => {
  const client = createClient({
    url: 'http://gateway.test/graphql',
    token: () => world.token(of),
    fetch: async (url: string, init: RequestInit) => world.gateway.fetch(new Request(url, init)),
  });
  return createCopy({ client, ...(person !== undefined && { person }) });
};
type Copy = ReturnType<typeof copyOf>;
type Person = Readonly<Record<string, unknown>>;

const CORRECTIONS: readonly ((random: Random) => string)[] = [
  (random) => `gender: "${random.pick(['female', 'male', 'other'])}"`,
  (random) => `name: "Nia ${random.below(1_000)}"`,
  (random) => `birthDate: "${random.pick(['1991-02-03', '1960-02-03', '2003-02-03'])}"`,
  (random) => `postalAddress: { city: "Town ${random.below(1_000)}" }`,
  (random) => `email: "nia${random.below(1_000_000)}@mail.example"`,
  (random) => `country: "${random.pick(['US', 'FR'])}"`,
  // a child’s, which seals the account until another takes its place
  () => 'birthDate: "2024-02-03", confirmBirthDate: true',
];

/** What people do, each in the words of a mutation. */
const ACTS: readonly ((random: Random) => string)[] = [
  (random) => `giveConsent(purpose: "${random.pick(['targetedOffers', 'euTransfer'])}")`,
  (random) => `withdrawConsent(purpose: "${random.pick(['targetedOffers', 'euTransfer'])}")`,
  (random) => `updatePreferences(input: { adTargeting: ${random.chance(0.5)} })`,
  (random) => `deletePersonalData(categories: [${random.pick(['NAME', 'GENDER', 'BIRTH_DATE', 'POSTAL_ADDRESS'])}])`,
  ...CORRECTIONS.map((correction) => (random: Random) => `correctPersonalData(input: { ${correction(random)} })`),
];

/** An act that the state of the person does not allow is refused, which is no matter here. */
const act = (id: string, random: Random) =>
  world.ask(member(id), `mutation { ${random.pick(ACTS)(random)} { __typename } }`);

const optOut = (id: string) => world.ask(member(id), '{ me { id } }', {}, { 'sec-gpc': '1' });

async function erase(id: string) {
  const { data } = await world.ask(member(id), 'mutation { requestErasure { confirmation } }');
  const confirmation = data?.requestErasure?.confirmation;
  if (confirmation !== undefined)
    await world.ask(member(id), `mutation { eraseAccount(confirmation: "${confirmation}") { erasedAt } }`);
}

/** Values of the copy that are not shown any more, or not so. */
const staleIn = (copy: Copy, shown: ReadonlyMap<string, Person>) =>
  [...copy.people].flatMap(([id, kept]) =>
    Object.entries(kept as Person).flatMap(([field, value]) => {
      const now = shown.get(id)?.[field] ?? null;
      return value === null || JSON.stringify(value) === JSON.stringify(now) ? [] : [{ id, field, value, now }];
    }),
  );

/** Everybody, as a partner reads them that has no copy yet. */
async function readAll(of: (typeof PARTNERS)[number]): Promise<Map<string, Person>> {
  const fresh = copyOf(of);
  await fresh.list();
  return fresh.people as Map<string, Person>;
}

describe('a copy, polled at random instants of a random hour', () => {
  test.each([1, 2])('has no value that is not shown any more, and after a listing all that is: %i', async (seed) => {
    const random = createRandom(seed);
    clock.set(START);
    await resetWorld(world.store);
    await world.load(worldOf(random));
    const copies = PARTNERS.map((of) => ({ of, copy: copyOf(of) }));
    for (const { copy } of copies) await copy.list();
    let events = 0;
    for (let step = 0; step < STEPS; step++) {
      clock.advance(random.below((2 * HOUR) / STEPS));
      const id = random.pick(PEOPLE);
      const { copy } = random.pick(copies);
      const chance = random.below(100);
      if (chance < 6) events += await copy.poll();
      else if (chance < 8) await copy.list();
      else if (chance < 12) await erase(id);
      else if (chance < 16) await optOut(id);
      else await act(id, random);
    }
    await world.gateway.sweep();
    for (const { of, copy } of copies) {
      events += await copy.poll();
      const shown = await readAll(of);
      expect(copy.people.size).toBeGreaterThan(50);
      expect(staleIn(copy, shown)).toEqual([]);
      await copy.list();
      expect(copy.people).toEqual(shown);
    }
    expect(events).toBeGreaterThan(50);
  }, 300_000);
});
