import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSubjectId } from '../../src/subject/identifiers.ts';
import type { PersonDocument } from '../../src/subject/model.ts';
import { createClock } from '../support/clock.ts';
import { type Command, createCommandLog, nameOf, UNCOUNTED } from '../support/commands.ts';
import { documentsIn } from '../support/people.ts';
import { crowds, olderPolicy, READERS, type Reader, STAGE, START } from '../support/random-world.ts';
import { createWorld, partner, type TestWorld } from '../support/world.ts';

interface Stage {
  readonly stage?: string;
  readonly indexName?: string;
}
const stagesOf = (plan: unknown): Stage[] =>
  typeof plan === 'object' && plan !== null ? [plan, ...Object.values(plan).flatMap(stagesOf)] : [];

/** How the database found a list: the explanation of that very command. */
interface Walk {
  readonly returned: number;
  readonly documents: number;
  readonly keys: number;
  readonly stages: ReadonlySet<string | undefined>;
  readonly indexes: readonly string[];
}

async function explain({ store }: TestWorld, { command }: Command): Promise<Walk> {
  const { find, filter, sort, hint, limit } = command;
  const query = { find, filter, sort, limit, ...(hint && { hint }) };
  const db = store.connection.getClient().db(store.connection.name);
  const { queryPlanner, executionStats } = await db.command({
    explain: query,
    verbosity: 'executionStats',
    comment: UNCOUNTED,
  });
  const stages = stagesOf(queryPlanner.winningPlan);
  return {
    returned: executionStats.nReturned,
    documents: executionStats.totalDocsExamined,
    keys: executionStats.totalKeysExamined,
    stages: new Set(stages.map(({ stage }) => stage)),
    indexes: [...new Set(stages.flatMap(({ indexName }) => indexName ?? []))],
  };
}

const PAGE = `query ($first: Int, $after: String) {
  users(first: $first, after: $after) { edges { node { id } } pageInfo { hasNextPage endCursor } }
}`;

/** Walks a whole list, and says of every page how many people it showed and how the database found them. */
async function walk(world: TestWorld, reader: Pick<Reader, 'claims'>, first: number) {
  const log = createCommandLog(world.store);
  const pages: { readonly ids: readonly string[]; readonly walk: Walk }[] = [];
  for (let after: string | null = null; ; ) {
    log.take();
    const { data, errors } = await world.ask(reader.claims, PAGE, { first, after });
    expect(errors).toEqual([]);
    const [found, ...others] = log.take().filter((command) => nameOf(command) === 'find people');
    if (!found) return pages;
    expect(others).toEqual([]);
    const { edges, pageInfo } = data.users;
    pages.push({ ids: edges.map(({ node }: { node: { id: string } }) => node.id), walk: await explain(world, found) });
    if (!pageInfo.hasNextPage) return pages;
    after = pageInfo.endCursor;
  }
}

describe('among 100,000 people with 1 % of them visible', () => {
  const SHOWN = 1_000;
  const HIDDEN = 99_000;
  const BATCH = 1_000;
  /** The index of the list, and the ones it could wrongly take; the others would only slow the filling down. */
  const WALKED = 'facts.consents.targetedOffers.given_1__id_1';
  const INDEXES = ['_id_', WALKED, 'facts.status_1__id_1'];

  let world: TestWorld;
  beforeAll(async () => {
    world = await createWorld({
      users: Array.from({ length: SHOWN }, (_, index) => ({
        id: `shown-${index}`,
        avatarName: `Avatar ${index}`,
        email: 'nia@mail.example',
        country: 'US',
        consents: [{ purpose: 'targetedOffers', action: 'GIVEN', at: '2020-01-01T00:00:00Z' }],
      })),
      partners: [
        {
          clientId: 'offers',
          name: 'Offers',
          kind: 'OFFERS',
          jurisdiction: 'US',
          contract: { purposes: ['targeted-offers'] },
        },
      ],
    });
    await fill();
  }, 120_000);
  afterAll(() => world.close());

  /** People like the visible ones in all but the consent. */
  async function fill() {
    const collection = documentsIn(world.store);
    const model = (await collection.findOne()) as PersonDocument;
    const facts = { ...model.facts, consents: {} };
    const hidden = (batch: number) =>
      Array.from({ length: BATCH }, (_, index) => ({
        ...model,
        _id: createSubjectId(),
        publicId: `hidden-${batch}-${index}`,
        values: {},
        facts,
      }));
    for (const { name = '' } of await collection.indexes())
      if (!INDEXES.includes(name)) await collection.dropIndex(name);
    const options = { ordered: false, writeConcern: { w: 1, j: false } } as const;
    for (let batch = 0; batch < HIDDEN / BATCH; batch++) await collection.insertMany(hidden(batch), options);
    expect(await collection.estimatedDocumentCount()).toBe(SHOWN + HIDDEN);
  }

  test('every page costs as much as it shows, the last like the first', async () => {
    const pages = await walk(world, { claims: partner('offers', 'targeted-offers', 'email') }, 100);
    expect(pages).toHaveLength(10);
    expect(new Set(pages.flatMap(({ ids }) => ids)).size).toBe(SHOWN);
    for (const { ids, walk } of pages) {
      expect(ids).toHaveLength(100);
      expect(walk.stages).toContain('IXSCAN');
      expect(walk.stages).not.toContain('SORT');
      expect(walk.indexes).toEqual([WALKED]);
      // one more than the page shows, to know whether the list goes on
      expect(walk.returned).toBeLessThanOrEqual(101);
      expect(walk.documents).toBeLessThanOrEqual(101);
      expect(walk.keys).toBeLessThanOrEqual(103);
    }
  });
});

describe('every list', () => {
  const FIRST = 50;
  let world: TestWorld;
  beforeAll(async () => {
    world = await createWorld(STAGE, { clock: createClock(START), olderPolicies: [olderPolicy] });
    const [crowd] = fc.sample(crowds(400), { numRuns: 1, seed: 11 });
    await world.load(crowd);
  });

  const table: Record<string, unknown>[] = [];
  afterAll(async () => {
    console.table(table);
    await world.close();
  });

  /** The readers that may list people, and may see some. */
  const LISTERS = READERS.filter(
    ({ recipient }) => !/^(VISITOR|MEMBER|offer-wall-..|offers-lapsed|successor-eu)$/.test(recipient),
  );
  /** Subjects of a legal process in force are few at any time: a range of its end finds them, and a sort follows. */
  const isFew = ({ recipient }: Reader) => recipient === 'STAFF_LEGAL';

  test.each(LISTERS)('of $recipient for $purpose walks an index, in its order', async (reader) => {
    const pages = await walk(world, reader, FIRST);
    const shown = pages.reduce((total, { ids }) => total + ids.length, 0);
    const documents = pages.reduce((total, { walk }) => total + walk.documents, 0);
    expect(shown).toBeGreaterThan(0);
    for (const { walk } of pages) {
      expect(walk.stages).toContain('IXSCAN');
      expect(walk.stages.has('SORT')).toBe(isFew(reader));
      expect(walk.indexes).toHaveLength(1);
    }
    const [index] = pages.flatMap(({ walk }) => walk.indexes);
    table.push({ list: `${reader.recipient} ${reader.purpose}`, pages: pages.length, shown, documents, index });
  });
});
