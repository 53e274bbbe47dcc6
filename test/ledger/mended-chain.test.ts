import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { append, EMPTY_CHAIN, type Head } from '../../src/ledger/chain/entry.ts';
import type { PersonEntry, PersonEntryBody } from '../../src/ledger/chain/person-entry.ts';
import { unfold } from '../../src/ledger/verify/mended-chain.ts';
import { planMend, UnmendableError } from '../../src/ledger/verify/plan-mend.ts';
import { checkPerson } from '../../src/ledger/verify/verify-person.ts';
import { anyBody, at, newSid } from './support.ts';

/** A person's document and ledger, as far as their chain goes. */
interface Person {
  readonly sid: string;
  readonly head: Head;
  readonly outbox: readonly PersonEntry[];
  readonly ledger: readonly PersonEntry[];
}

const continued = (head: Head, sid: string, bodies: readonly PersonEntryBody[]) => {
  const { entries, head: next } = append(head, sid, bodies);
  return { entries: entries as readonly PersonEntry[], head: next };
};

/** An act of a person: the entry waits in the document. */
const act = (person: Person, bodies: readonly PersonEntryBody[]): Person => {
  const { entries, head } = continued(person.head, person.sid, bodies);
  return { ...person, head, outbox: [...person.outbox, ...entries] };
};

/** The ledger takes each entry into its place if that is free; otherwise the entry waits on. */
const settle = (person: Person): Person => {
  const places = new Map(person.ledger.map((entry) => [entry.n, entry]));
  for (const entry of person.outbox) if (!places.has(entry.n)) places.set(entry.n, entry);
  const ledger = [...places.values()].sort((a, b) => a.n - b.n);
  const isThere = (entry: PersonEntry) => places.get(entry.n)?.hash === entry.hash;
  return { ...person, ledger, outbox: person.outbox.every(isThere) ? [] : person.outbox };
};

/** A sweep carries entries along that a primary then gives up, unless their place is taken. */
const fork = (person: Person, bodies: readonly PersonEntryBody[]): Person => {
  const { entries } = continued(person.head, person.sid, bodies);
  const isTaken = person.ledger.some(({ n }) => n > person.head.n);
  return isTaken ? person : { ...person, ledger: [...person.ledger, ...entries] };
};

const mendAll = (person: Person): Person => {
  const plan = planMend(person.head, person.ledger, person.outbox);
  if (!plan) return person;
  const { entries, head } = continued(plan.from, person.sid, [{ ...plan.body, at }]);
  const displaced = new Set(plan.body.displaced.map(({ hash }) => hash));
  const outbox = [...person.outbox.filter(({ hash }) => !displaced.has(hash)), ...entries];
  return mendAll({ ...person, head, outbox });
};

const check = ({ head, ledger, outbox }: Person) => checkPerson([head], ledger, outbox);
const chainOf = ({ ledger, outbox }: Person) => [
  ...new Map(unfold(ledger, outbox).chain.map((entry) => [entry.n, entry])).values(),
];

const bodies = fc.array(anyBody, { maxLength: 4 });
const some = fc.array(anyBody, { minLength: 1, maxLength: 4 });
/** Acts unlike any that is kept. */
const givenUp = some.map((all) => all.map((body) => ({ ...body, at: '1970-01-01T00:00:00.001Z' })));
/** Acts, then acts that a primary gives up, then acts again; whether the ledger is brought up to date in between. */
const incident = fc.record({ before: bodies, givenUp, after: bodies, settled: fc.boolean() });
const incidents = fc.array(incident, { minLength: 1, maxLength: 3 });
type Incident = typeof incident extends fc.Arbitrary<infer I> ? I : never;

const NOBODY = (): Person => ({ sid: newSid(), head: EMPTY_CHAIN, outbox: [], ledger: [] });

/** A person after such incidents, with everything that the document has ever held. */
const afterIncidents = (all: readonly Incident[]) =>
  all.reduce<{ person: Person; acknowledged: readonly PersonEntry[] }>(
    ({ person, acknowledged }, { before, givenUp, after, settled }) => {
      const acted = act(person, before);
      const broken = fork(settle(acted), givenUp);
      const further = act(broken, after);
      const next = settled ? settle(further) : further;
      return { person: next, acknowledged: [...acknowledged, ...acted.outbox, ...further.outbox] };
    },
    { person: NOBODY(), acknowledged: [] },
  );

