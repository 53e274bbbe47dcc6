import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { maskOfCategories, type Policy } from '../../src/policy/clause.ts';
import { compile, type DecisionTable, type Ruling } from '../../src/policy/compile.ts';
import { compileCondition } from '../../src/policy/condition.ts';
import { type Audience, createAccess } from '../../src/policy/decide.ts';
import { explain } from '../../src/policy/explain.ts';
import type { Facts } from '../../src/policy/facts.ts';
import { lint } from '../../src/policy/lint.ts';
import { PolicyError } from '../../src/policy/load.ts';
import { matrixOf } from '../../src/policy/matrix.ts';
import { preview } from '../../src/policy/preview.ts';
import { isIn } from '../../src/policy/vocabulary.ts';
import { toQuery } from '../../src/store/mongo/fact-query.ts';
import { anyFacts, audiences, NOW, RESTRICTED } from '../support/arbitraries.ts';
import { clauseOf, type Draft, referencePolicy, revise } from '../support/policy.ts';
import { openTestStore, type TestStore } from '../support/store.ts';
import { categoriesOf, DATA_CATEGORIES } from '../support/words.ts';
import { createWorld, member, partner, staff } from '../support/world.ts';

type DraftForbid = NonNullable<Draft['clauses'][number]['forbids']>[number];

const LIMIT = { id: 'limits.never', section: 'Limits', summary: 'Never.', kind: ['limit' as const] };

/** The reference policy with a clause that forbids. */
const forbidding = (forbids: readonly DraftForbid[], version?: string): Policy =>
  revise((draft) => {
    if (version !== undefined) draft.version = version;
    draft.clauses.push({ ...LIMIT, reading: 'LITERAL', legalBasis: 'LEGAL_OBLIGATION', forbids: [...forbids] });
  });

const tableOf = (...policies: readonly [Policy, ...Policy[]]): DecisionTable =>
  compile(policies, (policies.at(-1) as Policy).version);

const person: Facts = {
  ...{ status: 'ACTIVE', acceptedVersion: referencePolicy.version, residence: 'US', standingOptOut: false },
  preferences: { adTargeting: true, imvuNewsletter: true },
  consents: { targetedOffers: { given: true, at: new Date('2020-01-01T00:00:00Z') } },
  ...{ orders: [], subscriptions: [], relationships: [], socialLinks: [], adInteractions: [] },
  ...{ privacyCases: [], legalProcesses: [] },
};
const offers: Audience = {
  ...{ name: 'OFFERS', purpose: 'targeted-offers', scope: -1n },
  recipient: {
    ...{ clientId: 'offerly', kind: 'OFFERS', active: true, jurisdiction: 'US', successionAnnouncedAt: null },
    contract: { from: null, until: null, purposes: ['targeted-offers', 'offer-prefill'] },
  },
};
const shownOf = (table: DecisionTable, audience: Audience, facts: Facts) =>
  categoriesOf(createAccess(table, audience, NOW).decide(facts).mask);
const BEFORE = shownOf(tableOf(referencePolicy), offers, person);

