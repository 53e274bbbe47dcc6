import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { recordsIn } from '../base/records.ts';
import { laterConsent } from '../features/consents/operations.ts';
import type { PrivacyCase } from '../features/privacy-cases/cases.ts';
import type { PersonEntry, PersonEntryBody } from '../ledger/chain/person-chain.ts';
import type { Policy } from '../policy/clause.ts';
import type { Facts } from '../policy/facts.ts';
import { isUnsettled, isVouchedFor } from '../policy/known-facts.ts';
import { categoryNamed, type DataCategory, type Preference, placeOf } from '../policy/vocabulary.ts';
import { bundledConsents } from '../subject/acceptance.ts';
import {
  BILLING_CATEGORIES,
  type Billing,
  type BillingCategory,
  type BillingValues,
  openBilling,
  sealBilling,
  stillHeld,
  withoutCategories,
} from '../subject/billing.ts';
import type { ConsentState } from '../subject/consents.ts';
import { type HeldAsked, heldFacts } from '../subject/held.ts';
import type { Change, PersonDocument, Restriction } from '../subject/model.ts';
import { fold } from '../subject/names.ts';
import { type AgeAsked, birthFact, type MailboxOf, type PersonState, residenceOf } from '../subject/new-person.ts';
import type { Order } from '../subject/orders.ts';
import {
  type RestrictionsAsked,
  restrictionEntry,
  restrictionFacts,
  withRestriction,
} from '../subject/restrictions.ts';
import { subscriptionsOf, unverified } from '../subject/subscriptions.ts';
import { isFor, type RecipientConsent, recipientConsentsOf } from '../subject/ties.ts';
import { givenEmail, type PersonalValues } from '../subject/values.ts';
import { openValues, sealValues, type Vault } from '../subject/vault.ts';
import type { WorldLegalProcess, WorldUser } from './schema.ts';

export interface PersonSource extends AgeAsked, HeldAsked, RestrictionsAsked {
  readonly user: WorldUser;
  readonly policy: Policy;
  /** The time of reading the file: the default time of acts and entries. */
  readonly now: Date;
  /** Legal processes of the file that name the person. */
  readonly processes: readonly WorldLegalProcess[];
  /** Orders that are filled or cancelled in the database: no file opens them again. */
  readonly settled: ReadonlySet<string>;
  /** Whether new people count as invented if the file does not say; absent: they do not. */
  readonly invents?: boolean | undefined;
}

/** A person that the database already holds, with the entries of their ledger. */
export interface KnownPerson {
  readonly avatarName: string;
  readonly facts: Facts;
  readonly values: PersonalValues;
  readonly billings: readonly Billing<BillingValues>[];
  readonly written?: PersonDocument['written'];
  readonly restrictions?: PersonDocument['restrictions'];
  readonly acts: readonly PersonEntry[];
}

type ConsentStates = Readonly<Record<string, ConsentState>>;
type Acceptance = { readonly version: string; readonly mode: 'EXPLICIT' | 'DEEMED'; readonly at: Date };

const EVER = { from: new Date(0), until: new Date('9999-12-31T23:59:59.999Z') };

const given = <T extends object>(values: T) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;

/** The keys that the file itself gives an entry: without default times. */
const stated = <T extends object>(item: T, now: Date) =>
  Object.fromEntries(Object.entries(given(item)).filter(([key, value]) => key !== 'at' || !isSame(value, now)));

const isSame = (instant: unknown, now: Date) => instant instanceof Date && instant.getTime() === now.getTime();

/**
 * Gives each entry without an id one that is made from its content, so that the same file finds the entry again. Equal
 * entries get different ids.
 */
export function named<T extends { readonly id?: string | undefined }>(items: readonly T[], now: Date) {
  const told = new Map<string, number>();
  return items.map((item): T & { readonly id: string } => {
    if (item.id !== undefined) return { ...item, id: item.id };
    const text = JSON.stringify(stated(item, now));
    const times = (told.get(text) ?? 0) + 1;
    told.set(text, times);
    return { ...item, id: createHash('sha256').update(`${times} ${text}`).digest('base64url') };
  });
}

const idOf = ({ id }: { readonly id: string }) => id;

