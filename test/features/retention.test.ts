import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { CallerClaims } from '../../src/http/signing.ts';
import { verify } from '../../src/ledger/verify/verify.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { resetWorld } from '../../src/world/reset.ts';
import { createClock, DAY } from '../support/clock.ts';
import { documentsIn } from '../support/people.ts';
import { parsePolicy } from '../support/policy.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

const START = '2026-01-31T12:00:00.000Z';
const justBefore = (instant: string) => new Date(Date.parse(instant) - 1);

/** The retention times of the shop. */
const KEEPS = { DOOR_CODE: '1 month', ALLERGIES: '30 days', LOYALTY_CARD: '48 hours', TASTINGS: '1 year' };

/** The corner shop with these times, in place of its own. */
async function shopWith(keeps: Readonly<Record<string, string>>, version = 'with-times') {
  const draft = JSON.parse((await loadPolicy('policies/corner-shop')).canonical);
  const { keep: _, ...code } = draft.vocabulary.categories.find(({ id }: { id: string }) => id === 'DOOR_CODE');
  draft.version = version;
  draft.vocabulary.categories = draft.vocabulary.categories.map((category: { id: string }) => ({
    ...(category.id === 'DOOR_CODE' ? code : category),
    ...(keeps[category.id] !== undefined && { keep: keeps[category.id] }),
  }));
  draft.clauses = draft.clauses.filter(({ keeps: kept }: { keeps?: unknown }) => kept === undefined);
  return parsePolicy(JSON.stringify(draft), version);
}

const PROCESS = {
  ...{ id: 'p1', kind: 'COURT_ORDER', authority: 'A court', subject: 'ana' },
  ...{ from: '2026-01-01T00:00:00Z', until: '2026-06-01T00:00:00Z' },
};
const WORLD = {
  users: [
    {
      ...{ id: 'ana', nickname: 'Ana', fullName: 'Ana Lima', country: 'US', home: { city: 'Boston', country: 'US' } },
      doorCode: '4711',
      allergies: ['hazelnut'],
      loyaltyCard: { number: 'LC-20031', points: 12 },
      tastings: [
        { cheese: 'Gouda', at: '2025-03-01T17:00:00Z' },
        { cheese: 'Brie', at: '2025-06-01T17:00:00Z' },
        { cheese: 'Comté' },
      ],
    },
    { id: 'bo', nickname: 'Bo', fullName: 'Bo Ek' },
  ],
  partners: [
    {
      ...{ clientId: 'courier', name: 'Courier', kind: 'COURIER', jurisdiction: 'US' },
      contract: { purposes: ['delivery'] },
    },
  ],
};

const clock = createClock(START);
let world: TestWorld;
beforeAll(async () => {
  world = await createWorld({}, { clock, policy: await shopWith(KEEPS) });
});
beforeEach(async () => {
  clock.set(START);
  await resetWorld(world.store);
  await world.load(WORLD);
});
afterAll(() => world.close());

const ALL = 'doorCode allergies loyaltyCard { number } cardNumber tastings { cheese } tastingsSoFar';
const ask = async (caller: CallerClaims | null, query: string, variables = {}) => {
  const { data, errors } = await world.ask(caller, query, variables);
  expect(errors).toEqual([]);
  return data;
};
const ana = member('ana');
const owner = staff('owner', 'law');
const me = async (selection = ALL) => (await ask(ana, `{ me { ${selection} } }`)).me;
const doorCode = async () => (await me('doorCode')).doorCode;
const correct = (input: object) =>
  ask(ana, 'mutation ($input: CorrectionInput!) { correctPersonalData(input: $input) { corrections { category } } }', {
    input,
  });
const stored = async () => {
  const found = await documentsIn(world.store).findOne({ publicId: 'ana' });
  if (!found) throw new Error('Ana is not there.');
  return found;
};
const sweep = () => world.gateway.sweep();
const acts = async () => {
  const { data } = await world.ask(ana, 'mutation { requestExport }');
  return data.requestExport.ledger.filter(({ type }: { type: string }) => type === 'EXPIRY');
};

/** With a sweep before the look and without one: nobody can tell them apart. */
const SWEPT = [{ how: 'not swept' }, { how: 'swept' }] as const;
const sweptAs = (how: string) => (how === 'swept' ? sweep() : undefined);

