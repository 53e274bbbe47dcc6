import { createHook } from 'node:async_hooks';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { type DataCategory, scopeWord } from '../../src/policy/vocabulary.ts';
import { createCommandLog, nameOf } from '../support/commands.ts';
import { DATA_CATEGORIES } from '../support/words.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

/** The work for a response: the places of opened values, and the rules of fields that were asked. */
const done = vi.hoisted(() => ({ opened: [] as string[], ruled: [] as string[] }));

vi.mock('../../src/store/aead.ts', async (original) => {
  const actual = await original<typeof import('../../src/store/aead.ts')>();
  const openBytes: typeof actual.openBytes = (key, place, sealed) => {
    done.opened.push(place);
    return actual.openBytes(key, place, sealed);
  };
  return { ...actual, openBytes };
});

vi.mock('../../src/enforcement/field-rules.ts', async (original) => {
  const actual = await original<typeof import('../../src/enforcement/field-rules.ts')>();
  const createFieldGuards: typeof actual.createFieldGuards = (schema, rules) => {
    const noted = rules.map((rule): typeof rule => ({
      ...rule,
      verdict: (...asked) => {
        done.ruled.push(`${rule.type}.${rule.field}`);
        return rule.verdict(...asked);
      },
    }));
    return actual.createFieldGuards(schema, noted);
  };
  return { ...actual, createFieldGuards };
});

const PEOPLE = 20;
const PERSON_VALUES: Record<string, true> = {
  ...{ NAME: true, EMAIL: true, UNPROVEN_EMAIL: true, GENDER: true, BIRTH_DATE: true, POSTAL_ADDRESS: true },
  ...{ CELL_PHONE: true, BILLING_ADDRESS: true, PAYMENT_CARD: true, CARD_EXPIRY: true, PROCESSOR_TOKEN: true },
  ...{ PHOTOS: true, ACTIVITY: true, ACCOUNT: true },
};
const ADDRESS = { street: '1 Harbour Road', city: 'Springfield', postalCode: '12345', country: 'US' };
const PERSON = {
  name: 'Nia Ko',
  email: 'nia@mail.example',
  gender: 'female',
  birthDate: '1990-02-03',
  country: 'US',
  postalAddress: ADDRESS,
  cellPhone: '+1 555 0100',
  billingAddress: ADDRESS,
  paymentCard: { brand: 'VISA', lastFour: '4242', expiry: '2030-09', processorToken: 'tok' },
  photos: [{ id: 'f', url: 'https://img.example/1.png' }],
  recentActivity: [{ id: 'a', text: 'came by', at: '2020-01-01T00:00:00Z' }],
  privacyCases: [{ status: 'OPEN' }],
};
const FIELDS = `id avatarName name email gender birthDate age ageBand cellPhone postalAddress { city }
  billingAddress { city } paymentCard { brand } photos { id }`;
const page = (fields: string) => `{ users(first: ${PEOPLE}) { edges { node { ${fields} } } } }`;
const successor = (...categories: readonly DataCategory[]) =>
  partner('successor', 'succession', categories.map(scopeWord).join(' '));

let world: TestWorld;
beforeAll(async () => {
  world = await createWorld({
    users: Array.from({ length: PEOPLE }, (_, index) => ({
      id: `u${index}`,
      avatarName: `Avatar ${index}`,
      ...PERSON,
      email: `nia-${index}@mail.example`,
    })),
    partners: [
      {
        ...{ clientId: 'successor', name: 'Successor', kind: 'SUCCESSOR', jurisdiction: 'US' },
        contract: { purposes: ['succession'] },
      },
    ],
    successions: [{ partner: 'successor', announcedAt: '2020-01-01T00:00:00Z' }],
  });
});
afterAll(() => world.close());
beforeEach(() => {
  done.opened.length = 0;
  done.ruled.length = 0;
});

/** How often each value was opened, over all people. */
const openings = () => {
  const counts: Record<string, number> = {};
  for (const place of done.opened) {
    const value = place.startsWith('key of ') ? 'the key' : place.slice(place.indexOf('/') + 1);
    counts[value] = (counts[value] ?? 0) + 1;
  }
  return counts;
};
const each = (...values: readonly string[]) => Object.fromEntries(values.map((value) => [value, PEOPLE]));

