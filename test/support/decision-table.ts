import type { Audience } from '../../src/policy/decide.ts';
import { type DataCategory, isIn } from '../../src/policy/vocabulary.ts';
import { DATA_CATEGORIES } from './words.ts';

/** The decisions of the reference policy, read from its table by hand: a second opinion on the engine's. */

interface Element {
  processor?: string;
  partner?: string;
  status?: string;
  active?: boolean;
  autoPost?: boolean;
  verified?: boolean;
  at?: Date;
  categories?: string[];
  from?: Date | string;
  until?: Date;
}

/** A person as far as the table speaks of one; a missing fact does not hold. */
export interface Person {
  status?: string;
  invented?: boolean;
  acceptedVersion?: string;
  residence?: string;
  preferences?: Record<string, boolean>;
  consents?: Record<string, { given?: boolean; at?: Date }>;
  standingOptOut?: boolean;
  orders?: Element[];
  subscriptions?: Element[];
  relationships?: Element[];
  socialLinks?: Element[];
  adInteractions?: Element[];
  privacyCases?: Element[];
  legalProcesses?: Element[];
}

interface Question {
  person: Person;
  clientId: string;
  announcedAt: Date | null;
  now: Date;
}

interface Row {
  audience: string;
  purposes: string[] | 'ANY';
  categories: DataCategory[];
  clauses: string[];
  onlyIf?: (question: Question) => boolean;
}

const EVERYTHING_BUT = (...hidden: DataCategory[]) => DATA_CATEGORIES.filter((category) => !hidden.includes(category));
const MONTH_MS = 30 * 24 * 3_600_000;

const isActive = ({ person }: Question) => person.status === 'ACTIVE';
const prefers = (name: string) => (question: Question) => question.person.preferences?.[name] === true;
const consented = ({ person, now }: Question, purpose: string) => {
  const { given, at } = person.consents?.[purpose] ?? {};
  return given === true && at !== undefined && at <= now;
};
const inForce = ({ from, until }: Element, now: Date) =>
  from !== undefined && until !== undefined && from <= now && now < until;

const NEWSLETTER: DataCategory[] = ['NAME', 'EMAIL'];