/** Lays an entry of the file over the known one; keys that the file leaves out keep their values. */
export const layOver = <T extends object>(known: T | undefined, item: T, now: Date) =>
  (known ? { ...known, ...stated(item, now) } : given(item)) as T;

function merge<T extends object>(known: unknown, incoming: readonly T[], keyOf: (item: T) => unknown, now: Date): T[] {
  const items = new Map(recordsIn<T>(known).map((item) => [keyOf(item), item]));
  for (const item of incoming) items.set(keyOf(item), layOver(items.get(keyOf(item)), item, now));
  return [...items.values()];
}

const byTime = (a: { readonly at: Date }, b: { readonly at: Date }) => a.at.getTime() - b.at.getTime();

/** An address of the file is proven unless the file says otherwise. Without one, the known address stays. */
function emailOf({ email, emailProven = true }: WorldUser) {
  if (email === undefined) return {};
  return emailProven ? { EMAIL: email, UNPROVEN_EMAIL: undefined } : { EMAIL: undefined, UNPROVEN_EMAIL: email };
}

/** The values of the file with a form from the vocabulary alone, by their places in the record. */
const statedValues = ({ user, policy: { vocabulary } }: PersonSource): PersonalValues =>
  Object.fromEntries(
    vocabulary.categories.flatMap((category) => {
      const { field = '', value, role } = category;
      const isOther = value === undefined || role === 'handle' || role === 'mailbox';
      return isOther || user[field] === undefined ? [] : [[placeOf(category), user[field]]];
    }),
  );

function valuesOf(source: PersonSource, known: PersonalValues): PersonalValues {
  const { user, now, policy } = source;
  const { features } = policy.vocabulary;
  const values = {
    ...known,
    ...emailOf(user),
    ...statedValues(source),
    ACCOUNT: user.country === undefined ? known.ACCOUNT : { ...known.ACCOUNT, country: user.country },
    ...(features.includes('photos') && { PHOTOS: merge(known.PHOTOS, named(user.photos, now), idOf, now) }),
    ...(features.includes('social') && { ACTIVITY: merge(known.ACTIVITY, named(user.recentActivity, now), idOf, now) }),
  };
  // values and their times are stored as JSON
  return JSON.parse(JSON.stringify(values)) as PersonalValues;
}

/**
 * The last writes of values with a retention time: from the file, or now if the file changes the value. Undefined if no
 * value has a retention time.
 */
function writtenWith(
  { user, policy, retention, now }: PersonSource,
  values: PersonalValues,
  known: KnownPerson | null,
) {
  const told = user.written as Readonly<Record<string, Date>> | undefined;
  const written = [...retention.kept.values()].flatMap(({ category: id, place }): [DataCategory, Date][] => {
    if (values[place] === undefined) return [];
    const isNew = !known || !isDeepStrictEqual(values[place], known.values[place]);
    const at = told?.[categoryNamed(policy.vocabulary, id)?.field ?? ''] ?? (isNew ? now : known.written?.[id]);
    return at ? [[id, at]] : [];
  });
  return written.length > 0 ? Object.fromEntries(written) : undefined;
}

/** The card of the file, laid over the known one. */
const cardOf = ({ paymentCard }: WorldUser, known: BillingValues): BillingValues => {
  if (!paymentCard) return {};
  const { brand, lastFour, expiry, processorToken } = paymentCard;
  const { PAYMENT_CARD, CARD_EXPIRY, PROCESSOR_TOKEN } = known;
  return {
    PAYMENT_CARD: { ...PAYMENT_CARD, ...given({ brand, lastFour }) },
    ...given({ CARD_EXPIRY: expiry ?? CARD_EXPIRY, PROCESSOR_TOKEN: processorToken ?? PROCESSOR_TOKEN }),
  } as BillingValues;
};

/**
 * The cards and addresses of the person with those of the file. These belong to no order and serve every order without
 * its own. A changed value of the file becomes the newest; an unchanged one keeps its place.
 */
