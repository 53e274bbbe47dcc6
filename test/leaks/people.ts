import {
  CATEGORIES,
  type Category,
  type ConsentAct,
  type LegalProcess,
  PREFERENCES,
  type WorldUser,
} from '../decisions/oracle.ts';
import { fromNow, HOUR } from '../decisions/partners.ts';
import { CURRENT, OLDER } from '../decisions/people.ts';
import type { Canaries } from './canaries.ts';

const YEARS_AGO = '2020-01-01T00:00:00.000Z';
const LATER = '2021-01-01T00:00:00.000Z';

/** The partners that people have dealings with, by kind. */
export interface Dealings {
  readonly processors: readonly string[];
  readonly coBranded: readonly string[];
  readonly networks: readonly string[];
  readonly advertisers: readonly string[];
}

type Differs = { readonly [Key in keyof WorldUser]?: WorldUser[Key] | undefined };

/** The state of one person of the crawled world: one thing differs from a person with every condition fulfilled. */
export interface State {
  readonly name: string;
  readonly user?: (dealings: Dealings) => Differs;
  readonly processes?: readonly LegalProcess[];
  /** Whether the person then orders something from each of two processors, with a card of its own for each. */
  readonly orders?: true;
}

const act = (purpose: ConsentAct['purpose'], action: ConsentAct['action'], at: string): ConsentAct => ({
  purpose,
  action,
  at,
});
const offers = (...acts: [ConsentAct['action'], string][]): Differs => ({
  consents: acts.map(([action, at]) => act('targetedOffers', action, at)),
});
const inFrance = (mode: 'EXPLICIT' | 'DEEMED', ...acts: ConsentAct[]): Differs => ({
  country: 'FR',
  acceptedPolicy: { version: CURRENT, mode, at: YEARS_AGO },
  consents: [act('targetedOffers', 'GIVEN', YEARS_AGO), ...acts],
});
const everySwitch = (on: boolean) => Object.fromEntries(PREFERENCES.map((name) => [name, on]));
const is = (differs: Differs) => () => differs;