describe.each(SWEPT)('$how', ({ how }) => {
  test.each<{ field: string; end: string; value: unknown; nothing?: unknown; also?: string }>([
    { field: 'doorCode', end: '2026-02-28T12:00:00.000Z', value: '4711' },
    { field: 'allergies', end: '2026-03-02T12:00:00.000Z', value: ['hazelnut'], nothing: [] },
    { field: 'loyaltyCard { number }', end: '2026-02-02T12:00:00.000Z', value: { number: 'LC-20031' } },
    { field: 'cardNumber', end: '2026-02-02T12:00:00.000Z', value: 'LC-20031' },
  ])('$field is held until $end, and not from then on', async ({ field, end, value, nothing = null }) => {
    const name = field.split(' ')[0] as string;
    clock.set(justBefore(end));
    await sweptAs(how);
    expect((await me(field))[name]).toEqual(value);
    clock.set(end);
    await sweptAs(how);
    expect((await me(field))[name]).toEqual(nothing);
  });

  test.each([
    { now: '2026-03-01T16:59:59.999Z', left: ['Gouda', 'Brie', 'Comté'] },
    { now: '2026-03-01T17:00:00.000Z', left: ['Brie', 'Comté'] },
    { now: '2026-06-01T17:00:00.000Z', left: ['Comté'] },
    { now: '2027-01-31T11:59:59.999Z', left: ['Comté'] },
    { now: '2027-01-31T12:00:00.000Z', left: [] },
  ])('at $now the list holds $left', async ({ now, left }) => {
    clock.set(now);
    await sweptAs(how);
    const { tastings, tastingsSoFar } = await me('tastings { cheese } tastingsSoFar');
    expect(tastings.map(({ cheese }: { cheese: string }) => cheese)).toEqual(left);
    expect(tastingsSoFar).toBe(left.length);
  });

  test('a partner is shown nothing of it either', async () => {
    const { partnerId } = (await ask(ana, '{ me { partnerId(clientId: "courier") } }')).me;
    const courier = partner('courier', 'delivery', 'door-code full-name');
    const seen = async () => (await ask(courier, `{ user(id: "${partnerId}") { doorCode fullName } }`)).user;
    expect(await seen()).toEqual({ doorCode: '4711', fullName: 'Ana Lima' });
    clock.set('2026-02-28T12:00:00.000Z');
    await sweptAs(how);
    expect(await seen()).toEqual({ doorCode: null, fullName: 'Ana Lima' });
  });

  test('a correction restarts the time, and a correction by the same value does not', async () => {
    clock.set('2026-02-10T12:00:00.000Z');
    await correct({ doorCode: '1234' });
    clock.set('2026-02-20T12:00:00.000Z');
    await correct({ doorCode: '1234' });
    clock.set(justBefore('2026-03-10T12:00:00.000Z'));
    await sweptAs(how);
    expect(await doorCode()).toBe('1234');
    clock.set('2026-03-10T12:00:00.000Z');
    await sweptAs(how);
    expect(await doorCode()).toBeNull();
  });

  test('a previous value goes once its own time is over', async () => {
    clock.set('2026-02-10T12:00:00.000Z');
    await correct({ doorCode: '1234' });
    const history = async () => (await me('corrections { category previousValue }')).corrections;
    clock.set(justBefore('2026-02-28T12:00:00.000Z'));
    await sweptAs(how);
    expect(await history()).toEqual([{ category: 'DOOR_CODE', previousValue: '"4711"' }]);
    clock.set('2026-02-28T12:00:00.000Z');
    await sweptAs(how);
    expect(await history()).toEqual([]);
    expect(await doorCode()).toBe('1234');
  });

  test('a previous list loses its items one by one', async () => {
    await correct({ tastings: [{ cheese: 'Feta', at: '2026-01-01T00:00:00Z' }] });
    const previous = async () => {
      const { corrections } = await me('corrections { previousValue }');
      return corrections.map(({ previousValue }: { previousValue: string }) =>
        JSON.parse(previousValue).map(({ cheese }: { cheese: string }) => cheese),
      );
    };
    expect(await previous()).toEqual([['Gouda', 'Brie', 'Comté']]);
    clock.set('2026-04-01T00:00:00.000Z');
    await sweptAs(how);
    expect(await previous()).toEqual([['Brie', 'Comté']]);
  });

  test('a value that is given again after its time has no previous value', async () => {
    clock.set('2026-02-28T12:00:00.000Z');
    await sweptAs(how);
    const { correctPersonalData } = await correct({ doorCode: '4711' });
    expect(correctPersonalData.corrections).toEqual([]);
    expect(await doorCode()).toBe('4711');
  });

  test('an export holds nothing that is over', async () => {
    clock.set('2026-02-10T12:00:00.000Z');
    await correct({ doorCode: '1234' });
    clock.set('2026-04-01T00:00:00.000Z');
    await sweptAs(how);
    const { requestExport } = await ask(ana, 'mutation { requestExport }');
    expect(JSON.stringify(requestExport)).not.toMatch(/4711|1234|hazelnut|LC-20031|Gouda/);
    expect(JSON.stringify(requestExport)).toMatch(/Brie/);
  });

  test('a legal process that names a category holds it for itself until the process ends', async () => {
    await world.load({ legalProcesses: [{ ...PROCESS, categories: ['DOOR_CODE'] }] });
    const toCourt = async () => (await ask(owner, '{ user(id: "ana") { doorCode } }')).user?.doorCode;
    clock.set('2026-05-01T00:00:00.000Z');
    await sweptAs(how);
    expect(await toCourt()).toBe('4711');
    expect(await doorCode()).toBeNull();
    clock.set(justBefore('2026-06-01T00:00:00.000Z'));
    await sweptAs(how);
    expect(await toCourt()).toBe('4711');
    clock.set('2026-06-01T00:00:00.000Z');
    expect(await toCourt()).toBeUndefined();
    await sweep();
    const { values, expiryTold } = await stored();
    expect([values.DOOR_CODE, expiryTold]).toEqual([undefined, undefined]);
  });

  test('a process of another kind holds nothing for a caller that court orders alone let read', async () => {
    await world.load({
      legalProcesses: [
        { ...PROCESS, id: 'p2', kind: 'SUBPOENA', categories: ['DOOR_CODE'] },
        { ...PROCESS, categories: ['DOOR_CODE'], from: '2026-04-01T00:00:00Z' },
      ],
    });
    clock.set('2026-05-01T00:00:00.000Z');
    await sweptAs(how);
    expect((await stored()).values.DOOR_CODE).toBeDefined();
    expect((await ask(owner, '{ user(id: "ana") { doorCode } }')).user).toEqual({ doorCode: null });
  });

  test('a legal process that begins after the end holds nothing', async () => {
    await world.load({
      legalProcesses: [{ ...PROCESS, categories: ['DOOR_CODE', 'HOME'], from: '2026-03-01T00:00:00Z' }],
    });
    clock.set('2026-02-28T12:00:00.000Z');
    await sweptAs(how);
    clock.set('2026-03-02T00:00:00.000Z');
    expect((await ask(owner, '{ user(id: "ana") { doorCode } }')).user).toEqual({ doorCode: null });
  });
});

