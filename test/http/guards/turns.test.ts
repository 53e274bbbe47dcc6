import { once } from 'node:events';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTurns } from '../../../src/http/guards/turns.ts';
import { createWorld, staff, type TestWorld } from '../../support/world.ts';

const TURNS = { free: 10, together: 100 };

/** Operations that go on until they are told to end. */
function createQueue() {
  const { take } = createTurns(TURNS);
  return async (cost: number, line = 'somebody') => {
    const work = { line, begun: false, end: () => {}, fail: () => {}, isOver: false };
    const done = take(
      { cost, line, isOver: () => work.isOver },
      () =>
        new Promise<number>((resolve, reject) => {
          work.begun = true;
          work.end = () => resolve(cost);
          work.fail = () => reject(new Error('It failed.'));
        }),
    );
    await settled();
    return Object.assign(work, { cost, done });
  };
}
type Work = Awaited<ReturnType<ReturnType<typeof createQueue>>>;

const settled = () => new Promise((resolve) => setImmediate(resolve));
const end = async (work: Work) => {
  work.end();
  await settled();
};

describe('long operations', () => {
  test('run at once as far as they cost no more than may run together', async () => {
    const begin = createQueue();
    const begun: boolean[] = [];
    for (const cost of [40, 60, 11]) begun.push((await begin(cost)).begun);
    expect(begun).toEqual([true, true, false]);
  });

  test('wait in their order: none of them is passed by one that would fit', async () => {
    const begin = createQueue();
    const [first, large, small] = [await begin(40), await begin(90), await begin(20)];
    expect([large.begun, small.begun]).toEqual([false, false]);
    await end(first);
    expect([large.begun, small.begun]).toEqual([true, false]);
    await end(large);
    expect(small.begun).toBe(true);
  });

  test('of a caller with many let those of others in between', async () => {
    const begin = createQueue();
    const all: Work[] = [];
    for (const line of ['greedy', 'greedy', 'greedy', 'one', 'another']) all.push(await begin(100, line));
    const order: string[] = [];
    for (let running = all.find(({ begun }) => begun); running; running = all.find(({ begun }) => begun)) {
      all.splice(all.indexOf(running), 1);
      order.push(running.line);
      await end(running);
    }
    expect(order).toEqual(['greedy', 'greedy', 'one', 'another', 'greedy']);
  });

  test('that cost more than may run together run alone', async () => {
    const begin = createQueue();
    const [huge, other] = [await begin(1_000), await begin(20)];
    expect([huge.begun, other.begun]).toEqual([true, false]);
    await end(huge);
    expect(other.begun).toBe(true);
  });

  test('give their cost back where they fail', async () => {
    const begin = createQueue();
    const [failing, next] = [await begin(100), await begin(100)];
    failing.fail();
    await expect(failing.done).rejects.toThrow('It failed.');
    await settled();
    expect(next.begun).toBe(true);
  });

  test('that nobody waits for any more keep nobody waiting', async () => {
    const begin = createQueue();
    const [, large] = [await begin(60), await begin(90)];
    expect(large.begun).toBe(false);
    large.isOver = true;
    const small = await begin(20);
    expect(large.begun).toBe(true);
    await end(large);
    expect(small.begun).toBe(true);
  });
});

test('short operations never wait', async () => {
  const begin = createQueue();
  const [, waiting] = [await begin(1_000), await begin(20)];
  expect(waiting.begun).toBe(false);
  for (let times = 0; times < 50; times++) expect((await begin(TURNS.free)).begun).toBe(true);
});

test('no more work runs together than may, and all of it ends, in any order', async () => {
  const step = fc.record({
    cost: fc.integer({ min: 11, max: 150 }),
    line: fc.constantFrom('a', 'b', 'c'),
    ends: fc.nat({ max: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step), async (given) => {
      const begin = createQueue();
      const all: Work[] = [];
      const ended = new Set<Work>();
      const running = () => all.filter((work) => work.begun && !ended.has(work));
      const endOne = async () => {
        const [work] = running();
        if (!work) return;
        ended.add(work);
        await end(work);
      };
      for (const { cost, line, ends } of given) {
        all.push(await begin(cost, line));
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

  test('answers one caller before the many that another has asked for', async () => {
    const answered: string[] = [];
    const note = (who: string) => () => answered.push(who);
    const begun = once(world.store.connection.getClient(), 'commandStarted');
    const greedy = Array.from({ length: 6 }, () => page(100).then(note('greedy')));
    await begun;
    const query = '{ users(first: 100) { edges { node { id status } } } }';
    const other = world.ask(staff('legal', 'legal-process'), query).then(note('other'));
    await Promise.all([...greedy, other]);
    expect(answered.indexOf('other')).toBeLessThan(4);
  });

  test('goes on after an operation with a cost that would be no number', async () => {
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
