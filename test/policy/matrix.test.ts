import { describe, expect, test } from 'vitest';
import { groupBy } from '../../src/base/group-by.ts';
import { matrixMarkdown, matrixOf, matrixText, naming } from '../../src/policy/matrix.ts';
import { type DataCategory, maskOf } from '../../src/policy/vocabulary.ts';
import { ROWS } from '../support/decision-table.ts';
import { clauseOf, referencePolicy, revise } from '../support/policy.ts';
import { DATA_CATEGORIES } from '../support/words.ts';

const rows = matrixOf(referencePolicy);
const ACTIVE = 'the person is active: not sealed, not refused, not erased';

test('the matrix holds the rows of the table, by recipient and purpose', () => {
  const cellsOf = (recipient: string, purpose: string | null) =>
    rows.find((row) => row.recipient === recipient && row.purpose === purpose)?.cells ?? null;
  const parts = ROWS.flatMap(({ audience, purposes, categories }) =>
    (purposes === 'ANY' ? [null] : purposes).map((purpose) => ({ audience, purpose, categories })),
  );
  // rows of the table that differ in their condition alone are one row of the matrix
  const wanted = [...groupBy(parts, ({ audience, purpose }) => `${audience} ${purpose}`).values()];
  for (const alike of wanted) {
    const [{ audience, purpose }] = alike as [(typeof parts)[number]];
    const categories = alike.flatMap((part) => part.categories);
    const cells = cellsOf(audience, purpose);
    expect(cells?.map(({ category }) => category)).toEqual(DATA_CATEGORIES.filter((one) => categories.includes(one)));
  }
  expect(rows).toHaveLength(wanted.length);
});

test('a cell names every clause behind it, and its conditions', () => {
  const support = rows.find(({ recipient }) => recipient === 'STAFF_SUPPORT');
  expect(support?.cells.slice(0, 3)).toEqual([
    { category: 'AVATAR_NAME', clauses: ['registration.contact'], conditions: [ACTIVE] },
    { category: 'NAME', clauses: ['registration.contact', 'aggregate.transactions'], conditions: [ACTIVE] },
    { category: 'EMAIL', clauses: ['registration.contact'], conditions: [ACTIVE] },
  ]);
});

