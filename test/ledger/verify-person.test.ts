import fc from 'fast-check';
import { expect, test } from 'vitest';
import { append, EMPTY_CHAIN } from '../../src/ledger/chain/entry.ts';
import type { Link } from '../../src/ledger/verify/chain-check.ts';
import { findPersonFault } from '../../src/ledger/verify/verify-person.ts';
import { anyBody, newSid } from './support.ts';

type Entry = ReturnType<typeof chainOf>['entries'][number];

const chainOf = (bodies: readonly object[]) => append(EMPTY_CHAIN, newSid(), bodies);
const linkOf = ({ prev, hash, ...body }: Entry): Link => ({ n: body.n, prev, hash, body });

async function* stream(entries: readonly Entry[]) {
  yield* [...entries].sort((a, b) => a.n - b.n).map(linkOf);
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

const check = (ledger: readonly Entry[], head: { n: number; hash: string }, outbox: readonly Entry[] = []) =>
  findPersonFault({ heads: [head], outbox: outbox.map(linkOf) }, stream(ledger));

const anyChain = fc.array(anyBody, { minLength: 3, maxLength: 12 }).map(chainOf);
const anyChainAndPlace = anyChain.chain((chain) =>
  fc.record({ chain: fc.constant(chain), k: fc.nat(chain.entries.length - 1) }),
);

test('every chain is sound, wherever its entries are on their way from the outbox to the ledger', async () => {
  await fc.assert(
    fc.asyncProperty(anyChain, fc.nat(12), fc.nat(12), async ({ entries, head }, settled, pulled) => {
      const ledger = entries.slice(0, settled);
      const outbox = entries.slice(Math.min(settled, pulled));
      expect(await check(ledger, head, outbox)).toBeNull();
    }),
  );
});

/** Each takes a chain and the place of one of its entries, and says which entry has to be named. */
const mutations: Record<string, (entries: readonly Entry[], k: number) => { broken: Entry[]; first: number }> = {
  'an altered value': (entries, k) => ({
    broken: entries.map((entry, i) => (i === k ? { ...entry, at: '1999-01-01T00:00:00.000Z' } : entry)),
    first: k + 1,
  }),
  'an added value': (entries, k) => ({
    broken: entries.map((entry, i) => (i === k ? { ...entry, note: 'x' } : entry)),
    first: k + 1,
  }),
  'a flipped hash': (entries, k) => ({
    broken: entries.map((entry, i) => (i === k ? { ...entry, hash: flip(entry.hash) } : entry)),
    first: k + 1,
  }),
  'a flipped hash before': (entries, k) => ({
    broken: entries.map((entry, i) => (i === k ? { ...entry, prev: flip(entry.prev) } : entry)),
    first: k + 1,
  }),
  'a value that is no JSON': (entries, k) => ({
    broken: entries.map((entry, i) => (i === k ? { ...entry, at: Number.NaN } : entry)) as Entry[],
    first: k + 1,
  }),
  'a number that is none': (entries, k) => ({
    broken: entries.map((entry, i) => (i === k ? { ...entry, n: String(entry.n) } : entry)) as unknown as Entry[],
    first: k + 1,
  }),
  'a removed entry': (entries, k) => ({ broken: entries.filter((_, i) => i !== k), first: k + 1 }),
  'a cut tail': (entries, k) => ({ broken: entries.slice(0, k), first: k + 1 }),
  'two swapped places': (entries, k) => {
    const other = (k + 1) % entries.length;
    const placed = (entry: Entry, i: number) => ({ ...entry, _id: `${entry.sid}:${i + 1}`, n: i + 1 });
    const places = { [k]: other, [other]: k };
    return { broken: entries.map((entry, i) => placed(entry, places[i] ?? i)), first: Math.min(k, other) + 1 };
  },
  'an entry rewritten with a hash of its own': (entries, k) => {
    const [rewritten] = append(entries[k - 1] ?? EMPTY_CHAIN, entries[k]?.sid ?? '', [{ x: 1 }]).entries;
    return { broken: entries.map((entry, i) => (i === k ? (rewritten as Entry) : entry)), first: k + 1 };
  },
  'a second entry at the same place': (entries, k) => {
    const [other] = append(entries[k - 1] ?? EMPTY_CHAIN, entries[k]?.sid ?? '', [{ x: 1 }]).entries;
    return { broken: [...entries, other as Entry], first: k + 1 };
  },
  'a chain rewritten from one entry on': (entries, k) => {
    const rest = append(
      entries[k - 1] ?? EMPTY_CHAIN,
      entries[k]?.sid ?? '',
      entries.slice(k).map(() => ({ x: 1 })),
    );
    return { broken: [...entries.slice(0, k), ...rest.entries], first: entries.length };
  },
};

const flip = (hash: string) => `${hash.slice(0, 9)}${hash[9] === '0' ? '1' : '0'}${hash.slice(10)}`;

test.each(Object.entries(mutations))('%s is found, and the first bad entry named', async (_, mutate) => {
  await fc.assert(
    fc.asyncProperty(anyChainAndPlace, async ({ chain: { entries, head }, k }) => {
      const { broken, first } = mutate(entries, k);
      expect(await check(broken, head)).toMatchObject({ n: first });
    }),
  );
});

test('any one character that is changed is found', async () => {
  await fc.assert(
    fc.asyncProperty(
      anyChainAndPlace,
      fc.nat(),
      fc.constantFrom(...'0a1Z"'),
      async ({ chain, k }, where, character) => {
        const text = JSON.stringify(chain.entries[k]);
        const i = where % text.length;
        const changed = parse(text.slice(0, i) + character + text.slice(i + 1));
        fc.pre(changed !== null && JSON.stringify(changed) !== text);
        expect(await check(chain.entries.with(k, changed as Entry), chain.head)).not.toBeNull();
      },
    ),
  );
});

test.each([
  { name: 'a person without a readable head', heads: [null], fault: { n: 1, kind: 'NO_HEAD' } },
  { name: 'a chain of nobody', heads: [], fault: { n: 1, kind: 'NO_HEAD' } },
  { name: 'a head that is behind the chain', heads: [1], fault: { n: 2, kind: 'NOT_ON_RECORD' } },
  { name: 'a head that is ahead of the chain', heads: [3], fault: { n: 3, kind: 'CUT_OFF' } },
  { name: 'a tombstone that agrees with the person', heads: [2, 2], fault: null },
  { name: 'a tombstone that is ahead of the person', heads: [2, 3], fault: { n: 3, kind: 'CUT_OFF' } },
])('$name: $fault.kind', async ({ heads, fault }) => {
  const bodies = [{ x: 1 }, { x: 2 }, { x: 3 }];
  const { entries } = chainOf(bodies);
  const known = heads.map((n) => (n === null ? null : { n, hash: entries[n - 1]?.hash ?? '' }));
  expect(await findPersonFault({ heads: known, outbox: [] }, stream(entries.slice(0, 2)))).toEqual(fault);
});

test('nobody with nothing is nothing wrong', async () => {
  expect(await findPersonFault({ heads: [], outbox: [] }, stream([]))).toBeNull();
});
