import { randomUUID } from 'node:crypto';
import { type ConsentState, laterConsent } from '../domain/consents/operations.ts';
import { append, EMPTY_CHAIN } from '../ledger/entry.ts';
import type { PersonEntry, PersonEntryBody } from '../ledger/person-chain.ts';
import type { Policy } from '../policy/clause.ts';
import type { Facts } from '../policy/facts.ts';
import type { Preference } from '../policy/vocabulary.ts';
import { createSubjectId } from '../subject/identifiers.ts';
import type { PersonalValues, PersonDocument } from '../subject/model.ts';
import type { WorldLegalProcess, WorldUser } from './schema.ts';

/** What a person is to be, and what happened on the way there. */
export interface PersonState {
  readonly avatarName: string;
  readonly values: PersonalValues;
  readonly facts: Facts;
  /** In the order in which they happened. */
  readonly acts: readonly PersonEntryBody[];
}

export interface PersonSource {
  readonly user: WorldUser;
  readonly policy: Policy;
  readonly now: Date;
  /** Legal processes of the file that name the person. */
  readonly processes: readonly WorldLegalProcess[];
}

/** A person that the database already holds, with everything they did. */
export interface KnownPerson {
  readonly document: PersonDocument;
  readonly acts: readonly PersonEntry[];
}

type Acceptance = { readonly version: string; readonly mode: 'EXPLICIT' | 'DEEMED'; readonly at: Date };

const EVER = { from: new Date(0), until: new Date('9999-12-31T23:59:59.999Z') };

const given = <T extends object>(values: T) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;

const listOf = <T>(list: unknown) => (Array.isArray(list) ? (list as T[]) : []);

/** What the file says of a thing replaces what was known of the same thing; what it does not speak of stays. */
function merge<T>(known: unknown, incoming: readonly T[], keyOf: (item: T) => unknown): T[] {
  const items = new Map(listOf<T>(known).map((item) => [keyOf(item), item]));
  for (const item of incoming) items.set(keyOf(item), item);
  return [...items.values()];
}

const withId = <T extends { id?: string | undefined }>(item: T) => ({ ...given(item), id: item.id ?? randomUUID() });

const byTime = (a: { readonly at: Date }, b: { readonly at: Date }) => a.at.getTime() - b.at.getTime();

function valuesOf(user: WorldUser, known: PersonalValues): PersonalValues {
  const { brand, lastFour, expiry, processorToken } = user.paymentCard ?? {};
  const photos = user.photos.map(withId);
  const activity = user.recentActivity.map(withId);
  return {
    ...known,
    ...given({
      NAME: user.name,
      EMAIL: user.email,
      GENDER: user.gender,
      BIRTH_DATE: user.birthDate,
      POSTAL_ADDRESS: user.postalAddress && given(user.postalAddress),
      CELL_PHONE: user.cellPhone,
      BILLING_ADDRESS: user.billingAddress && given(user.billingAddress),
      PAYMENT_CARD: user.paymentCard && given({ brand, lastFour }),
      CARD_EXPIRY: expiry,
      PROCESSOR_TOKEN: processorToken,
      ACCOUNT: user.country === undefined ? undefined : { ...known.ACCOUNT, country: user.country },
    }),
    PHOTOS: merge(known.PHOTOS, photos, ({ id }) => id),
    ACTIVITY: merge(known.ACTIVITY, activity, ({ id }) => id),
  } as PersonalValues;
}

/**
 * What explicit acceptance gives along with it, to people in the region that data may not leave without it, and to
 * those of whom nothing says that they live elsewhere; unless the file speaks of that consent itself.
 */
const bundledConsents = (
  { user, policy }: PersonSource,
  { mode, at }: Acceptance,
  residence: string | undefined,
): WorldUser['consents'] => {
  if (mode !== 'EXPLICIT') return [];
  if (residence !== undefined && !policy.transferRegion.countries.includes(residence)) return [];
  return policy.consents
    .filter(
      ({ id, givenBy }) => givenBy === 'EXPLICIT_ACCEPTANCE' && !user.consents.some(({ purpose }) => purpose === id),
    )
    .map(({ id }) => ({ purpose: id, action: 'GIVEN', at }));
};

const consentEntry = (
  { purpose, action, at }: WorldUser['consents'][number],
  policy: Policy,
  policyVersion: string,
): PersonEntryBody => {
  const bundled = policy.consents.some(({ id, givenBy }) => id === purpose && givenBy === 'EXPLICIT_ACCEPTANCE');
  const expression = bundled && action === 'GIVEN' ? 'BUNDLED' : 'EXPRESS';
  return { type: 'CONSENT', at: at.toISOString(), purpose, action, policyVersion, expression };
};

