import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from '../../src/policy/compile.ts';
import { type Audience, createAccess, reveals } from '../../src/policy/decide.ts';
import type { Facts, Recipient } from '../../src/policy/facts.ts';
import { EVERY_CATEGORY, maskOf } from '../../src/policy/vocabulary.ts';
import { audiences, NOW, soundFacts } from '../support/arbitraries.ts';
import { mayRead, type Person } from '../support/decision-table.ts';
import { clauseOf, referencePolicy, revise } from '../support/policy.ts';
import { categoriesOf, DATA_CATEGORIES } from '../support/words.ts';

const VERSION = referencePolicy.version;
const table = compile([referencePolicy], VERSION);

const HOUR = 3_600_000;
const fromNow = (milliseconds: number) => new Date(NOW.getTime() + milliseconds);
const given = (at: Date) => ({ given: true, at });
const withdrawn = (at: Date) => ({ given: false, at });

const somebody: Facts = {
  status: 'ACTIVE',
  acceptedVersion: VERSION,
  residence: 'US',
  preferences: { imvuNewsletter: true, adTargeting: true },
  consents: { targetedOffers: given(fromNow(-HOUR)) },
  standingOptOut: false,
  orders: [{ processor: 'p1', status: 'OPEN' }],
  adInteractions: [{ partner: 'p1', at: fromNow(-HOUR) }],
  relationships: [{ partner: 'p1', active: true }],
  socialLinks: [{ partner: 'p1', autoPost: true }],
  privacyCases: [],
  legalProcesses: [],
};

const recipient = (kind: string, purpose: string, rest: Partial<Recipient> = {}): Recipient => ({
  clientId: 'p1',
  kind,
  active: true,
  jurisdiction: 'US',
  contract: { from: null, until: null, purposes: [purpose] },
  successionAnnouncedAt: null,
  ...rest,
});

const partner = (kind: string, purpose: string, rest: Partial<Recipient> = {}): Audience => ({
  name: kind,
  purpose,
  recipient: recipient(kind, purpose, rest),
  scope: EVERY_CATEGORY,
});
const ours = (name: string, purpose: string | null = null): Audience => ({
  name,
  purpose,
  recipient: null,
  scope: EVERY_CATEGORY,
});

const OFFERS = partner('OFFERS', 'targeted-offers');
const LEGAL = ours('STAFF_LEGAL', 'legal-process');
const WITH_CARD = ['AVATAR_NAME', 'NAME', 'EMAIL', 'GENDER', 'AGE', 'POSTAL_ADDRESS', 'PAYMENT_CARD', 'TRANSACTIONS'];
const OFFERED = ['NAME', 'EMAIL', 'GENDER', 'BIRTH_DATE', 'POSTAL_ADDRESS'];

const shown = (audience: Audience, facts: Facts) => categoriesOf(createAccess(table, audience, NOW).decide(facts).mask);

