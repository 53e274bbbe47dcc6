import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { CallerClaims } from '../../src/http/signing.ts';
import { type DataCategory, scopeWord } from '../../src/policy/vocabulary.ts';
import { clauseOf, draftOfReference, parsePolicy, referencePolicy } from './policy.ts';
import { DATA_CATEGORIES, PREFERENCES } from './words.ts';
import { type Answer, member, partner, staff, type TestWorld } from './world.ts';

/** World files of random people with dealings with partners of every kind, and every caller that may ask about them. */

/** The instant of loading the world. */
export const START = '2026-03-10T12:00:00.000Z';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ago = (milliseconds: number) => new Date(Date.parse(START) - milliseconds).toISOString();

/** A shorter version of the policy; some people have accepted it. */
export const olderPolicy = (() => {
  const draft = draftOfReference();
  draft.version = '2011-03-01';
  draft.clauses = draft.clauses.filter(({ id }) => id !== 'social.activity' && id !== 'photos.visibility');
  clauseOf(draft, 'sharing.opt-in-offers').reveals = [
    { to: 'OFFERS', purposes: ['targeted-offers'], categories: ['EMAIL'], when: { consent: 'targetedOffers' } },
  ];
  return parsePolicy(JSON.stringify(draft), 'older');
})();

const KINDS = referencePolicy.partnerKinds.map(({ id }) => id);
const reveals = referencePolicy.clauses.flatMap((clause) => clause.reveals);
const purposesTo = (audience: string) => [
  ...new Set(reveals.filter(({ to }) => to === audience).flatMap(({ purposes }) => purposes ?? [])),
];
const slug = (kind: string) => kind.toLowerCase().replaceAll('_', '-');

interface PartnerInFile {
  readonly clientId: string;
  readonly name: string;
  readonly kind: string;
  readonly jurisdiction: string;
  readonly contract?: { readonly from?: string; readonly until?: string; readonly purposes: readonly string[] };
}

const partnerOf = (kind: string, where: 'us' | 'eu'): PartnerInFile => ({
  clientId: `${slug(kind)}-${where}`,
  name: `${kind} ${where}`,
  kind,
  jurisdiction: where === 'us' ? 'US' : 'IE',
  contract: { purposes: purposesTo(kind) },
});

const LAPSED: PartnerInFile = {
  ...partnerOf('OFFERS', 'us'),
  clientId: 'offers-lapsed',
  contract: { until: START, purposes: ['targeted-offers'] },
};

/** Two of every kind, inside and outside the transfer region, and one with an ended contract. */
export const PARTNERS: readonly PartnerInFile[] = [
  ...KINDS.flatMap((kind) => [partnerOf(kind, 'us'), partnerOf(kind, 'eu')]),
  LAPSED,
];

/** A caller that asks about people. */
export interface Reader {
  /** The name of the caller in `explain` and `previewPreferences`. */
  readonly recipient: string;
  readonly purpose: string | null;
  readonly claims: CallerClaims | null;
}

const EVERY_SCOPE = DATA_CATEGORIES.map(scopeWord).join(' ');
const readerOf = (clientId: string, purpose: string): Reader => ({
  recipient: clientId,
  purpose,
  claims: partner(clientId, purpose, EVERY_SCOPE),
});
const staffReader = (role: string, purpose: string): Reader => ({
  recipient: `STAFF_${role.toUpperCase()}`,
  purpose,
  claims: staff(role, purpose),
});

const STAFF = {
  support: 'customer-support',
  analyst: 'internal-analysis',
  privacy: 'privacy-request',
  legal: 'legal-process',
};

/** The member that looks at others. */
export const BYSTANDER = { id: 'bystander', avatarName: 'Bystander' };

/** Every caller, for each of its own purposes. */
export const READERS: readonly Reader[] = [
  { recipient: 'VISITOR', purpose: null, claims: null },
  { recipient: 'MEMBER', purpose: null, claims: member(BYSTANDER.id) },
  ...Object.entries(STAFF).map(([role, purpose]) => staffReader(role, purpose)),
  ...PARTNERS.flatMap(({ clientId, contract }) =>
    (contract?.purposes ?? []).map((purpose) => readerOf(clientId, purpose)),
  ),
];

const PURPOSES = referencePolicy.purposes.filter(({ use }) => use === 'CALLER').map(({ id }) => id);

/** A caller with any purpose at all. */
export const anyReader: fc.Arbitrary<Reader> = fc
  .tuple(
    fc.oneof(
      {
        weight: 4,
        arbitrary: fc.constantFrom(...PARTNERS).map(
          ({ clientId }) =>
            (to: string) =>
              readerOf(clientId, to),
        ),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom(...Object.keys(STAFF)).map((role) => (to: string) => staffReader(role, to)),
      },
    ),
    fc.constantFrom(...PURPOSES),
  )
  .map(([reader, purpose]) => reader(purpose));

