import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { findOperations, findTests } from '../../src/commands/policy-mentions.ts';
import { buildSchema } from '../../src/gateway/schema.ts';
import type { Policy } from '../../src/policy/clause.ts';
import { compile } from '../../src/policy/compile.ts';
import { coverageOf, type Mentions } from '../../src/policy/coverage.ts';
import { type Audience, createAccess } from '../../src/policy/decide.ts';
import { diffPolicies } from '../../src/policy/diff.ts';
import { diffInWords } from '../../src/policy/diff-words.ts';
import type { Facts } from '../../src/policy/facts.ts';
import { lint } from '../../src/policy/lint.ts';
import { PolicyError } from '../../src/policy/load.ts';
import type { CategoryMask } from '../../src/policy/vocabulary.ts';
import { audiences, NOW, soundFacts } from '../support/arbitraries.ts';
import { parsePolicy, referencePolicy, referenceText } from '../support/policy.ts';

/** A change of the reference policy by hand, and the tools that tell of it. */
interface Edit {
  readonly name: string;
  readonly good: string;
  readonly bad: string;
  /** The fault that stops the file from being loaded; nothing else is asked then. */
  readonly refused?: string;
  /** The gravest finding that the reference policy does not have. */
  readonly lint?: string;
  /** The first line but for the version's. */
  readonly diff?: string;
  readonly coverage?: string;
  /** Whether anybody is shown more or less, so that the tests of decisions would notice. */
  readonly decisions: boolean;
}

const clauseText = (id: string) => {
  const start = referenceText.indexOf(`  - id: ${id}\n`);
  return referenceText.slice(start, referenceText.indexOf('\n  - id: ', start) + 1);
};

const [COUNTRIES_OF_REGION = ''] = / {4}\[AT, [^\]]+\]/.exec(referenceText) ?? [];