describe('one row of the table at a time', () => {
  test.each<{ name: string; audience: Audience; facts?: Facts; sees: string[] }>([
    { name: 'a visitor sees the avatar name of an active person', audience: ours('VISITOR'), sees: ['AVATAR_NAME'] },
    {
      name: 'a visitor sees nothing of a sealed child',
      audience: ours('VISITOR'),
      facts: { status: 'SEALED' },
      sees: [],
    },
    { name: 'a member sees photos and posts too', audience: ours('MEMBER'), sees: ['AVATAR_NAME', 'PHOTOS', 'POSTS'] },
    { name: 'offers see a person with the opt-in', audience: OFFERS, sees: OFFERED },
    {
      name: 'a consent given this very instant is in force',
      audience: OFFERS,
      facts: { consents: { targetedOffers: given(NOW) } },
      sees: OFFERED,
    },
    {
      name: 'a consent dated in the future is not',
      audience: OFFERS,
      facts: { consents: { targetedOffers: given(fromNow(1)) } },
      sees: [],
    },
    {
      name: 'a withdrawal that won a tie is one',
      audience: OFFERS,
      facts: { consents: { targetedOffers: withdrawn(NOW) } },
      sees: [],
    },
    { name: 'no record of a consent is no consent', audience: OFFERS, facts: { consents: {} }, sees: [] },
    { name: 'a refused person does not exist', audience: OFFERS, facts: { status: 'REFUSED' }, sees: [] },
    {
      name: 'a person in France without transfer consent does not',
      audience: OFFERS,
      facts: { residence: 'FR' },
      sees: [],
    },
    {
      name: 'a person in France with it does',
      audience: OFFERS,
      facts: { residence: 'FR', consents: { targetedOffers: given(NOW), euTransfer: given(NOW) } },
      sees: OFFERED,
    },
    {
      name: 'a partner in Norway may see a person in France without it',
      audience: partner('OFFERS', 'targeted-offers', { jurisdiction: 'NO' }),
      facts: { residence: 'FR' },
      sees: OFFERED,
    },
    { name: 'a residence that is not known may be anywhere', audience: OFFERS, facts: { residence: null }, sees: [] },
    {
      name: 'the processor of a failed order sees the card and its token',
      audience: partner('PAYMENT_PROCESSOR', 'order-fulfilment'),
      facts: { orders: [{ processor: 'p1', status: 'FAILED' }] },
      sees: ['NAME', 'EMAIL', 'BILLING_ADDRESS', 'PAYMENT_CARD', 'CARD_EXPIRY', 'PROCESSOR_TOKEN'],
    },
    {
      name: 'a filled order shows nothing',
      audience: partner('PAYMENT_PROCESSOR', 'billing'),
      facts: { orders: [{ processor: 'p1', status: 'FILLED' }] },
      sees: [],
    },
    {
      name: 'an order with another processor shows nothing',
      audience: partner('PAYMENT_PROCESSOR', 'billing', { clientId: 'p2' }),
      sees: [],
    },
    {
      name: 'two half orders do not make one',
      audience: partner('PAYMENT_PROCESSOR', 'billing'),
      facts: {
        orders: [
          { processor: 'p1', status: 'FILLED' },
          { processor: 'p2', status: 'OPEN' },
        ],
      },
      sees: [],
    },
    {
      name: 'a cancelled order shows nothing',
      audience: partner('PAYMENT_PROCESSOR', 'billing'),
      facts: { orders: [{ processor: 'p1', status: 'CANCELLED' }] },
      sees: [],
    },
    ...(['OPEN', 'FAILED'] as const).map((status) => ({
      name: `support sees the card while an order is ${status}, with whichever processor`,
      audience: ours('STAFF_SUPPORT', 'customer-support'),
      facts: { orders: [{ processor: 'p2', status }] },
      sees: WITH_CARD,
    })),
    ...(['FILLED', 'CANCELLED', 'PAID'] as const).map((status) => ({
      name: `support sees no card where every order is ${status}`,
      audience: ours('STAFF_SUPPORT', 'customer-support'),
      facts: { orders: [{ processor: 'p1', status }] },
      sees: WITH_CARD.filter((category) => category !== 'PAYMENT_CARD'),
    })),
    {
      name: 'support sees no card where the orders can not be read',
      audience: ours('STAFF_SUPPORT', 'customer-support'),
      facts: { orders: 'one' },
      sees: WITH_CARD.filter((category) => category !== 'PAYMENT_CARD'),
    },
    {
      name: 'an advertiser sees a person after an interaction',
      audience: partner('ADVERTISER', 'advertising'),
      sees: ['GENDER', 'AGE_BAND'],
    },
    {
      name: 'a standing opt-out beats the interaction',
      audience: partner('ADVERTISER', 'advertising'),
      facts: { standingOptOut: true },
      sees: [],
    },
    {
      name: 'a missing record of opt-outs is not the absence of one',
      audience: partner('ADVERTISER', 'advertising'),
      facts: { standingOptOut: undefined },
      sees: [],
    },
    {
      name: 'an interaction to come is none',
      audience: partner('ADVERTISER', 'advertising'),
      facts: { adInteractions: [{ partner: 'p1', at: fromNow(1) }] },
      sees: [],
    },
    {
      name: 'a social network loses sight when posting is switched off',
      audience: partner('SOCIAL', 'activity-posting'),
      facts: { socialLinks: [{ partner: 'p1', autoPost: false }] },
      sees: [],
    },
    { name: 'an offer wall sees nothing', audience: partner('OFFER_WALL', 'offer-completion'), sees: [] },
    {
      name: 'privacy staff sees the record of a sealed child with an open case',
      audience: ours('STAFF_PRIVACY', 'privacy-request'),
      facts: { status: 'SEALED', privacyCases: [{ status: 'OPEN', from: 'SUBJECT' }] },
      sees: ['AVATAR_NAME', 'NAME', 'EMAIL', 'ACCOUNT'],
    },
    {
      name: 'a closed case shows nothing',
      audience: ours('STAFF_PRIVACY', 'privacy-request'),
      facts: { privacyCases: [{ status: 'CLOSED', from: 'SUBJECT' }] },
      sees: [],
    },
    {
      name: 'a verified guardian’s open case shows as much as one of the person’s own',
      audience: ours('STAFF_PRIVACY', 'privacy-request'),
      facts: { privacyCases: [{ status: 'OPEN', from: 'GUARDIAN', verified: true }] },
      sees: ['AVATAR_NAME', 'NAME', 'EMAIL', 'ACCOUNT'],
    },
    ...[
      { of: 'a guardian that nobody verified', privacyCase: { from: 'GUARDIAN', verified: false } },
      { of: 'a guardian that is verified in a text', privacyCase: { from: 'GUARDIAN', verified: 'true' } },
      { of: 'a guardian without a record of verification', privacyCase: { from: 'GUARDIAN' } },
      { of: 'an unknown sender', privacyCase: {} },
      { of: 'staff', privacyCase: { from: 'STAFF', verified: true } },
    ].map(({ of, privacyCase }) => ({
      name: `an open case of ${of} shows nothing`,
      audience: ours('STAFF_PRIVACY', 'privacy-request'),
      facts: { privacyCases: [{ status: 'OPEN', ...privacyCase }] },
      sees: [],
    })),
  ])('$name', ({ audience, facts, sees }) => expect(shown(audience, { ...somebody, ...facts })).toEqual(sees));

  test('the person sees all but the token of the processor, under every status', () => {
    const seen = createAccess(table, ours('SELF'), NOW).decide({ status: 'REFUSED' }).mask;
    expect(seen).toBe(maskOf(DATA_CATEGORIES) & ~maskOf(['PROCESSOR_TOKEN']));
  });

  test('a scope leaves the categories that it names', () =>
    expect(shown({ ...OFFERS, scope: maskOf(['EMAIL', 'PHOTOS']) }, somebody)).toEqual(['EMAIL']));
});