describe('the sweep', () => {
  test('deletes expired values, tells the ledger their categories, and tells no value', async () => {
    clock.set('2026-02-10T12:00:00.000Z');
    await correct({ doorCode: '1234' });
    clock.set('2026-04-01T00:00:00.000Z');
    await sweep();
    const { values, written, corrections } = await stored();
    expect(Object.keys(values).sort()).toEqual(['ACCOUNT', 'NAME', 'POSTAL_ADDRESS', 'TASTINGS']);
    expect(written).toEqual({ TASTINGS: new Date(START) });
    expect(corrections).toEqual([]);
    expect(await acts()).toMatchObject([
      { type: 'EXPIRY', at: '2026-04-01T00:00:00.000Z', categories: expect.any(Array) },
    ]);
    expect((await acts())[0].categories.sort()).toEqual(['ALLERGIES', 'DOOR_CODE', 'LOYALTY_CARD', 'TASTINGS']);
    expect((await verify(world.store)).faults).toEqual([]);
  });

  test('tells the ledger of the end when the time is over, also of values that a process holds', async () => {
    await world.load({ legalProcesses: [{ ...PROCESS, categories: ['DOOR_CODE', 'TASTINGS'] }] });
    for (const now of ['2026-02-28T12:00:00.000Z', '2026-03-01T17:00:00.000Z', '2026-04-01T00:00:00.000Z']) {
      clock.set(now);
      await sweep();
    }
    expect(Object.keys((await stored()).values)).toContain('DOOR_CODE');
    clock.set('2026-06-01T18:00:00.000Z');
    await sweep();
    expect(Object.keys((await stored()).values)).not.toContain('DOOR_CODE');
    const told = (await acts()).map(({ at, categories }: { at: string; categories: string[] }) => [at, categories]);
    expect(told.reverse()).toEqual([
      ['2026-02-28T12:00:00.000Z', ['DOOR_CODE', 'LOYALTY_CARD']],
      ['2026-03-01T17:00:00.000Z', ['TASTINGS']],
      ['2026-04-01T00:00:00.000Z', ['ALLERGIES']],
      ['2026-06-01T18:00:00.000Z', ['TASTINGS']],
    ]);
  });

  test('a second one changes nothing', async () => {
    clock.set('2026-04-01T00:00:00.000Z');
    await sweep();
    const { revision } = await stored();
    await sweep();
    expect((await stored()).revision).toBe(revision);
  });

  test('looks again when the next value ends', async () => {
    await sweep();
    expect((await stored()).retentionDueAt).toEqual(new Date('2026-02-02T12:00:00.000Z'));
    clock.set('2026-02-02T12:00:00.000Z');
    await sweep();
    expect((await stored()).retentionDueAt).toEqual(new Date('2026-02-28T12:00:00.000Z'));
    clock.set('2027-01-31T12:00:00.000Z');
    await sweep();
    expect(await stored()).not.toHaveProperty('retentionDueAt');
  });

  test('that is cut off is made up for by the next', async () => {
    clock.set('2026-04-01T00:00:00.000Z');
    // a record that can't be opened is met before or after Ana's, and delays nobody else
    const people = documentsIn(world.store);
    await world.load({ users: [{ id: 'cut', nickname: 'Cut', fullName: 'Cut Off', tastings: [{ cheese: 'Edam' }] }] });
    await people.updateOne({ publicId: 'cut' }, { $set: { 'values.TASTINGS': 'spoilt' } as never });
    await expect(sweep()).rejects.toThrow();
    expect((await stored()).values).not.toHaveProperty('DOOR_CODE');
    await people.updateOne({ publicId: 'cut' }, { $unset: { 'values.TASTINGS': 1 } as never });
    await sweep();
    expect((await verify(world.store)).faults).toEqual([]);
  });

  test('a record that cannot be opened makes a later sweep look at nobody else again', async () => {
    await world.load({ users: [{ id: 'cut', nickname: 'Cut', fullName: 'Cut Off', tastings: [{ cheese: 'Edam' }] }] });
    await documentsIn(world.store).updateOne({ publicId: 'cut' }, {
      $set: { 'values.TASTINGS': 'spoilt' },
      $unset: { retentionDueAt: 1 },
    } as never);
    const later = await createWorld({}, { clock, store: world.store, policy: await shopWith(KEEPS) });
    await expect(later.gateway.sweep()).rejects.toThrow();
    await expect(later.gateway.sweep()).resolves.toBeUndefined();
    await later.close();
  });

  test('a value without a write on record counts from when the first sweep meets it', async () => {
    await documentsIn(world.store).updateOne(
      { publicId: 'ana' },
      { $unset: { written: 1, retentionDueAt: 1 } as never },
    );
    const later = await createWorld({}, { clock, store: world.store, policy: await shopWith(KEEPS) });
    clock.set('2026-05-31T12:00:00.000Z');
    expect(await doorCode()).toBe('4711');
    await later.gateway.sweep();
    expect((await stored()).written).toMatchObject({ DOOR_CODE: new Date('2026-05-31T12:00:00.000Z') });
    clock.set(justBefore('2026-06-30T12:00:00.000Z'));
    expect(await doorCode()).toBe('4711');
    clock.set('2026-06-30T12:00:00.000Z');
    expect(await doorCode()).toBeNull();
    await later.gateway.sweep();
    expect((await stored()).values).not.toHaveProperty('DOOR_CODE');
    await later.close();
  });
});