describe('a forbidden category is not shown, even if a clause reveals it', () => {
  test.each<{ name: string; forbid: DraftForbid; facts?: Facts; hidden: readonly string[] }>([
    { name: 'to a kind of partner', forbid: { to: 'OFFERS', categories: ['GENDER'] }, hidden: ['GENDER'] },
    { name: 'to anybody', forbid: { to: 'any', categories: ['GENDER', 'EMAIL'] }, hidden: ['GENDER', 'EMAIL'] },
    { name: 'to another kind', forbid: { to: 'ADVERTISER', categories: ['GENDER'] }, hidden: [] },
    {
      name: 'for a purpose',
      forbid: { to: 'any', purposes: ['targeted-offers'], categories: ['NAME'] },
      hidden: ['NAME'],
    },
    {
      name: 'for another purpose',
      forbid: { to: 'any', purposes: ['offer-prefill'], categories: ['NAME'] },
      hidden: [],
    },
    {
      name: 'but for some',
      forbid: { to: 'any', categories: { except: ['NAME'] } },
      hidden: BEFORE.filter((c) => c !== 'NAME'),
    },
    {
      name: 'where its condition holds',
      forbid: { to: 'any', categories: ['NAME'], when: { preference: 'adTargeting' } },
      hidden: ['NAME'],
    },
    {
      name: 'where its condition is unknown',
      forbid: { to: 'any', categories: ['NAME'], when: { preference: 'friendAdded' } },
      hidden: ['NAME'],
    },
    {
      name: 'not where its condition fails',
      forbid: { to: 'any', categories: ['NAME'], when: { fact: 'standingOptOut' } },
      hidden: [],
    },
  ])('$name', ({ forbid, hidden }) => {
    const shown = shownOf(tableOf(forbidding([forbid])), offers, person);
    expect(shown).toEqual(BEFORE.filter((category) => !hidden.includes(category)));
  });

  test('the person is not anybody, and can be named', () => {
    const self = { name: 'SELF', purpose: null, recipient: null, scope: -1n };
    const toAny = shownOf(tableOf(forbidding([{ to: 'any', categories: ['GENDER'] }])), self, person);
    const toSelf = shownOf(tableOf(forbidding([{ to: 'SELF', categories: ['GENDER'] }])), self, person);
    expect([toAny.includes('GENDER'), toSelf.includes('GENDER'), toSelf.includes('NAME')]).toEqual([true, false, true]);
  });

  test('a category that is always forbidden is denied as one without a clause', () => {
    const access = createAccess(tableOf(forbidding([{ to: 'OFFERS', categories: ['GENDER'] }])), offers, NOW);
    expect([access.reasonFor('GENDER'), isIn(access.reach, 'GENDER')]).toEqual(['NO_CLAUSE', false]);
  });

  test('the reasoning of a clause asks that each condition to forbid fails', () => {
    const when = { preference: 'adTargeting' };
    const access = createAccess(tableOf(forbidding([{ to: 'any', categories: ['NAME'], when }])), offers, NOW);
    const { outcome, clauses } = explain(access, person, 'NAME');
    const told = JSON.stringify(clauses.map(({ conditions }) => conditions));
    expect([outcome, told.includes('the preference `adTargeting` is on')]).toEqual(['DENY', true]);
  });
});

describe('of two versions, the one that forbids is right', () => {
  const GENDER: DraftForbid = { to: 'any', categories: ['GENDER'] };
  const support: Audience = { name: 'STAFF_LEGAL', purpose: 'legal-process', recipient: null, scope: -1n };
  const process = {
    ...{ id: 'p', authority: 'Court', categories: ['GENDER', 'NAME'] },
    ...{ from: new Date(0), until: new Date('9999-01-01T00:00:00Z') },
  };

  test('a narrower current version needs no acceptance', () =>
    expect(shownOf(tableOf(referencePolicy, forbidding([GENDER], '2030-01-01')), offers, person)).not.toContain(
      'GENDER',
    ));

  test('a category that the accepted version forbids stays forbidden, also where the current one holds toward everybody', () => {
    const older = forbidding([GENDER], '2010-01-01');
    const table = tableOf(older, referencePolicy);
    const shown = (acceptedVersion: string) =>
      shownOf(table, support, { ...person, acceptedVersion, legalProcesses: [process] });
    expect([shown('2010-01-01'), shown(referencePolicy.version), shown('never-published')]).toEqual([
      ['NAME'],
      ['NAME', 'GENDER'],
      [],
    ]);
  });
});

describe('a clause at fault is refused', () => {
  const faultsOf = (change: (draft: Draft) => void): readonly string[] => {
    try {
      revise(change);
      return [];
    } catch (error) {
      if (error instanceof PolicyError)
        return error.faults.map((fault) => fault.replace(/^\S+ \S*?clauses\[\d+\]\./, ''));
      throw error;
    }
  };
  test.each<{ name: string; clause: object; told: string }>([
    {
      name: 'of another kind',
      clause: { kind: ['duty'] },
      told: 'kind: expected the kind limit on a clause that forbids',
    },
    {
      name: 'toward nobody known',
      clause: { forbids: [{ to: 'EVERYBODY', categories: ['NAME'] }] },
      told: 'forbids[0].to: expected one of SELF, VISITOR, MEMBER, STAFF_SUPPORT, STAFF_ANALYST, STAFF_PRIVACY, STAFF_LEGAL, PAYMENT_PROCESSOR, EMAIL_PROVIDER, OFFERS, ADVERTISER, OFFER_WALL, CO_BRANDED, SOCIAL, SUCCESSOR, any, not "EVERYBODY"',
    },
    {
      name: 'for the company’s own use',
      clause: { forbids: [{ to: 'any', purposes: ['contact'], categories: ['NAME'] }] },
      told: 'forbids[0].purposes[0]: expected a purpose with use: CALLER, not "contact"',
    },
    {
      name: 'where a list holds something',
      clause: { forbids: [{ to: 'any', categories: ['NAME'], when: { fact: 'openPrivacyCase' } }] },
      told: "forbids[0].when.fact: the fact openPrivacyCase can't be negated: no index finds people without a list element",
    },
  ])('$name', ({ clause, told }) => {
    const faults = faultsOf((draft) => {
      const base = {
        ...LIMIT,
        reading: 'LITERAL',
        legalBasis: 'CONTRACT',
        forbids: [{ to: 'any', categories: ['NAME'] }],
      };
      draft.clauses.push({ ...base, ...clause } as Draft['clauses'][number]);
    });
    expect(faults).toEqual([told]);
  });
});

