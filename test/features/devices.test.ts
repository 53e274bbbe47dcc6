import { type GraphQLSchema, getNamedType, isObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEnforcedSchema } from '../../src/gateway/schema.ts';
import { createClock, DAY } from '../support/clock.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

let world: TestWorld;
const clock = createClock('2026-03-01T12:00:00.000Z');
beforeAll(async () => {
  world = await createWorld(
    {
      users: [{ id: 'u1', avatarName: 'Neko', name: 'Nia Ko' }],
      partners: [
        {
          clientId: 'ads',
          name: 'Ads',
          kind: 'ADVERTISER',
          jurisdiction: 'US',
          contract: { purposes: ['advertising'] },
        },
      ],
    },
    { clock },
  );
});
afterAll(() => world.close());

const CREATE =
  'mutation ($input: DeviceInput!) { createDevice(input: $input) { id sessionOnly interestTracking interests volume highScore } }';
const UPDATE =
  'mutation ($id: ID!, $input: DeviceInput!) { updateDevice(id: $id, input: $input) { interests interestTracking } }';
const READ = 'query ($id: ID!) { device(id: $id) { sessionOnly interests volume highScore } }';
const create = async (input: object = {}) => (await world.ask(null, CREATE, { input })).data.createDevice;

/** Every object type that a query can come to from one of them. */
const reachableFrom = (schema: GraphQLSchema, start: string) => {
  const found = new Set<string>();
  const visit = (name: string) => {
    const type = schema.getType(name);
    if (found.has(name) || !isObjectType(type)) return;
    found.add(name);
    for (const field of Object.values(type.getFields())) visit(getNamedType(field.type).name);
  };
  visit(start);
  return found;
};