function billingsWith({ user }: PersonSource, known: readonly Billing<BillingValues>[]): Billing<BillingValues>[] {
  const ofNoOrder: BillingValues = Object.assign(
    {},
    ...known.filter(({ order }) => order === null).map((b) => b.values),
  );
  const stated = { ...cardOf(user, ofNoOrder), ...given({ BILLING_ADDRESS: user.billingAddress }) };
  const news = Object.entries(stated).filter(
    ([category, value]) => !isDeepStrictEqual(ofNoOrder[category as BillingCategory], value),
  );
  if (news.length === 0) return [...known];
  // a card is replaced whole
  const isCard = news.some(([category]) => category !== 'BILLING_ADDRESS');
  const isAddress = news.some(([category]) => category === 'BILLING_ADDRESS');
  const isNew = (category: string) => (category === 'BILLING_ADDRESS' ? isAddress : isCard);
  const replaced = BILLING_CATEGORIES.filter(isNew);
  return [
    ...withoutCategories(known, replaced, ({ order }) => order !== null),
    { order: null, values: Object.fromEntries(Object.entries(stated).filter(([category]) => isNew(category))) },
  ];
}

/** Consents that acceptance includes, except those that the file or the record already holds. */
const consentsWith = (
  { user, policy }: PersonSource,
  { mode, at }: Acceptance,
  known: Pick<Facts, 'residence' | 'consents'>,
): WorldUser['consents'] => {
  const spokenOf = new Set(user.consents.map(({ purpose }) => purpose));
  return bundledConsents(policy, known, mode)
    .filter((purpose) => !spokenOf.has(purpose))
    .map((purpose) => ({ purpose, action: 'GIVEN', at }));
};

const consentEntry = (
  { purpose, recipient, action, at }: WorldUser['consents'][number],
  policy: Policy,
  policyVersion: string,
): PersonEntryBody => {
  const bundled = policy.consents.some(({ id, givenBy }) => id === purpose && givenBy === 'EXPLICIT_ACCEPTANCE');
  const expression = bundled && action === 'GIVEN' ? 'BUNDLED' : 'EXPRESS';
  const entry = { at: at.toISOString(), purpose, ...(recipient !== undefined && { recipient }) };
  return { type: 'CONSENT', ...entry, action, policyVersion, expression };
};

/** Without a time in the file, a consent counts as on record at any time, and a withdrawal while it stands. */
const isOnRecord = (
  { facts, acts }: KnownPerson,
  { purpose, recipient, action, at }: WorldUser['consents'][number],
  now: Date,
): boolean => {
  const same = acts.filter(
    (act) => act.type === 'CONSENT' && act.purpose === purpose && act.recipient === recipient && act.action === action,
  );
  if (!isSame(at, now)) return same.some((act) => act.at === at.toISOString());
  if (action === 'GIVEN') return same.length > 0;
  if (recipient !== undefined) return same.length > 0 && !recipientConsentsOf(facts).some(isFor(purpose, recipient));
  return (facts.consents as ConsentStates | undefined)?.[purpose]?.given === false;
};

/** The consents for single recipients that stand after these acts, oldest first. */
function recipientConsentsAfter(before: Facts, acts: WorldUser['consents']): RecipientConsent[] {
  const nameOf = (consent: { readonly purpose: string }, partner: string) => JSON.stringify([consent.purpose, partner]);
  const states = new Map(
    recipientConsentsOf(before).map((consent) => [
      nameOf(consent, consent.partner),
      { consent, state: { given: true, at: consent.at } },
    ]),
  );
  for (const { purpose, recipient: partner, action, at } of acts)
    if (partner !== undefined) {
      const name = nameOf({ purpose }, partner);
      const state = laterConsent(states.get(name)?.state, { given: action === 'GIVEN', at });
      states.set(name, { consent: { purpose, partner, at: state.at }, state });
    }
  return [...states.values()].flatMap(({ consent, state }) => (state.given ? [consent] : []));
}

/** The restrictions of the file that differ from the known ones. */
const newRestrictions = ({ user }: PersonSource, known: readonly Restriction[]): Restriction[] =>
  (user.restrictions ?? [])
    .filter(({ purpose, state }) => !known.some((one) => one.purpose === purpose && one.state === state))
    .map(({ purpose, state, at }) => ({ purpose, state, requestedAt: at, at }));

/** The request of a restriction comes before its decision. */
const restrictionEntries = (restriction: Restriction): PersonEntryBody[] => [
  restrictionEntry({ ...restriction, state: 'REQUESTED' }),
  ...(restriction.state === 'REQUESTED' ? [] : [restrictionEntry(restriction)]),
];

