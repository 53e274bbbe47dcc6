import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planExpiry } from '../../src/features/retention/plan-expiry.ts';
import { compile } from '../../src/policy/compile.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { asRead, openAllLeft, openPrevious, timesOf } from '../../src/subject/expiry.ts';
import type { PersonDocument } from '../../src/subject/model.ts';
import { parsePolicy } from '../support/policy.ts';

const START = Date.parse('2026-01-31T12:00:00.000Z');
const DAY = 86_400_000;
const instant = (day: number) => new Date(START + day * DAY);

const draft = JSON.parse((await loadPolicy('policies/corner-shop')).canonical);
for (const category of draft.vocabulary.categories) {
  if (category.id === 'DOOR_CODE') category.keep = '1 month';
  if (category.id === 'TASTINGS') category.keep = '20 days';
}
const { policy } = parsePolicy(JSON.stringify(draft), 'shop');
const { retention } = compile([policy], policy.version);

/** Seals nothing, but opens a value at its place alone. */
const vault = {
  seal: (place: string, value: unknown) => JSON.stringify({ place, value }),
  open: (place: string, sealed: string) => {
    const { place: own, value } = JSON.parse(sealed);
    if (own !== place) throw new Error(`${place} was sealed at ${own}.`);
    return value;
  },
};

const day = fc.integer({ min: 0, max: 60 });
const items = fc.array(
  day.chain((at) => fc.constantFrom({ cheese: 'Brie' }, { cheese: 'Brie', at: instant(at).toISOString() })),
  { maxLength: 4 },
);
const previous = fc.record({ id: fc.uuid(), at: day, written: fc.option(day), value: fc.oneof(fc.string(), items) });
const process = fc.record({
  from: day,
  length: day,
  categories: fc.subarray(['DOOR_CODE', 'TASTINGS', 'TASTINGS_SO_FAR', 'CORRECTED_VALUE']),
});

const person = fc
  .record({
    code: fc.option(fc.string()),
    tastings: fc.option(items),
    writes: fc.record({ DOOR_CODE: day, TASTINGS: day }, { requiredKeys: ['DOOR_CODE', 'TASTINGS'] }),
    previous: fc.array(previous, { maxLength: 3 }),
    processes: fc.array(process, { maxLength: 2 }),
  })
  .map(({ code, tastings, writes, previous, processes }) => {
    const values = {
      ...(code !== null && { DOOR_CODE: vault.seal('DOOR_CODE', code) }),
      ...(tastings !== null && { TASTINGS: vault.seal('TASTINGS', tastings) }),
      NAME: vault.seal('NAME', 'Ana'),
    };
    const corrections = previous.map(({ id, at, written, value }) => ({
      ...{ id, at: instant(at), previousValue: vault.seal(`CORRECTED_VALUE/${id}`, value) },
      category: Array.isArray(value) ? 'TASTINGS' : 'DOOR_CODE',
      ...(written !== null && { written: instant(written) }),
    }));
    const legalProcesses = processes.map(({ from, length, categories }) => ({
      ...{ from: instant(from), until: instant(from + length), categories },
    }));
    const written = { DOOR_CODE: instant(writes.DOOR_CODE), TASTINGS: instant(writes.TASTINGS) };
    return { values, written, corrections, facts: { legalProcesses } } as unknown as PersonDocument;
  });

/** The document as the database has it after the change. */
function changed(document: PersonDocument, at: Date): PersonDocument {
  const change = planExpiry(retention, document, vault, at);
  const copy = structuredClone(document) as unknown as Record<string, unknown> & { values: Record<string, unknown> };
  for (const [path, value] of Object.entries(change?.set ?? {}))
    if (path.startsWith('values.')) copy.values[path.slice('values.'.length)] = value;
    else copy[path] = value;
  for (const path of change?.unset ?? [])
    if (path.startsWith('values.')) delete copy.values[path.slice('values.'.length)];
    else delete copy[path];
  return copy as unknown as PersonDocument;
}

const isNothing = (value: unknown) => Array.isArray(value) && value.length === 0;

/** All that a look finds; a list without items is as good as none. */
function seen(document: PersonDocument, now: Date, underProcess: boolean) {
  const times = timesOf(retention, document, now, () => underProcess);
  const read = asRead(times, document);
  const values = Object.entries(openAllLeft(times, vault, read)).filter(([, value]) => !isNothing(value));
  const history = (read.corrections ?? []).map((one) => openPrevious(times, vault, one));
  return { values: Object.fromEntries(values), history: history.filter((value) => !isNothing(value)) };
}

test('a look finds the same whether or not a sweep came by before it', () => {
  fc.assert(
    fc.property(person, day, day, fc.boolean(), (document, one, other, underProcess) => {
      const [swept, now] = [Math.min(one, other), Math.max(one, other)];
      const after = changed(document, instant(swept));
      expect(seen(after, instant(now), underProcess)).toEqual(seen(document, instant(now), underProcess));
    }),
    { numRuns: 500 },
  );
});

test('a sweep that is made again changes nothing, and the next one is due before the next value ends', () => {
  fc.assert(
    fc.property(person, day, (document, at) => {
      const after = changed(document, instant(at));
      expect(planExpiry(retention, after, vault, instant(at))).toBeNull();
      const due = after.retentionDueAt?.getTime() ?? Number.POSITIVE_INFINITY;
      expect(due).toBeGreaterThan(instant(at).getTime());
      const justBefore = new Date(Math.min(due, instant(120).getTime()) - 1);
      expect(changed(after, justBefore).values).toEqual(after.values);
    }),
    { numRuns: 500 },
  );
});

test('the store holds nothing that nobody can read', () => {
  fc.assert(
    fc.property(person, day, (document, at) => {
      const after = changed(document, instant(at));
      const opened = Object.fromEntries(
        Object.entries(after.values).map(([place, sealed]) => [place, vault.open(place, String(sealed))]),
      );
      const { values } = seen(after, instant(at), true);
      expect(Object.fromEntries(Object.entries(opened).filter(([, value]) => !isNothing(value)))).toEqual(values);
    }),
    { numRuns: 300 },
  );
});
