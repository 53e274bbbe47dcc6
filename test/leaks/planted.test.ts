import type { GraphQLSchema } from 'graphql';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { buildSchema } from '../../src/gateway/schema.ts';
import { createWorld } from '../support/world.ts';
import { createCrawler, type Find } from './crawl.ts';
import { STATES } from './people.ts';
import { PLANTS, type Plant } from './plants.ts';
import { createRandom } from './random.ts';
import { type Asker, memberAsker, PARTNER_ASKERS, STAFF_ASKERS, visitor } from './roster.ts';
import { createStage, type Stage } from './stage.ts';

/** The leak that is built into the gateway that is being created. */
const spoil = vi.hoisted(() => ({ schema: null as ((schema: GraphQLSchema) => void) | null }));

vi.mock('../../src/gateway/schema.ts', async (original) => {
  const actual = await original<typeof import('../../src/gateway/schema.ts')>();
  const createEnforcedSchema: typeof actual.createEnforcedSchema = (table) => {
    const schema = actual.createEnforcedSchema(table);
    spoil.schema?.(schema);
    return schema;
  };
  return { ...actual, createEnforcedSchema };
});

let stage: Stage;
let askers: readonly Asker[];
beforeAll(async () => {
  stage = await createStage(STATES.slice(0, 8), createRandom(3));
  const asMember = (id: string) =>
    memberAsker(
      `somebody ${id}`,
      () => stage.residents.get(id) ?? null,
      () => id,
    );
  const [first, , refused] = [...stage.residents.keys()].map(asMember) as [Asker, Asker, Asker];
  const soundPartners = PARTNER_ASKERS.filter(
    ({ clientId }, index) => clientId?.endsWith('-sound') && clientId !== PARTNER_ASKERS[index - 1]?.clientId,
  );
  const staff = STAFF_ASKERS.filter((_, index) => index % 2 === 0);
  // few people have cards that a processor must not see: it asks once more
  const again = PARTNER_ASKERS.filter(({ name }) => name === 'payment-processor-sound for order-fulfilment');
  askers = [first, visitor, refused, ...soundPartners, ...staff, ...again];
}, 600_000);
afterAll(() => stage?.close());

/** Crawls a leaking gateway over the same world, until the leak is found or all is seen. */
async function crawlWith({ schema, response, finds }: Omit<Plant, 'name'>): Promise<readonly Find[]> {
  spoil.schema = schema ? (made) => schema(made, stage) : null;
  const { store } = stage.world;
  const leaking = await createWorld({}, { store, clock: stage.clock, log: stage.log });
  spoil.schema = null;
  const crawler = createCrawler({
    stage,
    schema: buildSchema(stage.world.table),
    random: createRandom(4),
    fetch: async (request) => {
      const answer = await leaking.gateway.fetch(request);
      return response ? response(answer, stage) : answer;
    },
    until: finds,
  });
  try {
    for (const asker of askers) {
      await crawler.read(asker, { mixed: 0 });
      if (crawler.finds.some(finds)) break;
      if (asker === askers[0]) await crawler.carryOut(asker, ['requestErasure', 'giveConsent', 'addPhoto']);
      if (crawler.finds.some(finds)) break;
    }
    return crawler.finds;
  } finally {
    await leaking.close();
  }
}

describe('a gateway that leaks is found out', () => {
  test('and one that does not is not', async () => {
    expect(await crawlWith({ finds: () => false })).toEqual([]);
  }, 600_000);

  test.each(PLANTS)('$name', async (plant) => {
    const found = await crawlWith(plant);
    expect(found.filter(plant.finds)).not.toEqual([]);
  }, 600_000);
});
