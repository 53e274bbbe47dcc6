import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildSchema } from '../../src/gateway/schema.ts';
import { type Crawler, coordinatesOf, createCrawler } from './crawl.ts';
import { OPERATIONS } from './operations.ts';
import { STATES } from './people.ts';
import { createRandom } from './random.ts';
import { type Asker, memberAsker, PARTNER_ASKERS, STAFF_ASKERS, visitor } from './roster.ts';
import { CATEGORY_OF } from './shown.ts';
import { createStage, type Stage } from './stage.ts';

/** The seed of the crawl, and its length: the same numbers make the same requests. */
const SEED = Number(process.env.LEAKS_SEED ?? 1);
const ROUNDS = Number(process.env.LEAKS_ROUNDS ?? 1);
const TIME = 600_000 * ROUNDS;

/** The number of people that also ask about others: the first of the states. */
const ASKING = 6;

/** A sound partner of each kind; others differ from theirs in one thing. */
const clientIds = PARTNER_ASKERS.map(({ clientId }) => clientId);
const firstOfKind = new Set(PARTNER_ASKERS.filter((_, index) => clientIds.indexOf(clientIds[index]) === index));
const isOneOfMany = (asker: Asker) => ROUNDS === 1 && asker.clientId !== undefined && !firstOfKind.has(asker);

let stage: Stage;
let crawler: Crawler;
let askers: readonly Asker[];
let applicant: Asker;
let accounts = 0;

beforeAll(async () => {
  const random = createRandom(SEED);
  stage = await createStage(STATES, random);
  const schema = buildSchema(stage.world.table);
  crawler = createCrawler({ stage, schema, random, fetch: stage.world.gateway.fetch });
  const asMember = (id: string, index: number) => {
    const resident = () => stage.residents.get(id) ?? null;
    return memberAsker(`somebody ${resident()?.state}`, resident, () => id, index % 2 === 1);
  };
  const accountId = () => `account-${accounts}`;
  applicant = memberAsker('somebody without an account', () => stage.residents.get(accountId()) ?? null, accountId);
  const members = [...stage.residents.keys()].slice(0, ASKING).map(asMember);
  askers = [visitor, applicant, ...members, ...PARTNER_ASKERS, ...STAFF_ASKERS];
}, TIME);
afterAll(() => stage?.close());

/** Each thing that was found, and a question to ask again. */
const found = () =>
  new Map(
    crawler.finds.map(({ kind, asker, what, question }) => [
      `${kind}: ${asker}: ${what.replaceAll(/\d+/g, '#')}`,
      `${question.query} ${JSON.stringify(question.variables)}`,
    ]),
  );

describe('a caller learns exactly the data that the policy reveals', () => {
  test(
    'by reading',
    async () => {
      for (let round = 0; round < ROUNDS; round++)
        for (const asker of askers) await crawler.read(asker, isOneOfMany(asker) ? { mixed: 1, about: 12 } : {});
      expect(found()).toEqual(new Map());
    },
    TIME,
  );

  test(
    'by changes, permitted or not',
    async () => {
      for (let round = 0; round < ROUNDS; round++) {
        for (const asker of askers) {
          stage.clock.advance(1);
          // The kind of a partner alone decides on its changes, so one of each kind tries everything by itself.
          await crawler.change(asker, { together: isOneOfMany(asker) ? 12 : 1 });
          if (asker === applicant) accounts += 1;
        }
      }
      expect(found()).toEqual(new Map());
    },
    TIME,
  );

  test(
    'and by reading again after an erasure',
    async () => {
      const active = askers.filter(({ resident }) => resident?.()?.person.facts.status === 'ACTIVE');
      // chance may have left this change out
      for (const asker of active) await crawler.carryOut(asker, ['joinCreatorNotification']);
      const [gone] = active;
      await crawler.carryOut(gone as Asker, ['requestErasure', 'eraseAccount']);
      await crawler.carryOut(visitor, ['createDevice']);
      for (const asker of STAFF_ASKERS) await crawler.carryOut(asker, ['sealChild', 'unsealAccount', 'setPartnerKeys']);
      for (const { id } of stage.living()) await stage.refresh(id);
      for (const asker of askers.filter((_, index) => index % 8 === 0)) if (asker !== gone) await crawler.read(asker);
      for (const asker of PARTNER_ASKERS)
        await crawler.carryOut(asker, ['setWebhook', 'redeliver', 'acknowledgeErasure', 'acknowledgePartnerEvents']);
      expect(found()).toEqual(new Map());
    },
    TIME,
  );
});

describe('the crawl leaves nothing out', () => {
  test('every caller asked for every field of every type', () => {
    const all = coordinatesOf(buildSchema(stage.world.table)).sort();
    const leftOut = askers.map(({ name }) => {
      const asked = crawler.asked.get(name);
      return { name, leftOut: all.filter((coordinate) => !asked?.has(coordinate)) };
    });
    expect(leftOut.filter(({ leftOut: fields }) => fields.length > 0)).toEqual([]);
  });

  test('every field that can be denied was denied to somebody and shown to somebody', () => {
    const all = Object.keys(CATEGORY_OF).sort();
    expect([...crawler.revealed].sort()).toEqual(all);
    expect([...crawler.denied].sort()).toEqual(all);
  });

  test('every operation was carried out for a caller with permission', () => {
    const all = [
      ...Object.keys(OPERATIONS.query).map((name) => `Query.${name}`),
      ...Object.keys(OPERATIONS.mutation).map((name) => `Mutation.${name}`),
    ];
    expect(all.filter((name) => !crawler.succeeded.has(name))).toEqual([]);
  });

  test('the crawl was large, and no document too long', () => {
    const { requests, decisions, longest } = crawler.count;
    console.log(
      `seed ${SEED}: ${requests} requests by ${askers.length} callers about ${stage.residents.size} people, ` +
        `${decisions} decisions compared, ${stage.canaries.count} canaries looked for`,
    );
    expect(requests).toBeGreaterThan(1_000);
    expect(longest).toBeLessThan(30_000);
  });
});
