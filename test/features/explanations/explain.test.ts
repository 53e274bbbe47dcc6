import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DataCategory } from '../../../src/policy/vocabulary.ts';
import { createClock } from '../../support/clock.ts';
import {
  anyReader,
  crowds,
  enter,
  olderPolicy,
  READABLE,
  READERS,
  type Reader,
  readBy,
  readBySelf,
  STAGE,
  START,
  type Told,
} from '../../support/random-world.ts';
import { DATA_CATEGORIES } from '../../support/words.ts';
import { createWorld, member, staff, type TestWorld } from '../../support/world.ts';

let world: TestWorld;
beforeAll(async () => {
  world = await createWorld(STAGE, { clock: createClock(START), olderPolicies: [olderPolicy] });
});
afterAll(() => world.close());

const EXPLAIN = `query ($subject: ID!, $recipient: ID!, $purpose: Purpose) {
  ${DATA_CATEGORIES.map(
    (category) =>
      `${category}: explain(subject: $subject, category: ${category}, recipient: $recipient, purpose: $purpose) {
        outcome reason clauses { applies holds }
      }`,
  ).join('\n')}
}`;

interface Explained {
  readonly outcome: 'REVEAL' | 'DENY';
  readonly reason: string | null;
  readonly clauses: readonly { readonly applies: boolean; readonly holds: string }[];
}

/** The reasoning that a person gets, category by category. */
async function explain(id: string, { recipient, purpose }: Pick<Reader, 'recipient' | 'purpose'>) {
  const { data, errors } = await world.ask(member(id), EXPLAIN, { subject: id, recipient, purpose });
  expect(errors).toEqual([]);
  return data as Record<DataCategory, Explained>;
}

/** Compares the reasoning with the read, and counts the categories shown. */
function compare(explained: Record<DataCategory, Explained>, told: ReadonlyMap<DataCategory, Told> | null): number {
  for (const category of READABLE) {
    const { outcome, reason, clauses } = explained[category] as Explained;
    const one = told?.get(category) ?? { denied: reason };
    if (one === 'OUT_OF_REACH') continue;
    const expected = one === 'SHOWN' ? { outcome: 'REVEAL', reason: null } : { outcome: 'DENY', reason: one.denied };
    expect({ category, outcome, reason }).toEqual({ category, ...expected });
    expect(clauses.some(({ applies, holds }) => applies && holds === 'TRUE')).toBe(outcome === 'REVEAL');
  }
  return READABLE.filter((category) => told?.get(category) === 'SHOWN').length;
}

test('for random people and every possible caller, the reasoning is the result of a read', async () => {
  const count = { answers: 0, shown: 0 };
  await fc.assert(
    fc.asyncProperty(crowds(4), fc.array(anyReader, { minLength: 6, maxLength: 6 }), async (crowd, strays) => {
      const ids = await enter(world, crowd);
      for (const reader of [...READERS, ...strays]) {
        const [told, explained] = await Promise.all([
          readBy(world, reader, ids),
          Promise.all(ids.map(({ id }) => explain(id, reader))),
        ]);
        for (const [index, answers] of explained.entries()) {
          count.shown += compare(answers, told[index] ?? null);
          count.answers += READABLE.length;
          expect(answers.CORRECTED_VALUE?.outcome).toBe('DENY');
        }
      }
      for (const { id } of ids) {
        const answers = await explain(id, { recipient: 'SELF', purpose: null });
        compare(answers, await readBySelf(world, id));
        expect(answers.CORRECTED_VALUE?.outcome).toBe('REVEAL');
      }
    }),
    { numRuns: 3, endOnFailure: true },
  );
  expect(count.answers).toBeGreaterThan(10_000);
  expect(count.shown).toBeGreaterThan(100);
}, 120_000);

describe('the reasoning is for the person alone, and for privacy staff with an open case', () => {
  const ask = (claims: Parameters<TestWorld['ask']>[0], subject: string) =>
    world.ask(
      claims,
      `query ($subject: ID!) {
        explain(subject: $subject, category: EMAIL, recipient: "offers-us", purpose: "targeted-offers") { outcome reason }
      }`,
      { subject },
    );
  const DENIED = { explain: { outcome: 'DENY', reason: 'NOT_PERMITTED' } };
  const UNKNOWN = { explain: null };

  beforeAll(() =>
    world.load({
      users: [
        { id: 'with-case', avatarName: 'Case', country: 'US', privacyCases: [{ status: 'OPEN' }] },
        { id: 'without-case', avatarName: 'Calm', country: 'US', privacyCases: [{ status: 'CLOSED' }] },
      ],
      legalProcesses: [
        { subject: 'with-case', categories: ['EMAIL'] },
        { subject: 'without-case', categories: ['ACCOUNT'] },
      ],
    }),
  );

  test.each([
    { name: 'the person', claims: member('with-case'), subject: 'with-case', data: DENIED },
    {
      name: 'privacy staff with an open case',
      claims: staff('privacy', 'privacy-request'),
      subject: 'with-case',
      data: DENIED,
    },
    {
      name: 'privacy staff with a closed case',
      claims: staff('privacy', 'privacy-request'),
      subject: 'without-case',
      data: UNKNOWN,
    },
    {
      name: 'privacy staff for another purpose',
      claims: staff('privacy', 'customer-support'),
      subject: 'with-case',
      data: UNKNOWN,
    },
    { name: 'support staff', claims: staff('support', 'customer-support'), subject: 'with-case', data: UNKNOWN },
    {
      name: 'legal staff with a process that names the account',
      claims: staff('legal', 'legal-process'),
      subject: 'without-case',
      data: UNKNOWN,
    },
    { name: 'another member', claims: member('without-case'), subject: 'with-case', data: UNKNOWN },
    { name: 'a visitor', claims: null, subject: 'with-case', data: UNKNOWN },
  ])('$name', async ({ claims, subject, data }) => {
    const answer = await ask(claims, subject);
    expect({ data: answer.data, errors: answer.errors }).toEqual({ data, errors: [] });
    const ofNobody = await ask(claims, 'never-issued');
    expect({ data: ofNobody.data, errors: ofNobody.errors }).toEqual({ data: UNKNOWN, errors: [] });
  });
});
