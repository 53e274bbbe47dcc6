import { beforeAll, describe, expect, test } from 'vitest';
import { findOperations, findTests } from '../../src/commands/policy-mentions.ts';
import { buildSchema } from '../../src/gateway/schema.ts';
import { compile } from '../../src/policy/compile.ts';
import { clausesIn, coverageOf, coverageText, type Mentions } from '../../src/policy/coverage.ts';
import { clauseOf, referencePolicy, revise } from '../support/policy.ts';

let operations: ReadonlySet<string>;
let tests: Mentions;
beforeAll(async () => {
  operations = findOperations(buildSchema(compile([referencePolicy], referencePolicy.version)));
  tests = await findTests();
});

const without = (id: string) => ({
  ...referencePolicy,
  clauses: referencePolicy.clauses.filter((clause) => clause.id !== id),
});

describe('coverage', () => {
  test('every clause of the reference policy is served and tested, and no test names another', () => {
    const rows = coverageOf(referencePolicy, operations, tests);
    expect(rows.filter(({ lacks }) => lacks.length > 0)).toEqual([]);
    expect(coverageText(rows)).toMatch(/\n47 of 47 clauses are served and tested$/);
  });

  test.each(referencePolicy.clauses.map(({ id }) => id))('%s is missed where it is taken out of the policy', (id) => {
    const rows = coverageOf(without(id), operations, tests);
    expect(rows.filter(({ lacks }) => lacks.length > 0)).toEqual([
      {
        clause: id,
        ...{ kind: '', rules: [], operations: [] },
        tests: tests.get(id),
        lacks: ['a clause of the policy'],
      },
    ]);
  });

  test('a clause lacks an operation that it names and the schema has not', () => {
    const policy = revise((draft) => {
      clauseOf(draft, 'rights.correction').servedBy = ['Mutation.correctEverything'];
    });
    expect(coverageOf(policy, operations, tests).filter(({ lacks }) => lacks.length > 0)).toEqual([
      expect.objectContaining({
        clause: 'rights.correction',
        lacks: ['the operation Mutation.correctEverything'],
      }),
    ]);
  });

  test('a clause without an operation and without a test lacks both; a limit may be kept by structure alone', () => {
    const policy = revise((draft) => {
      const { kind: _, servedBy: __, ...clause } = clauseOf(draft, 'rights.correction');
      draft.clauses.push(
        { ...clause, id: 'new.control', kind: ['control'] },
        { ...clause, id: 'new.limit', kind: ['limit'] },
      );
    });
    const lacks = coverageOf(policy, operations, tests).filter((row) => row.lacks.length > 0);
    expect(lacks.map(({ clause, lacks }) => [clause, lacks])).toEqual([
      ['new.control', ['a rule or an operation', 'a test']],
      ['new.limit', ['a test']],
    ]);
  });

  test.each([
    { title: 'rights.access: people see it', clauses: ['rights.access'] },
    { title: 'blog.subscription, blog.unsubscribe: mail', clauses: ['blog.subscription', 'blog.unsubscribe'] },
    { title: 'nothing of the kind: a colon', clauses: [] },
    { title: 'as rights.access: not at the beginning', clauses: [] },
  ])('the title "$title" names $clauses', ({ title, clauses }) => {
    expect(clausesIn(title)).toEqual(clauses);
  });
});
