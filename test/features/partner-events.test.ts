import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { StoredNotice } from '../../src/features/erasure/stored-notice.ts';
import type { CallerClaims } from '../../src/http/signing.ts';
import type { Access } from '../../src/store/mongo/collections.ts';
import { createEventPositions } from '../../src/store/mongo/repositories/event-positions.ts';
import { resetWorld } from '../../src/world/reset.ts';
import { createClock } from '../support/clock.ts';
import { createCommandLog } from '../support/commands.ts';
import { partnerIdsOf } from '../support/notices.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

const PEOPLE = ['u1', 'u2', 'u3'];
const PARTNERS = ['offers', 'rival'] as const;
const SCOPE = 'name gender birth-date';
const offers = partner('offers', 'targeted-offers', SCOPE);
const callers = { offers, rival: partner('rival', 'targeted-offers', SCOPE) };
const GIVEN = { purpose: 'targetedOffers', action: 'GIVEN', at: '2020-01-01T00:00:00Z' };
const WORLD = {
  users: PEOPLE.map((id) => ({
    ...{ id, avatarName: `Neko ${id}`, name: 'Nia Kokkonen', email: `${id}@mail.example`, country: 'US' },
    ...{ gender: 'female', birthDate: '1990-02-03', consents: [GIVEN] },
  })),
  partners: PARTNERS.map((clientId) => ({
    ...{ clientId, name: clientId, kind: 'OFFERS', jurisdiction: 'US' },
    contract: { purposes: ['targeted-offers'] },
  })),
};
const START = '2026-03-10T12:00:00.000Z';

const clock = createClock(START);
let world: TestWorld;
let log: ReturnType<typeof createCommandLog>;
/** Another gateway over the same database. */
let other: TestWorld;
/** The ids by which `offers` knows the people. */
let ids: readonly string[];

const begin = async () => {
  // a follow-up of the test before would place its notices in the new world
  await log.untilQuiet(100);
  clock.set(START);
  await resetWorld(world.store);
  await world.load(WORLD);
  ids = (await Promise.all(PEOPLE.map((id) => partnerIdsOf(world, member(id), ['offers'])))).flat();
};
beforeAll(async () => {
  world = await createWorld({}, { clock });
  log = createCommandLog(world.store);
  other = await createWorld({}, { clock, store: { ...world.store, drop: async () => {} } });
});
beforeEach(begin);
afterAll(async () => {
  await other.close();
  await world.close();
});

interface Event {
  readonly id: string;
  readonly personId: string;
  readonly kind: string;
  readonly categories: readonly string[];
  readonly at: string;
}
interface Page {
  readonly events: readonly Event[];
  readonly after: string | null;
  readonly hasNextPage: boolean;
}

const FIELDS = 'id kind asked personId categories purpose everything at';
const EVENTS = `query ($after: String, $first: Int) {
  partnerEvents(after: $after, first: $first) {
    edges { cursor node { ${FIELDS} } } pageInfo { hasNextPage startCursor endCursor }
  }
}`;
const read = async (after: string | null = null, first = 100, caller = offers, through = world): Promise<Page> => {
  const { data, errors } = await through.ask(caller, EVENTS, { after, first });
  expect(errors).toEqual([]);
  const { edges, pageInfo } = data.partnerEvents;
  expect(pageInfo.startCursor).toBe(edges.at(0)?.cursor ?? null);
  expect(pageInfo.endCursor).toBe(edges.at(-1)?.cursor ?? null);
  const events = edges.map(({ node }: { readonly node: Event }) => node);
  return { events, after: pageInfo.endCursor ?? after, hasNextPage: pageInfo.hasNextPage };
};
const ACKNOWLEDGE = 'mutation ($through: String!) { acknowledgePartnerEvents(through: $through) }';
const acknowledge = async (through: string | null, caller = offers, by = world) => {
  const { data, errors } = await by.ask(caller, ACKNOWLEDGE, { through });
  expect(errors).toEqual([]);
  expect(data).toEqual({ acknowledgePartnerEvents: true });
};
const show = async (caller: CallerClaims = offers, through = world) => {
  expect((await through.ask(caller, '{ users { edges { node { gender birthDate name } } } }')).errors).toEqual([]);
};
const act = async (id: string, mutation: string, through = world) => {
  clock.advance(1);
  expect((await through.ask(member(id), `mutation { ${mutation} { __typename } }`)).errors).toEqual([]);
};
const ACTS = {
  remove: 'deletePersonalData(categories: [GENDER])',
  give: 'correctPersonalData(input: { gender: "other" })',
  correct: 'correctPersonalData(input: { birthDate: "1991-02-03" })',
  withdraw: 'withdrawConsent(purpose: "targetedOffers")',
  consent: 'giveConsent(purpose: "targetedOffers")',
} as const;
const told = ({ events }: Page) => events.map(({ kind, personId }) => [kind, ids.indexOf(personId)]);
/** The waiting notices, by the older list. */
const waiting = async (caller: CallerClaims = offers): Promise<string[]> =>
  (await world.ask(caller, '{ erasureNotices { id } }')).data.erasureNotices.map(({ id }: { id: string }) => id);