const EDITS: readonly Edit[] = [
  {
    name: 'a newsletter no longer asks for its preference',
    good: 'when: { preference: imvuNewsletter }',
    bad: 'when: { all: [] }',
    lint: 'ERROR newsletters.default-in reveals to EMAIL_PROVIDER also people who have declined everything, though the clause is a control',
    diff: 'wider EMAIL_PROVIDER, for imvu-newsletter, sees on other conditions NAME, EMAIL: dropped "the preference `imvuNewsletter` is on"',
    decisions: true,
  },
  {
    name: 'Creator Notification no longer asks for its opt-in',
    good: 'when: { preference: creatorNotification }',
    bad: 'when: { all: [] }',
    lint: 'ERROR programs.creator-notification reveals to EMAIL_PROVIDER also people who have declined everything, though the clause is a control',
    diff: 'wider EMAIL_PROVIDER, for creator-notification, sees on other conditions AVATAR_NAME, NAME, EMAIL, POSTAL_ADDRESS, CELL_PHONE: dropped "the preference `creatorNotification` is on"',
    decisions: true,
  },
  {
    name: 'offers no longer ask for their consent',
    good: 'when: { consent: targetedOffers }',
    bad: 'when: { all: [] }',
    lint: 'ERROR sharing.opt-in-offers reveals to OFFERS also people who have declined everything, though the clause is a control',
    diff: 'wider OFFERS, for targeted-offers, sees on other conditions NAME, EMAIL, GENDER, BIRTH_DATE, POSTAL_ADDRESS: dropped "the consent `targetedOffers` is in force"',
    decisions: true,
  },
  {
    name: 'a payment processor needs no order',
    good: 'when: { fact: orderWithRecipient }',
    bad: 'when: { all: [] }',
    diff: 'wider PAYMENT_PROCESSOR, for billing, sees on other conditions NAME, EMAIL, BILLING_ADDRESS, PAYMENT_CARD, CARD_EXPIRY, PROCESSOR_TOKEN: dropped "an order of the person is open or failed with this recipient"',
    decisions: true,
  },
  {
    name: 'an order with any processor is enough',
    good: 'when: { fact: orderWithRecipient }',
    bad: 'when: { fact: unsettledOrder }',
    diff: 'wider PAYMENT_PROCESSOR, for billing, sees on other conditions NAME, EMAIL, BILLING_ADDRESS, PAYMENT_CARD, CARD_EXPIRY, PROCESSOR_TOKEN: dropped "an order of the person is open or failed with this recipient", added "an order of the person is open or failed, with whichever processor"',
    decisions: true,
  },
  {
    name: 'a co-branded partner needs no relationship',
    good: 'when: { fact: relationshipWithRecipient }',
    bad: 'when: { all: [] }',
    diff: 'wider CO_BRANDED, for co-branded-service, sees on other conditions NAME, EMAIL: dropped "the person has an active relationship with this recipient"',
    decisions: true,
  },
  {
    name: 'an advertiser needs no interaction',
    good: '            - fact: interactionWithRecipient\n',
    bad: '',
    diff: 'wider ADVERTISER, for advertising, sees on other conditions GENDER, AGE_BAND: dropped "the person interacted with an advertisement of this recipient"',
    decisions: true,
  },
  {
    name: 'an advertiser no longer asks for the preference',
    good: '            - preference: adTargeting\n',
    bad: '',
    lint: 'ERROR switching off adTargeting, which is on from the start, hides nothing',
    diff: 'wider ADVERTISER, for advertising, sees on other conditions GENDER, AGE_BAND: dropped "the preference `adTargeting` is on"',
    decisions: true,
  },
  {
    name: 'an advertiser no longer asks for the GPC opt-out',
    good: '            - not: { fact: standingOptOut }\n',
    bad: '',
    lint: 'ERROR ads.interaction reveals to ADVERTISER for promotion and without consent, and does not ask for { not: { fact: standingOptOut } }',
    diff: 'wider ADVERTISER, for advertising, sees on other conditions GENDER, AGE_BAND: dropped "not: a Global Privacy Control opt-out stands"',
    decisions: true,
  },
  {
    name: 'the negation of the GPC opt-out is dropped',
    good: '- not: { fact: standingOptOut }',
    bad: '- fact: standingOptOut',
    lint: 'ERROR ads.interaction reveals to ADVERTISER for promotion and without consent, and does not ask for { not: { fact: standingOptOut } }',
    diff: 'changes ADVERTISER, for advertising, sees on other conditions GENDER, AGE_BAND: dropped "not: a Global Privacy Control opt-out stands", added "a Global Privacy Control opt-out stands"',
    decisions: true,
  },
  {
    name: 'one of the conditions of advertising is enough',
    good: '        when:\n          all:\n            - fact: interactionWithRecipient',
    bad: '        when:\n          any:\n            - fact: interactionWithRecipient',
    lint: 'ERROR ads.interaction reveals to ADVERTISER also people who have declined everything, though advertising is promotional',
    diff: 'wider ADVERTISER, for advertising, sees on other conditions GENDER, AGE_BAND: dropped "the person interacted with an advertisement of this recipient", dropped "the preference `adTargeting` is on", dropped "not: a Global Privacy Control opt-out stands", added "either the person interacted with an advertisement of this recipient, or the preference `adTargeting` is on, or not: a Global Privacy Control opt-out stands"',
    decisions: true,
  },
  {
    name: 'a social network needs no link',
    good: 'when: { fact: autoPostToRecipient }',
    bad: 'when: { all: [] }',
    lint: 'ERROR social.activity reveals to SOCIAL also people who have declined everything, though the legal basis of the clause is consent',
    diff: 'wider SOCIAL, for activity-posting, sees on other conditions ACTIVITY: dropped "the person is linked with this recipient and lets activity be posted there"',
    decisions: true,
  },
  {
    name: 'blog mail needs no verified subscription',
    good: 'when: { fact: verifiedSubscription }',
    bad: 'when: { all: [] }',
    lint: 'ERROR blog.subscription reveals to EMAIL_PROVIDER also people who have declined everything, though the clause is a control',
    diff: 'wider EMAIL_PROVIDER, for blog-notification, sees on other conditions NAME, EMAIL: dropped "a verified blog subscription is in force"',
    decisions: true,
  },
  {
    name: 'a successor does not wait for its notice',
    good: 'when: { fact: noticeElapsed }',
    bad: 'when: { all: [] }',
    lint: 'WARNING no condition asks for noticeElapsed, so that nothing waits for noticeHours',
    diff: 'wider SUCCESSOR, for succession, sees on other conditions AVATAR_NAME, NAME, EMAIL, GENDER, BIRTH_DATE, AGE, AGE_BAND, POSTAL_ADDRESS, CELL_PHONE, BILLING_ADDRESS, PAYMENT_CARD, CARD_EXPIRY, PHOTOS, POSTS, ACTIVITY, TRANSACTIONS: dropped "this recipient\'s succession was announced and the notice has run in full"',
    decisions: true,
  },
  {
    name: 'privacy staff needs no case',
    good: 'when: { fact: openPrivacyCase }',
    bad: 'when: { all: [] }',
    lint: 'ERROR contact.privacy-officer reveals to STAFF_PRIVACY without asking for personActive, which every decision asks for',
    diff: 'wider STAFF_PRIVACY, for privacy-request, sees on other conditions AVATAR_NAME, NAME, EMAIL, ACCOUNT: dropped "a privacy case is open that the person opened, or that a verified guardian did", added "either the person is active: not sealed, not refused, not erased, or a privacy case is open that the person opened, or that a verified guardian did"',
    decisions: true,
  },
  {
    name: 'legal staff needs no process',
    good: '        categories: { namedBy: legalProcess, except: [PROCESSOR_TOKEN, CORRECTED_VALUE] }\n        when: { fact: legalProcess }',
    bad: '        categories: { except: [PROCESSOR_TOKEN, CORRECTED_VALUE] }',
    lint: 'ERROR sharing.legal-process reveals to STAFF_LEGAL without asking for personActive, which every decision asks for',
    diff: 'wider STAFF_LEGAL, for legal-process, sees on other conditions AVATAR_NAME, NAME, EMAIL, GENDER, BIRTH_DATE, AGE, AGE_BAND, POSTAL_ADDRESS, CELL_PHONE, BILLING_ADDRESS, PAYMENT_CARD, CARD_EXPIRY, PHOTOS, POSTS, ACTIVITY, TRANSACTIONS, ACCOUNT: dropped "a legal process in force now names the person", dropped "a legal process in force names the category", added "either the person is active: not sealed, not refused, not erased, or a legal process in force now names the person"',
    decisions: true,
  },
  {
    name: 'support is shown cards of accounts that are closed',
    good: 'when: { all: [{ fact: personActive }, { fact: unsettledOrder }] }',
    bad: 'when: { fact: unsettledOrder }',
    lint: 'ERROR purchases.billing reveals to STAFF_SUPPORT without asking for personActive, which every decision asks for',
    diff: 'changes the clause purchases.billing says otherwise: reveals',
    decisions: false,
  },
  {
    name: 'partners need no active person',
    good: '    - fact: personActive\n    - any:',
    bad: '    - any:',
    lint: 'ERROR programs.creator-notification reveals to EMAIL_PROVIDER without asking for personActive, which every decision asks for',
    diff: 'changes the setting partnerRequirements goes from "the person is active: not sealed, not refused, not erased, and either not: the person resides in the region whose data needs consent to leave it, or the consent `euTransfer` is in force, or this recipient is established in the region the data would otherwise leave" to "either not: the person resides in the region whose data needs consent to leave it, or the consent `euTransfer` is in force, or this recipient is established in the region the data would otherwise leave"',
    decisions: false,
  },
  {
    name: 'partners are bound by no region',
    good: '    - any:\n        - not: { fact: residesInTransferRegion }\n        - consent: euTransfer\n        - fact: recipientInTransferRegion\n',
    bad: '',
    lint: 'ERROR partners outside the transfer region see people who reside in it and have not consented to that, under programs.creator-notification, purchases.billing, newsletters.default-in, communications.social, blog.subscription, sharing.successor, sharing.opt-in-offers, sharing.service-providers, ads.interaction, cobranded.share, social.activity',
    diff: 'wider EMAIL_PROVIDER, for creator-notification, sees on other conditions AVATAR_NAME, NAME, EMAIL, POSTAL_ADDRESS, CELL_PHONE: dropped "either not: the person resides in the region whose data needs consent to leave it, or the consent `euTransfer` is in force, or this recipient is established in the region the data would otherwise leave"',
    decisions: true,
  },
  {
    name: 'one requirement of partners is enough',
    good: 'partnerRequirements:\n  all:',
    bad: 'partnerRequirements:\n  any:',
    lint: 'ERROR programs.creator-notification reveals to EMAIL_PROVIDER without asking for personActive, which every decision asks for',
    diff: 'wider EMAIL_PROVIDER, for creator-notification, sees on other conditions AVATAR_NAME, NAME, EMAIL, POSTAL_ADDRESS, CELL_PHONE: dropped "either not: the person resides in the region whose data needs consent to leave it, or the consent `euTransfer` is in force, or this recipient is established in the region the data would otherwise leave", added "either the person is active: not sealed, not refused, not erased, or either not: the person resides in the region whose data needs consent to leave it, or the consent `euTransfer` is in force, or this recipient is established in the region the data would otherwise leave"',
    decisions: true,
  },
  {
    name: 'the negation of the residence is dropped',
    good: '- not: { fact: residesInTransferRegion }',
    bad: '- fact: residesInTransferRegion',
    lint: 'ERROR partners outside the transfer region see people who reside in it and have not consented to that, under programs.creator-notification, purchases.billing, newsletters.default-in, communications.social, blog.subscription, sharing.successor, sharing.opt-in-offers, sharing.service-providers, ads.interaction, cobranded.share, social.activity',
    diff: 'changes EMAIL_PROVIDER, for creator-notification, sees on other conditions AVATAR_NAME, NAME, EMAIL, POSTAL_ADDRESS, CELL_PHONE: dropped "either not: the person resides in the region whose data needs consent to leave it, or the consent `euTransfer` is in force, or this recipient is established in the region the data would otherwise leave", added "either the person resides in the region whose data needs consent to leave it, or the consent `euTransfer` is in force, or this recipient is established in the region the data would otherwise leave"',
    decisions: true,
  },
  {
    name: 'the consent to transfer no longer opens the region',
    good: '        - consent: euTransfer\n',
    bad: '',
    lint: 'WARNING no condition asks for the consent euTransfer',
    diff: 'narrower EMAIL_PROVIDER, for creator-notification, sees on other conditions AVATAR_NAME, NAME, EMAIL, POSTAL_ADDRESS, CELL_PHONE: dropped "either not: the person resides in the region whose data needs consent to leave it, or the consent `euTransfer` is in force, or this recipient is established in the region the data would otherwise leave", added "either not: the person resides in the region whose data needs consent to leave it, or this recipient is established in the region the data would otherwise leave"',
    decisions: true,
  },
  {
    name: 'a list of categories is longer',
    good: 'categories: [GENDER, AGE_BAND]',
    bad: 'categories: [GENDER, AGE_BAND, EMAIL]',
    diff: 'wider ADVERTISER, for advertising, may newly see EMAIL',
    decisions: true,
  },
  {
    name: 'a list of categories is shorter',
    good: 'categories: [GENDER, AGE_BAND]',
    bad: 'categories: [AGE_BAND]',
    diff: 'narrower ADVERTISER, for advertising, no longer sees GENDER',
    decisions: true,
  },
  {
    name: 'everything but less',
    good: 'categories: { except: [ACCOUNT, PROCESSOR_TOKEN, CORRECTED_VALUE] }',
    bad: 'categories: { except: [PROCESSOR_TOKEN, CORRECTED_VALUE] }',
    diff: 'wider SUCCESSOR, for succession, may newly see ACCOUNT',
    decisions: true,
  },
  {
    name: 'a category is misspelt',
    good: 'categories: [GENDER, AGE_BAND]',
    bad: 'categories: [GENDER, AGE_BANDS]',
    refused:
      'policy.yaml:466:30 clauses[29].reveals[0].categories[1]: expected a data category, not "AGE_BANDS"; did you mean AGE_BAND?',
    decisions: false,
  },
  {
    name: 'one purpose more',
    good: 'purposes: [activity-posting]',
    bad: 'purposes: [activity-posting, service-notice]',
    diff: 'wider SOCIAL, for service-notice, may newly see ACTIVITY',
    decisions: true,
  },
  {
    name: 'one purpose less',
    good: 'purposes: [targeted-offers, offer-prefill]',
    bad: 'purposes: [targeted-offers]',
    lint: 'WARNING no clause reveals anything for offer-prefill',
    diff: 'narrower OFFERS, for offer-prefill, no longer sees NAME, EMAIL, GENDER, BIRTH_DATE, POSTAL_ADDRESS',
    decisions: true,
  },
  {
    name: 'a purpose is misspelt where it is used',
    good: 'purposes: [succession]',
    bad: 'purposes: [sucession]',
    refused:
      'policy.yaml:418:20 clauses[25].reveals[0].purposes[0]: expected a purpose with use: CALLER, not "sucession"; did you mean succession?',
    decisions: false,
  },
  {
    name: 'a purpose is renamed throughout',
    good: 'job-application',
    bad: 'job-offer',
    diff: 'wider CO_BRANDED, for job-offer, may newly see NAME, EMAIL',
    decisions: true,
  },
  {
    name: 'another audience',
    good: 'to: SOCIAL',
    bad: 'to: CO_BRANDED',
    lint: 'WARNING no clause reveals anything to SOCIAL',
    diff: 'wider CO_BRANDED, for activity-posting, may newly see ACTIVITY',
    decisions: true,
  },
  {
    name: 'members instead of visitors',
    good: 'to: VISITOR',
    bad: 'to: MEMBER',
    lint: 'NOTE registration.contact reveals AVATAR_NAME to MEMBER, as does photos.visibility',
    diff: 'narrower VISITOR no longer sees AVATAR_NAME',
    decisions: true,
  },
  {
    name: 'the date of the version',
    good: 'version: 2014-09-12',
    bad: 'version: 2014-10-12',
    diff: 'changes the version goes from 2014-09-12 to 2014-10-12',
    decisions: false,
  },
  {
    name: 'a shorter notice',
    good: 'noticeHours: 720',
    bad: 'noticeHours: 24',
    diff: 'wider the setting noticeHours goes from 720 to 24',
    decisions: true,
  },
  {
    name: 'use no longer accepts it',
    good: 'publisher: IMVU, Inc.\n',
    bad: 'publisher: IMVU, Inc.\nacceptance: EXPLICIT\n',
    diff: 'changes the setting acceptance goes from DEEMED to EXPLICIT',
    decisions: false,
  },
  {
    name: 'it stands posted before it holds',
    good: 'publisher: IMVU, Inc.\n',
    bad: 'publisher: IMVU, Inc.\nannounceDays: 30\n',
    diff: 'changes the setting announceDays goes from 0 to 30',
    decisions: false,
  },
  {
    name: 'a longer grace for cases',
    good: 'privacyCaseDays: 30',
    bad: 'privacyCaseDays: 60',
    diff: 'changes the setting privacyCaseDays goes from 30 to 60',
    decisions: false,
  },
  {
    name: 'a longer grace before a child is deleted',
    good: 'childDeletionHours: 720',
    bad: 'childDeletionHours: 8760',
    diff: 'changes the setting childDeletionHours goes from 720 to 8760',
    decisions: false,
  },
  {
    name: 'a lower age',
    good: 'minimumAge: 13',
    bad: 'minimumAge: 12',
    diff: 'wider the setting minimumAge goes from 13 to 12',
    decisions: false,
  },
  {
    name: 'smaller cells of statistics',
    good: 'minimumCell: 5',
    bad: 'minimumCell: 2',
    diff: 'wider the setting minimumCell goes from 5 to 2',
    decisions: false,
  },
  {
    name: 'a preference is on from the start',
    good: 'creatorNotification: false',
    bad: 'creatorNotification: true',
    diff: 'wider the setting defaults.preferences.creatorNotification goes from false to true',
    decisions: false,
  },
  {
    name: 'a preference is off from the start',
    good: 'adTargeting: true',
    bad: 'adTargeting: false',
    diff: 'narrower the setting defaults.preferences.adTargeting goes from true to false',
    decisions: false,
  },
  {
    name: 'posting is off from the start',
    good: 'autoPost: true',
    bad: 'autoPost: false',
    diff: 'narrower the setting defaults.autoPost goes from true to false',
    decisions: false,
  },
  {
    name: 'accepting gives the consent to offers',
    good: 'givenBy: EXPRESS',
    bad: 'givenBy: EXPLICIT_ACCEPTANCE',
    lint: 'WARNING no partner requirement asks for targetedOffers, though accepting the policy gives it',
    diff: 'wider the setting consents.targetedOffers.givenBy goes from EXPRESS to EXPLICIT_ACCEPTANCE',
    decisions: false,
  },
  {
    name: 'accepting no longer gives the consent to transfer',
    good: 'givenBy: EXPLICIT_ACCEPTANCE',
    bad: 'givenBy: EXPRESS',
    diff: 'narrower the setting consents.euTransfer.givenBy goes from EXPLICIT_ACCEPTANCE to EXPRESS',
    decisions: false,
  },
  {
    name: 'a country leaves the region',
    good: ' FR, GB,',
    bad: ' GB,',
    diff: 'changes the setting transferRegion.countries loses FR',
    decisions: true,
  },
  {
    name: 'a country enters the region',
    good: 'SK, YT]',
    bad: 'SK, US, YT]',
    diff: 'changes the setting transferRegion.countries gains US',
    decisions: true,
  },
  {
    name: 'the region is empty',
    good: COUNTRIES_OF_REGION,
    bad: '    []',
    lint: 'ERROR the transfer region holds no country, so that its rule protects nobody',
    diff: 'changes the setting transferRegion.countries loses AT, AX, BE, BG, CY, CZ, DE, DK, EE, ES, FI, FR, GB, GF, GI, GP, GR, HR, HU, IE, IS, IT, LI, LT, LU, LV, MF, MQ, MT, NL, NO, PL, PT, RE, RO, SE, SI, SK, YT',
    decisions: true,
  },
  {
    name: 'a clause without reveals is dropped',
    good: clauseText('photos.removal'),
    bad: '',
    diff: 'changes the clause photos.removal is gone',
    coverage: 'photos.removal lacks a clause of the policy',
    decisions: false,
  },
  {
    name: 'a clause with a reveal is dropped',
    good: clauseText('social.activity'),
    bad: '',
    lint: 'WARNING no clause reveals anything for activity-posting',
    diff: 'narrower SOCIAL, for activity-posting, no longer sees ACTIVITY',
    coverage: 'social.activity lacks a clause of the policy',
    decisions: true,
  },
  {
    name: 'a clause is renamed',
    good: 'id: ads.interaction',
    bad: 'id: ads.interactions',
    diff: 'changes the clause ads.interactions is new',
    coverage: 'ads.interactions lacks a test',
    decisions: false,
  },
  {
    name: 'two clauses change places',
    good: clauseText('social.connect') + clauseText('social.activity'),
    bad: clauseText('social.activity') + clauseText('social.connect'),
    diff: 'changes the clauses stand in another order',
    decisions: false,
  },
  {
    name: 'another legal basis',
    good: clauseText('cobranded.share'),
    bad: clauseText('cobranded.share').replace('legalBasis: CONTRACT', 'legalBasis: CONSENT'),
    diff: 'changes the clause cobranded.share says otherwise: legalBasis goes from CONTRACT to CONSENT',
    decisions: false,
  },
  {
    name: 'another summary',
    good: 'Members see the photos that other members uploaded.',
    bad: 'Members see photos of other members.',
    diff: 'changes the clause photos.visibility says otherwise: summary',
    decisions: false,
  },
  {
    name: 'a clause holds under every accepted version',
    good: clauseText('photos.visibility'),
    bad: clauseText('photos.visibility').replace('reading:', 'judgedUnder: CURRENT\n    reading:'),
    diff: 'wider MEMBER sees on other conditions AVATAR_NAME, PHOTOS: dropped "the person has accepted a version with the clause"',
    decisions: true,
  },
  {
    name: 'advertising is no promotion',
    good: '{ id: advertising, use: CALLER, promotional: true,',
    bad: '{ id: advertising, use: CALLER,',
    diff: 'wider the setting purposes.advertising.promotional goes from true to false',
    decisions: false,
  },
  {
    name: 'senders of mail may promote',
    good: '{ id: EMAIL_PROVIDER, serviceProvider: true,',
    bad: '{ id: EMAIL_PROVIDER,',
    diff: 'wider the setting partnerKinds.EMAIL_PROVIDER.serviceProvider goes from true to false',
    decisions: false,
  },
  {
    name: 'a legal disclosure is recorded as given to staff',
    good: '        recordedAs: AUTHORITY\n',
    bad: '',
    diff: 'changes the clause sharing.legal-process says otherwise: reveals',
    decisions: false,
  },
  {
    name: 'a declared conflict is dropped',
    good: clauseText('cookies.kinds'),
    bad: clauseText('cookies.kinds').replace(/ {4}conflict:[\s\S]*$/, ''),
    diff: 'changes the clause cookies.kinds says otherwise: conflict',
    decisions: false,
  },
  {
    name: 'data is held elsewhere',
    good: 'processedIn: US',
    bad: 'processedIn: DE',
    diff: 'changes the setting processedIn goes from US to DE',
    decisions: false,
  },
  {
    name: 'a kind of partner more',
    good: '  - { id: SUCCESSOR,',
    bad: '  - { id: BROKER, description: Trades in data. }\n  - { id: SUCCESSOR,',
    lint: 'WARNING no clause reveals anything to BROKER',
    diff: 'changes the setting partnerKinds gains BROKER',
    decisions: false,
  },
];