describe('cookies.unlinked: there is no path between a device and a person', () => {
  test('not in the schema', () => {
    const schema = createEnforcedSchema(world.table);
    expect(reachableFrom(schema, 'DeviceProfile')).toEqual(new Set(['DeviceProfile']));
    expect(reachableFrom(schema, 'User')).not.toContain('DeviceProfile');
  });

  test('not in the database: a device’s record has these fields alone, and no index joins it to anything', async () => {
    await create({ volume: 40, interestTracking: true, interests: ['lamps'] });
    const devices = world.store.connection.getClient().db(world.store.connection.name).collection('devices');
    const [record] = await devices.find().toArray();
    expect(Object.keys(record ?? {}).sort()).toEqual(
      ['_id', 'expiresAt', 'highScore', 'interestTracking', 'interests', 'sessionOnly', 'volume'].sort(),
    );
    expect((await devices.indexes()).map(({ key }) => key)).toEqual([{ _id: 1 }, { expiresAt: 1 }]);
  });

  test('nor from anywhere else: nothing in the database holds the id of a device, and no index speaks of one', async () => {
    const { id } = await create({ volume: 40 });
    await world.ask(member('u1'), '{ me { id name } }');
    const database = world.store.connection.getClient().db(world.store.connection.name);
    const others = (await database.listCollections({}, { nameOnly: true }).toArray()).filter(
      ({ name }) => name !== 'devices',
    );
    expect(others.map(({ name }) => name)).toContain('people');
    for (const { name } of others) {
      const collection = database.collection(name);
      expect(JSON.stringify(await collection.find().toArray())).not.toContain(id);
      expect(JSON.stringify(await collection.indexes())).not.toMatch(/device/i);
    }
    const [sid, publicId] = Object.values((await database.collection('people').findOne({ publicId: 'u1' })) ?? {});
    const profiles = JSON.stringify(await database.collection('devices').find().toArray());
    for (const known of [sid, publicId, 'Nia Ko', 'Neko']) expect(profiles).not.toContain(String(known));
  });

  test.each([
    { name: 'a member', caller: member('u1') },
    { name: 'a member who has yet to register', caller: member('nobody') },
    { name: 'a partner', caller: partner('ads', 'advertising', 'gender') },
    { name: 'staff', caller: staff('support', 'customer-support') },
  ])('not even in a request: $name can not ask about a device with a token', async ({ caller }) => {
    const { id } = await create();
    for (const [query, variables] of [
      [READ, { id }],
      [CREATE, { input: {} }],
      [UPDATE, { id, input: {} }],
      ['mutation ($id: ID!) { eraseDevice(id: $id) }', { id }],
    ] as const)
      expect((await world.ask(caller, query, variables)).errors[0]?.extensions).toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('cookies.kinds: a session’s profile ends, a persistent one stays, interests are kept where allowed', () => {
  test('nothing is tracked and nothing stays until it is allowed', async () => {
    expect(await create({ interests: ['lamps'] })).toMatchObject({
      sessionOnly: true,
      interestTracking: false,
      interests: [],
    });
  });

  test('a session’s profile is gone the next day, a persistent one is not', async () => {
    const [session, persistent] = [await create({ volume: 10 }), await create({ volume: 20, sessionOnly: false })];
    clock.advance(DAY);
    expect((await world.ask(null, READ, { id: session.id })).data.device).toBeNull();
    expect((await world.ask(null, READ, { id: persistent.id })).data.device).toMatchObject({ volume: 20 });
  });

  test('either word sets it, and both together must agree', async () => {
    const kept = async (input: object) =>
      (
        await world.ask(null, 'mutation ($input: DeviceInput!) { createDevice(input: $input) { persistent } }', {
          input,
        })
      ).data?.createDevice.persistent;
    expect(await kept({ persistent: true })).toBe(true);
    expect(await kept({ persistent: false })).toBe(false);
    expect(await kept({ sessionOnly: false, persistent: true })).toBe(true);
    const { errors } = await world.ask(null, CREATE, { input: { sessionOnly: true, persistent: true } });
    expect(errors[0]?.extensions).toMatchObject({ code: 'BAD_INPUT', argument: 'input.persistent' });
  });

  test('an expired profile is deleted, and no other', async () => {
    const devices = world.store.connection.getClient().db(world.store.connection.name).collection('devices');
    const [session, persistent] = [await create({ volume: 10 }), await create({ volume: 20, sessionOnly: false })];
    clock.advance(DAY);
    await world.gateway.sweep();
    const left = (await devices.find().toArray()).map(({ _id }) => String(_id));
    expect(left).toContain(persistent.id);
    expect(left).not.toContain(session.id);
  });

  test('interests gather while tracking is on, and are gone when it is switched off', async () => {
    const { id } = await create({ interestTracking: true, interests: ['lamps'] });
    const update = async (input: object) => (await world.ask(null, UPDATE, { id, input })).data.updateDevice.interests;
    expect(await update({ interests: ['sofas'] })).toEqual(['lamps', 'sofas']);
    expect(await update({ interestTracking: false })).toEqual([]);
    expect(await update({ interestTracking: true })).toEqual([]);
  });
});

describe('lso.local-storage: any holder of the id reads and erases the profile', () => {
  test('settings are kept and read back', async () => {
    const { id } = await create({ volume: 40, highScore: 9000 });
    expect((await world.ask(null, READ, { id })).data.device).toEqual({
      sessionOnly: true,
      interests: [],
      volume: 40,
      highScore: 9000,
    });
  });

  test('an erased profile is gone, and erasing twice is no error', async () => {
    const { id } = await create();
    for (const _ of [1, 2])
      expect((await world.ask(null, 'mutation ($id: ID!) { eraseDevice(id: $id) }', { id })).data.eraseDevice).toBe(
        true,
      );
    expect((await world.ask(null, READ, { id })).data.device).toBeNull();
    expect((await world.ask(null, UPDATE, { id, input: {} })).data.updateDevice).toBeNull();
  });

  test('an unknown id finds nothing, and a faulty setting is refused by name', async () => {
    expect((await world.ask(null, READ, { id: 'x' })).data.device).toBeNull();
    expect((await world.ask(null, CREATE, { input: { volume: 101 } })).errors[0]?.extensions).toMatchObject({
      argument: 'input.volume',
    });
  });
});

describe('cookies.refusal: a person who refuses cookies still reads their own data', () => {
  test('a person without any device profile reads everything of their own', async () => {
    const { id } = await create();
    await world.ask(null, 'mutation ($id: ID!) { eraseDevice(id: $id) }', { id });
    expect((await world.ask(member('u1'), '{ me { name preferences { adTargeting } } }')).data.me).toEqual({
      name: 'Nia Ko',
      preferences: { adTargeting: true },
    });
  });
});
