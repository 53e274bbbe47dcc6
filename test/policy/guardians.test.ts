import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dateEverywhere, latestBirth } from '../../src/base/birthdays.ts';
import { compile } from '../../src/policy/compile.ts';
import { createAccess } from '../../src/policy/decide.ts';
import { diffPolicies } from '../../src/policy/diff.ts';
import { diffInWords } from '../../src/policy/diff-words.ts';
import { explain } from '../../src/policy/explain.ts';
import type { Facts } from '../../src/policy/facts.ts';
import { lint } from '../../src/policy/lint.ts';
import { matrixText } from '../../src/policy/matrix.ts';
import { EVERY_CATEGORY, isIn, NO_CATEGORIES } from '../../src/policy/vocabulary.ts';
import { NOW, soundFacts } from '../support/arbitraries.ts';
import { faultsOfShop, forbidding, type ShopDraft, shopWithTies } from '../support/ties.ts';

const birthdayCard = (draft: ShopDraft) => draft.consents.find(({ id }) => id === 'birthdayCard') as object;
const under =
  (given: unknown, change: (draft: ShopDraft) => void = () => {}) =>
  (draft: ShopDraft) => {
    Object.assign(birthdayCard(draft), { under: given });
    change(draft);
  };
const BY_GUARDIAN = { age: 13, by: 'guardianOf' };
const later = (draft: ShopDraft) => {
  draft.version = 'later';
};

describe('a fault of a consent that guardians give is told with its place and the expected form', () => {
  const NO_BIRTH =
    'consents[0].under.age: expected a category with the role birthDate in the vocabulary, from which an age follows';
  test.each<{ name: string; change: (draft: ShopDraft) => void; told: readonly string[] }>([
    { name: 'none', change: under(BY_GUARDIAN), told: [] },
    { name: 'the greatest age', change: under({ ...BY_GUARDIAN, age: 130 }), told: [] },
    {
      name: 'an age that nobody reaches',
      change: under({ ...BY_GUARDIAN, age: 131 }),
      told: ['consents[0].under.age: expected 130 or less, not 131'],
    },
    {
      name: 'no age at all',
      change: under({ ...BY_GUARDIAN, age: 0 }),
      told: ['consents[0].under.age: expected 1 or more, not 0'],
    },
    {
      name: 'a missing tie',
      change: under({ age: 13 }),
      told: ['consents[0].under.by: is missing; expected a text'],
    },
    {
      name: 'a misspelt tie',
      change: under({ age: 13, by: 'gardianOf' }),
      told: [
        'consents[0].under.by: expected a tie that one person holds to another, not "gardianOf"; did you mean guardianOf?',
      ],
    },
    {
      name: 'an unknown tie',
      change: under({ age: 13, by: 'neighbour' }),
      told: ['consents[0].under.by: expected one of the ties guardianOf, follows, not "neighbour"'],
    },
    {
      name: 'a tie that both hold to each other',
      change: under({ age: 13, by: 'friendOf' }),
      told: ['consents[0].under.by: expected one of the ties guardianOf, follows, not "friendOf"'],
    },
    {
      name: 'another key',
      change: under({ ...BY_GUARDIAN, year: 13 }),
      told: ['consents[0].under.year: expected no such key; there are age, by'],
    },
    {
      name: 'a consent that comes with accepting the policy',
      change: under(BY_GUARDIAN, (draft) => Object.assign(birthdayCard(draft), { givenBy: 'EXPLICIT_ACCEPTANCE' })),
      told: [
        'consents[0].givenBy: expected EXPRESS for a consent that is given for each recipient, that ends by itself, or that a guardian gives',
      ],
    },
    {
      name: 'no ties, and no date of birth',
      change: under(BY_GUARDIAN, ({ vocabulary, clauses }) => {
        vocabulary.ties.length = 0;
        clauses.splice(-3);
        for (const category of vocabulary.categories) if (category.role === 'birthDate') delete category.role;
      }),
      told: ['consents[0].under.by: expected no tie: the vocabulary has none', NO_BIRTH],
    },
  ])('$name', ({ change, told }) => expect([...faultsOfShop(change)].sort()).toEqual([...told].sort()));
});

