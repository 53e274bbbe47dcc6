import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Cast } from '../../src/http/graphiql/personas.ts';
import { createCast } from '../../src/process/development.ts';
import { createPartners } from '../../src/store/mongo/repositories/partners.ts';
import { createPseudonyms } from '../../src/subject/identifiers.ts';
import type { PersonDocument } from '../../src/subject/model.ts';
import { referenceTable } from '../support/policy.ts';
import { openTestStore, type TestStore } from '../support/store.ts';

const MANY = 10_000;
const SID = '00112233445566778899aabbccddeeff';
const neko = { _id: SID, publicId: 'u1', avatarName: 'Neko' } as PersonDocument;

const contract = { from: null, until: null, purposes: ['targeted-offers', 'offer-prefill'] };
const recordOf = (place: number) => ({
  _id: `offers-${String(place).padStart(5, '0')}`,
  name: `Offers ${place}`,
  ...{ kind: 'OFFERS', jurisdiction: 'US', status: 'ACTIVE' as const, contract },
});

describe('the cast of a database with ten thousand partners', () => {
  const pseudonymsOf = createPseudonyms(Buffer.alloc(32, 7));
  let store: TestStore;
  let cast: Cast;
  beforeAll(async () => {
    store = await openTestStore();
    const partners = createPartners(store);
    await partners.state(
      Array.from({ length: MANY }, (_, place) => recordOf(place)),
      [],
    );
    cast = createCast({
      ...{ table: referenceTable, partners, pseudonymsOf },
      findPeople: async () => [neko],
      findByPublicId: async (id) => (id === 'u1' ? neko : null),
      findBySid: async (sid) => (sid === SID ? neko : null),
      findTied: async () => [],
    });
  }, 120_000);
  afterAll(() => store.drop());

  test('begins with few of them, so that a page stays small', async () => {
    const first = await cast.first();
    expect(JSON.stringify(first).length).toBeLessThan(40_000);
    expect(first.filter(({ group }) => group === 'PARTNER')).toHaveLength(40);
    expect(first.filter(({ group }) => group === 'STAFF').length).toBeGreaterThan(3);
  });

  test('finds any of them by words of its name, kind or purpose, and never more than fifty', async () => {
    expect((await cast.search('offers 9999 PREFILL')).map(({ id }) => id)).toEqual([
      'partner-offers-09999-offer-prefill',
    ]);
    expect(await cast.search('offers')).toHaveLength(50);
    expect(await cast.search('no such words')).toEqual([]);
  });

  test('finds any of them by its id, and nobody by another', async () => {
    expect(await cast.find('partner-offers-09999-offer-prefill')).toMatchObject({
      audience: 'OFFERS',
      claims: { sub: 'offers-09999', purpose: 'offer-prefill' },
    });
    for (const id of ['partner-offers-09999-billing', 'partner-nobody-offer-prefill', 'partner-', 'offer-prefill'])
      expect(await cast.find(id)).toBeNull();
  });

  test('knows the person behind the id that a caller was shown', async () => {
    const [offers, self] = [await cast.find('partner-offers-09999-offer-prefill'), await cast.find('self-u1')];
    if (!offers || !self) throw new Error('The cast lacks somebody.');
    const pairwise = pseudonymsOf('offers-09999').of(SID);
    expect(await cast.personKnownTo(offers, pairwise)).toEqual({ kind: 'member', sub: 'u1' });
    expect(await cast.personKnownTo(self, 'u1')).toEqual({ kind: 'member', sub: 'u1' });
    expect(await cast.personKnownTo(offers, pseudonymsOf('offers-00001').of(SID))).toBeNull();
    expect(await cast.personKnownTo(self, pairwise)).toBeNull();
  });
});