const idsIn = (events: readonly Event[]) => events.map(({ id }) => id);

describe('the events of a partner', () => {
  test('tell of each person by kind, id and categories, the earliest first', async () => {
    await show();
    await act('u1', ACTS.correct);
    await act('u2', ACTS.remove);
    await act('u3', ACTS.withdraw);
    const page = await read();
    const common = { purpose: null, everything: false };
    expect(page.events).toMatchObject([
      { kind: 'person.corrected', asked: 'REPLACE', personId: ids[0], categories: ['BIRTH_DATE'], ...common },
      { kind: 'person.erase', asked: 'ERASE', personId: ids[1], categories: ['GENDER'], ...common },
      {
        ...{ kind: 'person.hidden', asked: 'STOP', personId: ids[2], categories: ['NAME', 'GENDER', 'BIRTH_DATE'] },
        ...{ purpose: 'targeted-offers', everything: true },
      },
    ]);
    expect(idsIn(page.events).sort()).toEqual((await waiting()).sort());
  });

  test('come in pages', async () => {
    await show();
    for (const id of PEOPLE) await act(id, ACTS.remove);
    const first = await read(null, 2);
    expect([told(first), first.hasNextPage]).toEqual([
      [
        ['person.erase', 0],
        ['person.erase', 1],
      ],
      true,
    ]);
    const second = await read(first.after, 2);
    expect([told(second), second.hasNextPage]).toEqual([[['person.erase', 2]], false]);
    const third = await read(second.after, 2);
    expect([told(third), third.hasNextPage]).toEqual([[], false]);
    expect(told(await read(null, 0))).toEqual([]);
  });

  test('stand after every earlier cursor, and at the end once they grow', async () => {
    await show();
    await act('u1', ACTS.remove);
    await act('u2', ACTS.remove);
    const before = await read();
    await act('u1', ACTS.give);
    await show();
    await act('u1', ACTS.remove);
    expect(told(await read(before.after))).toEqual([
      ['person.corrected', 0],
      ['person.erase', 0],
    ]);
    expect(told(await read())).toEqual([
      ['person.erase', 1],
      ['person.corrected', 0],
      ['person.erase', 0],
    ]);
  });

  test.each([
    { of: 'a member', caller: member('u1') },
    { of: 'staff', caller: staff('privacy', 'privacy-request') },
    { of: 'a visitor', caller: null },
  ])('is nothing for $of', async ({ caller }) => {
    const codes = async (query: string) =>
      (await world.ask(caller, query)).errors.map(({ extensions }) => extensions.code);
    expect(await codes('{ partnerEvents { pageInfo { endCursor } } }')).toEqual(['FORBIDDEN']);
    expect(await codes('mutation { acknowledgePartnerEvents(through: "x") }')).toEqual(['FORBIDDEN']);
  });
});

