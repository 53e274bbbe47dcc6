import { describe, expect, test } from 'vitest';
import { compile, measuresOf } from '../../src/policy/compile.ts';
import { compileCondition, describe as inWords } from '../../src/policy/condition.ts';
import { createAccess } from '../../src/policy/decide.ts';
import { lint } from '../../src/policy/lint.ts';
import { parsePolicy as parse } from '../../src/policy/load.ts';
import { EVERY_CATEGORY, isIn } from '../../src/policy/vocabulary.ts';
import { parsePolicy } from '../support/policy.ts';
import { type ShopDraft, shopText } from '../support/ties.ts';

const NOW = new Date('2026-03-30T12:00:00.000Z');
const policyWith = (change: (draft: ShopDraft) => void) => parsePolicy(shopText(change), 'shop').policy;

const restriction = 'allergy-check';
const REQUEST = 'Mutation.requestRestriction';
type ShopClause = ShopDraft['clauses'][number];
const clauseOf = ({ clauses }: ShopDraft, id: string) => clauses.find((clause) => clause.id === id) as ShopClause;
/** The shop as if it had no restrictions. */
const unrestricted = (draft: ShopDraft) => {
  const [reveal] = clauseOf(draft, 'shop.allergies').reveals as [{ when: { all: object[] } }];
  reveal.when.all = reveal.when.all.slice(0, 2);
};
const without = (draft: ShopDraft, id: string) => draft.clauses.splice(draft.clauses.indexOf(clauseOf(draft, id)), 1);

describe('a restriction', () => {
  test.each<{ it: string; restrictions: unknown; is: boolean | undefined }>([
    { it: 'holds where the person restricted the purpose', restrictions: { [restriction]: true }, is: true },
    { it: 'fails where they did not', restrictions: { [restriction]: false }, is: false },
    { it: 'is unknown where nothing is on record', restrictions: undefined, is: undefined },
    { it: 'is unknown where another purpose is', restrictions: { delivery: false }, is: undefined },
    { it: 'is unknown where the record is no switch', restrictions: { [restriction]: 'false' }, is: undefined },
    { it: 'is unknown where the record is a list', restrictions: [false], is: undefined },
  ])('$it', ({ restrictions, is }) => {
    const situation = {
      facts: { restrictions },
      recipient: null,
      now: NOW,
      measures: measuresOf(policyWith(() => {})),
    };
    expect(compileCondition({ restriction }).test(situation)).toBe(is);
    expect(compileCondition({ not: { restriction } }).test(situation)).toBe(is === undefined ? is : !is);
  });

  test('is told in words', () =>
    expect(inWords({ restriction })).toBe('the person restricted the use of their data for `allergy-check`'));

  const earlier = policyWith((draft) => {
    draft.version = 'winter-0';
    unrestricted(draft);
  });
  const forbidding = policyWith((draft) => {
    unrestricted(draft);
    Object.assign(clauseOf(draft, 'shop.restrictions'), {
      kind: ['limit'],
      forbids: [{ to: 'any', purposes: [restriction], categories: ['ALLERGIES'], when: { restriction } }],
    });
  });

  test.each<{ restrictions: unknown; shown: boolean }>([
    { restrictions: { [restriction]: false }, shown: true },
    { restrictions: { [restriction]: true }, shown: false },
    { restrictions: {}, shown: false },
  ])('forbids wherever it is not known to fail, under earlier versions too: $restrictions', ({
    restrictions,
    shown,
  }) => {
    const recipient = {
      ...{ clientId: 'lab', kind: 'LABORATORY', active: true, jurisdiction: 'CH', successionAnnouncedAt: null },
      contract: { from: null, until: null, purposes: [restriction] },
    };
    const audience = { name: 'LABORATORY', purpose: restriction, recipient, scope: EVERY_CATEGORY };
    const access = createAccess(compile([earlier, forbidding], forbidding.version), audience, NOW);
    for (const { version } of [earlier, forbidding]) {
      const facts = {
        ...{ status: 'ACTIVE', acceptedVersion: version, residence: 'DE', restrictions },
        consents: { allergyCheck: { given: true, at: new Date(0) } },
        relationships: [{ partner: 'lab', active: true }],
      };
      expect(isIn(access.decide(facts).mask, 'ALLERGIES')).toBe(shown);
    }
  });
});

test.each([
  ['allergy-chek', 'not "allergy-chek"; did you mean allergy-check?'],
  ['bookkeeping', 'not "bookkeeping"'],
])('the purpose of a restriction is one that callers have: %s', (purpose, told) => {
  const text = shopText((draft) => {
    const [reveal] = clauseOf(draft, 'shop.allergies').reveals as [{ when: object }];
    reveal.when = { not: { restriction: purpose } };
  });
  expect(() => parse(text, 'shop')).toThrow(`when.not.restriction: expected a purpose with use: CALLER, ${told}`);
});

describe('lint tells of', () => {
  const warnings = (change: (draft: ShopDraft) => void) =>
    lint(policyWith(change))
      .filter(({ severity, message }) => severity === 'WARNING' && message.includes('estrict'))
      .map(({ clause = '', message }) => `${clause} ${message}`.trim());

  test.each<{ name: string; change: (draft: ShopDraft) => void; told: string[] }>([
    { name: 'nothing where people can restrict', change: () => {}, told: [] },
    {
      name: 'a request that no condition asks for',
      change: unrestricted,
      told: [`shop.restrictions is served by ${REQUEST}, though no condition asks for a restriction`],
    },
    {
      name: 'a condition without a request that people can make',
      change: (draft) => without(draft, 'shop.restrictions'),
      told: [`no clause is served by ${REQUEST}, though conditions ask for restrictions`],
    },
    {
      name: 'requests that nobody decides',
      change: ({ vocabulary }) => {
        for (const role of vocabulary.staff as { may?: string[] }[])
          if (role.may) role.may = role.may.filter((power) => power !== 'decideRestrictions');
      },
      told: ['no role of staff may decideRestrictions, so that nobody decides requests'],
    },
    {
      name: 'a reveal for the same purpose that does not heed it',
      change: (draft) => {
        const [reveal] = clauseOf(draft, 'shop.delivery').reveals as [{ purposes: string[] }];
        reveal.purposes.push(restriction);
      },
      told: [`shop.delivery reveals to COURIER for ${restriction} also people who restricted that`],
    },
    {
      name: 'nothing where a clause forbids it',
      change: (draft) => {
        const [reveal] = clauseOf(draft, 'shop.delivery').reveals as [{ purposes: string[] }];
        reveal.purposes.push(restriction);
        Object.assign(clauseOf(draft, 'shop.restrictions'), {
          kind: ['limit'],
          forbids: [{ to: 'any', purposes: [restriction], categories: { except: [] }, when: { restriction } }],
        });
      },
      told: [],
    },
  ])('$name', ({ change, told }) => expect(warnings(change)).toEqual(told));
});