describe('a partner that settles orders', () => {
  test.each<{ name: string; audience: Audience; processor: string | null }>([
    {
      name: 'is one of a kind that sees something on account of an order',
      audience: partner('PAYMENT_PROCESSOR', 'billing'),
      processor: 'p1',
    },
    {
      name: 'is one also for a purpose that shows it nothing',
      audience: partner('PAYMENT_PROCESSOR', 'succession'),
      processor: 'p1',
    },
    { name: 'is no successor', audience: partner('SUCCESSOR', 'succession'), processor: null },
    { name: 'is nobody of our own', audience: ours('STAFF_SUPPORT', 'customer-support'), processor: null },
  ])('$name', ({ audience, processor }) => expect(createAccess(table, audience, NOW).processor).toBe(processor));
});

describe('windows of time are half-open', () => {
  const contract = (from: Date | null, until: Date | null) =>
    partner('OFFERS', 'targeted-offers', { contract: { from, until, purposes: ['targeted-offers'] } });
  const process = (from: Date, until: Date): Facts => ({ legalProcesses: [{ categories: ['EMAIL'], from, until }] });
  const announced = (at: Date | null) => partner('SUCCESSOR', 'succession', { successionAnnouncedAt: at });

  test.each<{ name: string; audience: Audience; facts?: Facts; reveals: boolean }>([
    { name: 'a contract from now on is in force', audience: contract(NOW, null), reveals: true },
    { name: 'a contract from the next millisecond on is not', audience: contract(fromNow(1), null), reveals: false },
    { name: 'a contract until the next millisecond is in force', audience: contract(null, fromNow(1)), reveals: true },
    { name: 'a contract until now is over', audience: contract(null, NOW), reveals: false },
    {
      name: 'a contract with a bound that is no date is not in force',
      audience: contract(new Date('?'), null),
      reveals: false,
    },
    { name: 'a process from now on is in force', audience: LEGAL, facts: process(NOW, fromNow(1)), reveals: true },
    { name: 'a process until now is over', audience: LEGAL, facts: process(fromNow(-1), NOW), reveals: false },
    {
      name: 'a process to come is not in force',
      audience: LEGAL,
      facts: process(fromNow(1), fromNow(2)),
      reveals: false,
    },
    { name: 'notice of exactly 720 hours has run', audience: announced(fromNow(-720 * HOUR)), reveals: true },
    { name: 'notice of a millisecond less has not', audience: announced(fromNow(1 - 720 * HOUR)), reveals: false },
    { name: 'no notice has not', audience: announced(null), reveals: false },
  ])('$name', ({ audience, facts, reveals: expected }) =>
    expect(shown(audience, { ...somebody, ...facts }).length > 0).toBe(expected));
});

