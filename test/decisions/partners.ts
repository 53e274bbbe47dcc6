import { PARTNER_KINDS, type Partner, type PartnerKind, PURPOSES, type Purpose, purposesOf } from './oracle.ts';

/** The instant of every question. Windows of time lie around it, to the millisecond. */
export const NOW = new Date('2026-03-10T12:00:00.000Z');

export const fromNow = (milliseconds: number) => new Date(NOW.getTime() + milliseconds).toISOString();

export const HOUR = 3_600_000;
const NOTICE = 720 * HOUR;

export interface TestPartner {
  /** As it stands in a world file. */
  readonly file: Partner;
  /** Fields to write into its record by hand. */
  readonly write?: Readonly<Record<string, unknown>>;
  /** The partner as the oracle takes it. */
  readonly partner: Partner;
  /** Whether people have dealings with it: orders, interactions, relationships, links. */
  readonly known: boolean;
}

const PROMOTIONAL: Purpose[] = ['targeted-offers', 'offer-prefill', 'advertising'];

/** Every purpose that a contract of such a partner may name, so that only the table can turn one down. */
const contractable = (kind: PartnerKind) =>
  kind === 'PAYMENT_PROCESSOR' || kind === 'EMAIL_PROVIDER'
    ? PURPOSES.filter((purpose) => !PROMOTIONAL.includes(purpose))
    : PURPOSES;

export const clientIdOf = (kind: PartnerKind, variant = 'sound') =>
  `${kind.toLowerCase().replaceAll('_', '-')}-${variant}`;

/** A partner that meets every requirement, but for the change. */
const partnerOf = (kind: PartnerKind, variant: string, change: Partial<Partner> = {}): TestPartner => {
  const partner: Partner = {
    clientId: clientIdOf(kind, variant),
    kind,
    jurisdiction: 'US',
    contract: { purposes: contractable(kind) },
    ...(kind === 'SUCCESSOR' && { successions: [fromNow(-2 * NOTICE)] }),
    ...change,
  };
  return { file: partner, partner, known: true };
};

const contracted = (kind: PartnerKind, variant: string, contract: Partial<NonNullable<Partner['contract']>>) =>
  partnerOf(kind, variant, { contract: { purposes: contractable(kind), ...contract } });

const withoutContract = ({ contract: _none, ...partner }: Partner): Partner => partner;

const uncontracted = (kind: PartnerKind): TestPartner => {
  const partner = withoutContract(partnerOf(kind, 'uncontracted').partner);
  return { file: partner, partner, known: true };
};

/** A partner with a contract that was spoiled in the database: no part of it counts. */
const spoilt = (kind: PartnerKind, variant: string, write: Record<string, unknown>): TestPartner => {
  const { file } = partnerOf(kind, variant);
  return { file, write, partner: withoutContract(file), known: true };
};

/** Partners that meet every requirement. */
export const SOUND: readonly TestPartner[] = PARTNER_KINDS.map((kind) => partnerOf(kind, 'sound'));

/** Partners of each kind with one thing about them changed, mostly a requirement broken. */
const CHANGED: readonly TestPartner[] = PARTNER_KINDS.flatMap((kind) => {
  const nowhere = partnerOf(kind, 'nowhere');
  const promotional = partnerOf(kind, 'promotional');
  return [
    partnerOf(kind, 'in-the-eu', { jurisdiction: 'IE' }),
    partnerOf(kind, 'in-norway', { jurisdiction: 'NO' }),
    { ...nowhere, write: { jurisdiction: null }, partner: { ...nowhere.partner, jurisdiction: 'unknown' } },
    { ...partnerOf(kind, 'stranger'), known: false },
    partnerOf(kind, 'suspended', { status: 'SUSPENDED' }),
    uncontracted(kind),
    contracted(kind, 'ended', { until: fromNow(-HOUR) }),
    contracted(kind, 'ends-now', { until: fromNow(0) }),
    contracted(kind, 'ends-next', { until: fromNow(1) }),
    contracted(kind, 'begins-now', { from: fromNow(0) }),
    contracted(kind, 'begins-next', { from: fromNow(1) }),
    contracted(kind, 'begins-and-ends-next', { from: fromNow(0), until: fromNow(1) }),
    contracted(kind, 'other-purpose', { purposes: ['customer-support'] }),
    contracted(kind, 'no-purpose', { purposes: [] }),
    contracted(kind, 'first-purpose', { purposes: purposesOf(kind).slice(0, 1) }),
    contracted(kind, 'ended-other-purpose', { until: fromNow(-HOUR), purposes: ['customer-support'] }),
    {
      ...promotional,
      write: { 'contract.purposes': PURPOSES },
      partner: { ...promotional.partner, contract: { purposes: PURPOSES } },
    },
    spoilt(kind, 'contract-is-text', { contract: 'yes' }),
    spoilt(kind, 'contract-is-list', { contract: [{ from: null, until: null, purposes: PURPOSES }] }),
    spoilt(kind, 'purposes-are-text', { 'contract.purposes': PURPOSES.join(' ') }),
    spoilt(kind, 'purposes-are-missing', { contract: { from: null, until: null } }),
    spoilt(kind, 'begins-with-text', { 'contract.from': '2020-01-01T00:00:00.000Z' }),
    spoilt(kind, 'begins-with-number', { 'contract.from': 0 }),
    spoilt(kind, 'ends-with-text', { 'contract.until': '2999-01-01T00:00:00.000Z' }),
    spoilt(kind, 'ends-with-number', { 'contract.until': 9e15 }),
    spoilt(kind, 'ends-with-list', { 'contract.until': [new Date('2999-01-01')] }),
  ];
});

/** Successors around the thirty days of notice. */
const SUCCESSORS: readonly TestPartner[] = [
  partnerOf('SUCCESSOR', 'unannounced', { successions: [] }),
  partnerOf('SUCCESSOR', 'a-millisecond-short', { successions: [fromNow(-NOTICE + 1)] }),
  partnerOf('SUCCESSOR', 'thirty-days', { successions: [fromNow(-NOTICE)] }),
  partnerOf('SUCCESSOR', 'a-millisecond-over', { successions: [fromNow(-NOTICE - 1)] }),
  partnerOf('SUCCESSOR', 'announced-twice', { successions: [fromNow(-HOUR), fromNow(-NOTICE)] }),
  partnerOf('SUCCESSOR', 'announced-twice-short', { successions: [fromNow(-NOTICE + 1), fromNow(-HOUR)] }),
];

export const UNSOUND: readonly TestPartner[] = [...CHANGED, ...SUCCESSORS];
export const PARTNERS: readonly TestPartner[] = [...SOUND, ...UNSOUND];

/** The client ids of a kind that people have dealings with. */
export const knownOf = (kind: PartnerKind) =>
  PARTNERS.filter(({ partner, known }) => known && partner.kind === kind).map(({ partner }) => partner.clientId);

/** The partners as a world file states them. */
export const partnersFile = (partners: readonly TestPartner[]) => ({
  partners: partners.map(({ file: { successions: _apart, ...partner } }) => ({ ...partner, name: partner.clientId })),
  successions: partners.flatMap(({ file: { clientId, successions = [] } }) =>
    successions.map((announcedAt) => ({ partner: clientId, announcedAt })),
  ),
});