/** Every state of consent, status, residence and dealings that the decisions speak of. */
export const STATES: readonly State[] = [
  { name: 'with every condition fulfilled' },
  { name: 'sealed as a child', user: is({ status: 'SEALED', birthDate: '2016-07-01' }) },
  { name: 'with a refusal', user: is({ status: 'REFUSED' }) },
  { name: 'in France with an acceptance and new orders', user: is(inFrance('EXPLICIT')), orders: true },
  ...Object.keys(OLDER).map((version) => ({
    name: `with an acceptance of version ${version}`,
    user: is({ acceptedPolicy: { version, mode: 'EXPLICIT', at: YEARS_AGO } }),
  })),
  {
    name: 'with orders from two processors and a card for each',
    user: is({ orders: [], billingAddress: undefined, paymentCard: undefined }),
    orders: true,
  },
  { name: 'in France with a deemed acceptance', user: is(inFrance('DEEMED')) },
  { name: 'with offers withdrawn', user: is(offers(['GIVEN', YEARS_AGO], ['WITHDRAWN', LATER])) },
  { name: 'with an unproven address', user: is({ emailProven: false }) },
  { name: 'with every switch off', user: is({ preferences: everySwitch(false) }) },
  {
    name: 'without any dealings',
    user: is({
      orders: [],
      subscriptions: [],
      relationships: [],
      socialLinks: [],
      adInteractions: [],
      privacyCases: [],
    }),
    processes: [],
  },
  {
    name: 'sealed as a child, with no case and no process',
    user: is({ status: 'SEALED', privacyCases: [] }),
    processes: [],
  },
  {
    name: 'with a refusal, no case and no process',
    user: is({ status: 'REFUSED', privacyCases: [] }),
    processes: [],
  },
  { name: 'in France with transfer withdrawn', user: is(inFrance('EXPLICIT', act('euTransfer', 'WITHDRAWN', LATER))) },
  { name: 'in France with transfer given by an act', user: is(inFrance('DEEMED', act('euTransfer', 'GIVEN', LATER))) },
  { name: 'without a consent to offers', user: is(offers()) },
  { name: 'with offers given and withdrawn at once', user: is(offers(['GIVEN', LATER], ['WITHDRAWN', LATER])) },
  { name: 'with offers withdrawn and given again', user: is(offers(['WITHDRAWN', YEARS_AGO], ['GIVEN', LATER])) },
  {
    name: 'with everything as at registration',
    user: is({ preferences: undefined, consents: undefined, acceptedPolicy: undefined, gpcOptOut: undefined }),
  },
  {
    name: 'with an avatar name and no other data',
    user: is({
      ...{ name: undefined, email: undefined, gender: undefined, birthDate: undefined, country: undefined },
      ...{ postalAddress: undefined, cellPhone: undefined, billingAddress: undefined, paymentCard: undefined },
      ...{ photos: undefined, posts: undefined, recentActivity: undefined, transactions: undefined },
    }),
  },
  { name: 'with a postal address and no country', user: is({ country: undefined }) },
  ...PREFERENCES.map((preference) => ({
    name: `with ${preference} off`,
    user: is({ preferences: { ...everySwitch(true), [preference]: false } }),
  })),
  { name: 'with a standing opt-out', user: is({ gpcOptOut: true }) },
  {
    name: 'with ended dealings alone',
    user: ({ processors, coBranded, networks }) => ({
      orders: processors.map((processor) => ({ processor, status: 'FILLED' })),
      relationships: coBranded.map((partner) => ({ partner, active: false })),
      socialLinks: networks.map((partner) => ({ partner, autoPost: false })),
      subscriptions: [{ thread: 'unverified', verified: false }],
      privacyCases: [{ id: 'closed', status: 'CLOSED' }],
    }),
    processes: [{ categories: CATEGORIES, until: fromNow(-HOUR) }],
  },
  {
    name: 'with dealings with the first partner of each kind',
    user: ({ processors, coBranded, networks, advertisers }) => ({
      orders: processors.slice(0, 1).map((processor) => ({ processor, status: 'FAILED' })),
      relationships: coBranded.slice(0, 1).map((partner) => ({ partner, active: true })),
      socialLinks: networks.slice(0, 1).map((partner) => ({ partner, autoPost: true })),
      adInteractions: advertisers.slice(0, 1).map((partner) => ({ partner, at: YEARS_AGO })),
    }),
    processes: [
      { categories: ['EMAIL', 'PAYMENT_CARD', 'PROCESSOR_TOKEN'], until: fromNow(HOUR) },
      { categories: ['ACCOUNT', 'CORRECTED_VALUE'], from: fromNow(-HOUR) },
      { categories: ['NAME'], from: fromNow(HOUR) },
    ],
  },
  {
    name: "with a verified guardian's case",
    user: is({ privacyCases: [{ id: 'verified', status: 'OPEN', from: 'GUARDIAN', verified: true }] }),
  },
  {
    name: "with an unverified guardian's case",
    user: is({ privacyCases: [{ id: 'unverified', status: 'OPEN', from: 'GUARDIAN', verified: false }] }),
  },
  ...(['NAME', 'TRANSACTIONS', 'AGE'] satisfies Category[]).map((category) => ({
    name: `under a process for ${category}`,
    processes: [{ categories: [category] }],
  })),
];

/** A process as in a world file, with its authority and reference. */
export interface FiledProcess extends LegalProcess {
  readonly id: string;
  readonly authority: string;
  readonly reference: string;
}

export interface FiledPerson {
  readonly state: string;
  readonly file: WorldUser;
  readonly processes: readonly FiledProcess[];
  readonly places: boolean;
}

const withoutUndefined = <T extends object>(values: T) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));

