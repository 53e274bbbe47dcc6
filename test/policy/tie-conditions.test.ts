import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile, measuresOf } from '../../src/policy/compile.ts';
import { compileCondition, describe as inWords } from '../../src/policy/condition.ts';
import { createAccess } from '../../src/policy/decide.ts';
import { explain } from '../../src/policy/explain.ts';
import type { Facts } from '../../src/policy/facts.ts';
import { lint } from '../../src/policy/lint.ts';
import { matrixText } from '../../src/policy/matrix.ts';
import { preview } from '../../src/policy/preview.ts';
import { changedForms, unionOf } from '../../src/policy/vocabularies.ts';
import { bitOf, EVERY_CATEGORY, idsOf, isIn, maskOf } from '../../src/policy/vocabulary.ts';
import { parsePolicy } from '../support/policy.ts';
import { faultsOfShop, forbidding, revealing, type ShopDraft, shopText, shopWithTies } from '../support/ties.ts';

const tie = (rest: object) => ({ says: 'Knows the person.', enteredBy: 'CODE', confirmedBy: 'SUBJECT', ...rest });

describe('a fault of ties in a vocabulary is told with its place and the expected form', () => {
  test.each<{ name: string; change: (draft: ShopDraft) => void; told: readonly string[] }>([
    {
      name: 'an id twice',
      change: ({ vocabulary }) => vocabulary.ties.push(tie({ id: 'friendOf', symmetric: true })),
      told: ['vocabulary.ties[3].id: expected an id of its own; friendOf is defined above'],
    },
    {
      name: 'the name of a preference',
      change: ({ vocabulary }) => vocabulary.ties.push(tie({ id: 'deliveries' })),
      told: ['vocabulary.ties[3].id: expected another name: deliveries is a preference'],
    },
    {
      name: 'a way to enter that there is not',
      change: ({ vocabulary }) => vocabulary.ties.push(tie({ id: 'knows', enteredBy: 'ANYBODY' })),
      told: ['vocabulary.ties[3].enteredBy: expected one of CODE, EITHER, not "ANYBODY"'],
    },
    {
      name: 'no word on the confirmation',
      change: ({ vocabulary }) => vocabulary.ties.push(tie({ id: 'knows', confirmedBy: undefined })),
      told: ['vocabulary.ties[3].confirmedBy: is missing; expected one of SUBJECT, STAFF'],
    },
    {
      name: 'staff that confirm, where no role may',
      change: ({ vocabulary }) => {
        for (const role of vocabulary.staff)
          role.may = ((role.may ?? []) as string[]).filter((power) => power !== 'confirmTies');
      },
      told: ['vocabulary.ties[0].confirmedBy: expected a role of staff that may confirmTies'],
    },
    {
      name: 'a category that wants the field of ties',
      change: ({ vocabulary }) =>
        vocabulary.categories.push({ id: 'BOWS', says: 'Bows.', field: 'ties', value: 'integer' }),
      told: ['vocabulary.categories[13].field: expected another name: ties is taken'],
    },
  ])('$name', ({ change, told }) => {
    expect(faultsOfShop(change)).toEqual(told);
  });
});