const DROPPED_PROMISES = [
  'a newsletter no longer asks for its preference',
  'Creator Notification no longer asks for its opt-in',
  'offers no longer ask for their consent',
  'an advertiser no longer asks for the preference',
  'an advertiser no longer asks for the GPC opt-out',
  'the negation of the GPC opt-out is dropped',
  'one of the conditions of advertising is enough',
  'a social network needs no link',
  'blog mail needs no verified subscription',
  'partners are bound by no region',
  'one requirement of partners is enough',
  'the negation of the residence is dropped',
  'the region is empty',
];

const titled = (which: (edit: Edit) => boolean) => EDITS.filter(which).map((edit) => [edit.name, edit] as const);

const textOf = ({ good, bad }: Edit) => {
  expect(referenceText).toContain(good);
  return referenceText.replaceAll(good, () => bad);
};

const told = (policy: Policy) =>
  lint(policy).map(({ severity, clause, message }) => `${severity} ${clause ? `${clause} ` : ''}${message}`);
const REFERENCE_FINDINGS = told(referencePolicy);

const lintedFirst = (policy: Policy) => told(policy).find((finding) => !REFERENCE_FINDINGS.includes(finding));

const diffFirst = (policy: Policy) => {
  const sentences = diffInWords(diffPolicies(referencePolicy, policy), (category) => [category]);
  const { effect, says } = sentences.find((sentence) => !sentence.says.startsWith('the version stays')) ?? {};
  return effect && `${effect.toLowerCase()} ${says}`;
};

