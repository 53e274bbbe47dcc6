import { ageBandOf, ageOf, type Category, type Person, type WorldUser } from '../decisions/oracle.ts';

/** The whole record of a person, in the shape of the API. */
export interface Shown {
  readonly [field: string]: unknown;
  readonly avatarName: string;
  readonly email: string | null;
  readonly emailProven: boolean | null;
  readonly birthDate: string | null;
  readonly country: string | null;
  readonly status: string;
  readonly postalAddress: { readonly country: string | null } | null;
  readonly paymentCard: { readonly processorToken: string | null } | null;
  readonly preferences: Readonly<Record<string, boolean>> & { readonly gpcOptOut: boolean };
  readonly consents: Person['facts']['consents'];
  readonly policyAcceptances: readonly { readonly version: string }[];
  readonly orders: readonly {
    readonly id: string;
    readonly status: string;
    readonly processor: { readonly clientId: string };
    /** The card and address of the bill, until the order is settled. */
    readonly paymentCard: object | null;
    readonly billingAddress: object | null;
  }[];
  readonly subscriptions: readonly { readonly thread: string; readonly verified: boolean }[];
  readonly relationships: readonly { readonly active: boolean; readonly partner: { readonly clientId: string } }[];
  readonly socialLinks: readonly { readonly autoPost: boolean; readonly partner: { readonly clientId: string } }[];
  readonly adInteractions: readonly { readonly at: string; readonly partner: { readonly clientId: string } }[];
  readonly privacyCases: readonly {
    readonly id: string;
    readonly status: 'OPEN' | 'CLOSED';
    readonly kind: 'SUBJECT' | 'GUARDIAN_VERIFIED';
  }[];
  readonly corrections: readonly { readonly previousValue: string }[];
}

/** The category of each field, as the decisions list them. The fields within a field have its category too. */
export const CATEGORY_OF: Readonly<Record<string, Category>> = {
  'User.avatarName': 'AVATAR_NAME',
  'User.name': 'NAME',
  'User.email': 'EMAIL',
  'User.gender': 'GENDER',
  'User.birthDate': 'BIRTH_DATE',
  'User.age': 'AGE',
  'User.ageBand': 'AGE_BAND',
  'User.postalAddress': 'POSTAL_ADDRESS',
  'User.cellPhone': 'CELL_PHONE',
  'User.billingAddress': 'BILLING_ADDRESS',
  'User.paymentCard': 'PAYMENT_CARD',
  'Order.paymentCard': 'PAYMENT_CARD',
  'Order.billingAddress': 'BILLING_ADDRESS',
  'PaymentCard.expiry': 'CARD_EXPIRY',
  'PaymentCard.processorToken': 'PROCESSOR_TOKEN',
  'User.photos': 'PHOTOS',
  'User.posts': 'POSTS',
  'User.postsConnection': 'POSTS',
  'User.recentActivity': 'ACTIVITY',
  'User.transactions': 'TRANSACTIONS',
  'User.transactionsConnection': 'TRANSACTIONS',
  'User.country': 'ACCOUNT',
  'User.emailProven': 'ACCOUNT',
  'User.status': 'ACCOUNT',
  'User.preferences': 'ACCOUNT',
  'User.consents': 'ACCOUNT',
  'User.ledgerEntries': 'ACCOUNT',
  'User.consentsConnection': 'ACCOUNT',
  'User.thirdPartyShares': 'ACCOUNT',
  'User.thirdPartySharesConnection': 'ACCOUNT',
  'User.subscriptions': 'ACCOUNT',
  'User.relationships': 'ACCOUNT',
  'User.socialLinks': 'ACCOUNT',
  'User.policyAcceptances': 'ACCOUNT',
  'User.requestedConsents': 'ACCOUNT',
  'User.deemedAcceptance': 'ACCOUNT',
  'User.privacyCases': 'ACCOUNT',
  'User.deletionDueAt': 'ACCOUNT',
  'User.corrections': 'ACCOUNT',
  'User.orders': 'ACCOUNT',
  'User.credits': 'ACCOUNT',
  'User.creditsConnection': 'ACCOUNT',
  'User.waitingCredits': 'ACCOUNT',
  'User.adInteractions': 'ACCOUNT',
  'User.partnerId': 'ACCOUNT',
  'Correction.previousValue': 'CORRECTED_VALUE',
};

