import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { draftOfReference, parsePolicy, referenceText } from '../support/policy.ts';
import { createWorld, type TestWorld } from '../support/world.ts';

const OLD = '2014-09-12';
const NEW = '2015-06-01';

let world: TestWorld;
beforeAll(async () => {
  const later = JSON.stringify({ ...draftOfReference(), version: NEW });
  world = await createWorld(
    {},
    { policy: parsePolicy(later, 'later'), olderPolicies: [parsePolicy(referenceText, 'reference')] },
  );
});
afterAll(() => world.close());

interface Part {
  readonly id: string;
  readonly key: string;
}
const ask = async (query: string, variables = {}) => {
  const { data, errors } = await world.ask(null, query, variables);
  expect(errors).toEqual([]);
  return data;
};
const NODE = 'query ($id: ID!) { node(id: $id) { __typename id ... on Clause { key } ... on PolicyPurpose { key } } }';

describe.each([
  { list: 'clauses', type: 'Clause', key: 'newsletters.opt-out' },
  { list: 'purposes', type: 'PolicyPurpose', key: 'billing' },
])('$list of several versions', ({ list, type, key }) => {
  const partsOf = async (): Promise<Part[][]> => {
    const { policies } = await ask(`{ policies { ${list} { id key } } }`);
    return policies.map((policy: Record<string, Part[]>) => policy[list]);
  };

  test('share their keys and no id', async () => {
    const [before = [], after = []] = await partsOf();
    expect(before.map((part) => part.key)).toEqual(after.map((part) => part.key));
    const ids = [...before, ...after].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('are found again by their ids', async () => {
    for (const version of [OLD, NEW]) {
      const id = `${type}:${version}/${key}`;
      expect((await ask(NODE, { id })).node).toEqual({ __typename: type, id, key });
    }
    const found = (await partsOf()).flatMap((parts) => parts.map(({ id }) => id));
    expect(found).toContain(`${type}:${NEW}/${key}`);
  });

  test.each([
    `${OLD}/`,
    OLD,
    `/${key}`,
    key,
    '',
    `2013-01-01/${key}`,
    `${OLD}/no.such`,
  ])('%j names none of them', async (local) => {
    expect((await ask(NODE, { id: `${type}:${local}` })).node).toBeNull();
  });
});
