import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { NEVER, UNCOUNTED } from '../../src/policy/held-times.ts';
import { resetWorld } from '../../src/world/reset.ts';
import { createClock } from '../support/clock.ts';
import { documentsIn } from '../support/people.ts';
import { parsePolicy } from '../support/policy.ts';
import { shopText } from '../support/ties.ts';
import { createWorld, member, staff, type TestWorld } from '../support/world.ts';

/** A shop with an owner that sees the mail of people with a code, the home for allergies, and the name for tastings. */
const shop = (asking = true) =>
  parsePolicy(
    shopText((draft) => {
      draft.version = asking ? 'asking' : 'before';
      for (const category of draft.vocabulary.categories)
        if (category.id === 'TASTINGS') Object.assign(category, { keep: '1 year', own: ['add', 'remove'] });
      const reveal = (category: string, held: string) => ({
        ...{ to: 'STAFF_OWNER', purposes: ['law'], categories: [category], when: { held } },
      });
      const asked = [reveal('MAIL', 'DOOR_CODE'), reveal('HOME', 'ALLERGIES'), reveal('FULL_NAME', 'TASTINGS')];
      draft.clauses.push({
        ...{ id: 'held.owner', section: 'Held', summary: 'What is held.', kind: ['reveal'] },
        ...{ reading: 'LITERAL', legalBasis: 'CONTRACT', judgedUnder: 'CURRENT', reveals: asking ? asked : [] },
      });
    }),
    'shop',
  );

const START = '2026-01-31T12:00:00.000Z';
const clock = createClock(START);
const PERSON = { id: 'ana', nickname: 'Ana', fullName: 'Ana Lima', mail: 'ana@mail.example', home: { city: 'Boston' } };
let world: TestWorld;
beforeAll(async () => {
  world = await createWorld({}, { clock, policy: shop() });
});
beforeEach(async () => {
  clock.set(START);
  await resetWorld(world.store);
});
afterAll(() => world.close());

const ana = member('ana');
const owner = staff('owner', 'law');
const FIELDS = '{ mail home { city } fullName }';
/** The people in the owner's list; a read by id has to give the same. */
async function shown(): Promise<readonly string[]> {
  const listed = await world.ask(owner, `{ users { edges { node ${FIELDS} } } }`);
  const found = await world.ask(owner, `{ user(id: "ana") ${FIELDS} }`);
  const person = listed.data.users.edges[0]?.node ?? null;
  expect(found.data.user).toEqual(person);
  return person ? Object.keys(person).filter((field) => person[field] !== null) : [];
}
const correct = async (input: object) => {
  const mutation =
    'mutation ($input: CorrectionInput!) { correctPersonalData(input: $input) { corrections { category } } }';
  expect((await world.ask(ana, mutation, { input })).errors).toEqual([]);
};
const facts = async () => (await documentsIn(world.store).findOne({ publicId: 'ana' }))?.facts.held;