test('lint tells of a reveal that can show nothing, and the matrix shows the rest', () => {
  const policy = forbidding([{ to: 'SOCIAL', categories: { except: [] } }]);
  expect(lint(policy).filter(({ severity }) => severity === 'ERROR')).toContainEqual({
    ...{ severity: 'ERROR', clause: 'social.activity' },
    message: 'reveals to SOCIAL only data that the policy forbids',
  });
  expect(matrixOf(policy).some(({ recipient }) => recipient === 'SOCIAL')).toBe(false);
});

/** Forbids over every audience, with conditions that can be negated. */
const LEAVES = [
  { preference: 'adTargeting' },
  { consent: 'euTransfer' },
  { restriction: RESTRICTED },
  { fact: 'standingOptOut' as const },
  { fact: 'residesInTransferRegion' as const },
  { not: { fact: 'relationshipWithRecipient' as const } },
];
const anyForbid: fc.Arbitrary<DraftForbid> = fc.record(
  {
    to: fc.constantFrom('any', 'SELF', 'MEMBER', 'STAFF_SUPPORT', 'OFFERS', 'SUCCESSOR', 'CO_BRANDED'),
    categories: fc.oneof(
      fc.subarray(DATA_CATEGORIES, { minLength: 1 }),
      fc.subarray(DATA_CATEGORIES).map((except) => ({ except })),
    ),
    purposes: fc.subarray(['succession', 'targeted-offers', 'customer-support'], { minLength: 1 }),
    when: fc.oneof(
      fc.constantFrom(...LEAVES),
      fc.subarray(LEAVES, { minLength: 1 }).map((any) => ({ any })),
      fc.subarray(LEAVES, { minLength: 1 }).map((all) => ({ all })),
    ),
  },
  { requiredKeys: ['to', 'categories'] },
);

const withoutForbids = (policy: Policy): Policy => ({
  ...policy,
  clauses: policy.clauses.map((clause) => ({ ...clause, forbids: [] })),
});

/** Whether a policy forbids the category under a ruling. */
function isForbidden(
  policy: Policy,
  { name, purpose, recipient }: Audience,
  facts: Facts,
  ruling: Ruling,
  category: string,
) {
  const situation = { facts, recipient, now: NOW, measures: ruling.measures };
  return policy.clauses
    .flatMap(({ forbids }) => forbids)
    .some(({ to, purposes, categories, when }) => {
      const isMeant = to === name || (to === 'any' && name !== 'SELF');
      const isFor = !purposes || ruling.purposes === null || purposes.includes(purpose ?? '');
      const isNamed = Array.isArray(categories) ? categories.includes(category) : !categories.except.includes(category);
      return isMeant && isFor && isNamed && (when === undefined || compileCondition(when).test(situation) !== false);
    });
}

interface Told {
  /** The same versions without their `forbids`. */
  readonly plain: DecisionTable;
  readonly versions: readonly Policy[];
  /** Whether a version forbids something that the current one does not. */
  readonly isSplit: boolean;
}

/**
 * Decides again, clause by clause: the categories that some clause reveals, less those that a clause of the accepted
 * version or of the current one forbids.
 */
function shownByOracle({ plain, versions, isSplit }: Told, audience: Audience, facts: Facts): readonly string[] {
  const current = versions.at(-1);
  const accepted = versions.find(({ version }) => version === facts.acceptedVersion);
  if (isSplit && !accepted && audience.name !== 'SELF') return [];
  const inForce = new Set([current, accepted]);
  const { grounds } = createAccess(plain, audience, NOW).decide(facts);
  return DATA_CATEGORIES.filter((category) =>
    grounds.some(
      ({ ruling, mask }) =>
        isIn(mask, category) &&
        ![...inForce].some((policy) => policy && isForbidden(policy, audience, facts, ruling, category)),
    ),
  );
}