describe('an acknowledgement', () => {
  test('ends the events before the cursor, and none after it', async () => {
    await show();
    for (const id of PEOPLE) await act(id, ACTS.remove);
    const { after } = await read(null, 2);
    await acknowledge(after);
    expect(told(await read())).toEqual([['person.erase', 2]]);
    expect(await waiting()).toEqual(idsIn((await read()).events));
  });

  test('that is said again, or with an earlier cursor, changes nothing', async () => {
    await show();
    for (const id of PEOPLE) await act(id, ACTS.remove);
    const earlier = await read(null, 1);
    const later = await read(null, 2);
    for (const { after } of [later, later, earlier]) await acknowledge(after);
    expect(told(await read())).toEqual([['person.erase', 2]]);
  });

  test('leaves alone events that have grown since the cursor was given', async () => {
    await show();
    await act('u1', ACTS.remove);
    const { after } = await read();
    await act('u1', ACTS.give);
    await show();
    await act('u1', ACTS.remove);
    await read();
    await acknowledge(after);
    expect(told(await read())).toEqual([
      ['person.corrected', 0],
      ['person.erase', 0],
    ]);
  });

  test('needs a cursor of this partner', async () => {
    await show();
    await show(callers.rival);
    await act('u1', ACTS.remove);
    const { after } = await read(null, 1, callers.rival);
    for (const through of [after, 'nonsense']) {
      const { errors } = await world.ask(offers, ACKNOWLEDGE, { through });
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_INPUT' } }]);
      expect((await world.ask(offers, EVENTS, { after: through })).errors).toMatchObject([
        { extensions: { code: 'BAD_INPUT' } },
      ]);
    }
    expect(told(await read())).toEqual([['person.erase', 0]]);
  });
});

describe('the end of a contract', () => {
  const legal = staff('legal', 'legal-process');
  const contract = async (until: string | null) => {
    const mutation = `mutation ($contract: ContractInput) { setContract(partner: "offers", contract: $contract) { id } }`;
    const variables = { contract: until && { until, purposes: ['targeted-offers'] } };
    expect((await world.ask(legal, mutation, variables)).errors).toEqual([]);
  };
  const sweep = () => Promise.all([world, other].map(({ gateway }) => gateway.sweep()));
  const UNTIL = '2026-03-11T00:00:00.000Z';
  const ENDED = {
    ...{ kind: 'contract.ended', asked: 'STOP', personId: null, categories: [], purpose: null, everything: true },
    at: UNTIL,
  };

  test('is told once, however many people the partner was shown, and to no other partner', async () => {
    await show();
    await contract(UNTIL);
    await sweep();
    expect(told(await read())).toEqual([]);
    clock.set(UNTIL);
    for (let times = 0; times < 3; times++) await sweep();
    const page = await read();
    expect(page.events).toMatchObject([ENDED]);
    expect(await waiting()).toEqual([]);
    expect((await read(null, 9, callers.rival)).events).toEqual([]);
    await acknowledge(page.after);
    await sweep();
    expect((await read()).events).toEqual([]);
  });

  test('is told of each contract, also of one that is taken off file', async () => {
    await contract(null);
    await contract(null);
    await sweep();
    expect((await read()).events).toMatchObject([{ ...ENDED, at: START }]);
    clock.advance(1_000);
    await contract(UNTIL);
    await sweep();
    clock.advance(1_000);
    await contract(null);
    await sweep();
    expect((await read()).events.map(({ at }) => at)).toEqual([START, clock.now().toISOString()]);
  });

  test('is not told where another contract took the place of one', async () => {
    await contract(UNTIL);
    await contract('2027-01-01T00:00:00.000Z');
    clock.set(UNTIL);
    await sweep();
    expect((await read()).events).toEqual([]);
  });
});