const isAcceptanceOnRecord = ({ acts }: KnownPerson, { version, mode, at }: Acceptance, now: Date): boolean =>
  acts.some(
    (act) =>
      act.type === 'ACCEPTANCE' &&
      act.version === version &&
      act.mode === mode &&
      (isSame(at, now) || act.at === at.toISOString()),
  );

/** The acceptance that loading the file puts on record; a new person always has one. */
function acceptanceOf({ user, policy, now }: PersonSource, known: KnownPerson | null): Acceptance | null {
  const { acceptedPolicy } = user;
  if (!known) return acceptedPolicy ?? { version: policy.version, mode: 'EXPLICIT', at: now };
  return acceptedPolicy && !isAcceptanceOnRecord(known, acceptedPolicy, now) ? acceptedPolicy : null;
}

/** Acts in the order of their time; acts of the same instant keep the order of the list. */
const inOrder = (acts: readonly PersonEntryBody[]) => [...acts].sort((a, b) => a.at.localeCompare(b.at));

/**
 * The new state of a person of a world file. A new person gets the defaults of registration. A known person keeps
 * everything that the file does not mention, since loading a file deletes nothing.
 */
export function stateOf(source: PersonSource, known: KnownPerson | null): PersonState {
  const { user, policy, now, processes } = source;
  const { bornOn: _, held: _held, restrictions: _restrictions, ...before }: Facts = known?.facts ?? {};
  const values = valuesOf(source, known?.values ?? {});
  const residence = residenceOf(values);
  const consentsBefore = before.consents as ConsentStates | undefined;

  const acceptance = acceptanceOf(source, known);
  const acceptedVersion = acceptance?.version ?? String(before.acceptedVersion);
  const lists = listsOf(source, before, givenEmail(values) !== givenEmail(known?.values ?? {}));

  const bundled = acceptance ? consentsWith(source, acceptance, { residence, consents: consentsBefore }) : [];
  const consents = [...user.consents, ...bundled]
    .filter((consent) => !known || !isOnRecord(known, consent, now))
    .sort(byTime);
  const states: Record<string, ConsentState> = { ...consentsBefore };
  for (const { purpose, recipient, action, at } of consents)
    if (recipient === undefined) states[purpose] = laterConsent(states[purpose], { given: action === 'GIVEN', at });
  const forRecipients = recipientConsentsAfter(before, consents);

  const defaults = known ? (before.preferences as Record<Preference, boolean>) : policy.defaults.preferences;
  const wanted = given(user.preferences) as Partial<Record<Preference, boolean>>;
  const turned = Object.fromEntries(
    Object.entries(wanted).filter(([name, value]) => defaults[name as Preference] !== value),
  );
  const standingOptOut = user.gpcOptOut ?? before.standingOptOut ?? false;
  const registeredAt = (acceptance?.at ?? now).toISOString();
  const at = known ? now.toISOString() : registeredAt;
  const written = writtenWith(source, values, known);
  const restricted = newRestrictions(source, known?.restrictions ?? []);
  const invented = user.invented ?? (known ? before.invented : source.invents);
  const restrictions = restricted.reduce(withRestriction, known?.restrictions ?? []);

  return {
    avatarName: user.avatarName,
    values,
    ...(written && { written }),
    ...(restrictions.length > 0 && { restrictions }),
    billings: stillHeld(billingsWith(source, known?.billings ?? []), lists.orders),
    facts: {
      ...before,
      status: user.status ?? before.status ?? 'ACTIVE',
      acceptedVersion,
      ...(invented !== undefined && { invented }),
      ...(residence !== undefined && { residence }),
      ...birthFact(values, source),
      ...heldFacts(source, values, (id) => written?.[id]),
      ...restrictionFacts(source, restrictions),
      preferences: { ...defaults, ...wanted },
      consents: states,
      ...((before.recipientConsents !== undefined || forRecipients.length > 0) && { recipientConsents: forRecipients }),
      standingOptOut,
      ...lists,
      legalProcesses: withProcesses(before, processes, now),
    },
    acts: inOrder([
      ...(acceptance
        ? [{ type: 'ACCEPTANCE' as const, at: registeredAt, version: acceptance.version, mode: acceptance.mode }]
        : []),
      ...(known ? [] : [{ type: 'PREFERENCES' as const, at, changes: defaults, source: 'DEFAULT' as const }]),
      ...(Object.keys(turned).length > 0
        ? [{ type: 'PREFERENCES' as const, at, changes: turned, source: 'PERSON' as const }]
        : []),
      ...consents.map((consent) => consentEntry(consent, policy, acceptedVersion)),
      ...restricted.flatMap(restrictionEntries),
      ...(standingOptOut !== (before.standingOptOut ?? false)
        ? [
            {
              type: 'OPT_OUT' as const,
              at: now.toISOString(),
              signal: 'GPC' as const,
              standing: standingOptOut === true,
            },
          ]
        : []),
    ]),
  };
}