test('as text it has a line for each condition, in words, and for its clauses', () =>
  expect(`\n${matrixText(referencePolicy)}\n`).toBe(`
CALLER             FOR                                  MAY SEE                                                                   CLAUSE                                        ONLY IF
SELF               (any)                                everything but PROCESSOR_TOKEN                                            rights.access
VISITOR            (any)                                AVATAR_NAME                                                               registration.contact                          the person is active: not sealed, not refused, not erased
MEMBER             (any)                                AVATAR_NAME, PHOTOS, POSTS                                                photos.visibility, forums.public              the person is active: not sealed, not refused, not erased
STAFF_SUPPORT      customer-support                     AVATAR_NAME, NAME, EMAIL, GENDER, AGE, POSTAL_ADDRESS, TRANSACTIONS       registration.contact, aggregate.transactions  the person is active: not sealed, not refused, not erased
STAFF_SUPPORT      customer-support                     PAYMENT_CARD                                                              purchases.billing                             the person is active: not sealed, not refused, not erased, and an order of the person is open or failed, with whichever processor
STAFF_ANALYST      internal-analysis                    NAME, GENDER, AGE, POSTAL_ADDRESS, TRANSACTIONS                           aggregate.transactions                        the person is active: not sealed, not refused, not erased
STAFF_PRIVACY      privacy-request                      AVATAR_NAME, NAME, EMAIL, ACCOUNT                                         contact.privacy-officer                       a privacy case is open that the person opened, or that a verified guardian did
STAFF_LEGAL        legal-process                        everything but PROCESSOR_TOKEN, CORRECTED_VALUE                           sharing.legal-process                         a legal process in force now names the person, and names the category
PAYMENT_PROCESSOR  billing, order-fulfilment            NAME, EMAIL, BILLING_ADDRESS, PAYMENT_CARD, CARD_EXPIRY, PROCESSOR_TOKEN  purchases.billing                             an order of the person is open or failed with this recipient
EMAIL_PROVIDER     creator-notification                 AVATAR_NAME, NAME, EMAIL, POSTAL_ADDRESS, CELL_PHONE                      programs.creator-notification                 the preference \`creatorNotification\` is on
EMAIL_PROVIDER     imvu-newsletter                      NAME, EMAIL                                                               newsletters.default-in                        the preference \`imvuNewsletter\` is on
EMAIL_PROVIDER     developer-newsletter                 NAME, EMAIL                                                               newsletters.default-in                        the preference \`developerNewsletter\` is on
EMAIL_PROVIDER     friend-added-notice                  NAME, EMAIL                                                               communications.social                         the preference \`friendAdded\` is on
EMAIL_PROVIDER     friend-message-notice                NAME, EMAIL                                                               communications.social                         the preference \`friendMessage\` is on
EMAIL_PROVIDER     non-friend-message-notice            NAME, EMAIL                                                               communications.social                         the preference \`nonFriendMessage\` is on
EMAIL_PROVIDER     blog-notification                    NAME, EMAIL                                                               blog.subscription                             a verified blog subscription is in force
EMAIL_PROVIDER     service-notice                       NAME, EMAIL                                                               sharing.service-providers
OFFERS             targeted-offers, offer-prefill       NAME, EMAIL, GENDER, BIRTH_DATE, POSTAL_ADDRESS                           sharing.opt-in-offers                         the consent \`targetedOffers\` is in force
ADVERTISER         advertising                          GENDER, AGE_BAND                                                          ads.interaction                               the person interacted with an advertisement of this recipient, and the preference \`adTargeting\` is on, and not: a Global Privacy Control opt-out stands
OFFER_WALL         offer-completion                     (nothing)                                                                 offers.inbound
CO_BRANDED         co-branded-service, job-application  NAME, EMAIL                                                               cobranded.share                               the person has an active relationship with this recipient
SOCIAL             activity-posting                     ACTIVITY                                                                  social.activity                               the person is linked with this recipient and lets activity be posted there
SUCCESSOR          succession                           everything but PROCESSOR_TOKEN, ACCOUNT, CORRECTED_VALUE                  sharing.successor                             this recipient's succession was announced and the notice has run in full

To a partner, each asks besides that the person is active: not sealed, not refused, not erased, and either not: the person resides in the region whose data needs consent to leave it, or the consent \`euTransfer\` is in force, or this recipient is established in the region the data would otherwise leave.
`));

test('as Markdown it is the same table', () => {
  const cells = (line: string) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll(/^`|`$/g, ''));
  const [header = '', , ...lines] = matrixMarkdown(referencePolicy).split('\n');
  const [first, ...rest] = matrixText(referencePolicy).split('\n');
  expect(cells(header).map((word) => word.toUpperCase())).toEqual(first?.split(/ {2,}/));
  expect(lines).toHaveLength(rest.length);
  expect(lines.at(-1)).toBe(rest.at(-1));
});

test('a policy that forgets personActive has it in its matrix', () => {
  const careless = revise((draft) => {
    draft.partnerRequirements = { consent: 'euTransfer' };
    for (const reveal of clauseOf(draft, 'photos.visibility').reveals ?? []) delete reveal.when;
  });
  expect(matrixOf(careless).find(({ recipient }) => recipient === 'MEMBER')?.cells).toContainEqual({
    category: 'PHOTOS',
    clauses: ['photos.visibility'],
    conditions: [ACTIVE],
  });
  expect(matrixText(careless)).toContain(
    `To a partner, each asks besides that ${ACTIVE}, and the consent \`euTransfer\` is in force.`,
  );
});

describe('categories in words', () => {
  const first = (count: number) => DATA_CATEGORIES.slice(0, count);
  test.each<{ categories: DataCategory[]; words: string }>([
    { categories: [], words: '(nothing)' },
    { categories: ['NAME', 'EMAIL'], words: 'NAME, EMAIL' },
    { categories: [...DATA_CATEGORIES], words: 'everything' },
    { categories: first(15), words: 'everything but ACTIVITY, TRANSACTIONS, ACCOUNT, CORRECTED_VALUE' },
    { categories: first(14), words: first(14).join(', ') },
  ])('$words', ({ categories, words }) => expect(naming(referencePolicy, maskOf(categories))).toBe(words));
});
