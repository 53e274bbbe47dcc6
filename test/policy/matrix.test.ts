import { describe, expect, test } from 'vitest';
import { groupBy } from '../../src/policy/group-by.ts';
import { matrixOf, matrixText, naming } from '../../src/policy/matrix.ts';
import { DATA_CATEGORIES, type DataCategory } from '../../src/policy/vocabulary.ts';
import { ROWS } from '../support/decision-table.ts';
import { referencePolicy } from '../support/policy.ts';

const rows = matrixOf(referencePolicy);

test('the matrix holds what the table says, by recipient and purpose', () => {
  const cellsOf = (recipient: string, purpose: string | null) =>
    rows.find((row) => row.recipient === recipient && row.purpose === purpose)?.cells ?? null;
  const parts = ROWS.flatMap(({ audience, purposes, categories }) =>
    (purposes === 'ANY' ? [null] : purposes).map((purpose) => ({ audience, purpose, categories })),
  );
  // rows of the table that differ in their condition alone are one of the matrix
  const wanted = [...groupBy(parts, ({ audience, purpose }) => `${audience} ${purpose}`).values()];
  for (const alike of wanted) {
    const [{ audience, purpose }] = alike as [(typeof parts)[number]];
    const categories = alike.flatMap((part) => part.categories);
    const cells = cellsOf(audience, purpose);
    expect(cells?.map(({ category }) => category)).toEqual(DATA_CATEGORIES.filter((one) => categories.includes(one)));
  }
  expect(rows).toHaveLength(wanted.length);
});

test('a cell names every clause behind it', () => {
  const support = rows.find(({ recipient }) => recipient === 'STAFF_SUPPORT');
  expect(support?.cells.slice(0, 3)).toEqual([
    { category: 'AVATAR_NAME', clauses: ['registration.contact'] },
    { category: 'NAME', clauses: ['registration.contact', 'aggregate.transactions'] },
    { category: 'EMAIL', clauses: ['registration.contact'] },
  ]);
});

test('as text it has a line for each set of clauses', () =>
  expect(`\n${matrixText(rows)}\n`).toBe(`
RECIPIENT          PURPOSE                    CLAUSES                                       CATEGORIES
SELF               (any)                      rights.access                                 everything but PROCESSOR_TOKEN
VISITOR            (any)                      registration.contact                          AVATAR_NAME
MEMBER             (any)                      photos.visibility, forums.public              AVATAR_NAME
                                              photos.visibility                             PHOTOS
                                              forums.public                                 POSTS
STAFF_SUPPORT      customer-support           registration.contact                          AVATAR_NAME, EMAIL
                                              registration.contact, aggregate.transactions  NAME
                                              aggregate.transactions                        GENDER, AGE, POSTAL_ADDRESS, TRANSACTIONS
                                              purchases.billing                             PAYMENT_CARD
STAFF_ANALYST      internal-analysis          aggregate.transactions                        NAME, GENDER, AGE, POSTAL_ADDRESS, TRANSACTIONS
STAFF_PRIVACY      privacy-request            contact.privacy-officer                       AVATAR_NAME, NAME, EMAIL, ACCOUNT
STAFF_LEGAL        legal-process              sharing.legal-process                         everything but PROCESSOR_TOKEN, CORRECTED_VALUE
PAYMENT_PROCESSOR  billing                    purchases.billing                             NAME, EMAIL, BILLING_ADDRESS, PAYMENT_CARD, CARD_EXPIRY, PROCESSOR_TOKEN
PAYMENT_PROCESSOR  order-fulfilment           purchases.billing                             NAME, EMAIL, BILLING_ADDRESS, PAYMENT_CARD, CARD_EXPIRY, PROCESSOR_TOKEN
EMAIL_PROVIDER     creator-notification       programs.creator-notification                 AVATAR_NAME, NAME, EMAIL, POSTAL_ADDRESS, CELL_PHONE
EMAIL_PROVIDER     imvu-newsletter            newsletters.default-in                        NAME, EMAIL
EMAIL_PROVIDER     developer-newsletter       newsletters.default-in                        NAME, EMAIL
EMAIL_PROVIDER     friend-added-notice        communications.social                         NAME, EMAIL
EMAIL_PROVIDER     friend-message-notice      communications.social                         NAME, EMAIL
EMAIL_PROVIDER     non-friend-message-notice  communications.social                         NAME, EMAIL
EMAIL_PROVIDER     blog-notification          blog.subscription                             NAME, EMAIL
EMAIL_PROVIDER     service-notice             sharing.service-providers                     NAME, EMAIL
OFFERS             targeted-offers            sharing.opt-in-offers                         NAME, EMAIL, GENDER, BIRTH_DATE, POSTAL_ADDRESS
OFFERS             offer-prefill              sharing.opt-in-offers                         NAME, EMAIL, GENDER, BIRTH_DATE, POSTAL_ADDRESS
ADVERTISER         advertising                ads.interaction                               GENDER, AGE_BAND
OFFER_WALL         offer-completion                                                         (nothing)
CO_BRANDED         co-branded-service         cobranded.share                               NAME, EMAIL
CO_BRANDED         job-application            cobranded.share                               NAME, EMAIL
SOCIAL             activity-posting           social.activity                               ACTIVITY
SUCCESSOR          succession                 sharing.successor                             everything but PROCESSOR_TOKEN, ACCOUNT, CORRECTED_VALUE
`));

describe('categories in words', () => {
  const first = (count: number) => DATA_CATEGORIES.slice(0, count);
  test.each<{ categories: DataCategory[]; words: string }>([
    { categories: [], words: '(nothing)' },
    { categories: ['NAME', 'EMAIL'], words: 'NAME, EMAIL' },
    { categories: [...DATA_CATEGORIES], words: 'everything' },
    { categories: first(15), words: 'everything but ACTIVITY, TRANSACTIONS, ACCOUNT, CORRECTED_VALUE' },
    { categories: first(14), words: first(14).join(', ') },
  ])('$words', ({ categories, words }) => expect(naming(categories)).toBe(words));
});