export const ROWS: Row[] = [
  { audience: 'SELF', purposes: 'ANY', categories: EVERYTHING_BUT('PROCESSOR_TOKEN'), clauses: ['rights.access'] },
  {
    audience: 'VISITOR',
    purposes: 'ANY',
    categories: ['AVATAR_NAME'],
    clauses: ['registration.contact'],
    onlyIf: isActive,
  },
  {
    audience: 'MEMBER',
    purposes: 'ANY',
    categories: ['AVATAR_NAME', 'PHOTOS', 'POSTS'],
    clauses: ['photos.visibility', 'forums.public'],
    onlyIf: isActive,
  },
  {
    audience: 'PAYMENT_PROCESSOR',
    purposes: ['billing', 'order-fulfilment'],
    categories: ['NAME', 'EMAIL', 'BILLING_ADDRESS', 'PAYMENT_CARD', 'CARD_EXPIRY', 'PROCESSOR_TOKEN'],
    clauses: ['purchases.billing'],
    onlyIf: ({ person, clientId }) =>
      person.orders?.some(
        ({ processor, status }) => processor === clientId && (status === 'OPEN' || status === 'FAILED'),
      ) === true,
  },
  {
    audience: 'EMAIL_PROVIDER',
    purposes: ['imvu-newsletter'],
    categories: NEWSLETTER,
    clauses: ['newsletters.default-in'],
    onlyIf: prefers('imvuNewsletter'),
  },
  {
    audience: 'EMAIL_PROVIDER',
    purposes: ['developer-newsletter'],
    categories: NEWSLETTER,
    clauses: ['newsletters.default-in'],
    onlyIf: prefers('developerNewsletter'),
  },
  {
    audience: 'EMAIL_PROVIDER',
    purposes: ['friend-added-notice'],
    categories: NEWSLETTER,
    clauses: ['communications.social'],
    onlyIf: prefers('friendAdded'),
  },
  {
    audience: 'EMAIL_PROVIDER',
    purposes: ['friend-message-notice'],
    categories: NEWSLETTER,
    clauses: ['communications.social'],
    onlyIf: prefers('friendMessage'),
  },
  {
    audience: 'EMAIL_PROVIDER',
    purposes: ['non-friend-message-notice'],
    categories: NEWSLETTER,
    clauses: ['communications.social'],
    onlyIf: prefers('nonFriendMessage'),
  },
  {
    audience: 'EMAIL_PROVIDER',
    purposes: ['blog-notification'],
    categories: NEWSLETTER,
    clauses: ['blog.subscription'],
    onlyIf: ({ person }) => person.subscriptions?.some(({ verified }) => verified === true) === true,
  },
  {
    audience: 'EMAIL_PROVIDER',
    purposes: ['service-notice'],
    categories: NEWSLETTER,
    clauses: ['sharing.service-providers'],
  },
  {
    audience: 'EMAIL_PROVIDER',
    purposes: ['creator-notification'],
    categories: ['AVATAR_NAME', 'NAME', 'EMAIL', 'POSTAL_ADDRESS', 'CELL_PHONE'],
    clauses: ['programs.creator-notification'],
    onlyIf: prefers('creatorNotification'),
  },
  {
    audience: 'OFFERS',
    purposes: ['targeted-offers', 'offer-prefill'],
    categories: ['NAME', 'EMAIL', 'POSTAL_ADDRESS', 'GENDER', 'BIRTH_DATE'],
    clauses: ['sharing.opt-in-offers'],
    onlyIf: (question) => consented(question, 'targetedOffers'),
  },
  {
    audience: 'ADVERTISER',
    purposes: ['advertising'],
    categories: ['GENDER', 'AGE_BAND'],
    clauses: ['ads.interaction'],
    onlyIf: ({ person, clientId, now }) =>
      person.adInteractions?.some(({ partner, at }) => partner === clientId && at !== undefined && at <= now) ===
        true &&
      person.preferences?.adTargeting === true &&
      person.standingOptOut === false,
  },
  { audience: 'OFFER_WALL', purposes: ['offer-completion'], categories: [], clauses: ['offers.inbound'] },
  {
    audience: 'CO_BRANDED',
    purposes: ['co-branded-service', 'job-application'],
    categories: ['NAME', 'EMAIL'],
    clauses: ['cobranded.share'],
    onlyIf: ({ person, clientId }) =>
      person.relationships?.some(({ partner, active }) => partner === clientId && active === true) === true,
  },
  {
    audience: 'SOCIAL',
    purposes: ['activity-posting'],
    categories: ['ACTIVITY'],
    clauses: ['social.activity'],
    onlyIf: ({ person, clientId }) =>
      person.socialLinks?.some(({ partner, autoPost }) => partner === clientId && autoPost === true) === true,
  },
  {
    audience: 'SUCCESSOR',
    purposes: ['succession'],
    categories: EVERYTHING_BUT('ACCOUNT', 'PROCESSOR_TOKEN', 'CORRECTED_VALUE'),
    clauses: ['sharing.successor'],
    onlyIf: ({ announcedAt, now }) => announcedAt !== null && now.getTime() >= announcedAt.getTime() + MONTH_MS,
  },
  {
    audience: 'STAFF_SUPPORT',
    purposes: ['customer-support'],
    categories: ['AVATAR_NAME', 'NAME', 'EMAIL', 'GENDER', 'AGE', 'POSTAL_ADDRESS', 'TRANSACTIONS'],
    clauses: ['registration.contact', 'aggregate.transactions'],
    onlyIf: isActive,
  },
  {
    audience: 'STAFF_SUPPORT',
    purposes: ['customer-support'],
    categories: ['PAYMENT_CARD'],
    clauses: ['purchases.billing'],
    onlyIf: (question) =>
      isActive(question) &&
      question.person.orders?.some(({ status }) => status === 'OPEN' || status === 'FAILED') === true,
  },
  {
    audience: 'STAFF_ANALYST',
    purposes: ['internal-analysis'],
    categories: ['NAME', 'GENDER', 'AGE', 'POSTAL_ADDRESS', 'TRANSACTIONS'],
    clauses: ['aggregate.transactions'],
    onlyIf: isActive,
  },
  {
    audience: 'STAFF_PRIVACY',
    purposes: ['privacy-request'],
    categories: ['AVATAR_NAME', 'NAME', 'EMAIL', 'ACCOUNT'],
    clauses: ['contact.privacy-officer'],
    onlyIf: ({ person }) =>
      person.privacyCases?.some(
        ({ status, from, verified }) =>
          status === 'OPEN' && (from === 'SUBJECT' || (from === 'GUARDIAN' && verified === true)),
      ) === true,
  },
  {
    audience: 'STAFF_LEGAL',
    purposes: ['legal-process'],
    categories: EVERYTHING_BUT('PROCESSOR_TOKEN', 'CORRECTED_VALUE'),
    clauses: ['sharing.legal-process'],
    onlyIf: ({ person, now }) => person.legalProcesses?.some((process) => inForce(process, now)) === true,
  },
];

