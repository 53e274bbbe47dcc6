import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Policy } from '../../src/policy/clause.ts';
import { compile, type DecisionTable, measuresOf } from '../../src/policy/compile.ts';
import { type Condition, compileCondition } from '../../src/policy/condition.ts';
import { type Audience, createAccess } from '../../src/policy/decide.ts';
import type { Facts, Measures } from '../../src/policy/facts.ts';
import { and, exactly, type Filter, indexFor, or } from '../../src/policy/filter.ts';
import { spelledOut } from '../../src/policy/guardians.ts';
import { FACTS, type FactName } from '../../src/policy/known-facts.ts';
import { type ConditionLeaf, factOf } from '../../src/policy/leaf.ts';
import { equals } from '../../src/policy/predicate.ts';
import { EVERY_CATEGORY } from '../../src/policy/vocabulary.ts';
import { factIndexes, hintFor, toQuery } from '../../src/store/mongo/fact-query.ts';
import { anyFacts, audiences, EACH, LASTING, NOW, RESTRICTED, recipients, soundFacts } from '../support/arbitraries.ts';
import { clauseOf, referencePolicy, revise } from '../support/policy.ts';
import { openTestStore, type TestStore } from '../support/store.ts';
import { PREFERENCES } from '../support/words.ts';

interface Person {
  readonly _id: number;
  readonly facts: Facts;
}

let store: TestStore;
const people = () => store.connection.getClient().db(store.connection.name).collection<Person>('people');

beforeAll(async () => {
  store = await openTestStore();
  const consents = [...referencePolicy.consents.map(({ id }) => id), LASTING];
  await people().createIndexes(
    [
      'facts.acceptedVersion',
      ...factIndexes({
        preferences: PREFERENCES,
        consents,
        recipientConsents: [EACH],
        ties: [],
        ages: [{ atLeast: 18 }],
        held: ['GENDER', 'POSTS'],
        restrictions: [RESTRICTED],
      }),
    ].map((path) => ({
      key: { [path]: 1, _id: 1 } as const,
    })),
  );
});
afterAll(() => store.drop());

const fill = async (everybody: readonly Facts[]) => {
  await people().deleteMany({});
  await people().insertMany(everybody.map((facts, _id) => ({ _id, facts })));
};

const hinted = (filter: Filter) => {
  const hint = hintFor(filter);
  return hint ? { hint } : {};
};

/** The people that a filter finds, by the index that it proposes. */
const found = async (filter: Filter): Promise<number[]> => {
  const query = toQuery(filter);
  if (query === null) return [];
  const documents = await people()
    .find(query, { ...hinted(filter), sort: { _id: 1 } })
    .toArray();
  return documents.map(({ _id }) => _id);
};

const stored = () =>
  people()
    .find({}, { sort: { _id: 1 } })
    .toArray();

const LATER = '2015-06-01';
const later = revise((draft) => {
  draft.version = LATER;
  draft.noticeHours = 721;
  draft.transferRegion.countries = ['FR', 'DE'];
  draft.clauses = draft.clauses.filter(({ id }) => id !== 'social.activity');
  for (const reveal of clauseOf(draft, 'sharing.legal-process').reveals ?? [])
    reveal.when = { process: { kind: ['COURT_ORDER'] } };
  clauseOf(draft, 'sharing.opt-in-offers').reveals = [
    {
      to: 'OFFERS',
      purposes: ['targeted-offers'],
      categories: ['EMAIL'],
      when: {
        all: [
          ...[{ consent: 'targetedOffers' }, { held: 'GENDER' }, { not: { restriction: RESTRICTED } }],
          { not: { not: { preference: 'adTargeting' } } },
        ],
      },
    },
    { to: 'OFFERS', purposes: ['offer-prefill'], categories: ['GENDER'], when: { not: { consent: 'targetedOffers' } } },
  ];
});

const TABLES: readonly { name: string; table: DecisionTable }[] = [
  { name: 'one policy version', table: compile([referencePolicy], referencePolicy.version) },
  { name: 'two policy versions', table: compile([referencePolicy, later], LATER) },
];

/** Each case asks a database, so a run is cut short rather than late. */
const BUDGET = { numRuns: 60, interruptAfterTimeLimit: 10_000 };

describe.each(TABLES)('with $name', ({ table }) => {
  const versions = [...table.policies.keys()];

  test('a list holds a person exactly if the caller may see something of the person', async () => {
    let seen = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyFacts(versions), { minLength: 10, maxLength: 40 }),
        fc.array(audiences(table), { minLength: 10, maxLength: 10 }),
        async (everybody, callers) => {
          await fill(everybody);
          const documents = await stored();
          for (const audience of callers) {
            const access = createAccess(table, audience, NOW);
            const visible = documents.filter(({ facts }) => access.decide(facts).mask !== 0n).map(({ _id }) => _id);
            expect(await found(access.filter()), `${audience.name} for ${audience.purpose}`).toEqual(visible);
            seen += visible.length;
          }
        },
      ),
      BUDGET,
    );
    expect(seen).toBeGreaterThan(100);
  });
});