const mostly = <Value>(usual: Value, ...others: Value[]) =>
  fc.constantFrom(...Array<Value>(3 * others.length).fill(usual), ...others);

const clientIdsOf = (kind: string) => [`${slug(kind)}-us`, `${slug(kind)}-eu`];
const withPartners = <Rest extends object>(kind: string, key: string, rest: fc.Arbitrary<Rest>) =>
  fc.uniqueArray(
    fc.tuple(fc.constantFrom(...clientIdsOf(kind)), rest).map(([clientId, more]) => ({ [key]: clientId, ...more })),
    { selector: (item) => (item as Record<string, unknown>)[key], maxLength: 2 },
  );

const COUNTRIES = ['US', 'FR', 'NO', 'GB', 'JP'] as const;
const countries = fc.option(fc.constantFrom(...COUNTRIES), { nil: undefined, freq: 6 });
const instants = fc.constantFrom(0, 1, HOUR, DAY, 40 * DAY).map(ago);
const switches = fc.dictionary(fc.constantFrom(...PREFERENCES), fc.boolean());

/** A person of a world file, in everything but the id, with a value in every category. */
export const people = fc.record({
  avatarName: fc.constantFrom('Neko', 'Mika', 'Zig'),
  name: fc.constant('Nia Ko'),
  email: fc.constant('nia@mail.example'),
  emailProven: mostly(true, false),
  gender: fc.constant('female'),
  birthDate: fc.constantFrom('1950-06-01', '1990-03-11', '2008-03-01'),
  country: countries,
  postalAddress: countries.map((country) => ({ street: '1 Elm', city: 'Reno', postalCode: '89501', country })),
  cellPhone: fc.constant('+1 555 0100'),
  billingAddress: fc.constant({ street: '2 Oak', city: 'Reno', postalCode: '89502', country: 'US' }),
  paymentCard: fc.constant({ brand: 'VISA', lastFour: '4242', expiry: '2027-09', processorToken: 'tok_4242' }),
  photos: fc.constant([{ id: 'f1', url: 'https://img.example/1.png', caption: 'me' }]),
  posts: fc.constant([{ id: 'p1', forum: 'blog', text: 'hello', at: ago(DAY) }]),
  recentActivity: fc.constant([{ id: 'a1', kind: 'LOGIN', text: 'came by', at: ago(DAY) }]),
  transactions: fc.constant([{ id: 't1', kind: 'SOLD', good: 'hat', price: 2, profit: 1, at: ago(DAY) }]),
  preferences: switches,
  consents: fc.array(
    fc.record({
      purpose: fc.constantFrom('targetedOffers', 'euTransfer'),
      action: mostly('GIVEN', 'WITHDRAWN'),
      at: instants,
    }),
    { maxLength: 5 },
  ),
  status: mostly('ACTIVE', 'SEALED', 'REFUSED'),
  gpcOptOut: mostly(false, true),
  acceptedPolicy: fc.record({
    version: mostly(referencePolicy.version, olderPolicy.policy.version),
    mode: mostly('EXPLICIT', 'DEEMED'),
    at: fc.constant(ago(50 * DAY)),
  }),
  orders: withPartners(
    'PAYMENT_PROCESSOR',
    'processor',
    fc.record({ status: fc.constantFrom('OPEN', 'FAILED', 'FILLED', 'CANCELLED') }),
  ),
  subscriptions: fc.array(fc.record({ thread: fc.constant('news'), verified: fc.boolean() }), { maxLength: 1 }),
  relationships: withPartners('CO_BRANDED', 'partner', fc.record({ active: mostly(true, false) })),
  socialLinks: withPartners('SOCIAL', 'partner', fc.record({ autoPost: mostly(true, false) })),
  adInteractions: withPartners('ADVERTISER', 'partner', fc.record({ at: instants })),
  privacyCases: fc.array(
    fc.record({
      status: mostly('OPEN', 'CLOSED'),
      from: fc.constantFrom('SUBJECT', 'GUARDIAN'),
      verified: fc.boolean(),
    }),
    { maxLength: 2 },
  ),
});

const processes = fc.array(
  fc.record({
    authority: fc.constant('District Court'),
    categories: fc.uniqueArray(fc.constantFrom(...DATA_CATEGORIES), { maxLength: 6 }),
    from: fc.constantFrom(0, DAY).map(ago),
    until: fc.constantFrom(-DAY, -30 * DAY).map(ago),
  }),
  { maxLength: 1 },
);

/** A person in the world: the id, and the ids at partners. */
export interface Entered {
  readonly id: string;
  readonly partnerIds: ReadonlyMap<string, string>;
}

const PARTNER_IDS = `{ me {
  ${PARTNERS.map(({ clientId }, index) => `p${index}: partnerId(clientId: "${clientId}")`).join('\n')}
} }`;