const EUROPEAN_UNION = 'AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK'.split(' ');
export const EUROPEAN_ECONOMIC_AREA: readonly string[] = [
  ...EUROPEAN_UNION,
  ...['IS', 'LI', 'NO', 'GB', 'GI', 'AX', 'GF', 'GP', 'MF', 'MQ', 'RE', 'YT'],
];

const OUR_OWN = /^(SELF|VISITOR|MEMBER|STAFF_[A-Z]+)$/;

/** The requirements of partners on top of the row. */
function partnerMaySee({ name, purpose, recipient }: Audience, question: Question): boolean {
  const { person, now } = question;
  if (recipient === null || !recipient.active || recipient.kind !== name || !recipient.contract) return false;
  const { from, until, purposes, mode } = recipient.contract;
  if (mode === 'TEST' && person.invented !== true) return false;
  if ((from && now < from) || (until && now >= until)) return false;
  if (purpose === null || !purposes.includes(purpose)) return false;
  if (person.status !== 'ACTIVE') return false;
  const outside =
    person.residence !== undefined && person.residence !== 'ZZ' && !EUROPEAN_ECONOMIC_AREA.includes(person.residence);
  return outside || consented(question, 'euTransfer') || EUROPEAN_ECONOMIC_AREA.includes(recipient.jurisdiction);
}

/** The categories that the table lets this audience see of this person now. */
export function mayRead(audience: Audience, person: Person, now: Date, policyVersion: string): Set<DataCategory> {
  const { name, purpose, recipient, scope } = audience;
  const question = {
    person,
    now,
    clientId: recipient?.clientId ?? '',
    announcedAt: recipient?.successionAnnouncedAt ?? null,
  };
  const isPartner = !OUR_OWN.test(name);
  if (isPartner && !partnerMaySee(audience, question)) return new Set();
  if (name !== 'SELF' && name !== 'STAFF_LEGAL' && person.acceptedVersion !== policyVersion) return new Set();
  const named = (person.legalProcesses ?? []).flatMap((process) =>
    inForce(process, now) ? (process.categories ?? []) : [],
  );
  const rows = ROWS.filter(
    (row) =>
      row.audience === name &&
      (row.purposes === 'ANY' || (purpose !== null && row.purposes.includes(purpose))) &&
      (row.onlyIf?.(question) ?? true),
  );
  const shown = rows
    .flatMap(({ categories }) => categories)
    .filter((category) => name !== 'STAFF_LEGAL' || named.includes(category))
    .filter((category) => isIn(scope, category));
  return new Set(shown);
}