/** A person with every condition fulfilled and a canary in every value, but for the differences of the state. */
export function filePerson(state: State, canaries: Canaries, dealings: Dealings): FiledPerson {
  const of = `somebody ${state.name}`;
  const text = (what: string, shape?: (mark: string) => string) => canaries.text({ of, what }, shape);
  const address = (what: string, country: string) => ({
    street: text(`${what}.street`, (mark) => `${mark} Street 7`),
    city: text(`${what}.city`),
    postalCode: text(`${what}.postalCode`),
    country,
  });
  const differs = state.user?.(dealings) ?? {};
  if (differs.birthDate) canaries.id({ of, what: 'birthDate' }, differs.birthDate);

  const complete = {
    id: canaries.text({ of, what: 'id' }),
    avatarName: text('avatarName'),
    name: text('name', (mark) => `Nia ${mark}`),
    email: text('email', (mark) => `${mark}@mail.example`),
    gender: text('gender'),
    birthDate: canaries.date({ of, what: 'birthDate' }, 1950),
    country: 'US',
    postalAddress: address('postalAddress', 'US'),
    cellPhone: text('cellPhone'),
    billingAddress: address('billingAddress', 'CA'),
    paymentCard: {
      brand: text('paymentCard.brand'),
      lastFour: canaries.fourDigits({ of, what: 'paymentCard.lastFour' }),
      expiry: canaries.month({ of, what: 'paymentCard.expiry' }),
      processorToken: text('paymentCard.processorToken'),
    },
    photos: [1, 2].map(() => ({
      id: text('photos.id'),
      url: text('photos.url', (mark) => `https://photos.example/${mark}.png`),
      caption: text('photos.caption', (mark) => `Me at ${mark}`),
    })),
    posts: [LATER, YEARS_AGO].map((at) => ({
      id: text('posts.id'),
      forum: text('posts.forum'),
      text: text('posts.text', (mark) => `I say ${mark}!`),
      at,
    })),
    recentActivity: [
      {
        id: text('recentActivity.id'),
        kind: text('recentActivity.kind'),
        text: text('recentActivity.text'),
        at: LATER,
      },
    ],
    transactions: [LATER, YEARS_AGO].map((at) => ({
      id: text('transactions.id'),
      kind: 'SOLD',
      good: text('transactions.good'),
      price: canaries.amount({ of, what: 'transactions.price' }),
      profit: canaries.amount({ of, what: 'transactions.profit' }),
      at,
    })),
    preferences: everySwitch(true),
    consents: [act('targetedOffers', 'GIVEN', YEARS_AGO)],
    status: 'ACTIVE' as const,
    gpcOptOut: false,
    acceptedPolicy: { version: CURRENT, mode: 'EXPLICIT' as const, at: YEARS_AGO },
    orders: dealings.processors.map((processor) => ({ processor, status: 'OPEN' as const })),
    subscriptions: [{ thread: 'verified', verified: true }],
    relationships: dealings.coBranded.map((partner) => ({ partner, active: true })),
    socialLinks: dealings.networks.map((partner) => ({ partner, autoPost: true })),
    adInteractions: dealings.advertisers.map((partner) => ({ partner, at: YEARS_AGO })),
    privacyCases: [{ id: 'open', status: 'OPEN' as const }],
    ...differs,
  };
  const file = {
    ...withoutUndefined(complete),
    orders: complete.orders?.map((order) => ({ id: text('orders.id'), ...order })),
    subscriptions: complete.subscriptions?.map((known) => ({ ...known, thread: text('subscriptions.thread') })),
    privacyCases: complete.privacyCases?.map((known) => ({ ...known, id: text('privacyCases.id') })),
  } as unknown as WorldUser;
  const processes = (state.processes ?? [{ categories: CATEGORIES }]).map((process) => ({
    ...process,
    id: text('legalProcesses.id'),
    authority: text('legalProcesses.authority'),
    reference: text('legalProcesses.reference'),
  }));
  return { state: state.name, file, processes, places: state.orders === true };
}
