import { describe, expect, test } from 'vitest';
import { maskOfCategories } from '../../src/policy/clause.ts';
import type { DataCategory } from '../../src/policy/vocabulary.ts';
import { EUROPEAN_ECONOMIC_AREA, ROWS } from '../support/decision-table.ts';
import { referencePolicy as policy } from '../support/policy.ts';
import { categoriesOf } from '../support/words.ts';

const CLAUSES = {
  'updates.posting': 'duty',
  'updates.acceptance': 'control',
  'updates.refusal': 'control',
  'registration.contact': 'reveal',
  'registration.demographic': 'reveal',
  'programs.creator-notification': 'control reveal',
  'purchases.billing': 'reveal',
  'newsletters.default-in': 'control',
  'newsletters.opt-out': 'control',
  'communications.social': 'control',
  'photos.visibility': 'reveal',
  'photos.removal': 'control',
  'forums.public': 'reveal',
  'blog.subscription': 'control',
  'blog.unsubscribe': 'control',
  'machine.statistics': 'limit',
  'aggregate.only': 'limit',
  'aggregate.transactions': 'reveal',
  'cookies.unlinked': 'limit',
  'cookies.kinds': 'duty',
  'cookies.refusal': 'control',
  'lso.local-storage': 'control',
  'sharing.only-as-stated': 'limit',
  'sharing.legal-process': 'reveal',
  'sharing.suspicious-activity': 'reveal',
  'sharing.successor': 'reveal duty',
  'sharing.opt-in-offers': 'control reveal',
  'sharing.service-providers': 'reveal',
  'sharing.no-promotional-use': 'limit',
  'ads.interaction': 'reveal',
  'ads.opt-out': 'control',
  'ads.beacons': 'limit',
  'thirdparty.outside': 'limit',
  'offers.inbound': 'reveal',
  'cobranded.share': 'reveal',
  'social.connect': 'control',
  'social.activity': 'reveal',
  'social.disconnect': 'control',
  'security.safeguards': 'duty',
  'security.card': 'duty',
  'europe.transfer': 'control reveal',
  'rights.access': 'control',
  'rights.correction': 'control',
  'rights.deletion': 'control',
  'children.age-limit': 'limit',
  'children.guardians': 'control',
  'contact.privacy-officer': 'duty',
};

test('every clause of the policy is in the file, in its order', () => {
  expect(policy.clauses.map(({ id }) => id)).toEqual(Object.keys(CLAUSES));
});

test.each(
  Object.entries(CLAUSES),
)('the clause %s is of the kind %s, and reveals only as one that reveals', (id, kinds) => {
  const clause = policy.clauses.find((candidate) => candidate.id === id);
  expect(clause?.kind).toEqual(expect.arrayContaining(kinds.split(' ')));
  const added = clause?.kind.filter((kind) => !kinds.split(' ').includes(kind));
  expect(added).toEqual(!kinds.includes('reveal') && clause?.reveals.length ? ['reveal'] : []);
});

test.each([
  {
    reading: 'NARROWED',
    clauses: [
      'programs.creator-notification',
      'aggregate.transactions',
      'sharing.suspicious-activity',
      'sharing.successor',
      'ads.interaction',
      'cobranded.share',
      'europe.transfer',
    ],
  },
  { reading: 'INFERRED', clauses: ['registration.contact'] },
])('the clauses that are $reading are $clauses', ({ reading, clauses }) => {
  expect(policy.clauses.filter((clause) => clause.reading === reading).map(({ id }) => id)).toEqual(clauses);
});

test('a clause with an inference gives the reason, even if it is narrowed as well', () => {
  const inferred = policy.clauses.filter(({ inference }) => inference !== undefined).map(({ id }) => id);
  expect(inferred).toEqual(['registration.contact', 'programs.creator-notification']);
});

test('the clauses that a succession stands against are declared as conflicts', () => {
  const against = policy.clauses.filter(({ conflict }) => conflict?.with === 'sharing.successor').map(({ id }) => id);
  expect(against).toEqual(['photos.visibility', 'aggregate.transactions']);
});

const keyOf = (audience: string, purposes: readonly string[] | 'ANY', clause: string) =>
  `${audience} | ${purposes === 'ANY' ? purposes : [...purposes].sort().join(' ')} | ${clause}`;

const stated = new Map<string, DataCategory[]>();
for (const { id, reveals } of policy.clauses)
  for (const reveal of reveals)
    stated.set(keyOf(reveal.to, reveal.purposes ?? 'ANY', id), categoriesOf(maskOfCategories(policy, reveal)));

describe('the reveals are the rows of the decision table', () => {
  test('by audience, purpose and clause, none missing and none more', () => {
    const wanted = ROWS.flatMap(({ audience, purposes, clauses }) =>
      clauses.map((clause) => keyOf(audience, purposes, clause)),
    );
    expect([...stated.keys()].sort()).toEqual(wanted.sort());
  });

  test.each(ROWS)('$audience sees $categories for $purposes', ({ audience, purposes, clauses, categories }) => {
    const shown = clauses.flatMap((clause) => stated.get(keyOf(audience, purposes, clause)) ?? []);
    expect(new Set(shown)).toEqual(new Set(categories));
  });
});

test('callers may name exactly the purposes of the table', () => {
  const callers = policy.purposes.filter(({ use }) => use === 'CALLER').map(({ id }) => id);
  const named = new Set(ROWS.flatMap(({ purposes }) => (purposes === 'ANY' ? [] : purposes)));
  expect(callers.sort()).toEqual([...named].sort());
});

test('service providers may not serve offers or advertising', () => {
  const idsOf = (items: readonly { readonly id: string }[]) => items.map(({ id }) => id);
  expect(idsOf(policy.purposes.filter(({ promotional }) => promotional))).toEqual([
    'targeted-offers',
    'offer-prefill',
    'advertising',
  ]);
  expect(idsOf(policy.partnerKinds.filter(({ serviceProvider }) => serviceProvider))).toEqual([
    'PAYMENT_PROCESSOR',
    'EMAIL_PROVIDER',
  ]);
});

test("only a person's own access and a legal process hold under every accepted version", () => {
  const standing = policy.clauses.filter(({ judgedUnder }) => judgedUnder === 'CURRENT');
  expect(standing.map(({ id }) => id)).toEqual(['sharing.legal-process', 'rights.access']);
});

test('numbers, defaults and consents are as published', () => {
  expect(policy).toMatchObject({
    version: '2014-09-12',
    processedIn: 'US',
    minimumAge: 13,
    minimumCell: 5,
    noticeHours: 30 * 24,
    defaults: {
      autoPost: true,
      preferences: {
        imvuNewsletter: true,
        developerNewsletter: true,
        friendAdded: true,
        friendMessage: true,
        nonFriendMessage: true,
        creatorNotification: false,
        adTargeting: true,
      },
    },
    consents: [
      { id: 'targetedOffers', givenBy: 'EXPRESS' },
      { id: 'euTransfer', givenBy: 'EXPLICIT_ACCEPTANCE' },
    ],
  });
  expect([...policy.transferRegion.countries].sort()).toEqual([...EUROPEAN_ECONOMIC_AREA].sort());
});
