import type { PersonEntryBody, PersonEntryType } from '../ledger/chain/person-chain.ts';
import type { Facts } from '../policy/facts.ts';
import type { DataCategory } from '../policy/vocabulary.ts';
import { recipientConsentsOf, relationshipsOf, socialLinksOf, withoutConsent, withoutTie } from './ties.ts';

/** Requests to recipients about data that they were shown: erase it, read it again, or use it no more. */
export type Ask = 'ERASE' | 'REPLACE' | 'STOP';

/** Some categories of a person's data, those made from them aside, or the person with everything. */
export type Scope = readonly DataCategory[] | 'EVERYTHING';

/**
 * A person's facts with a preference or a permission on, as before the act, or off again.
 *
 * @param standing  the facts as they stand, with everything off that the person switched off
 */
export type Turn = (facts: Facts, on: boolean, standing: Facts) => Facts;

/**
 * An act of a person takes back data, or a permission to be shown data. The policy decides which recipients a permission
 * concerns: a recipient that would be shown more if it were still given.
 */
export type Retraction =
  | { readonly ask: 'ERASE' | 'REPLACE'; readonly scope: Scope }
  | { readonly ask: 'STOP'; readonly turn: Turn };

type EntryOf<T extends PersonEntryType> = Extract<PersonEntryBody, { type: T }>;

const record = (value: unknown) => value as Readonly<Record<string, unknown>> | undefined;

const preferences =
  (names: readonly string[]): Turn =>
  (facts, on) => ({
    ...facts,
    preferences: { ...record(facts.preferences), ...Object.fromEntries(names.map((name) => [name, on])) },
  });

/** A consent that stood did so whether a guardian or the person gave it, and at any age that the person has now. */
const BY_ANYBODY = { tie: '' };

const consent =
  (purpose: string, at: string): Turn =>
  (facts, given) => ({
    ...facts,
    consents: { ...record(facts.consents), [purpose]: { given, at: new Date(at), ...(given && BY_ANYBODY) } },
  });

const recipientConsent =
  (purpose: string, partner: string, at: string): Turn =>
  (facts, given) => ({
    ...facts,
    recipientConsents: [
      ...withoutConsent(recipientConsentsOf(facts), purpose, partner),
      ...(given ? [{ purpose, partner, at: new Date(at), ...BY_ANYBODY }] : []),
    ],
  });

const consentOf = ({ purpose, recipient, at }: EntryOf<'CONSENT' | 'CONSENT_END'>): Turn =>
  recipient === undefined ? consent(purpose, at) : recipientConsent(purpose, recipient, at);

const restriction =
  (purpose: string): Turn =>
  (facts, on) => ({ ...facts, restrictions: { ...record(facts.restrictions), [purpose]: !on } });

const use: Turn = (facts, on) => ({ ...facts, status: on ? 'ACTIVE' : 'SEALED' });

const relationship =
  (partner: string): Turn =>
  (facts, active) => ({
    ...facts,
    relationships: [...withoutTie(relationshipsOf(facts), partner), { partner, active }],
  });

const posting =
  (partner: string): Turn =>
  (facts, autoPost) => ({
    ...facts,
    socialLinks: [...withoutTie(socialLinksOf(facts), partner), { partner, autoPost }],
  });

const following: Turn = (facts, verified) => ({ ...facts, subscriptions: [{ thread: '', verified }] });

/** Stands for a residence that no record tells any more: it shows all data that any country would show. */
export const ANYWHERE = Symbol('anywhere');

const residing: Turn = (facts, before, { residence }) => ({ ...facts, residence: before ? ANYWHERE : residence });

const stop = (turn: Turn): Retraction => ({ ask: 'STOP', turn });
const moves = (moved: boolean | undefined) => (moved ? [stop(residing)] : []);
const erase = (scope: Scope): Retraction => ({ ask: 'ERASE', scope });

/** Each kind of act that can take something back. */
const RETRACTIONS: {
  readonly [T in PersonEntryType]?: (entry: EntryOf<T>) => Retraction | readonly Retraction[] | null;
} = {
  DELETION: ({ categories, moved }) => [erase(categories), ...moves(moved)],
  ERASURE: () => erase('EVERYTHING'),
  PHOTOS_REMOVED: () => erase(['PHOTOS']),
  POSTS_REMOVED: () => erase(['POSTS']),
  ITEMS_REMOVED: ({ category }) => erase([category]),
  WRITE: ({ replaced }) => (replaced.length > 0 ? { ask: 'REPLACE', scope: replaced } : null),
  CORRECTION: ({ categories, moved }) => [{ ask: 'REPLACE', scope: categories }, ...moves(moved)],
  CONSENT: (entry) => (entry.action === 'WITHDRAWN' ? stop(consentOf(entry)) : null),
  CONSENT_END: (entry) => stop(consentOf(entry)),
  PREFERENCES: ({ changes }) => {
    const off = Object.entries(changes).flatMap(([name, on]) => (on === false ? [name] : []));
    return off.length > 0 ? stop(preferences(off)) : null;
  },
  OPT_OUT: ({ standing }) => (standing ? stop((facts, on) => ({ ...facts, standingOptOut: !on })) : null),
  REFUSAL: () => stop(use),
  SEALING: () => stop(use),
  RELATIONSHIP: ({ action, partner }) => (action === 'LEFT' ? stop(relationship(partner)) : null),
  // a site that ended a link itself knows of it, and learns nothing of a link that was there or not
  SOCIAL_DISCONNECTION: ({ by, partner }) => (by === 'PERSON' ? stop(posting(partner)) : null),
  AUTO_POST: ({ on, partner }) => (on ? null : stop(posting(partner))),
  SUBSCRIPTIONS: () => stop(following),
  RESTRICTION: ({ action, purpose }) => (action === 'REQUESTED' ? stop(restriction(purpose)) : null),
};

/** The kinds of entries that can take something back. */
export const RETRACTING_TYPES = Object.keys(RETRACTIONS) as readonly PersonEntryType[];

/** @returns none for an act that takes nothing back */
export const retractionsIn = (entry: PersonEntryBody): readonly Retraction[] =>
  [
    (RETRACTIONS[entry.type] as ((entry: PersonEntryBody) => Retraction | readonly Retraction[] | null) | undefined)?.(
      entry,
    ) ?? [],
  ].flat();
