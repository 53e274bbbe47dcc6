import { HOUR } from '../base/durations.ts';
import { isRecord, recordsIn } from '../base/records.ts';
import { COUNTRIES } from './countries.ts';
import { callerFact, type Fact, listFact, RANK, valueFact } from './fact.ts';
import type { Caller, Facts } from './facts.ts';
import { AN_INSTANT, after, atMost, equals, isInstant, oneOf, sampleOf, testOf, testOfElement } from './predicate.ts';
import { differingCountries, sidesOf } from './regions.ts';
import { STATUSES } from './vocabulary.ts';

const now = (moment: { readonly now: Date }) => moment.now;

const UNSETTLED = { status: oneOf(new Set(['OPEN', 'FAILED'])) };
const VOUCHED_FOR = [{ from: equals('SUBJECT') }, { from: equals('GUARDIAN'), verified: equals(true) }];
const IN_FORCE = { from: atMost(now), until: after(now) };

/** Every fact that a policy's conditions can name. */
export const FACTS = {
  personActive: valueFact({
    says: 'the person is active: not sealed, not refused, not erased',
    path: ['status'],
    holds: equals('ACTIVE'),
    fails: oneOf(new Set(STATUSES.filter((status) => status !== 'ACTIVE'))),
    rank: RANK.STATUS,
  }),
  standingOptOut: valueFact({
    says: 'a Global Privacy Control opt-out stands',
    path: ['standingOptOut'],
    holds: equals(true),
    fails: equals(false),
    declined: true,
    rank: RANK.SWITCH,
  }),
  residesInTransferRegion: valueFact({
    says: 'the person resides in the region whose data needs consent to leave it',
    path: ['residence'],
    holds: oneOf(({ measures }) => sidesOf(measures.transferRegion).inside),
    fails: oneOf(({ measures }) => sidesOf(measures.transferRegion).outside),
    cases: (_caller, measures) => differingCountries(measures),
    rank: RANK.RESIDENCE,
  }),
  orderWithRecipient: listFact({
    says: 'an order of the person is open or failed with this recipient',
    list: 'orders',
    recipient: 'processor',
    where: UNSETTLED,
  }),
  unsettledOrder: listFact({
    says: 'an order of the person is open or failed, with whichever processor',
    list: 'orders',
    where: UNSETTLED,
  }),
  relationshipWithRecipient: listFact({
    says: 'the person has an active relationship with this recipient',
    list: 'relationships',
    recipient: 'partner',
    where: { active: equals(true) },
    isChoice: true,
  }),
  autoPostToRecipient: listFact({
    says: 'the person is linked with this recipient and lets activity be posted there',
    list: 'socialLinks',
    recipient: 'partner',
    where: { autoPost: equals(true) },
    isChoice: true,
  }),
  interactionWithRecipient: listFact({
    says: 'the person interacted with an advertisement of this recipient',
    list: 'adInteractions',
    recipient: 'partner',
    where: { at: atMost(now) },
  }),
  verifiedSubscription: listFact({
    says: 'a verified blog subscription is in force',
    list: 'subscriptions',
    where: { verified: equals(true) },
    isChoice: true,
  }),
  openPrivacyCase: listFact({
    says: 'a privacy case is open that the person opened, or that a verified guardian did',
    list: 'privacyCases',
    where: { status: equals('OPEN') },
    either: VOUCHED_FOR,
  }),
  legalProcess: listFact({
    says: 'a legal process in force now names the person',
    list: 'legalProcesses',
    where: IN_FORCE,
    indexed: 'until',
    names: 'categories',
  }),
  noticeElapsed: callerFact(
    "this recipient's succession was announced and the notice has run in full",
    ({ recipient, now, measures }) => {
      const announcedAt = recipient?.successionAnnouncedAt;
      return isInstant(announcedAt) ? now.getTime() - announcedAt.getTime() >= measures.noticeHours * HOUR : undefined;
    },
  ),
  recipientInTransferRegion: callerFact(
    'this recipient is established in the region the data would otherwise leave',
    ({ recipient, measures }) =>
      recipient !== null && COUNTRIES.has(recipient.jurisdiction)
        ? measures.transferRegion.has(recipient.jurisdiction)
        : undefined,
  ),
} satisfies Record<string, Fact>;

export type FactName = keyof typeof FACTS;

/** A switch that the person holds. */
export const preferenceFact = (name: string): Fact =>
  valueFact({
    says: `the preference \`${name}\` is on`,
    path: ['preferences', name],
    holds: equals(true),
    fails: equals(false),
    declined: false,
    rank: RANK.SWITCH,
  });

/** An act that the person did. One dated in the future has not happened yet, so nothing is known. */
export const consentFact = (purpose: string): Fact =>
  valueFact({
    says: `the consent \`${purpose}\` is in force`,
    path: ['consents', purpose],
    holds: { given: equals(true), at: atMost(now) },
    fails: { given: equals(false), at: AN_INSTANT },
    declined: { given: false, at: new Date(0) },
    rank: RANK.CONSENT,
  });

/** The preferences and consents that conditions can name. */
export interface Choices {
  readonly preferences: readonly string[];
  readonly consents: readonly string[];
}

/** All facts that conditions can ask for. */
export const everyFact = ({ preferences, consents }: Choices): Fact[] => [
  ...Object.values(FACTS),
  ...preferences.map(preferenceFact),
  ...consents.map(consentFact),
];

const isAsUnsettled = testOf(UNSETTLED);

/** Whether an order is still to be filled or put right. */
export const isUnsettled = (order: { readonly status?: unknown }): boolean => isAsUnsettled(order, undefined);

/** Whether an order of the person is still to be filled or put right; one that can't be read may be. */
export const hasUnsettledOrder = ({ orders }: Facts): boolean =>
  !Array.isArray(orders) || orders.some((order) => !isRecord(order) || isUnsettled(order));

const isAsVouchedFor = testOfElement({ where: {}, either: VOUCHED_FOR });

/** Whether a privacy case is the person's own, or a guardian's that staff has verified. */
export const isVouchedFor = (privacyCase: { readonly from?: unknown; readonly verified?: unknown }): boolean =>
  isAsVouchedFor(privacyCase, undefined);

/** A legal process as a decision and its record need it. */
export interface LegalProcessInForce {
  readonly id: string;
  readonly authority: string;
  readonly categories: readonly string[];
  readonly notBefore: Date | null;
}

const isInForce = testOf(IN_FORCE);

/** The well-formed processes in force at `now`; one with a flaw is none. */
export const processesInForce = (facts: Facts, now: Date): LegalProcessInForce[] =>
  recordsIn(facts.legalProcesses).flatMap((process) => {
    const { id, authority, categories, notBefore } = process;
    if (!isInForce(process, { now }) || !Array.isArray(categories)) return [];
    return {
      id: String(id),
      authority: String(authority),
      categories: categories.filter((category) => typeof category === 'string'),
      notBefore: isInstant(notBefore) ? notBefore : null,
    };
  });

/** A process in force that names these categories, as it stands in a person's facts. */
export const processNaming = (categories: readonly string[], caller: Caller): object => ({
  ...(sampleOf(IN_FORCE, caller) as object),
  categories,
});