describe('a condition', () => {
  const UNDER_18 = { age: 18, by: 'guardianOf' };
  const PERIOD_MS = 720 * 3_600_000;
  const measures: Measures = {
    ...measuresOf(referencePolicy),
    regions: new Map([['NORTH', new Set(['SE', 'NO', 'JP'])]]),
    consentPeriods: new Map([
      [LASTING, PERIOD_MS],
      [EACH, PERIOD_MS],
    ]),
    heldTimes: new Map([['POSTS', [[{ count: 30, unit: 'days' }], [{ count: 1, unit: 'hours' }]]]]),
  };
  const nobody = { facts: {}, recipient: null, now: NOW, measures };
  const leaves: readonly Condition[] = [
    ...(Object.keys(FACTS) as FactName[]).map((fact) => ({ fact })),
    ...PREFERENCES.map((preference) => ({ preference })),
    ...[...referencePolicy.consents.map(({ id }) => id), LASTING].map((consent) => ({ consent })),
    ...[{ resides: 'NORTH' }, { resides: 'SOUTH' }, { recipientIn: 'NORTH' }, { recipient: 'certified' }],
    ...[{ recipientConsent: EACH }, { age: { atLeast: 18 } }, { age: { below: 13 } }],
    ...[{ held: 'GENDER' }, { held: 'POSTS' }, { restriction: RESTRICTED }],
    ...[{ process: { kind: ['COURT_ORDER'] } }, { process: { kind: ['STATUTE', 'SUBPOENA'] } }],
    ...[{ guardianConsent: LASTING }, { guardianRecipientConsent: EACH }],
  ];
  const guarded = (condition: Condition) =>
    spelledOut(
      { consents: [LASTING, EACH].map((id) => ({ id, under: UNDER_18 }) as Policy['consents'][number]) },
      condition,
    );
  const negatable = [
    ...leaves.filter((leaf) => factOf(leaf as ConditionLeaf).filter(nobody, false) !== undefined),
    guarded({ consent: LASTING }),
  ];

  const tree = (leaf: fc.Arbitrary<Condition>, otherwise: fc.Arbitrary<Condition>): fc.Arbitrary<Condition> => {
    const parts = fc.array(fc.oneof({ weight: 3, arbitrary: leaf }, { weight: 1, arbitrary: otherwise }), {
      maxLength: 3,
    });
    return fc.oneof(
      leaf,
      fc.record({ all: parts }),
      fc.record({ any: parts }),
      otherwise.map((not) => ({ not })),
    );
  };
  /** Conditions without a negated fact of a list, as the loader demands. */
  const underNegation = tree(
    fc.constantFrom(...negatable),
    tree(fc.constantFrom(...negatable), fc.constantFrom(...negatable)),
  );
  const conditions = tree(fc.constantFrom(...leaves, ...negatable, guarded({ recipientConsent: EACH })), underNegation);

  test('finds a person exactly if it holds, and its negation exactly if it fails', async () => {
    const caller = fc.option(recipients('OFFERS', fc.constant([])), { nil: null, freq: 5 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyFacts([referencePolicy.version]), { minLength: 10, maxLength: 40 }),
        fc.array(fc.tuple(conditions, underNegation, caller), { minLength: 6, maxLength: 6 }),
        async (everybody, cases) => {
          await fill(everybody);
          const documents = await stored();
          for (const [condition, negated, recipient] of cases) {
            const situation = { ...nobody, recipient };
            const idsWhere = (one: Condition, truth: boolean) =>
              documents
                .filter(({ facts }) => compileCondition(one).test({ ...situation, facts }) === truth)
                .map(({ _id }) => _id);
            const matches = (one: Condition, truth: boolean) => found(compileCondition(one).filter(situation, truth));
            expect(await matches(condition, true), JSON.stringify(condition)).toEqual(idsWhere(condition, true));
            expect(await matches(negated, false), JSON.stringify(negated)).toEqual(idsWhere(negated, false));
          }
        },
      ),
      BUDGET,
    );
  });
});

