import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from '../../src/policy/compile.ts';
import { compileCondition } from '../../src/policy/condition.ts';
import { type Audience, createAccess } from '../../src/policy/decide.ts';
import { diffPolicies } from '../../src/policy/diff.ts';
import { diffInWords } from '../../src/policy/diff-words.ts';
import { explain } from '../../src/policy/explain.ts';
import type { Facts } from '../../src/policy/facts.ts';
import { lint } from '../../src/policy/lint.ts';
import { PolicyError } from '../../src/policy/load.ts';
import { matrixText } from '../../src/policy/matrix.ts';
import { processKindsOf } from '../../src/policy/vocabularies.ts';
import { EVERY_CATEGORY, idsOf } from '../../src/policy/vocabulary.ts';
import { NOW, soundFacts } from '../support/arbitraries.ts';
import { clauseOf, type Draft, draftOfReference, parsePolicy, referencePolicy, revise } from '../support/policy.ts';
import { categoriesOf } from '../support/words.ts';

type DraftCondition = NonNullable<NonNullable<Draft['clauses'][number]['reveals']>[number]['when']>;

/** The reference policy, where a legal process counts only under a condition. */
const asking = (when: DraftCondition) =>
  revise((draft) => {
    for (const reveal of clauseOf(draft, 'sharing.legal-process').reveals ?? []) reveal.when = when;
  });

const COURT_ORDERS = asking({ process: { kind: ['COURT_ORDER'] } });
const legal: Audience = { name: 'STAFF_LEGAL', purpose: 'legal-process', recipient: null, scope: EVERY_CATEGORY };
const table = compile([COURT_ORDERS], COURT_ORDERS.version);
const access = createAccess(table, legal, NOW);

const YEAR = 365 * 86_400_000;
const process = (kind: string | undefined, ...categories: string[]) => ({
  ...{ id: `${kind}`, kind, authority: 'Court', categories },
  ...{ from: new Date(NOW.getTime() - YEAR), until: new Date(NOW.getTime() + YEAR) },
});
const person = (...legalProcesses: object[]): Facts => ({
  ...{ status: 'ACTIVE', acceptedVersion: COURT_ORDERS.version, legalProcesses },
});

describe('a process of a kind that is not asked for shows nothing', () => {
  const ended = { ...process('COURT_ORDER', 'EMAIL'), until: NOW };
  test.each<{ it: string; facts: Facts; shows: readonly string[] }>([
    { it: 'a court order shows its categories', facts: person(process('COURT_ORDER', 'EMAIL')), shows: ['EMAIL'] },
    { it: 'a subpoena shows nothing', facts: person(process('SUBPOENA', 'EMAIL')), shows: [] },
    { it: 'a process of no kind shows nothing', facts: person(process(undefined, 'EMAIL')), shows: [] },
    { it: 'a court order that has ended shows nothing', facts: person(ended), shows: [] },
    { it: 'no record of processes shows nothing', facts: { ...person(), legalProcesses: undefined }, shows: [] },
    {
      it: 'a subpoena does not widen a court order',
      facts: person(process('SUBPOENA', 'NAME'), process('COURT_ORDER', 'EMAIL'), process(undefined, 'GENDER')),
      shows: ['EMAIL'],
    },
  ])('$it', ({ facts, shows }) => expect(categoriesOf(access.decide(facts).mask)).toEqual(shows));

  test('a process of each kind in the condition shows its own categories', () => {
    const both = asking({ process: { kind: ['COURT_ORDER', 'SUBPOENA'] } });
    const facts = person(process('SUBPOENA', 'NAME'), process('COURT_ORDER', 'EMAIL'), process('STATUTE', 'GENDER'));
    const { mask } = createAccess(compile([both], both.version), legal, NOW).decide(facts);
    expect(categoriesOf(mask)).toEqual(['NAME', 'EMAIL']);
  });
});

test('a person is shown exactly by the court orders in force, and the reasoning says so', () => {
  fc.assert(
    fc.property(soundFacts([COURT_ORDERS.version]), (facts) => {
      const orders = (Array.isArray(facts.legalProcesses) ? facts.legalProcesses : []).filter(
        ({ kind, from, until }) => kind === 'COURT_ORDER' && from <= NOW && until > NOW,
      );
      const named = orders.flatMap(({ categories = [] }) => categories as string[]);
      const shown = categoriesOf(access.decide(facts).mask);
      const isKept = (category: string) => ['PROCESSOR_TOKEN', 'CORRECTED_VALUE'].includes(category);
      expect([...shown].sort()).toEqual(
        [...new Set(named)].filter((category) => category !== 'UNHEARD_OF' && !isKept(category)).sort(),
      );
      for (const category of idsOf(COURT_ORDERS.vocabulary.categories)) {
        const { clauses, outcome } = explain(access, facts, category);
        expect(clauses.some(({ applies, holds }) => applies && holds === true)).toBe(outcome === 'REVEAL');
        expect(outcome === 'REVEAL').toBe(shown.includes(category));
      }
    }),
  );
});