const isOnRecord = (acts: readonly PersonEntry[], { purpose, action, at }: WorldUser['consents'][number]) =>
  acts.some(
    (act) => act.type === 'CONSENT' && act.purpose === purpose && act.action === action && act.at === at.toISOString(),
  );

/** Acts in the order of their time; at the same instant as they are listed. */
const inOrder = (acts: readonly PersonEntryBody[]) => [...acts].sort((a, b) => a.at.localeCompare(b.at));

/**
 * What a person of a world file is to be. A person who is new gets the defaults of registration; one who is known keeps
 * what the file does not speak of, since loading a file deletes nothing.
 */
export function stateOf(source: PersonSource, known: KnownPerson | null): PersonState {
  const { user, policy, now, processes } = source;
  const before: Facts = known?.document.facts ?? {};
  const values = valuesOf(user, known?.document.values ?? {});
  const residence = values.ACCOUNT?.country ?? values.POSTAL_ADDRESS?.country;

  const registration: Acceptance = { version: policy.version, mode: 'EXPLICIT', at: now };
  const acceptance = user.acceptedPolicy ?? (known ? null : registration);
  const acceptedVersion = acceptance?.version ?? String(before.acceptedVersion);

  const consents = [...user.consents, ...(acceptance ? bundledConsents(source, acceptance, residence) : [])]
    .filter((consent) => !known || !isOnRecord(known.acts, consent))
    .sort(byTime);
  const states = { ...(before.consents as Record<string, ConsentState> | undefined) };
  for (const { purpose, action, at } of consents)
    states[purpose] = laterConsent(states[purpose], { given: action === 'GIVEN', at });

  const defaults = known ? (before.preferences as Record<Preference, boolean>) : policy.defaults.preferences;
  const wanted = given(user.preferences) as Partial<Record<Preference, boolean>>;
  const turned = Object.fromEntries(
    Object.entries(wanted).filter(([name, value]) => defaults[name as Preference] !== value),
  );
  const standingOptOut = user.gpcOptOut ?? before.standingOptOut ?? false;
  const registeredAt = (acceptance?.at ?? now).toISOString();
  const at = known ? now.toISOString() : registeredAt;

  return {
    avatarName: user.avatarName,
    values,
    facts: {
      ...before,
      status: user.status,
      acceptedVersion,
      ...(residence !== undefined && { residence }),
      preferences: { ...defaults, ...wanted },
      consents: states,
      standingOptOut,
      ...listsOf(user, before),
      legalProcesses: withProcesses(before, processes),
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

/** The lists of the person's record. Filled orders are finished, and stand apart. */
function listsOf(user: WorldUser, before: Facts) {
  const orders = merge(before.orders, user.orders.map(withId), ({ id }) => id);
  const earliest = [...user.adInteractions, ...listOf<{ partner: string; at: Date }>(before.adInteractions)].sort(
    byTime,
  );
  return {
    orders: orders.filter(({ status }) => status !== 'FILLED'),
    subscriptions: merge(before.subscriptions, user.subscriptions.map(given), ({ thread }) => thread),
    relationships: merge(before.relationships, user.relationships, ({ partner }) => partner),
    socialLinks: merge(before.socialLinks, user.socialLinks, ({ partner }) => partner),
    adInteractions: merge([], earliest.reverse(), ({ partner }) => partner),
    privacyCases: merge(before.privacyCases, user.privacyCases.map(withId), ({ id }) => id),
  };
}

const processFact = ({ id, authority, categories, from, until }: WorldLegalProcess) => ({
  id: id ?? randomUUID(),
  authority: authority ?? 'an authority that the record does not name',
  categories,
  from: from ?? EVER.from,
  until: until ?? EVER.until,
});

/** Legal processes as decisions read them, with those of the file. */
export const withProcesses = ({ legalProcesses }: Facts, processes: readonly WorldLegalProcess[]) =>
  merge(legalProcesses, processes.map(processFact), ({ id }) => id);

/** The document of a person who is new, with its whole chain still in the outbox. */
export function createPerson(publicId: string, { avatarName, values, facts, acts }: PersonState): PersonDocument {
  const _id = createSubjectId();
  const { entries, head } = append(EMPTY_CHAIN, _id, acts);
  return { _id, publicId, avatarName, values, facts, revision: 0, ledger: { head, outbox: entries } };
}