describe('an index is walked, and only its part that matters', () => {
  const [{ table } = { table: compile([referencePolicy], referencePolicy.version) }] = TABLES;
  const partner = (kind: string, purpose: string, jurisdiction = 'US'): Audience => ({
    name: kind,
    purpose,
    recipient: {
      clientId: 'first',
      kind,
      active: true,
      jurisdiction,
      contract: { from: null, until: null, purposes: [purpose] },
      successionAnnouncedAt: new Date(0),
    },
    scope: EVERY_CATEGORY,
  });
  const staff = (role: string, purpose: string): Audience => ({
    name: `STAFF_${role}`,
    purpose,
    recipient: null,
    scope: EVERY_CATEGORY,
  });

  beforeAll(async () => {
    const crowd = fc.sample(soundFacts([referencePolicy.version]), { numRuns: 400, seed: 7 });
    await fill(crowd);
  });

  interface Stage {
    readonly stage?: string;
    readonly indexBounds?: Readonly<Record<string, readonly string[]>>;
  }
  const stagesOf = (plan: unknown): Stage[] =>
    typeof plan === 'object' && plan !== null ? [plan, ...Object.values(plan).flatMap(stagesOf)] : [];

  test.each([
    { audience: partner('PAYMENT_PROCESSOR', 'billing'), path: 'facts.orders.processor' },
    { audience: partner('EMAIL_PROVIDER', 'imvu-newsletter'), path: 'facts.preferences.imvuNewsletter' },
    { audience: partner('EMAIL_PROVIDER', 'creator-notification'), path: 'facts.preferences.creatorNotification' },
    { audience: partner('EMAIL_PROVIDER', 'blog-notification'), path: 'facts.subscriptions.verified' },
    { audience: partner('EMAIL_PROVIDER', 'service-notice'), path: 'facts.status' },
    { audience: partner('OFFERS', 'offer-prefill'), path: 'facts.consents.targetedOffers.given' },
    { audience: partner('ADVERTISER', 'advertising'), path: 'facts.adInteractions.partner' },
    { audience: partner('CO_BRANDED', 'job-application', 'FR'), path: 'facts.relationships.partner' },
    { audience: partner('SOCIAL', 'activity-posting'), path: 'facts.socialLinks.partner' },
    { audience: partner('SUCCESSOR', 'succession'), path: 'facts.status' },
    { audience: staff('SUPPORT', 'customer-support'), path: 'facts.status' },
    { audience: staff('ANALYST', 'internal-analysis'), path: 'facts.status' },
    { audience: staff('PRIVACY', 'privacy-request'), path: 'facts.privacyCases.status' },
    { audience: staff('LEGAL', 'legal-process'), path: 'facts.legalProcesses.until' },
  ])('$audience.name for $audience.purpose: $path', async ({ audience, path }) => {
    const filter = createAccess(table, audience, NOW).filter();
    expect(hintFor(filter)).toEqual({ [path]: 1, _id: 1 });
    const cursor = people().find(toQuery(filter) ?? {}, { ...hinted(filter), sort: { _id: 1 } });
    const { queryPlanner, executionStats } = await cursor.explain('executionStats');
    const scan = stagesOf(queryPlanner.winningPlan).find(({ stage }) => stage === 'IXSCAN');
    expect(scan?.indexBounds?.[path]).toBeDefined();
    expect(scan?.indexBounds?.[path]).not.toContain('[MinKey, MaxKey]');
    expect(executionStats.nReturned).toBeGreaterThan(0);
    expect(executionStats.totalDocsExamined).toBeLessThan(400);
  });

  test('a caller without sight of anybody asks the database for nobody', () => {
    const filters = [
      partner('OFFER_WALL', 'offer-completion'),
      partner('OFFERS', 'billing'),
      staff('SUPPORT', 'privacy-request'),
    ].map((audience) => createAccess(table, audience, NOW).filter());
    expect(filters).toEqual([false, false, false]);
    expect(filters.map(toQuery)).toEqual([null, null, null]);
  });
});

describe('the algebra of filters', () => {
  const [one, other, third] = [
    exactly('one', equals('1'), 1),
    exactly('other', equals('2'), 0),
    exactly('third', equals('3'), 2),
  ] as const;
  test.each<{ name: string; filter: Filter; is: Filter }>([
    { name: 'all of nothing is everybody', filter: and([]), is: true },
    { name: 'one of nothing is nobody', filter: or([]), is: false },
    { name: 'nobody among all leaves nobody', filter: and([one, false]), is: false },
    { name: 'everybody among some leaves everybody', filter: or([one, true]), is: true },
    { name: 'everybody among all adds nothing', filter: and([true, one]), is: one },
    { name: 'nobody among some adds nothing', filter: or([false, one]), is: one },
    { name: 'the same twice is once', filter: or([one, exactly('one', equals('1'), 1)]), is: one },
    {
      name: 'an alternative that asks for more than another adds nothing',
      filter: or([and([one, other]), one]),
      is: one,
    },
    {
      name: 'alternatives that ask for different things stay',
      filter: or([and([one, other]), third]),
      is: { or: [{ and: [one, other] }, third] },
    },
  ])('$name', ({ filter, is }) => expect(filter).toEqual(is));

  test.each<{ name: string; filter: Filter; index: string | undefined }>([
    { name: 'the rarest of the parts that must all hold', filter: and([one, other]), index: 'other' },
    { name: 'none of alternatives', filter: or([one, other]), index: undefined },
    { name: 'that of the part beside alternatives', filter: and([or([one, other]), third]), index: 'third' },
    { name: 'none for everybody', filter: true, index: undefined },
  ])('the best index is $name', ({ filter, index }) => expect(indexFor(filter)?.index).toBe(index));
});