const SAMPLES = fc.sample(
  fc.tuple(
    audiences(compile([referencePolicy], referencePolicy.version)),
    soundFacts([referencePolicy.version]),
    fc.constantFrom('US', 'FR', 'DE'),
  ),
  { numRuns: 10_000, seed: 7 },
);

/** The decisions for each caller and person of the sample, in the same order for every policy. */
const decisionsUnder = (policy: Policy): CategoryMask[] => {
  const table = compile([policy], policy.version);
  return SAMPLES.map(([audience, facts, residence]: [Audience, Facts, string]) => {
    const acceptedVersion = facts.acceptedVersion === undefined ? undefined : policy.version;
    return createAccess(table, audience, NOW).decide({ ...facts, residence, acceptedVersion }).mask;
  });
};
const REFERENCE_DECISIONS = decisionsUnder(referencePolicy);

describe('a change of the reference policy by hand is told', () => {
  let operations: ReadonlySet<string>;
  let tests: Mentions;
  beforeAll(async () => {
    operations = findOperations(buildSchema(compile([referencePolicy], referencePolicy.version)));
    tests = await findTests();
  });
  const uncovered = (policy: Policy) => {
    const row = coverageOf(policy, operations, tests).find(({ lacks }) => lacks.length > 0);
    return row && `${row.clause} lacks ${row.lacks.join(' and ')}`;
  };

  test.each(titled(({ refused }) => refused === undefined))('%s', (_name, edit) => {
    const { policy } = parsePolicy(textOf(edit), 'policy.yaml');
    expect({
      lint: lintedFirst(policy),
      diff: diffFirst(policy),
      coverage: uncovered(policy),
      decisions: decisionsUnder(policy).join() !== REFERENCE_DECISIONS.join(),
    }).toEqual({ lint: edit.lint, diff: edit.diff, coverage: edit.coverage, decisions: edit.decisions });
    expect(edit.diff).toMatch(/^(wider|narrower|changes) /);
  });

  test.each(titled(({ refused }) => refused !== undefined))('%s: the file is refused', (_name, edit) => {
    const faults = () => parsePolicy(textOf(edit), 'policy.yaml');
    expect(faults).toThrow(PolicyError);
    expect(faults).toThrow(edit.refused);
  });

  test('every dropped opt-out, opt-in and region rule is an error of lint', () => {
    const dropped = EDITS.filter(({ name }) => DROPPED_PROMISES.includes(name));
    expect(dropped).toHaveLength(DROPPED_PROMISES.length);
    expect(dropped.filter(({ lint: finding }) => !finding?.startsWith('ERROR '))).toEqual([]);
  });

  test('there are more than thirty, and each is told by diff or refused', () => {
    expect(EDITS.length).toBeGreaterThan(30);
    expect(EDITS.filter(({ diff, refused }) => diff === undefined && refused === undefined)).toEqual([]);
  });
});
