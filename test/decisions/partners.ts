import { PARTNER_KINDS, type Partner, type PartnerKind, PURPOSES, type Purpose, purposesOf } from './oracle.ts';

/** The instant at which every question is asked. Windows of time lie around it, to the millisecond. */
export const NOW = new Date('2026-03-10T12:00:00.000Z');

export const fromNow = (milliseconds: number) => new Date(NOW.getTime() + milliseconds).toISOString();

export const HOUR = 3_600_000;
const NOTICE = 720 * HOUR;

/** A partner of a world file, what is then written into its record by hand, and what that means. */
export interface TestPartner {
  readonly partner: Partner;
  /** How the partner's record is spoiled. */
  readonly write?: Readonly<Record<string, unknown>>;
  /** Whether people have dealings with it: orders, interactions, links. */
  readonly known: boolean;
}

const PROMOTIONAL: Purpose[] = ['targeted-offers', 'offer-prefill', 'advertising'];

/** Every purpose that a contract of such a partner may name, so that only the table can turn one down. */
const contractable = (kind: PartnerKind) =>
  kind === 'PAYMENT_PROCESSOR' || kind === 'EMAIL_PROVIDER'
    ? PURPOSES.filter((purpose) => !PROMOTIONAL.includes(purpose))
    : PURPOSES;

export const clientIdOf = (kind: PartnerKind, variant = 'sound') => `${kind.toLowerCase().replace('_', '-')}-${variant}`;

const LONG_AGO = [fromNow(-2 * NOTICE)];

/** A partner that holds all that is asked of one, but for what is said. */
const partnerOf = (
  kind: PartnerKind,
  variant: string,
  change: Partial<Partner> = {},
  rest: Partial<TestPartner> = {},
): TestPartner => ({
  partner: {
    clientId: clientIdOf(kind, variant),
    kind,
    jurisdiction: 'US',
    contract: { purposes: contractable(kind) },
    ...(kind === 'SUCCESSOR' && { successions: LONG_AGO }),
    ...change,
  },
  known: true,
  ...rest,
});

const withContract = (kind: PartnerKind, variant: string, contract: Partial<NonNullable<Partner['contract']>>) =>
  partnerOf(kind, variant, { contract: { purposes: contractable(kind), ...contract } });

/** A partner whose contract was spoiled in the database; none of it can be relied on. */
const withSpoiltContract = (kind: PartnerKind, variant: string, write: Record<string, unknown>): TestPartner => {
  const { contract: _spoilt, ...rest } = partnerOf(kind, variant).partner;
  return { partner: rest, write, known: true };
};

const withoutContract = (kind: PartnerKind): TestPartner => {
  const { contract: _none, ...rest } = partnerOf(kind, 'without-contract').partner;
  return { partner: rest, known: true };
};

/** Partners that hold all that is asked of them. */
export const SOUND: readonly TestPartner[] = PARTNER_KINDS.map((kind) => partnerOf(kind, 'sound'));

/** Partners of each kind with one thing about them changed, mostly a requirement broken. */
export const CHANGED: readonly TestPartner[] = PARTNER_KINDS.flatMap((kind) => [
  partnerOf(kind, 'in-the-eea', { jurisdiction: 'IE' }),
  partnerOf(kind, 'in-norway', { jurisdiction: 'NO' }),
  partnerOf(kind, 'unknown-to-people', {}, { known: false }),
  partnerOf(kind, 'suspended', { status: 'SUSPENDED' }),
  withoutContract(kind),
  withContract(kind, 'ended', { until: fromNow(-HOUR) }),
  withContract(kind, 'ends-now', { until: fromNow(0) }),
  withContract(kind, 'ends-next', { until: fromNow(1) }),
  withContract(kind, 'begins-now', { from: fromNow(0) }),
  withContract(kind, 'begins-next', { from: fromNow(1) }),
  withContract(kind, 'other-purpose', { purposes: ['customer-support'] }),
  withContract(kind, 'no-purpose', { purposes: [] }),
  withContract(kind, 'first-purpose', { purposes: purposesOf(kind).slice(0, 1) }),
  withContract(kind, 'ended-other-purpose', { until: fromNow(-HOUR), purposes: ['customer-support'] }),
  withSpoiltContract(kind, 'contract-is-text', { contract: 'yes' }),
  withSpoiltContract(kind, 'contract-is-list', { contract: [{ from: null, until: null, purposes: [...PURPOSES] }] }),
  withSpoiltContract(kind, 'purposes-are-text', {
    contract: { from: null, until: null, purposes: PURPOSES.join(' ') },
  }),
  withSpoiltContract(kind, 'begins-with-text', { 'contract.from': '2020-01-01T00:00:00.000Z' }),
  withSpoiltContract(kind, 'begins-with-number', { 'contract.from': 0 }),
  withSpoiltContract(kind, 'ends-with-text', { 'contract.until': '2999-01-01T00:00:00.000Z' }),
  withSpoiltContract(kind, 'ends-with-number', { 'contract.until': 9e15 }),
  withSpoiltContract(kind, 'ends-with-list', { 'contract.until': [new Date('2999-01-01')] }),
  { ...partnerOf(kind, 'nowhere', { jurisdiction: 'unknown' }), write: { jurisdiction: null } },
  // A contract for promotion that a service provider was never to have.
  {
    ...partnerOf(kind, 'promotional', { contract: { purposes: PURPOSES } }),
    write: { 'contract.purposes': [...PURPOSES] },
  },
]);

/** Successors around the thirty days of notice. */
export const SUCCESSORS: readonly TestPartner[] = [
  partnerOf('SUCCESSOR', 'unannounced', { successions: [] }),
  partnerOf('SUCCESSOR', 'a-millisecond-short', { successions: [fromNow(-NOTICE + 1)] }),
  partnerOf('SUCCESSOR', 'thirty-days', { successions: [fromNow(-NOTICE)] }),
  partnerOf('SUCCESSOR', 'a-millisecond-over', { successions: [fromNow(-NOTICE - 1)] }),
  partnerOf('SUCCESSOR', 'announced-twice', { successions: [fromNow(-HOUR), fromNow(-NOTICE)] }),
  partnerOf('SUCCESSOR', 'announced-twice-short', { successions: [fromNow(-NOTICE + 1), fromNow(-HOUR)] }),
];

export const PARTNERS: readonly TestPartner[] = [...SOUND, ...CHANGED, ...SUCCESSORS];

/** The client ids of a kind that people have dealings with. */
export const knownOf = (kind: PartnerKind) =>
  PARTNERS.filter(({ partner, known }) => known && partner.kind === kind).map(({ partner }) => partner.clientId);