describe('a condition asks for ties of members in clauses that reveal, and never for the lack of one', () => {
  const NOBODY = "can't be negated: no index finds people without a tie";
  test.each<{ name: string; change: (draft: ShopDraft) => void; told: readonly string[] }>([
    {
      name: 'a tie that there is not',
      change: ({ clauses }) => clauses.push(revealing('ties.more', ['HOME'], { tie: 'guardainOf' })),
      told: ['reveals[0].when.tie: expected a tie, not "guardainOf"; did you mean guardianOf?'],
    },
    {
      name: 'no name',
      change: ({ clauses }) => clauses.push(revealing('ties.more', ['HOME'], { tie: 3 })),
      told: ['reveals[0].when.tie: expected the name of a tie, not 3'],
    },
    {
      name: 'a negated tie',
      change: ({ clauses }) => clauses.push(revealing('ties.more', ['HOME'], { not: { any: [{ tie: 'friendOf' }] } })),
      told: [`reveals[0].when.not.any[0].tie: the tie friendOf ${NOBODY}`],
    },
    {
      name: 'a tie negated twice',
      change: ({ clauses }) => clauses.push(revealing('ties.more', ['HOME'], { not: { not: { tie: 'friendOf' } } })),
      told: [],
    },
    {
      name: 'a tie that forbids',
      change: ({ clauses }) => clauses.push(forbidding('ties.more', ['HOME'], { tie: 'friendOf' })),
      told: [
        "forbids[0].when.tie: the tie friendOf can't forbid anything: it stands in the conditions of reveals alone",
      ],
    },
    {
      name: 'the lack of a tie that forbids',
      change: ({ clauses }) => clauses.push(forbidding('ties.more', ['HOME'], { not: { tie: 'friendOf' } }, 'any')),
      told: [
        "forbids[0].when.not.tie: the tie friendOf can't forbid anything: it stands in the conditions of reveals alone",
      ],
    },
    ...['VISITOR', 'SELF', 'STAFF_OFFICER', 'COURIER'].map((to) => ({
      name: `a tie of ${to}`,
      change: ({ clauses }: ShopDraft) => {
        const more = revealing('ties.more', ['HOME'], { tie: 'friendOf' }, to);
        Object.assign((more.reveals as object[])[0] as object, to === 'COURIER' && { purposes: ['delivery'] });
        clauses.push(more);
      },
      told: [`reveals[0].when.tie: the tie friendOf can't be asked of ${to}: members alone have ties`],
    })),
  ])('$name', ({ change, told }) => {
    expect(faultsOfShop(change).map((fault) => fault.replace(/^clauses\[\d+\]\./, ''))).toEqual(told);
  });

  test('a policy without ties knows none', () => {
    const told = faultsOfShop((draft) => {
      draft.vocabulary.ties.length = 0;
      draft.clauses.splice(-3, 3, revealing('ties.more', ['HOME'], { tie: 'friendOf' }));
    });
    expect(told.map((fault) => fault.replace(/^clauses\[\d+\]\./, ''))).toEqual([
      'reveals[0].when.tie: expected no tie: the vocabulary has none',
    ]);
  });
});

const { policy } = shopWithTies();
const table = compile([policy], policy.version);
const NOW = new Date('2026-03-10T12:00:00Z');
const access = createAccess(table, { name: 'MEMBER', purpose: null, recipient: null, scope: EVERY_CATEGORY }, NOW);
const person: Facts = {
  ...{ status: 'ACTIVE', acceptedVersion: policy.version, residence: 'US', standingOptOut: false },
  preferences: { deliveries: true, windowName: false },
  consents: {},
};
const shown = (facts: Facts) =>
  ['HOME', 'BIRTHDAY', 'FULL_NAME'].filter((category) => isIn(access.decide(facts).mask, category));

describe('a tie shows the categories of its clause while it counts', () => {
  test.each<{ name: string; ties: unknown; facts?: Facts; sees: readonly string[] }>([
    { name: 'no tie', ties: {}, sees: [] },
    { name: 'ties that were not read', ties: undefined, sees: [] },
    { name: 'a guardian', ties: { guardianOf: true }, sees: ['HOME', 'FULL_NAME'] },
    { name: 'a friend', ties: { friendOf: true, guardianOf: false }, sees: ['BIRTHDAY', 'FULL_NAME'] },
    {
      name: 'a friend of a person with another choice',
      ties: { friendOf: true },
      facts: { preferences: { deliveries: false } },
      sees: ['FULL_NAME'],
    },
    { name: 'a guardian of a sealed person', ties: { guardianOf: true }, facts: { status: 'SEALED' }, sees: [] },
    {
      name: 'a guardian of a person of unknown status',
      ties: { guardianOf: true },
      facts: { status: undefined },
      sees: [],
    },
    { name: 'a tie that is no yes', ties: { guardianOf: 'true' }, sees: [] },
    { name: 'a list of ties', ties: ['guardianOf'], sees: [] },
  ])('$name', ({ ties, facts, sees }) => {
    expect(shown({ ...person, ...facts, ties })).toEqual(sees);
  });

  test('the ties that decisions ask for are known beforehand, and none for other callers', () => {
    const visitor = createAccess(
      table,
      { name: 'VISITOR', purpose: null, recipient: null, scope: EVERY_CATEGORY },
      NOW,
    );
    expect([[...access.ties].sort(), visitor.ties]).toEqual([['follows', 'friendOf', 'guardianOf'], []]);
  });

  test('nobody is found by a tie', () => {
    const situation = { facts: {}, recipient: null, now: NOW, measures: measuresOf(policy) };
    const { filter } = compileCondition({ tie: 'friendOf' });
    expect([true, false].map((expected) => filter(situation, expected))).toEqual([false, false]);
  });

  test('a tie shows nothing of a person with every choice declined', () => {
    const errors = lint(policy).filter(({ severity }) => severity === 'ERROR');
    expect(errors).toEqual([]);
    const consented = shopWithTies(({ clauses }) =>
      Object.assign(clauses.at(-1) as object, { legalBasis: 'CONSENT', kind: ['reveal', 'control'] }),
    );
    expect(lint(consented.policy).filter(({ severity }) => severity === 'ERROR')).toEqual([]);
  });
});