describe('for a page of people the gateway opens', () => {
  test.each([
    {
      name: 'nothing at all for ids and avatar names',
      caller: successor(...DATA_CATEGORIES),
      fields: 'id avatarName',
      opened: {},
    },
    {
      name: 'each requested value once, and no other',
      caller: successor(...DATA_CATEGORIES),
      fields: 'name email',
      opened: each('the key', 'NAME', 'EMAIL'),
    },
    {
      name: 'one birth date for all fields derived from it',
      caller: successor(...DATA_CATEGORIES),
      fields: 'birthDate age ageBand',
      opened: each('the key', 'BIRTH_DATE'),
    },
    {
      name: 'no denied value',
      caller: successor('EMAIL', 'PHOTOS'),
      fields: FIELDS,
      opened: each('the key', 'EMAIL', 'PHOTOS'),
    },
    {
      name: 'not even a key for a caller without sight of sealed values',
      caller: successor('AVATAR_NAME'),
      fields: FIELDS,
      opened: {},
    },
  ])('$name', async ({ caller, fields, opened }) => {
    const { data } = await world.ask(caller, page(fields));
    expect(data.users.edges).toHaveLength(PEOPLE);
    expect(openings()).toEqual(opened);
  });
});

test('values that nobody asks for, or that no decision could reveal to the caller, are not even read from the database', async () => {
  const log = createCommandLog(world.store);
  const valuesLeft = async (caller: Parameters<TestWorld['ask']>[0], query: string) => {
    log.take();
    await world.ask(caller, query);
    const reads = log.take().filter((command) => nameOf(command) === 'find people');
    return reads.map(({ command }) =>
      Object.keys(command.projection ?? {}).map((path) => path.replace(/^(?:billings\.)?values\./, '')),
    );
  };
  const all = Object.keys(PERSON_VALUES).sort();
  const beyond = (...read: readonly string[]) => all.filter((value) => !read.includes(value));

  const [toSuccessor = []] = await valuesLeft(successor('EMAIL', 'AGE'), page('name email ageBand age'));
  expect(toSuccessor.sort()).toEqual(beyond('EMAIL', 'UNPROVEN_EMAIL', 'BIRTH_DATE'));
  const [toStaff = []] = await valuesLeft(staff('privacy', 'privacy-request'), page(FIELDS));
  expect(toStaff.sort()).toEqual(beyond('NAME', 'EMAIL', 'UNPROVEN_EMAIL'));
  const spread = `query Q { users { edges { node { aka: name ...F } } } }
    fragment F on User { ... on Node { ... on User { paymentCard { until: expiry } } } }`;
  const [named = []] = await valuesLeft(successor(...DATA_CATEGORIES), spread);
  expect(named.sort()).toEqual(beyond('NAME', 'PAYMENT_CARD', 'CARD_EXPIRY'));
  const [own = [], another = []] = await valuesLeft(
    member('u1'),
    '{ me { name } user(id: "u2") { photos { id } name } }',
  );
  expect(own).toEqual([]);
  expect(another.sort()).toEqual(beyond('PHOTOS'));
});

test('a person sees their whole record by their own name', async () => {
  const { data, errors } = await world.ask(member('u1'), '{ user(avatarName: "Avatar 1") { name email birthDate } }');
  expect(errors).toEqual([]);
  expect(data.user).toEqual({ name: 'Nia Ko', email: 'nia-1@mail.example', birthDate: '1990-02-03' });
});

describe('the rules before the fields', () => {
  test('are not asked about a field that the decision reveals', async () => {
    const { errors } = await world.ask(successor(...DATA_CATEGORIES), page(FIELDS));
    expect(errors).toEqual([]);
    expect(done.ruled).toEqual([]);
  });

  test('are asked once about each field that it denies', async () => {
    const { errors } = await world.ask(successor('EMAIL'), page('name email gender'));
    expect(errors).toHaveLength(2 * PEOPLE);
    expect(done.ruled.filter((name) => name === 'User.name')).toHaveLength(PEOPLE);
    expect(done.ruled.filter((name) => name === 'User.gender')).toHaveLength(PEOPLE);
    expect(done.ruled).toHaveLength(2 * PEOPLE);
  });
});

test('a field that is revealed costs no promise', async () => {
  let promises = 0;
  const hook = createHook({
    init: (_id, type) => {
      if (type === 'PROMISE') promises += 1;
    },
  });
  // the fewest of several, since a connection's own traffic makes some as well
  const fewest = async (fields: string) => {
    const counts: number[] = [];
    for (let time = 0; time < 6; time++) {
      promises = 0;
      hook.enable();
      await world.ask(successor(...DATA_CATEGORIES), page(fields));
      hook.disable();
      counts.push(promises);
    }
    return Math.min(...counts);
  };
  const few = await fewest('id name');
  const many = await fewest(FIELDS);
  expect(many - few).toBeLessThan(PEOPLE);
});