describe('the last write', () => {
  test('of a person who registers is the registration', async () => {
    const input = { nickname: 'Cleo', fullName: 'Cleo Ray', mail: 'cleo@example.com' };
    const policy = await shopWith({ FULL_NAME: '1 day' });
    const other = await createWorld({}, { clock, policy });
    const register = 'mutation ($input: RegisterInput!) { register(input: $input) { user { fullName } } }';
    const { errors } = await other.ask(member('cleo'), register, { input });
    expect(errors).toEqual([]);
    const name = async () => (await other.ask(member('cleo'), '{ me { fullName } }')).data.me.fullName;
    clock.set(new Date(Date.parse(START) + DAY - 1));
    expect(await name()).toBe('Cleo Ray');
    clock.set(new Date(Date.parse(START) + DAY));
    expect(await name()).toBeNull();
    await other.close();
  });

  test('is told by a world file; loading the file again restarts nothing', async () => {
    const told = { ...WORLD.users[0], written: { doorCode: '2026-01-10T00:00:00Z' } };
    await world.load({ users: [told] });
    clock.set(justBefore('2026-02-10T00:00:00.000Z'));
    await world.load({ users: [told] });
    await world.load({ users: [WORLD.users[0]] });
    expect(await doorCode()).toBe('4711');
    clock.set('2026-02-10T00:00:00.000Z');
    expect(await doorCode()).toBeNull();
  });

  test('goes with a value that the person deletes', async () => {
    await ask(ana, 'mutation { deletePersonalData(categories: [DOOR_CODE]) { deleted } }');
    expect((await stored()).written).not.toHaveProperty('DOOR_CODE');
  });

  test('is not kept of categories that have no time', async () => {
    expect(Object.keys((await stored()).written ?? {}).sort()).toEqual(Object.keys(KEEPS).sort());
    const bo = await documentsIn(world.store).findOne({ publicId: 'bo' });
    expect(bo).not.toHaveProperty('written');
    expect(bo).not.toHaveProperty('retentionDueAt');
  });
});