async function enteredAs(world: TestWorld, id: string): Promise<Entered> {
  const { me } = (await world.ask(member(id), PARTNER_IDS)).data;
  return { id, partnerIds: new Map(PARTNERS.map(({ clientId }, index) => [clientId, me[`p${index}`]])) };
}

/** World files of random people, under ids that nobody else has. */
export const crowds = (size: number) =>
  fc.array(fc.tuple(people, processes), { minLength: size, maxLength: size }).map((crowd) => {
    const members = crowd.map(([person, ofPerson]) => ({ user: { ...person, id: randomUUID() }, ofPerson }));
    return {
      users: members.map(({ user }) => user),
      legalProcesses: members.flatMap(({ user, ofPerson }) => ofPerson.map((one) => ({ ...one, subject: user.id }))),
    };
  });

export type Crowd = ReturnType<typeof crowds> extends fc.Arbitrary<infer File> ? File : never;

/** Loads people, and asks them for their ids at partners. */
export async function enter(world: TestWorld, crowd: Crowd): Promise<Entered[]> {
  await world.load(crowd);
  return Promise.all(crowd.users.map(({ id }) => enteredAs(world, id)));
}

/** The world that the random people enter. */
export const STAGE = {
  users: [BYSTANDER],
  partners: PARTNERS,
  successions: [
    { partner: 'successor-us', announcedAt: ago(31 * DAY) },
    { partner: 'successor-eu', announcedAt: ago(30 * DAY - 1) },
  ],
};

/** The categories that each read can tell of; a value before a correction exists only after one. */
export const READABLE = DATA_CATEGORIES.filter((category) => category !== 'CORRECTED_VALUE');

/** One field for each category. */
const FIELDS: Record<Exclude<DataCategory, 'CORRECTED_VALUE'>, readonly string[]> = {
  AVATAR_NAME: ['avatarName'],
  NAME: ['name'],
  EMAIL: ['email'],
  GENDER: ['gender'],
  BIRTH_DATE: ['birthDate'],
  AGE: ['age'],
  AGE_BAND: ['ageBand'],
  POSTAL_ADDRESS: ['postalAddress'],
  CELL_PHONE: ['cellPhone'],
  BILLING_ADDRESS: ['billingAddress'],
  PAYMENT_CARD: ['paymentCard'],
  CARD_EXPIRY: ['paymentCard', 'expiry'],
  PROCESSOR_TOKEN: ['paymentCard', 'processorToken'],
  PHOTOS: ['photos'],
  POSTS: ['posts'],
  ACTIVITY: ['recentActivity'],
  TRANSACTIONS: ['transactions'],
  ACCOUNT: ['status'],
};

const EVERY_FIELD = `{
  avatarName name email gender birthDate age ageBand postalAddress { city } cellPhone billingAddress { city }
  paymentCard { brand expiry processorToken } photos { id } posts { id } recentActivity { id } transactions { id } status
}`;

/** The result of a read for one category: shown, denied for a reason, or within another denied value. */
export type Told = 'SHOWN' | { readonly denied: unknown } | 'OUT_OF_REACH';

/** The results of a read of every field, by category; null where the person was not found. */
function toldBy({ data, errors }: Answer, field: string): Map<DataCategory, Told> | null {
  if (!data?.[field]) return null;
  const reasons = new Map(errors.map(({ path = [], extensions }) => [path.join('.'), extensions.reason]));
  return new Map(
    Object.entries(FIELDS).map(([category, path]): [DataCategory, Told] => {
      const place = [field, ...path].join('.');
      if (reasons.has(place)) return [category as DataCategory, { denied: reasons.get(place) }];
      const isOutOfReach = path.length > 1 && !data[field][path[0] as string];
      return [category as DataCategory, isOutOfReach ? 'OUT_OF_REACH' : 'SHOWN'];
    }),
  );
}

/** The results of one reader for some people, all asked for at once. */
export async function readBy(world: TestWorld, reader: Reader, people: readonly Entered[]) {
  const names = people.map((_person, index) => `u${index}`);
  const query = `query (${names.map((name) => `$${name}: ID!`).join(', ')}) {
    ${names.map((name) => `${name}: user(id: $${name}) ${EVERY_FIELD}`).join('\n')}
  }`;
  const ids = people.map(({ id, partnerIds }) => partnerIds.get(reader.recipient) ?? id);
  const variables = Object.fromEntries(ids.map((id, index) => [`u${index}`, id]));
  const answer = await world.ask(reader.claims, query, variables);
  return names.map((name) => toldBy(answer, name));
}

/** The results of a person's read of their own record. */
export const readBySelf = async (world: TestWorld, id: string) =>
  toldBy(await world.ask(member(id), `{ me ${EVERY_FIELD} }`), 'me');