test('a tie is told in words', () => {
  expect(inWords({ tie: 'guardianOf' })).toBe('the member has the tie `guardianOf` to the person');
  expect(matrixText(policy)).toContain('the member has the tie `follows` to the person');
});

const truths = fc.constantFrom<unknown>(true, false, undefined, null, 'true', 1);
const anyFacts: fc.Arbitrary<Facts> = fc.record({
  status: fc.constantFrom('ACTIVE', 'ACTIVE', 'SEALED', 'REFUSED', undefined),
  acceptedVersion: fc.constantFrom(policy.version, policy.version, 'another'),
  preferences: fc.record({ deliveries: truths, windowName: truths }),
  consents: fc.constant({}),
  ties: fc.oneof(
    fc.record({ guardianOf: truths, friendOf: truths, follows: truths }),
    fc.constantFrom<unknown>(undefined, null, [], ['friendOf'], 'friendOf'),
  ),
});

describe('for any facts and ties', () => {
  test('explain agrees with decide', () => {
    fc.assert(
      fc.property(anyFacts, fc.constantFrom(...idsOf(table.vocabulary.categories)), (facts, category) => {
        const explanation = explain(access, facts, category);
        const isShown = isIn(access.decide(facts).mask, category);
        expect(explanation.outcome).toBe(isShown ? 'REVEAL' : 'DENY');
        expect(explanation.clauses.some(({ applies, holds }) => applies && holds === true)).toBe(isShown);
      }),
    );
  });

  test('preview of the end of a tie agrees with decide', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const after = { ...facts, ties: {} };
        const hidden = preview([access], facts, after);
        expect(hidden.every(({ change }) => change === 'HIDDEN')).toBe(true);
        const lost = access.decide(facts).mask & ~access.decide(after).mask;
        expect(maskOf(hidden.map(({ category }) => category))).toBe(lost);
      }),
    );
  });

  test('one more tie never shows less', () => {
    fc.assert(
      fc.property(anyFacts, fc.constantFrom('guardianOf', 'friendOf', 'follows'), (facts, kind) => {
        const ties = typeof facts.ties === 'object' && !Array.isArray(facts.ties) ? facts.ties : {};
        const before = access.decide({ ...facts, ties }).mask;
        expect(access.decide({ ...facts, ties: { ...ties, [kind]: true } }).mask & before).toBe(before);
      }),
    );
  });
});

describe('versions', () => {
  const older = (change: (draft: ShopDraft) => void = () => {}) =>
    shopWithTies((draft) => {
      draft.version = 'winter-0';
      change(draft);
    }).policy;

  test('a tie that a later version drops stays known', () => {
    const later = shopWithTies((draft) => {
      draft.vocabulary.ties.length = 2;
      draft.clauses.pop();
    }).policy;
    expect(idsOf(unionOf(later, [older(), later]).ties)).toEqual(['guardianOf', 'friendOf', 'follows']);
    const both = compile([older(), later], later.version);
    const member = createAccess(both, { name: 'MEMBER', purpose: null, recipient: null, scope: EVERY_CATEGORY }, NOW);
    const facts = { ...person, acceptedVersion: 'winter-0', ties: { follows: true } };
    expect(member.decide(facts).mask & bitOf('FULL_NAME')).toBe(bitOf('FULL_NAME'));
  });

  test.each([
    { enteredBy: 'EITHER' },
    { confirmedBy: 'SUBJECT' },
    { symmetric: true },
  ])('another meaning of the same tie is refused: %o', (change) => {
    const first = older();
    const second = shopWithTies(({ vocabulary }) => Object.assign(vocabulary.ties[0] as object, change)).policy;
    expect(changedForms([first, second])).toEqual([
      `policy version ${second.version}: expected the tie guardianOf in the form that version winter-0 gives it; give another form another name`,
    ]);
  });

  test('another text of a tie is no other tie', () => {
    const second = shopWithTies(({ vocabulary }) => Object.assign(vocabulary.ties[0] as object, { says: 'Cares.' }));
    expect(changedForms([older(), second.policy])).toEqual([]);
  });

  test('a policy without ties is recorded as it was before there were ties', () => {
    const { canonical } = parsePolicy(
      shopText((draft) => {
        Reflect.deleteProperty(draft.vocabulary, 'ties');
        draft.clauses.splice(-3);
      }),
      'shop',
    );
    expect(canonical).not.toContain('"ties"');
  });
});