describe('a chain that a failover has broken', () => {
  test('is found broken, is sound once it is mended, and goes on', async () => {
    await fc.assert(
      fc.asyncProperty(incidents, some, async (all, further) => {
        const { person } = afterIncidents(all);
        expect((await check(person)).fault).not.toBeNull();

        const mended = mendAll(person);
        expect((await check(mended)).fault).toBeNull();
        expect((await check(mended)).mends.length).toBeGreaterThan(0);
        const settled = settle(mended);
        expect(settled.outbox).toEqual([]);
        expect((await check(settled)).fault).toBeNull();

        const later = settle(act(settled, further));
        expect(later.outbox).toEqual([]);
        expect((await check(later)).fault).toBeNull();
        expect(mendAll(later)).toEqual(later);
      }),
    );
  });

  test('keeps every entry that was acknowledged, with its number and hash, and every entry of the ledger', async () => {
    await fc.assert(
      fc.property(incidents, (all) => {
        const { person, acknowledged } = afterIncidents(all);
        const settled = settle(mendAll(person));
        const chain = chainOf(settled);
        for (const entry of acknowledged) expect(chain).toContainEqual(entry);
        for (const entry of person.ledger) expect(settled.ledger).toContainEqual(entry);
        const own = new Set(acknowledged.map(({ hash }) => hash));
        expect(unfold(settled.ledger, []).setAside).toEqual(person.ledger.filter(({ hash }) => !own.has(hash)));
      }),
    );
  });

  test('is mended by an entry that names both heads', () => {
    const person = act(fork(settle(act(NOBODY(), [BODY, BODY])), [BODY]), [OTHER]);
    const plan = planMend(person.head, person.ledger, person.outbox);
    const last = person.ledger.at(-1) as PersonEntry;
    expect(plan?.body).toEqual({
      type: 'MEND',
      fork: { from: 3, n: 3, hash: last.hash },
      head: person.head,
      displaced: person.outbox,
    });
  });
});

const BODY: PersonEntryBody = { type: 'REFUSAL', at, version: 'a' };
const OTHER: PersonEntryBody = { type: 'REFUSAL', at, version: 'b' };

describe('a chain is not mended if no second head explains it', () => {
  const sound = settle(act(NOBODY(), [BODY, OTHER, BODY, OTHER]));
  const forked = settle(act(fork(sound, [BODY]), [OTHER]));
  const plan = ({ head, ledger, outbox }: Person) => planMend(head, ledger, outbox);
  const without = (n: number) => ({ ...forked, ledger: forked.ledger.filter((entry) => entry.n !== n) });
  const changed = (n: number, change: Partial<PersonEntry>) => ({
    ...forked,
    ledger: forked.ledger.map((entry) => (entry.n === n ? ({ ...entry, ...change } as PersonEntry) : entry)),
  });

  test.each([
    { name: 'an entry that was removed', person: without(2) },
    { name: 'an entry with changed content', person: changed(2, { at: '1999-01-01T00:00:00.000Z' }) },
    { name: 'an entry with a changed hash', person: changed(2, { hash: 'f'.repeat(64) }) },
    {
      name: 'an entry of the other chain with changed content',
      person: changed(5, { at: '1999-01-01T00:00:00.000Z' }),
    },
    { name: 'a head that no entry has', person: { ...forked, head: { n: 6, hash: 'f'.repeat(64) } } },
  ])('$name', ({ person }) => {
    expect(() => plan(person)).toThrow(UnmendableError);
  });

  test('each such fault in a mended chain is found', async () => {
    const mended = settle(mendAll(forked));
    expect((await check(mended)).fault).toBeNull();
    for (const entry of mended.ledger) {
      const rest = mended.ledger.filter(({ n }) => n !== entry.n);
      const altered = { ...entry, at: '1999-01-01T00:00:00.000Z' };
      expect((await check({ ...mended, ledger: rest })).fault, `${entry.n} removed`).not.toBeNull();
      expect((await check({ ...mended, ledger: [...rest, altered].sort((a, b) => a.n - b.n) })).fault).not.toBeNull();
    }
  });

  test('nothing is mended where nothing is broken', () => {
    expect(plan(sound)).toBeNull();
    expect(plan(act(sound, [BODY]))).toBeNull();
  });
});