/** The selection that reads a person's whole record. */
export const RECORD = `
  avatarName name email emailProven gender birthDate country status cellPhone
  postalAddress { street city postalCode country } billingAddress { street city postalCode country }
  paymentCard { brand lastFour expiry } photos { id url caption } posts { id forum text at }
  recentActivity { id kind text at } transactions { id kind good price profit at }
  preferences {
    imvuNewsletter developerNewsletter friendAdded friendMessage nonFriendMessage creatorNotification adTargeting gpcOptOut
  }
  consents { purpose action at } policyAcceptances { version mode at }
  orders {
    id status processor { clientId }
    paymentCard { brand lastFour expiry } billingAddress { street city postalCode country }
  }
  subscriptions { thread verified } relationships { active partner { clientId } }
  socialLinks { autoPost partner { clientId } } adInteractions { at partner { clientId } }
  privacyCases { id status kind } deletionDueAt
  corrections { id category at previousValue } credits { id credits at }`;

const partnered = <T extends { readonly partner: string }>(items: readonly T[] = []) =>
  items.map((item) => ({ ...item, partner: { clientId: item.partner } }));

export const isUnsettled = ({ status }: { readonly status: string }) => status === 'OPEN' || status === 'FAILED';

/** The card and address of a world file serve every order that is not settled. */
function billedBy({ paymentCard, billingAddress }: WorldUser, order: { readonly status: string }) {
  if (!isUnsettled(order)) return { paymentCard: null, billingAddress: null };
  const { processorToken: _, ...card } = paymentCard ?? { processorToken: null };
  return { paymentCard: paymentCard ? card : null, billingAddress: billingAddress ?? null };
}

/** A person of a world file, as that person would read the record. */
export const shownOf = (file: WorldUser, { facts }: Person): Shown =>
  ({
    avatarName: file.avatarName,
    name: file.name ?? null,
    email: file.email ?? null,
    emailProven: file.email === undefined ? null : (file.emailProven ?? true),
    gender: file.gender ?? null,
    birthDate: file.birthDate ?? null,
    country: file.country ?? null,
    status: facts.status,
    cellPhone: file.cellPhone ?? null,
    postalAddress: file.postalAddress ?? null,
    billingAddress: file.billingAddress ?? null,
    paymentCard: file.paymentCard ?? null,
    photos: file.photos ?? [],
    posts: file.posts ?? [],
    recentActivity: file.recentActivity ?? [],
    transactions: file.transactions ?? [],
    preferences: { ...facts.preferences, gpcOptOut: facts.gpcOptOut },
    consents: facts.consents,
    policyAcceptances: [{ version: facts.acceptedVersion }],
    orders: (file.orders ?? []).map((order) => ({
      ...order,
      ...billedBy(file, order),
      processor: { clientId: order.processor },
    })),
    subscriptions: file.subscriptions ?? [],
    relationships: partnered(file.relationships),
    socialLinks: partnered(file.socialLinks),
    adInteractions: partnered(file.adInteractions),
    privacyCases: (file.privacyCases ?? [])
      .filter(({ from, verified }) => from !== 'GUARDIAN' || verified === true)
      .map(({ id, status, from }) => ({ id, status, kind: from === 'GUARDIAN' ? 'GUARDIAN_VERIFIED' : 'SUBJECT' })),
    deletionDueAt: null,
    corrections: [],
  }) as unknown as Shown;

/** The age as told to the person (as of today) or to others (as of the first of the month). */
export function agesOf({ birthDate }: Shown, now: Date, toSelf: boolean) {
  const age = ageOf(birthDate === null ? ({} as WorldUser) : ({ birthDate } as WorldUser), now, toSelf);
  return { age, ageBand: ageBandOf(age) };
}