describe('for any clauses that forbid', () => {
  let store: TestStore;
  beforeAll(async () => {
    store = await openTestStore();
  });
  afterAll(() => store.drop());
  const people = () =>
    store.connection.getClient().db(store.connection.name).collection<{ _id: number; facts: Facts }>('people');

  test('decision, oracle, explanation, preview and list agree', async () => {
    let hidden = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyForbid, { minLength: 1, maxLength: 4 }),
        fc.array(anyForbid, { maxLength: 2 }),
        fc.array(anyFacts([referencePolicy.version, '2010-01-01']), { minLength: 8, maxLength: 20 }),
        fc.array(audiences(compile([referencePolicy], referencePolicy.version)), { minLength: 8, maxLength: 8 }),
        async (forbids, before, everybody, callers) => {
          const current = forbidding(forbids);
          const versions: [Policy, ...Policy[]] =
            before.length > 0 ? [forbidding(before, '2010-01-01'), current] : [current];
          const table = tableOf(...versions);
          const plain = compile(versions.map(withoutForbids), current.version);
          const isSplit = table.standingUnder !== null;
          await people().deleteMany({});
          await people().insertMany(everybody.map((facts, _id) => ({ _id, facts })));
          const documents = await people()
            .find({}, { sort: { _id: 1 } })
            .toArray();
          for (const audience of callers) {
            const access = createAccess(table, audience, NOW);
            for (const { facts } of documents) {
              const shown = categoriesOf(access.decide(facts).mask);
              expect(shown).toEqual(shownByOracle({ plain, versions, isSplit }, audience, facts));
              const category = DATA_CATEGORIES[hidden % DATA_CATEGORIES.length] ?? '';
              hidden += DATA_CATEGORIES.length - shown.length;
              expect(explain(access, facts, category).outcome).toBe(shown.includes(category) ? 'REVEAL' : 'DENY');
              // while nothing is known of a person, no other caller is shown anything
              const changes = preview([access], {}, facts).map(({ category }) => category);
              if (audience.name !== 'SELF') expect(changes).toEqual(shown);
            }
            if (audience.name === 'SELF') continue;
            const query = toQuery(access.filter());
            const found = query
              ? await people()
                  .find(query, { sort: { _id: 1 } })
                  .toArray()
              : [];
            expect(found.map(({ _id }) => _id)).toEqual(
              documents.filter(({ facts }) => access.decide(facts).mask !== 0n).map(({ _id }) => _id),
            );
          }
        },
      ),
      { numRuns: 12 },
    );
    expect(hidden).toBeGreaterThan(1_000);
  }, 120_000);
});

test('over HTTP a forbidden field is denied, and a person without any visible category is not found', async () => {
  const policy = forbidding([
    { to: 'STAFF_SUPPORT', categories: ['NAME'] },
    { to: 'OFFERS', categories: { except: [] }, when: { preference: 'adTargeting' } },
  ]);
  const user = (id: string, adTargeting: boolean) => ({
    ...{ id, avatarName: `Person ${id}`, name: 'Nia Ko', email: `${id}@mail.example`, country: 'US' },
    preferences: { adTargeting },
    consents: [{ purpose: 'targetedOffers', action: 'GIVEN' }],
  });
  const world = await createWorld(
    {
      users: [user('u1', true), user('u2', false)],
      partners: [
        {
          ...{ clientId: 'offerly', name: 'Offerly', kind: 'OFFERS', jurisdiction: 'US' },
          contract: { purposes: ['targeted-offers'] },
        },
      ],
    },
    { policy: { policy, canonical: JSON.stringify(policy), hash: 'forbidding' } },
  );
  const asked = await world.ask(staff('support', 'customer-support'), '{ user(id: "u1") { name email } }');
  expect([asked.data.user, asked.errors.map(({ extensions }) => extensions.code)]).toEqual([
    { name: null, email: 'u1@mail.example' },
    ['FORBIDDEN'],
  ]);
  const list = await world.ask(partner('offerly', 'targeted-offers', 'name'), '{ users { edges { node { name } } } }');
  expect(list.data.users.edges).toHaveLength(1);
  expect((await world.ask(member('u1'), '{ me { name } }')).data.me.name).toBe('Nia Ko');
  await world.close();
});

test('a clause of the reference policy that is not touched decides as before', () => {
  const table = tableOf(forbidding([{ to: 'SOCIAL', categories: ['NAME'] }]));
  expect(table.all.get('OFFERS')?.map(({ mask }) => mask)).toEqual(
    tableOf(referencePolicy)
      .all.get('OFFERS')
      ?.map(({ mask }) => mask),
  );
  const clause = clauseOf(referencePolicy as unknown as Draft, 'social.activity');
  expect(clause.reveals?.map((reveal) => maskOfCategories(referencePolicy, reveal as never)).length).toBeGreaterThan(0);
});