describe('words', () => {
  const says = 'a legal process in force now names the person, of the kind COURT_ORDER';
  test('a condition is told with its kinds', () => {
    const situation = { facts: person(), recipient: null, now: NOW, measures: table.current as never };
    expect(compileCondition({ process: { kind: ['COURT_ORDER'] } }).trace(situation)).toMatchObject({ says });
    expect(matrixText(COURT_ORDERS)).toContain(`${says}, and names the category`);
  });

  test('fewer kinds are narrower, other kinds neither', () => {
    const sentences = (after: typeof COURT_ORDERS, before = referencePolicy) =>
      diffInWords(diffPolicies(before, after), (category) => [category]).filter(({ says }) => says.includes('LEGAL'));
    expect(sentences(COURT_ORDERS).map(({ effect }) => effect)).toEqual(['NARROWER']);
    expect(sentences(COURT_ORDERS)[0]?.says).toContain(`added "${says}"`);
    const others = asking({ process: { kind: ['COURT_ORDER', 'STATUTE'] } });
    const apart = asking({ process: { kind: ['COURT_ORDER', 'SUBPOENA'] } });
    expect(sentences(apart, others).map(({ effect }) => effect)).toEqual(['CHANGES']);
    expect(sentences(others, COURT_ORDERS).map(({ effect }) => effect)).toEqual(['WIDER']);
  });

  test('lint finds no error in them', () =>
    expect(lint(COURT_ORDERS).filter(({ severity }) => severity === 'ERROR')).toEqual([]));
});

describe('kinds are the words of a policy', () => {
  const own = (draft: Draft) => {
    draft.processKinds = [{ id: 'CORONER', says: 'An inquest.' }];
  };

  test('a policy that names none has the common ones', () =>
    expect(idsOf(referencePolicy.processKinds)).toEqual([
      ...['COURT_ORDER', 'SUBPOENA', 'JUDICIAL_PROCEEDING', 'STATUTE', 'RIGHTS_PROTECTION'],
    ]));

  test('those of an earlier version stay known', () => {
    const later = revise(own);
    expect(idsOf(processKindsOf(later, [referencePolicy, later])).slice(0, 2)).toEqual(['CORONER', 'COURT_ORDER']);
  });

  const faultsOf = (when: unknown, change: (draft: Draft) => void = () => {}): readonly string[] => {
    const draft = draftOfReference();
    change(draft);
    for (const reveal of clauseOf(draft, 'sharing.legal-process').reveals ?? []) Object.assign(reveal, { when });
    try {
      parsePolicy(JSON.stringify(draft), 'p');
      return [];
    } catch (error) {
      if (error instanceof PolicyError)
        return error.faults.map((fault) => fault.replace(/^p:\d+:\d+ clauses\[\d+\]\./, ''));
      throw error;
    }
  };
  const order = { process: { kind: ['COURT_ORDER'] } };
  const ONE = 'expected one condition of this sort, among those that all have to hold: only its processes count';
  test.each<{ name: string; when: unknown; change?: (draft: Draft) => void; told: readonly string[] }>([
    {
      name: 'a kind among conditions that all have to hold',
      when: { all: [{ all: [order] }, { fact: 'personActive' }] },
      told: [],
    },
    {
      name: 'an unknown kind',
      when: { process: { kind: ['COURT_ODER'] } },
      told: [
        'reveals[0].when.process: expected a kind of legal process that the policy defines, not "COURT_ODER"; did you mean COURT_ORDER?',
      ],
    },
    {
      name: 'a kind of another version',
      when: order,
      change: own,
      told: [
        'reveals[0].when.process: expected a kind of legal process that the policy defines, not "COURT_ORDER"; did you mean CORONER?',
      ],
    },
    {
      name: 'no kind',
      when: { process: { kind: [] } },
      told: ['reveals[0].when.process: expected { kind: [...] } with kinds of legal process, not a map'],
    },
    {
      name: 'a name alone',
      when: { process: 'COURT_ORDER' },
      told: ['reveals[0].when.process: expected { kind: [...] } with kinds of legal process, not "COURT_ORDER"'],
    },
    {
      name: 'a negated kind',
      when: { all: [{ fact: 'legalProcess' }, { not: order }] },
      told: [
        "reveals[0].when.all[1].not.process: the process can't be negated: no index finds people without a list element",
        `reveals[0].when.all[1].not.process: ${ONE}`,
      ],
    },
    {
      name: 'a kind as an alternative, where it names categories',
      when: { any: [order, { fact: 'personActive' }] },
      told: [`reveals[0].when.any[0].process: ${ONE}`],
    },
    {
      name: 'two kinds at once, where they name categories',
      when: { all: [order, order] },
      told: [`reveals[0].when.all[1].process: ${ONE}`],
    },
  ])('$name', ({ when, change, told }) => expect(faultsOf(when, change)).toEqual(told));
});
