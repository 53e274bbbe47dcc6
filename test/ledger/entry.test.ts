import fc from 'fast-check';
import { expect, test } from 'vitest';
import { append, EMPTY_CHAIN, GENESIS, hashOf, seal } from '../../src/ledger/chain/entry.ts';
import { at, consent, newSid, switched } from './support.ts';

test('the hash is SHA-256 over the hash before and the canonical form', () => {
  // printf '%064d{"a":1,"b":["é"]}' 0 | sha256sum
  expect(hashOf(GENESIS, { b: ['é'], a: 1 })).toBe('96d4664366ee3a8a68cf428726f7c8c46451fb099f5ad14fbba4c605ea913bf8');
});

test('the hash does not depend on the order of the keys', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.integer()), (body) => {
      const reversed = Object.fromEntries(Object.entries(body).reverse());
      expect(hashOf(GENESIS, reversed)).toBe(hashOf(GENESIS, body));
    }),
  );
});

test('entries are numbered on from the head, each bound to the one before', () => {
  const sid = newSid();
  const first = append(EMPTY_CHAIN, sid, [consent(), switched(true)]);
  const { entries, head } = append(first.head, sid, [consent('WITHDRAWN')]);
  expect([...first.entries, ...entries].map(({ _id, n, prev }) => ({ _id, n, prev }))).toEqual([
    { _id: `${sid}:1`, n: 1, prev: GENESIS },
    { _id: `${sid}:2`, n: 2, prev: first.entries[0]?.hash },
    { _id: `${sid}:3`, n: 3, prev: first.head.hash },
  ]);
  expect(head).toEqual({ n: 3, hash: entries[0]?.hash });
});

test('appending nothing leaves the head', () => {
  expect(append(EMPTY_CHAIN, newSid(), [])).toEqual({ entries: [], head: EMPTY_CHAIN });
});

test('the stored entry is the hashed one: a value that JSON leaves out is left out', () => {
  const sealed = seal({ at: new Date(at), gone: undefined }, GENESIS);
  expect(sealed).toStrictEqual({ at, prev: GENESIS, hash: hashOf(GENESIS, { at }) });
});

test.each([{ price: Number.NaN }, { name: '\ud800' }])('a value without a canonical form is refused', (body) => {
  expect(() => seal(body, GENESIS)).toThrow();
});