test('a person of a company that says no times has none of this on record, and the sweep asks for nothing', async () => {
  const reference = await createWorld({ users: [{ id: 'nia', avatarName: 'Nia', name: 'Nia Ko' }] }, { clock });
  const put = 'mutation { correctPersonalData(input: { name: "Nia Li" }) { corrections { category } } }';
  expect((await reference.ask(member('nia'), put)).errors).toEqual([]);
  const asked: string[] = [];
  const note = ({ command }: { readonly command: { readonly filter?: object } }) =>
    asked.push(...Object.keys(command.filter ?? {}));
  const client = reference.store.connection.getClient().on('commandStarted', note);
  await reference.gateway.sweep();
  client.off('commandStarted', note);
  expect(asked).toContain('deletionDueAt');
  expect(asked).not.toContain('retentionDueAt');
  expect(asked).not.toContain('$or');
  const person = await documentsIn(reference.store).findOne({ publicId: 'nia' });
  expect(Object.keys(person ?? {}).filter((key) => ['written', 'retentionDueAt', 'expiryTold'].includes(key))).toEqual(
    [],
  );
  expect(Object.keys(person?.corrections?.[0] ?? {}).sort()).toEqual(['at', 'category', 'id', 'previousValue']);
  await reference.close();
});

describe('of two versions the shorter time counts', () => {
  test.each([
    { accepted: '10 days', current: '20 days', end: '2026-02-10T12:00:00.000Z' },
    { accepted: '20 days', current: '10 days', end: '2026-02-10T12:00:00.000Z' },
    { accepted: '1 month', current: '30 days', end: '2026-02-28T12:00:00.000Z' },
    { accepted: undefined, current: '10 days', end: '2026-02-10T12:00:00.000Z' },
    { accepted: '10 days', current: undefined, end: '2026-02-10T12:00:00.000Z' },
  ])('accepted: $accepted, current: $current', async ({ accepted, current, end }) => {
    const timed = (keep: string | undefined, version: string) => shopWith(keep ? { DOOR_CODE: keep } : {}, version);
    const older = await createWorld({}, { clock, policy: await timed(accepted, 'older') });
    await older.load({ users: [WORLD.users[0]] });
    const later = await createWorld({}, { clock, store: older.store, policy: await timed(current, 'newer') });
    const code = async () => (await later.ask(ana, '{ me { doorCode } }')).data.me.doorCode;
    await later.gateway.sweep();
    clock.set(justBefore(end));
    expect(await code()).toBe('4711');
    clock.set(end);
    expect(await code()).toBeNull();
    await later.close();
    await older.close();
  });
});

test('a read shows the last write while its time lasts, with any sweeps between', async () => {
  const step = fc.record({
    days: fc.integer({ min: 0, max: 40 }),
    code: fc.option(fc.constantFrom('1', '2', '3'), { nil: null }),
    sweeps: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
      clock.set(START);
      await resetWorld(world.store);
      await world.load(WORLD);
      let now = Date.parse(START);
      let last = { code: '4711', at: now };
      const isLeft = () => {
        const end = new Date(last.at);
        const day = end.getUTCDate();
        end.setUTCDate(1);
        end.setUTCMonth(end.getUTCMonth() + 2, 0);
        end.setUTCDate(Math.min(day, end.getUTCDate()));
        return now < end.getTime();
      };
      for (const { days, code, sweeps } of steps) {
        now += days * DAY;
        clock.set(new Date(now));
        if (sweeps) await sweep();
        if (code !== null) {
          if (!(isLeft() && last.code === code)) last = { code, at: now };
          await correct({ doorCode: code });
        }
        expect(await doorCode()).toBe(isLeft() ? last.code : null);
      }
    }),
    { numRuns: 15 },
  );
});
