import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTurns } from '../../../src/http/guards/turns.ts';
import { createWorld, staff, type TestWorld } from '../../support/world.ts';

const TURNS = { free: 10, together: 100 };

/** Work that goes on until it is told to end. */
function createWork(caller: string, cost: number, take: ReturnType<typeof createTurns>['take']) {
  const work = { caller, cost, begun: false, end: () => {}, fail: () => {} };
  const done = take(
    caller,
    cost,
    () =>
      new Promise<number>((resolve, reject) => {
        work.begun = true;
        work.end = () => resolve(cost);
        work.fail = () => reject(new Error('It failed.'));
      }),
  );
  return Object.assign(work, { done });
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

function createQueue() {
  const { take } = createTurns(TURNS);
  return (cost: number, caller = 'somebody') => createWork(caller, cost, take);
}

describe('long operations', () => {
  test('run at once as far as they cost no more than may run together', () => {
    const begin = createQueue();
    expect([40, 60, 11].map((cost) => begin(cost).begun)).toEqual([true, true, false]);
  });

  test('wait in their order: none of them is passed by one that would fit', async () => {
    const begin = createQueue();
    const [first, large, small] = [begin(40), begin(90), begin(20)];
    expect([large.begun, small.begun]).toEqual([false, false]);
    first.end();
    await settle();
    expect([large.begun, small.begun]).toEqual([true, false]);
    large.end();
    await settle();
    expect(small.begun).toBe(true);
  });

  test('of one who asks for many let those of others in between', async () => {
    const begin = createQueue();
    const greedy = Array.from({ length: 3 }, () => begin(100, 'greedy'));
    const [one, another] = [begin(100, 'one'), begin(100, 'another')];
    const order: string[] = [];
    for (let running = [...greedy, one, another]; running.length > 0; ) {
      const [work, ...others] = running.sort((a, b) => Number(b.begun) - Number(a.begun));
      order.push(work?.caller ?? '');
      work?.end();
      running = others;
      await settle();
    }
    expect(order).toEqual(['greedy', 'greedy', 'one', 'another', 'greedy']);
  });

  test('that cost more than may run together run alone', async () => {
    const begin = createQueue();
    const [huge, other] = [begin(1_000), begin(20)];
    expect([huge.begun, other.begun]).toEqual([true, false]);
    huge.end();
    await settle();
    expect(other.begun).toBe(true);
  });

  test('give back what they took where they fail', async () => {
    const begin = createQueue();
    const [failing, next] = [begin(100), begin(100)];
    failing.fail();
    await expect(failing.done).rejects.toThrow('It failed.');
    await settle();
    expect(next.begun).toBe(true);
  });
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])('a cost of %d blocks nobody for ever', async (cost) => {
  const begin = createQueue();
  const [odd, next] = [begin(cost), begin(100)];
  expect([odd.begun, next.begun]).toEqual([true, false]);
  odd.end();
  await settle();
  expect(next.begun).toBe(true);
});

test('short operations never wait', () => {
  const begin = createQueue();
  const [, waiting] = [begin(1_000), begin(20)];
  expect(waiting.begun).toBe(false);
  expect(Array.from({ length: 50 }, () => begin(TURNS.free).begun)).not.toContain(false);
});

test('whatever comes and ends, no more runs together than may, and all of it ends', async () => {
  const steps = fc.array(
    fc.record({
      cost: fc.integer({ min: 11, max: 150 }),
      caller: fc.constantFrom('a', 'b', 'c'),
      ends: fc.nat({ max: 3 }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(steps, async (given) => {
      const begin = createQueue();
      const all: ReturnType<typeof begin>[] = [];
      const ended = new Set<(typeof all)[number]>();
      const running = () => all.filter((work) => work.begun && !ended.has(work));
      const endOne = async () => {
        const [work] = running();
        if (!work) return;
        ended.add(work);
        work.end();
        await settle();
      };
      for (const { cost, caller, ends } of given) {
        all.push(begin(cost, caller));
        for (let times = 0; times < ends; times++) await endOne();
        const together = running().reduce((sum, work) => sum + work.cost, 0);
        expect(together <= TURNS.together || running().length === 1).toBe(true);
      }
      while (running().length > 0) await endOne();
      expect(all.filter(({ begun }) => !begun)).toEqual([]);
      expect(await Promise.all(all.map(({ done }) => done))).toEqual(all.map(({ cost }) => cost));
    }),
  );
});

describe('a gateway on which one long operation may run', () => {
  let world: TestWorld;
  let most = 0;
  beforeAll(async () => {
    const users = Array.from({ length: 5 }, (_, index) => ({
      ...{ id: `u${index}`, avatarName: `Avatar ${index}`, privacyCases: [{ status: 'OPEN' }] },
    }));
    world = await createWorld({ users }, { guards: { turns: { free: 50, together: 51 } } });
    const pages = new Set<number>();
    const client = world.store.connection.getClient();
    client.on('commandStarted', ({ requestId, command }) => {
      if (command.find !== 'people') return;
      pages.add(requestId);
      most = Math.max(most, pages.size);
    });
    client.on('commandSucceeded', ({ requestId }) => pages.delete(requestId));
  });
  afterAll(() => world.close());

  const page = (first: number) =>
    world.ask(staff('privacy', 'privacy-request'), `{ users(first: ${first}) { edges { node { id status } } } }`);

  test('reads one long list at a time, and answers all of them', async () => {
    most = 0;
    const answers = await Promise.all(Array.from({ length: 6 }, () => page(100)));
    expect(answers.map(({ data }) => data.users.edges.length)).toEqual([5, 5, 5, 5, 5, 5]);
    expect(most).toBe(1);
  });

  test('goes on after an operation whose cost would be no number', async () => {
    const query = `query A { users(first: 5) { edges { node { id } } } }
      query B($n: Int) { users(first: 0) { edges { node { consents(first: $n) { purpose } } } } }`;
    const token = await world.token(staff('privacy', 'privacy-request'));
    const response = await world.gateway.fetch(
      new Request('http://gateway.test/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: `{ "query": ${JSON.stringify(query)}, "operationName": "A", "variables": { "n": 1e999 } }`,
      }),
    );
    await response.text();
    const { errors } = await page(100);
    expect(errors).toEqual([]);
  });

  test('reads short lists at once', async () => {
    most = 0;
    await Promise.all(Array.from({ length: 6 }, () => page(5)));
    expect(most).toBeGreaterThan(1);
  });
});
