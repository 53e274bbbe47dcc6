import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClock } from '../../support/clock.ts';
import {
  anyReader,
  crowds,
  type Entered,
  enter,
  olderPolicy,
  READERS,
  type Reader,
  readBy,
  STAGE,
  START,
} from '../../support/random-world.ts';
import { PREFERENCES } from '../../support/words.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../../support/world.ts';

let world: TestWorld;
const clock = createClock(START);
beforeAll(async () => {
  world = await createWorld(STAGE, { clock, olderPolicies: [olderPolicy] });
});
afterAll(() => world.close());

const CONSENTS = ['targetedOffers', 'euTransfer'] as const;

interface Change {
  readonly input: Readonly<Record<string, boolean>>;
  readonly give: readonly string[];
  readonly withdraw: readonly string[];
}

/** Some switches, and for some consents an act. */
const changes: fc.Arbitrary<Change> = fc
  .record({
    input: fc.dictionary(fc.constantFrom(...PREFERENCES, 'gpcOptOut'), fc.boolean(), { maxKeys: 5 }),
    give: fc.subarray([...CONSENTS]),
    withdraw: fc.subarray([...CONSENTS]),
  })
  .map(({ give, withdraw, ...rest }) => ({ ...rest, give, withdraw: withdraw.filter((one) => !give.includes(one)) }));

const PREVIEW = `query ($input: PreferencesInput, $give: [ConsentPurpose!], $withdraw: [ConsentPurpose!]) {
  previewPreferences(input: $input, give: $give, withdraw: $withdraw) {
    recipient purpose category change clauses { key } partner { clientId }
  }
}`;

interface Effect {
  readonly recipient: string;
  readonly purpose: string | null;
  readonly category: string;
  readonly change: 'REVEALED' | 'HIDDEN';
  readonly clauses: readonly { readonly id: string }[];
  readonly partner: { readonly clientId: string } | null;
}

async function preview(id: string, change: Change): Promise<Effect[]> {
  const { data, errors } = await world.ask(member(id), PREVIEW, { ...change });
  expect(errors).toEqual([]);
  return data.previewPreferences;
}

const lineOf = ({
  recipient,
  purpose,
  category,
  change,
}: Pick<Effect, 'recipient' | 'purpose' | 'category' | 'change'>) => [recipient, purpose, category, change].join(' ');

/** Carries the change out. */
async function apply(id: string, { input, give, withdraw }: Change): Promise<void> {
  const act = async (mutation: string, variables: Record<string, unknown>) =>
    expect((await world.ask(member(id), mutation, variables)).errors).toEqual([]);
  await act('mutation ($input: PreferencesInput!) { updatePreferences(input: $input) { user { id } } }', { input });
  for (const purpose of give)
    await act('mutation ($purpose: ConsentPurpose!) { giveConsent(purpose: $purpose) { user { id } } }', { purpose });
  for (const purpose of withdraw)
    await act('mutation ($purpose: ConsentPurpose!) { withdrawConsent(purpose: $purpose) { user { id } } }', {
      purpose,
    });
}

/** For each person, the categories that each reader is shown, a line each. */
async function shownTo(readers: readonly Reader[], people: readonly Entered[]): Promise<Set<string>[]> {
  const lines = people.map(() => new Set<string>());
  for (const reader of readers) {
    const told = await readBy(world, reader, people);
    for (const [index, of] of told.entries())
      for (const [category, one] of of ?? [])
        if (one === 'SHOWN') lines[index]?.add([reader.recipient, reader.purpose, category].join(' '));
  }
  return lines;
}

const differences = (before: ReadonlySet<string>, after: ReadonlySet<string>) => [
  ...[...after].filter((line) => !before.has(line)).map((line) => `${line} REVEALED`),
  ...[...before].filter((line) => !after.has(line)).map((line) => `${line} HIDDEN`),
];

test('for random people and changes, a preview is the effect of the change on every read', async () => {
  const count = { people: 0, effects: 0 };
  await fc.assert(
    fc.asyncProperty(
      crowds(6),
      fc.array(changes, { minLength: 6, maxLength: 6 }),
      fc.array(anyReader, { minLength: 3, maxLength: 3 }),
      async (crowd, planned, strays) => {
        const people = await enter(world, crowd);
        const readers = [...READERS, ...strays];
        clock.advance(1_000);
        const before = await shownTo(readers, people);
        const previews = await Promise.all(people.map(({ id }, index) => preview(id, planned[index] as Change)));
        await Promise.all(people.map(({ id }, index) => apply(id, planned[index] as Change)));
        clock.advance(1_000);
        const after = await shownTo(readers, people);
        for (const [index, effects] of previews.entries()) {
          const was = before[index] ?? new Set();
          expect(effects.map(lineOf).sort()).toEqual(differences(was, after[index] ?? new Set()).sort());
          for (const { clauses, recipient, partner: of } of effects) {
            expect(clauses).not.toEqual([]);
            expect(of?.clientId ?? recipient).toBe(recipient);
          }
          count.effects += effects.length;
        }
        count.people += people.length;
      },
    ),
    { numRuns: 3, endOnFailure: true },
  );
  expect(count.people).toBe(18);
  expect(count.effects).toBeGreaterThan(10);
}, 120_000);

describe('a preview', () => {
  test('changes nothing', async () => {
    await world.load({ users: [{ id: 'curious', avatarName: 'Cu', country: 'US' }] });
    const record = () =>
      world
        .ask(member('curious'), '{ me { preferences { imvuNewsletter } consents { action } } }')
        .then(({ data }) => data);
    const before = await record();
    await preview('curious', { input: { imvuNewsletter: false }, give: ['targetedOffers'], withdraw: [] });
    expect(await record()).toEqual(before);
  });

  test.each([
    { name: 'a visitor', claims: null },
    { name: 'a partner', claims: partner('offers-us', 'targeted-offers', 'email') },
    { name: 'privacy staff', claims: staff('privacy', 'privacy-request') },
  ])('is not for $name', async ({ claims }) => {
    const { data, errors } = await world.ask(claims, PREVIEW, { input: { imvuNewsletter: false } });
    expect(data).toBeNull();
    expect(errors).toMatchObject([{ path: ['previewPreferences'], extensions: { code: 'FORBIDDEN' } }]);
  });
});