describe('the givers of a consent', () => {
  const before = shopWithTies().policy;
  const after = shopWithTies(under(BY_GUARDIAN, later)).policy;
  const words = (from: typeof before, to: typeof before) =>
    diffInWords(diffPolicies(from, to), (category) => [category]).map(({ effect, says }) => `${effect} ${says}`);
  const GUARDIANS =
    'a member with the tie guardianOf while the person is under 13 or of unknown age, and by the person from then on';

  test('are told where a later version has others, with the effect', () => {
    expect(words(before, after)).toContain(
      `NARROWER the consent birthdayCard was given by the person, and is to be given by ${GUARDIANS}`,
    );
    expect(words(before, after).join()).toContain('PRINTER, for birthday-card, sees on other conditions FULL_NAME');
    const older = shopWithTies(under({ ...BY_GUARDIAN, age: 16 }, later)).policy;
    expect(words(after, older)).toContain(
      `NARROWER the consent birthdayCard was given by ${GUARDIANS}, and is to be given by ${GUARDIANS.replace('13', '16')}`,
    );
    expect(words(after, after)).toEqual([]);
  });

  test('stand in the matrix', () =>
    expect(matrixText(after)).toContain(
      'either a guardian gave the consent `birthdayCard`, and it is in force, or the consent `birthdayCard` is in force, and the person is at least 13 years old',
    ));

  test('are no reason for another hash where a policy has none', () => {
    expect(shopWithTies().canonical).not.toContain('"under"');
    expect(shopWithTies(under(BY_GUARDIAN)).hash).not.toBe(shopWithTies().hash);
  });

  test.each([
    { confirmedBy: 'STAFF', warnings: 0 },
    { confirmedBy: 'SUBJECT', warnings: 1 },
  ])('are doubted by lint where a tie is confirmed by $confirmedBy: $warnings', ({ confirmedBy, warnings }) => {
    const policy = shopWithTies(
      under(BY_GUARDIAN, ({ vocabulary }) => Object.assign(vocabulary.ties[0] as object, { confirmedBy })),
    ).policy;
    const findings = lint(policy).filter(({ message }) => message.includes('guardianOf'));
    expect(findings).toHaveLength(warnings);
    expect(findings.every(({ severity }) => severity === 'WARNING')).toBe(true);
    expect(lint(policy).filter(({ severity }) => severity === 'ERROR')).toEqual([]);
  });
});

describe('for any facts', () => {
  const loaded = shopWithTies(under(BY_GUARDIAN)).policy;
  const printerOf = (policies: readonly (typeof loaded)[], current: string) =>
    createAccess(
      compile(policies, current),
      {
        ...{ name: 'PRINTER', purpose: 'birthday-card', scope: EVERY_CATEGORY },
        recipient: {
          ...{ clientId: 'first', kind: 'PRINTER', active: true, jurisdiction: 'DE', successionAnnouncedAt: null },
          contract: { from: null, until: null, purposes: ['birthday-card'] },
        },
      },
      NOW,
    );
  const access = printerOf([loaded], loaded.version);
  const someFacts = fc
    .tuple(soundFacts([loaded.version]), soundFacts([loaded.version]))
    .map(([facts, { consents }]): Facts => {
      const { lasting } = (consents ?? {}) as Record<string, unknown>;
      return { ...facts, status: 'ACTIVE', residence: 'DE', consents: { birthdayCard: lasting } };
    });
  const isGiven = ({ consents }: Facts, byGuardian: boolean): boolean => {
    const { given, at, tie } = ((consents as Record<string, unknown>).birthdayCard ?? {}) as Record<string, unknown>;
    return given === true && at instanceof Date && at <= NOW && (!byGuardian || typeof tie === 'string');
  };
  const isOld = ({ bornOn }: Facts) => bornOn instanceof Date && bornOn <= latestBirth(13, dateEverywhere(NOW));

  test('a person is shown if a guardian consented, or if the person is old enough and consented', () => {
    let shown = 0;
    fc.assert(
      fc.property(someFacts, (facts) => {
        const decision = access.decide(facts);
        const isShown = decision.mask !== NO_CATEGORIES;
        const accepted = facts.acceptedVersion === loaded.version;
        expect(isShown).toBe(accepted && (isGiven(facts, true) || (isGiven(facts, false) && isOld(facts))));
        expect(explain(access, facts, 'BIRTHDAY').outcome).toBe(isIn(decision.mask, 'BIRTHDAY') ? 'REVEAL' : 'DENY');
        shown += Number(isShown);
      }),
      { numRuns: 1_000 },
    );
    expect(shown).toBeGreaterThan(50);
  });

  test('a version that forbids without such a consent counts the consent by its own rule', () => {
    const forbid = forbidding('cards.never', ['BIRTHDAY'], { not: { consent: 'birthdayCard' } }, 'PRINTER');
    const strict = shopWithTies(under(BY_GUARDIAN, (draft) => draft.clauses.push(forbid))).policy;
    const lax = shopWithTies(later).policy;
    const both = printerOf([strict, lax], lax.version);
    fc.assert(
      fc.property(someFacts, (facts) => {
        const isShown = isIn(both.decide(facts).mask, 'BIRTHDAY');
        const counts = isGiven(facts, true) || (isGiven(facts, false) && isOld(facts));
        if (isShown && facts.acceptedVersion === strict.version) expect(counts).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