describe('a legal process shows the categories that it names', () => {
  const process = (categories: unknown, until = fromNow(1)) => ({ categories, from: fromNow(-1), until });
  test.each<{ name: string; legalProcesses: unknown; sees: string[] }>([
    { name: 'and nothing else', legalProcesses: [process(['EMAIL', 'POSTS'])], sees: ['EMAIL', 'POSTS'] },
    {
      name: 'two together those of either',
      legalProcesses: [process(['EMAIL']), process(['NAME'])],
      sees: ['NAME', 'EMAIL'],
    },
    {
      name: 'one that is over adds nothing',
      legalProcesses: [process(['EMAIL']), process(['NAME'], NOW)],
      sees: ['EMAIL'],
    },
    {
      name: 'never those that the clause excepts',
      legalProcesses: [process(['PROCESSOR_TOKEN', 'CORRECTED_VALUE'])],
      sees: [],
    },
    { name: 'nothing for words that are no category', legalProcesses: [process(['EVERYTHING', 7])], sees: [] },
    { name: 'nothing where the categories are no list', legalProcesses: [process('EMAIL')], sees: [] },
  ])('$name', ({ legalProcesses, sees }) => expect(shown(LEGAL, { ...somebody, legalProcesses })).toEqual(sees));
});

describe('people are judged under the version they accepted', () => {
  const later = revise((draft) => {
    draft.version = '2015-06-01';
    clauseOf(draft, 'sharing.opt-in-offers').reveals = [
      {
        to: 'OFFERS',
        purposes: ['targeted-offers'],
        categories: ['EMAIL', 'CELL_PHONE'],
        when: { consent: 'targetedOffers' },
      },
    ];
    draft.clauses = draft.clauses.filter(({ id }) => id !== 'rights.access');
  });
  const both = compile([referencePolicy, later], '2015-06-01');
  const seen = (audience: Audience, facts: Facts) => categoriesOf(createAccess(both, audience, NOW).decide(facts).mask);

  test.each([
    { version: VERSION, sees: OFFERED },
    { version: '2015-06-01', sees: ['EMAIL', 'CELL_PHONE'] },
    { version: '2016-01-01', sees: [] },
    { version: undefined, sees: [] },
    { version: [VERSION], sees: [] },
  ])('offers see $sees where $version was accepted', ({ version, sees }) =>
    expect(seen(OFFERS, { ...somebody, acceptedVersion: version })).toEqual(sees));

  test('a clause that holds toward everybody is read from the current version alone', () => {
    expect(seen(ours('SELF'), somebody)).toEqual([]);
    expect(createAccess(both, ours('SELF'), NOW).reasonFor('EMAIL')).toBe('NO_CLAUSE');
  });

  test('a legal process needs no acceptance', () => {
    const legalProcesses = [{ categories: ['EMAIL'], from: NOW, until: fromNow(1) }];
    expect(seen(LEGAL, { legalProcesses })).toEqual(['EMAIL']);
  });

  test('a version that was not given cannot be the current one', () =>
    expect(() => compile([referencePolicy], '2015-06-01')).toThrow('2015-06-01'));
});

