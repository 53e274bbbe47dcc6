import { beforeEach, expect } from 'vitest';
import { clausesIn } from '../../src/policy/coverage.ts';

/** A test that names clauses in its titles fails unless the reference policy has them. */
beforeEach(async ({ task }) => {
  const titles = [task.name];
  for (let { suite } = task; suite; suite = suite.suite) titles.push(suite.name);
  const named = titles.flatMap(clausesIn);
  if (named.length === 0) return;
  const { referencePolicy } = await import('./policy.ts');
  expect(referencePolicy.clauses.map(({ id }) => id)).toEqual(expect.arrayContaining(named));
});