/** The privacy cases of the file. The ids of the person's own cases do not include their source, the default. */
export const namedCases = ({ privacyCases }: WorldUser, now: Date): (PrivacyCase & { readonly id: string })[] =>
  named(
    privacyCases.map(({ from, verified, ...rest }) => ({ ...rest, ...(from === 'GUARDIAN' && { from, verified }) })),
    now,
  ).map((item) => ({ from: 'SUBJECT', ...item }));

/** The lists of the person's record. Settled orders have a collection of their own. */
function listsOf({ user, now, settled }: PersonSource, before: Facts, isAnotherAddress: boolean) {
  const stated = named(user.orders, now).filter(({ id }) => !settled.has(id));
  const orders: Order[] = merge(before.orders, stated, idOf, now);
  const interactions = [...user.adInteractions, ...recordsIn<{ partner: string; at: Date }>(before.adInteractions)];
  const threads = subscriptionsOf(before);
  const earliestLast = interactions.sort(byTime).reverse();
  return {
    orders: orders.filter(isUnsettled),
    subscriptions: merge(
      isAnotherAddress ? unverified(threads) : threads,
      user.subscriptions,
      ({ thread }) => thread,
      now,
    ),
    relationships: merge(before.relationships, user.relationships, ({ partner }) => partner, now),
    socialLinks: merge(before.socialLinks, user.socialLinks, ({ partner }) => partner, now),
    adInteractions: [...new Map(earliestLast.map((interaction) => [interaction.partner, interaction])).values()],
    privacyCases: merge(before.privacyCases, namedCases(user, now).filter(isVouchedFor), idOf, now),
  };
}

const processFact = ({ subject: _, authority, from, until, ...rest }: WorldLegalProcess & { readonly id: string }) => ({
  ...given(rest),
  id: rest.id,
  authority: authority ?? 'an authority that the record does not name',
  from: from ?? EVER.from,
  until: until ?? EVER.until,
});

/** Legal processes as decisions read them, with those of the file. */
export const withProcesses = ({ legalProcesses }: Facts, processes: readonly WorldLegalProcess[], now: Date) =>
  merge(legalProcesses, named(processes, now).map(processFact), idOf, now);

/** A person of the database, opened for a comparison with the file. */
export const knownPerson = (document: PersonDocument, vault: Vault, acts: readonly PersonEntry[]): KnownPerson => {
  const { avatarName, facts, values, billings = [], written = {}, restrictions } = document;
  const opened = billings.map((billing) => openBilling(vault, billing));
  return {
    ...{ avatarName, facts, acts },
    values: openValues(vault, values),
    billings: opened,
    ...(Object.keys(written).length > 0 && { written }),
    ...(restrictions && { restrictions }),
  };
};

/** The change that a file makes to a known person; null if it changes nothing. */
export function changeOf(source: PersonSource, known: KnownPerson, vault: Vault, mailboxOf: MailboxOf): Change | null {
  const { acts: entries, ...state } = stateOf(source, known);
  const { acts: _, ...before } = known;
  if (entries.length === 0 && isDeepStrictEqual(state, before)) return null;
  const { avatarName, values, facts } = state;
  const mailbox = mailboxOf(values);
  const billings = state.billings?.map((billing) => sealBilling(vault, billing));
  return {
    set: {
      ...state,
      foldedName: fold(avatarName),
      ...(mailbox && { mailbox }),
      values: sealValues(vault, values),
      billings,
      // the sweep sets the right time
      ...(state.written && { retentionDueAt: source.now }),
    },
    // only a sealed account has a time of deletion
    ...(facts.status !== 'SEALED' && { unset: ['deletionDueAt'] }),
    entries,
  };
}