describe('the reason is the first that applies, and speaks of the caller alone', () => {
  const contract = (purposes: string[], until: Date | null = null) => ({ contract: { from: null, until, purposes } });
  test.each<{ name: string; audience: Audience; reason: string; refusal: string | null }>([
    {
      name: 'a category that no clause shows this kind of caller comes before the purpose',
      audience: partner('SOCIAL', 'billing', contract([])),
      reason: 'NO_CLAUSE',
      refusal: 'WRONG_PURPOSE',
    },
    {
      name: "a purpose of another row comes before the contract's end",
      audience: partner('OFFERS', 'billing', contract(['billing'], NOW)),
      reason: 'WRONG_PURPOSE',
      refusal: 'WRONG_PURPOSE',
    },
    {
      name: "a purpose that is not contracted comes before the contract's end",
      audience: partner('OFFERS', 'targeted-offers', contract(['offer-prefill'], NOW)),
      reason: 'WRONG_PURPOSE',
      refusal: 'WRONG_PURPOSE',
    },
    {
      name: 'no contract comes before the scope',
      audience: { ...partner('OFFERS', 'targeted-offers', { contract: null }), scope: 0n },
      reason: 'CONTRACT_NOT_IN_FORCE',
      refusal: 'CONTRACT_NOT_IN_FORCE',
    },
    {
      name: 'a contract that has ended comes before the scope',
      audience: { ...partner('OFFERS', 'targeted-offers', contract(['targeted-offers'], NOW)), scope: 0n },
      reason: 'CONTRACT_NOT_IN_FORCE',
      refusal: 'CONTRACT_NOT_IN_FORCE',
    },
    {
      name: 'a suspended partner has no contract in force',
      audience: partner('OFFERS', 'targeted-offers', { active: false }),
      reason: 'CONTRACT_NOT_IN_FORCE',
      refusal: 'CONTRACT_NOT_IN_FORCE',
    },
    {
      name: 'a scope without the category refuses the category alone',
      audience: { ...OFFERS, scope: maskOf(['NAME']) },
      reason: 'MISSING_SCOPE',
      refusal: null,
    },
    {
      name: 'a scope that names nothing of the row refuses everything',
      audience: { ...OFFERS, scope: maskOf(['PHOTOS']) },
      reason: 'MISSING_SCOPE',
      refusal: 'MISSING_SCOPE',
    },
    { name: 'the rest is about the person, and not told', audience: OFFERS, reason: 'NOT_PERMITTED', refusal: null },
    {
      name: "staff with another role's purpose",
      audience: ours('STAFF_SUPPORT', 'privacy-request'),
      reason: 'WRONG_PURPOSE',
      refusal: 'WRONG_PURPOSE',
    },
    {
      name: 'an offer wall reads nothing',
      audience: partner('OFFER_WALL', 'offer-completion'),
      reason: 'NO_CLAUSE',
      refusal: 'NO_CLAUSE',
    },
    { name: 'a visitor', audience: ours('VISITOR'), reason: 'NO_CLAUSE', refusal: null },
  ])('$name', ({ audience, reason, refusal }) => {
    const access = createAccess(table, audience, NOW);
    expect(access.reasonFor('EMAIL')).toBe(reason);
    expect(access.refusal()).toBe(refusal);
  });

  test('it is the same toward everybody', () =>
    fc.assert(
      fc.property(audiences(table), soundFacts([VERSION]), (audience, facts) => {
        const access = createAccess(table, audience, NOW);
        const decision = access.decide(facts);
        for (const category of categoriesOf(EVERY_CATEGORY))
          if (access.reasonFor(category) !== 'NOT_PERMITTED') expect(reveals(decision, category)).toBe(false);
        if (access.refusal() !== null) expect(decision.mask).toBe(0n);
        expect(decision.mask & ~access.reach).toBe(0n);
      }),
    ));
});

describe('doubt about the caller ends in nothing', () => {
  test.each<{ name: string; audience: Audience }>([
    { name: 'a partner kind without a recipient', audience: { ...OFFERS, recipient: null } },
    { name: 'a recipient of another kind', audience: { ...OFFERS, recipient: recipient('SOCIAL', 'targeted-offers') } },
    {
      name: 'a recipient in the guise of ourselves',
      audience: { ...ours('SELF'), recipient: recipient('OFFERS', 'targeted-offers') },
    },
    { name: 'an audience that no policy knows', audience: ours('STAFF_JANITOR', 'customer-support') },
    { name: 'an inherited property of objects', audience: ours('constructor') },
  ])('$name', ({ audience }) => {
    expect(shown(audience, somebody)).toEqual([]);
    expect(createAccess(table, audience, NOW).filter()).toBe(false);
  });

  test('an instant that is none', () =>
    expect(createAccess(table, OFFERS, new Date('?')).decide(somebody).mask).toBe(0n));
});

test('a decision equals the table, read by hand', () => {
  let seen = 0;
  fc.assert(
    fc.property(audiences(table), soundFacts([VERSION]), (audience, facts) => {
      const decided = shown(audience, facts);
      expect(new Set(decided)).toEqual(mayRead(audience, facts as Person, NOW, VERSION));
      seen += decided.length > 0 ? 1 : 0;
    }),
    { numRuns: 3_000 },
  );
  expect(seen).toBeGreaterThan(200);
});

test('the grounds of a decision together reveal its categories', () =>
  fc.assert(
    fc.property(audiences(table), soundFacts([VERSION]), (audience, facts) => {
      const { mask, grounds } = createAccess(table, audience, NOW).decide(facts);
      expect(grounds.reduce((all, ground) => all | ground.mask, 0n)).toBe(mask);
      expect(grounds.every((ground) => ground.mask !== 0n && (ground.mask & ~ground.ruling.mask) === 0n)).toBe(true);
    }),
  ));
