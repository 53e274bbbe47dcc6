import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createBlindIndex } from '../../src/store/derive.ts';
import { createPeople } from '../../src/subject/people.ts';
import { createPublicIds } from '../../src/subject/public-ids.ts';
import { noteCommands } from '../support/commands.ts';
import { openTestStore, type TestStore } from '../support/store.ts';
import { KEYS } from '../support/world.ts';

let store: TestStore;
beforeAll(async () => {
  store = await openTestStore();
});
afterAll(() => store.drop());
beforeEach(async () => {
  for (const name of ['public_ids', 'people']) await collection(name).deleteMany({});
});

const collection = (name: string) =>
  store.connection.getClient().db(store.connection.name).collection<{ _id: string; publicId?: string }>(name);
/** Public ids as another gateway process would have them. */
const open = () => createPublicIds(store, createBlindIndex(KEYS.sharedSecret));
const commandsOf = async (work: () => Promise<unknown>) => {
  const { stop } = noteCommands(store);
  await work();
  return stop();
};

describe('an internal id', () => {
  test('is given once, even if many gateways give it at the same time', async () => {
    const given = await Promise.all(Array.from({ length: 20 }, () => open().give(['neko', 'pip'])));
    expect(new Set(given.map((sids) => sids.get('neko'))).size).toBe(1);
    expect(new Set(given.map((sids) => sids.get('pip'))).size).toBe(1);
    expect(await collection('public_ids').countDocuments()).toBe(2);
  });

  test('stays the same when others are given one', async () => {
    const { give } = open();
    const [first] = [...(await give(['neko'])).values()];
    const sids = await give(['pip', 'neko', 'rex']);
    expect(sids.get('neko')).toBe(first);
    expect([...sids.keys()].sort()).toEqual(['neko', 'pip', 'rex']);
  });

  test('is forgotten with the person that had it, and of nobody else', async () => {
    const ids = open();
    const sid = (await ids.give(['neko'])).get('neko') as string;
    await ids.forget('neko', 'another');
    expect((await ids.find(['neko'])).get('neko')).toBe(sid);
    await ids.forget('neko', sid);
    expect(await ids.find(['neko'])).toEqual(new Map());
  });
});

describe('people', () => {
  const enter = async (ids: readonly string[]) => {
    const sids = await open().give(ids);
    await collection('people').insertMany(ids.map((publicId) => ({ _id: sids.get(publicId) as string, publicId })));
  };
  const idsOf = async (found: Promise<readonly { readonly publicId: string }[]>) =>
    (await found).map(({ publicId }) => publicId).sort();

  test('that a gateway has met take one command, which looks for nobody else', async () => {
    await enter(['neko', 'pip']);
    const people = createPeople(store, open());
    expect(await idsOf(people.findHolders(['neko', 'pip', 'nobody']))).toEqual(['neko', 'pip']);
    expect(await commandsOf(() => people.findHolders(['neko', 'pip']))).toEqual(['find people']);
  });

  test('erased through another gateway are gone, and the others are found beside them', async () => {
    await enter(['neko', 'pip']);
    const [here, there] = [createPeople(store, open()), open()];
    await here.findHolders(['neko', 'pip']);
    const [neko] = await here.findByPublicIds(['neko']);
    await there.forget('neko', neko?._id as string);
    await collection('people').deleteOne({ _id: neko?._id as string });
    expect(await idsOf(here.findHolders(['neko', 'pip']))).toEqual(['pip']);
    // the id of the erased person is forgotten
    expect(await commandsOf(() => here.findHolders(['neko']))).toEqual(['find public_ids']);
  });

  test('of any other caller take the same commands, for known and unknown ids, the first time and later', async () => {
    await enter(['neko']);
    const people = createPeople(store, open());
    for (const id of ['neko', 'nobody', 'neko', 'nobody'])
      expect(await commandsOf(() => people.findByPublicIds([id]))).toEqual(['find public_ids', 'find people']);
  });
});
