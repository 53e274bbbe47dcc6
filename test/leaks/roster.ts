import type { CallerClaims } from '../../src/http/signing.ts';
import {
  CATEGORIES,
  type Caller,
  type Category,
  PARTNER_KINDS,
  type Partner,
  type PartnerKind,
  type Purpose,
  purposesOf,
  STAFF_ROLES,
} from '../decisions/oracle.ts';
import { clientIdOf, PARTNERS, type TestPartner } from '../decisions/partners.ts';
import { member, partner, staff } from '../support/world.ts';
import type { Dealings } from './people.ts';
import type { Resident } from './stage.ts';

/** A caller of the crawl. */
export interface Asker {
  readonly name: string;
  readonly claims: () => CallerClaims | null;
  /** The caller as the oracle knows it; its record may change between two questions. */
  readonly caller: () => Caller;
  /** Its client id, for a partner. */
  readonly clientId?: string;
  /** Its person, for a member; null before registration and after erasure. */
  readonly resident?: () => Resident | null;
  /** Whether the browser sends its opt-out signal, now and then: each time it counts from then on, for a member. */
  readonly signals?: boolean;
}

const FAULTS = ['stranger', 'suspended', 'uncontracted', 'ended', 'other-purpose'];

/** Variants with one difference: another jurisdiction, and two of the faults, rotated by kind. */
const variantsOf = (kind: PartnerKind) => {
  const at = PARTNER_KINDS.indexOf(kind);
  return ['in-the-eu', ...[at, at + 2].map((fault) => FAULTS[fault % FAULTS.length] as string)];
};

/** Each kind of partner: once with every requirement met, then with one difference each. */
export const CRAWLED_PARTNERS: readonly TestPartner[] = PARTNER_KINDS.flatMap((kind) =>
  ['sound', ...variantsOf(kind)].map(
    (variant) => PARTNERS.find(({ file }) => file.clientId === clientIdOf(kind, variant)) as TestPartner,
  ),
);

/** Partners that never ask; legal staff may change their records. */
export const SCRATCH_PARTNERS: readonly TestPartner[] = ['scratch-1', 'scratch-2'].map((clientId) => {
  const partner: Partner = { clientId, kind: 'SUCCESSOR', jurisdiction: 'US' };
  return { file: partner, partner, known: false };
});

const known = (kind: PartnerKind) =>
  CRAWLED_PARTNERS.filter((candidate) => candidate.known && candidate.partner.kind === kind).map(
    ({ partner: { clientId } }) => clientId,
  );

export const DEALINGS: Dealings = {
  processors: known('PAYMENT_PROCESSOR'),
  coBranded: known('CO_BRANDED'),
  networks: known('SOCIAL'),
  advertisers: known('ADVERTISER'),
};

export const visitor: Asker = {
  name: 'a visitor',
  claims: () => null,
  caller: () => ({ kind: 'VISITOR' }),
  signals: true,
};

export const memberAsker = (
  name: string,
  resident: () => Resident | null,
  sub: () => string,
  signals = false,
): Asker => ({
  name,
  resident,
  signals,
  claims: () => member(sub()),
  caller: () => ({ kind: 'MEMBER', person: resident()?.person ?? null }),
});

const partnerAsker = (
  record: Partner,
  purpose: Purpose,
  scope: readonly Category[] = CATEGORIES,
  detail = `for ${purpose}`,
): Asker => {
  const words = scope.map((category) => category.toLowerCase().replaceAll('_', '-')).join(' ');
  return {
    name: `${record.clientId} ${detail}`,
    clientId: record.clientId,
    claims: () => partner(record.clientId, purpose, words),
    caller: () => ({ kind: 'PARTNER', partner: record, purpose, scope }),
  };
};

const recordOf = (kind: PartnerKind, variant: string) =>
  (CRAWLED_PARTNERS.find(({ file }) => file.clientId === clientIdOf(kind, variant)) as TestPartner).partner;

/** Every kind of partner: for each of its purposes, with a smaller scope, for another kind's purpose, and its variants. */
export const PARTNER_ASKERS: readonly Asker[] = PARTNER_KINDS.flatMap((kind, index) => {
  const sound = recordOf(kind, 'sound');
  const [first = 'billing', ...others] = purposesOf(kind);
  const another = kind === 'OFFERS' ? 'service-notice' : 'targeted-offers';
  return [
    ...[first, ...others].map((purpose) => partnerAsker(sound, purpose)),
    partnerAsker(sound, first, ['NAME', 'AGE_BAND', 'ACTIVITY', 'PAYMENT_CARD'], `for ${first} with a narrow scope`),
    index % 2 === 0
      ? partnerAsker(sound, another, CATEGORIES, 'for the purpose of another')
      : partnerAsker(sound, first, [], `for ${first} with an empty scope`),
    ...variantsOf(kind).map((variant) => partnerAsker(recordOf(kind, variant), first)),
  ];
});

const OWN_PURPOSE = {
  support: 'customer-support',
  analyst: 'internal-analysis',
  privacy: 'privacy-request',
  legal: 'legal-process',
} as const;

/** A second member of privacy staff, to confirm the findings of the first. */
const colleague: Asker = {
  name: 'another member of privacy staff',
  claims: () => ({ ...staff('privacy', 'privacy-request'), sub: 'privacy-2' }),
  caller: () => ({ kind: 'STAFF', role: 'privacy', purpose: 'privacy-request' }),
};

/** Every role of staff, for its own purpose and for another's. */
export const STAFF_ASKERS: readonly Asker[] = STAFF_ROLES.flatMap((role) =>
  [OWN_PURPOSE[role], role === 'support' ? ('internal-analysis' as const) : ('customer-support' as const)].map(
    (purpose): Asker => ({
      name: `${role} staff for ${purpose}`,
      claims: () => staff(role, purpose),
      caller: () => ({ kind: 'STAFF', role, purpose }),
    }),
  ),
).concat(colleague);