describe('the owner sees a person by the data held of them', () => {
  test('a world file states the held data', async () => {
    await world.load({ users: [{ ...PERSON, doorCode: '4711', tastings: [] }] });
    expect(await shown()).toEqual(['mail']);
    expect(await facts()).toEqual({ DOOR_CODE: new Date(START), ALLERGIES: NEVER, TASTINGS: NEVER });
    await world.load({ users: [{ ...PERSON, allergies: ['hazelnut'] }] });
    expect(await shown()).toEqual(['mail', 'home']);
  });

  test('a value that is given, emptied or deleted governs the next read', async () => {
    await world.load({ users: [PERSON] });
    expect(await shown()).toEqual([]);
    await correct({ doorCode: '4711', allergies: ['hazelnut'] });
    expect(await shown()).toEqual(['mail', 'home']);
    expect(await facts()).toMatchObject({ ALLERGIES: UNCOUNTED });
    await correct({ allergies: [] });
    expect(await shown()).toEqual(['mail']);
    const mutation = 'mutation { deletePersonalData(categories: [DOOR_CODE]) { deleted } }';
    expect((await world.ask(ana, mutation)).errors).toEqual([]);
    expect(await shown()).toEqual([]);
  });

  test.each([{ swept: false }, { swept: true }])('a value is held until its time is over (swept: $swept)', async ({
    swept,
  }) => {
    await world.load({ users: [{ ...PERSON, doorCode: '4711' }] });
    const at = async (now: string) => {
      clock.set(now);
      if (swept) await world.gateway.sweep();
      return shown();
    };
    expect(await at('2026-07-31T11:59:59.999Z')).toEqual(['mail']);
    expect(await at('2026-07-31T12:00:00.000Z')).toEqual([]);
  });

  test.each([{ swept: false }, { swept: true }])('a list is held until its last item is over (swept: $swept)', async ({
    swept,
  }) => {
    const tastings = [
      { cheese: 'Gouda', at: '2025-03-01T17:00:00Z' },
      { cheese: 'Brie', at: '2025-06-01T17:00:00Z' },
    ];
    await world.load({ users: [{ ...PERSON, tastings }] });
    const at = async (now: string) => {
      clock.set(now);
      if (swept) await world.gateway.sweep();
      return shown();
    };
    expect(await at('2026-03-01T17:00:00.000Z')).toEqual(['fullName']);
    expect(await at('2026-06-01T16:59:59.999Z')).toEqual(['fullName']);
    expect(await at('2026-06-01T17:00:00.000Z')).toEqual([]);
  });

  test('an item that the person adds or removes governs the next read', async () => {
    await world.load({ users: [PERSON] });
    const change = async (mutation: string) => {
      const { data, errors } = await world.ask(ana, `mutation { changed: ${mutation} { tastings { id at } } }`);
      expect(errors).toEqual([]);
      return data.changed.tastings;
    };
    const added = (at: string) => change(`addToTastings(item: { cheese: "Brie", at: "${at}" })`);
    const [old] = await added('2025-03-01T17:00:00Z');
    expect(await shown()).toEqual(['fullName']);
    const [, young] = await added('2025-06-01T17:00:00Z');
    expect(await facts()).toMatchObject({ TASTINGS: new Date('2025-06-01T17:00:00Z') });
    await change(`removeFromTastings(ids: ["${young.id}"])`);
    expect(await facts()).toMatchObject({ TASTINGS: new Date('2025-03-01T17:00:00Z') });
    await change(`removeFromTastings(ids: ["${old.id}"])`);
    expect(await shown()).toEqual([]);
  });

  test('a value that was given before anything asked for it is unknown until a sweep tells of it', async () => {
    await world.load({ users: [{ ...PERSON, doorCode: '4711', allergies: ['hazelnut'] }] });
    await documentsIn(world.store).updateOne(
      { publicId: 'ana' },
      { $unset: { 'facts.held': '', written: '' }, $set: { retentionDueAt: new Date(START) } },
    );
    expect(await shown()).toEqual([]);
    await world.gateway.sweep();
    // the write comes to be on record by a sweep of its own
    await world.gateway.sweep();
    expect(await shown()).toEqual(['mail', 'home']);
    expect(await facts()).toEqual({ DOOR_CODE: new Date(START), ALLERGIES: UNCOUNTED, TASTINGS: NEVER });
  });

  test('an export does not repeat the facts about values', async () => {
    await world.load({ users: [{ ...PERSON, doorCode: '4711' }] });
    const { data } = await world.ask(ana, 'mutation { requestExport }');
    expect(JSON.stringify(data.requestExport)).not.toContain('"held"');
  });
});

test('a world file lays a value that is kept for a time over a person on record', async () => {
  await world.load({ users: [PERSON] });
  expect(await facts()).toMatchObject({ DOOR_CODE: NEVER });
  await world.load({ users: [{ ...PERSON, doorCode: '4711' }] });
  expect(await facts()).toMatchObject({ DOOR_CODE: new Date(START) });
});

test('a gateway with versions that ask for nothing takes out the facts that its change makes stale', async () => {
  await world.load({ users: [{ ...PERSON, doorCode: '4711' }] });
  const behind = await createWorld({}, { clock, store: world.store, policy: shop(false) });
  const mutation = 'mutation { deletePersonalData(categories: [DOOR_CODE]) { deleted } }';
  expect((await behind.ask(ana, mutation)).errors).toEqual([]);
  expect(await shown()).toEqual([]);
  await world.gateway.sweep();
  expect(await facts()).toMatchObject({ DOOR_CODE: NEVER });
  await behind.close();
});

test('where no condition asks, held data is not among the facts', async () => {
  const other = await createWorld({ users: [{ ...PERSON, doorCode: '4711' }] }, { clock, policy: shop(false) });
  const document = await documentsIn(other.store).findOne({ publicId: 'ana' });
  await other.close();
  expect(document?.facts).not.toHaveProperty('held');
});