describe('any acts in any order, through two gateways', () => {
  const person = fc.constantFrom(...PEOPLE);
  const clientId = fc.constantFrom(...PARTNERS);
  const gateway = fc.boolean();
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ do: fc.constant('show'), clientId, gateway }) },
    {
      weight: 5,
      arbitrary: fc.record({ do: fc.constantFrom(...(Object.keys(ACTS) as (keyof typeof ACTS)[])), person, gateway }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        ...{ do: fc.constant('read'), clientId, gateway, reader: fc.nat(1), first: fc.integer({ min: 1, max: 4 }) },
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('acknowledge'), clientId, gateway }) },
  );
  /** Steps of one row are under way together. */
  const rows = fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { minLength: 4, maxLength: 14 });

  test('each reader meets each waiting event once, as it stands, and each person’s in the order of its acts', async () => {
    await fc.assert(
      fc.asyncProperty(rows, async (all) => {
        await begin();
        const readers = PARTNERS.flatMap((name) =>
          [0, 1].map((reader) => ({ name, reader, after: null as string | null, met: [] as Event[] })),
        );
        const meet = async (one: (typeof readers)[number], first: number, through: TestWorld) => {
          const { events, after } = await read(one.after, first, callers[one.name], through);
          one.met.push(...events);
          one.after = after;
        };
        const acknowledged = { offers: null, rival: null } as Record<string, string | null>;
        for (const row of all) {
          const busy = new Set<unknown>();
          await Promise.all(
            row.map(async (one) => {
              const through = one.gateway ? other : world;
              if ('person' in one) return act(one.person, ACTS[one.do as keyof typeof ACTS], through);
              if (one.do === 'show') return show(callers[one.clientId], through);
              if (!('reader' in one)) {
                // the second reader speaks for its partner, up to where it has read
                const { after } = readers.find(({ name, reader }) => name === one.clientId && reader === 1) ?? {
                  after: null,
                };
                if (after === null) return;
                acknowledged[one.clientId] = after;
                return acknowledge(after, callers[one.clientId], through);
              }
              const reader = readers.find(({ name, reader: n }) => name === one.clientId && n === one.reader);
              if (!reader || busy.has(reader)) return;
              busy.add(reader);
              return meet(reader, one.first, through);
            }),
          );
        }
        await world.gateway.sweep();
        for (const reader of readers) {
          for (let left = 1; left > 0; ) {
            const before = reader.met.length;
            await meet(reader, 3, other);
            left = reader.met.length - before;
          }
          const met = idsIn(reader.met);
          expect(new Set(met).size).toBe(met.length);
          const rest = await waiting(callers[reader.name]);
          expect(rest.filter((id) => !met.includes(id))).toEqual([]);
          const all = await read(null, 100, callers[reader.name]);
          expect(idsIn(all.events)).toEqual(met.filter((id) => rest.includes(id)));
          expect(idsIn(all.events).sort()).toEqual([...rest].sort());
          for (const personId of new Set(reader.met.map((event) => event.personId))) {
            const times = reader.met.filter((event) => event.personId === personId).map(({ at }) => at);
            expect(times).toEqual([...times].sort());
          }
        }
      }),
      { numRuns: 12 },
    );
  }, 180_000);
});

/** The store of a gateway that ends after so many documents were written. */
function endingAfter(store: Access, writes: number): Access {
  let left = writes;
  const write = () => {
    if (left === 0) throw new Error('power cut');
    left -= 1;
  };
  const real = store.connection.getClient().db(store.connection.name);
  const collection = (name: string) => {
    const there = real.collection(name);
    return {
      find: there.find.bind(there),
      findOne: there.findOne.bind(there),
      updateOne: async (...args: Parameters<typeof there.updateOne>) => {
        write();
        return there.updateOne(...args);
      },
      bulkWrite: async ([...operations]: Parameters<typeof there.bulkWrite>[0], options: object) => {
        for (const operation of operations) {
          write();
          await there.bulkWrite([operation], options);
        }
      },
    };
  };
  const connection = { name: store.connection.name, getClient: () => ({ db: () => ({ collection }) }) };
  return { ...store, connection: connection as unknown as Access['connection'] };
}

test.each([
  0, 1, 2, 3, 4, 5,
])('a gateway that ends after %i writes loses no event and tells none twice', async (writes) => {
  await show();
  for (const id of PEOPLE) await act(id, ACTS.remove);
  await waiting();
  const cut = createEventPositions<StoredNotice>(endingAfter(world.store, writes));
  const found = await cut.give('offers').then(
    () => cut.findAfter('offers', 0, 1),
    () => null,
  );
  expect(found === null).toBe(writes < 5);
  const begun = await read(null, 2, offers, other);
  await act('u1', ACTS.correct);
  const rest = await read(begun.after, 9);
  expect(told(begun).concat(told(rest))).toEqual([
    ...PEOPLE.map((_, index) => ['person.erase', index]),
    ['person.corrected', 0],
  ]);
});
