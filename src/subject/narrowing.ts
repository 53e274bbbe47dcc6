import type { PersonEntryBody, PersonEntryType } from '../ledger/chain/person-chain.ts';
import type { Facts } from '../policy/facts.ts';
import { isRestricting } from './restrictions.ts';
import { subscriptionsOf } from './subscriptions.ts';

type EntryOf<T extends PersonEntryType> = Extract<PersonEntryBody, { type: T }>;

/** The effect of an act on the data that others may see of the person. */
type Effect =
  /** No other caller sees anything any more, even if other things change along with it. */
  | 'CLOSES'
  /** No caller sees more than before. */
  | 'NARROWS'
  /** A caller may see more, or something else. */
  | 'WIDENS';

const narrowsIf = (narrows: boolean): Effect => (narrows ? 'NARROWS' : 'WIDENS');

/** The effect of each kind of entry, seen with the facts before it. */
const EFFECTS: { readonly [T in PersonEntryType]: (entry: EntryOf<T>, before: Facts) => Effect } = {
  PREFERENCES: ({ changes }) => narrowsIf(Object.values(changes).every((on) => on === false)),
  CONSENT: ({ action }) => narrowsIf(action === 'WITHDRAWN'),
  CONSENT_END: () => 'NARROWS',
  // it is about the data of another person
  CONSENT_FOR: () => 'NARROWS',
  ACCEPTANCE: () => 'WIDENS',
  REFUSAL: () => 'CLOSES',
  // an open case shows the person to privacy staff
  PRIVACY_CASE: ({ status }) => narrowsIf(status === 'CLOSED'),
  ORDER: ({ status }) => narrowsIf(status === 'FILLED' || status === 'CANCELLED'),
  SUBSCRIPTIONS: ({ count }, before) => narrowsIf(count < subscriptionsOf(before).length),
  PHOTO_ADDED: () => 'WIDENS',
  PHOTOS_REMOVED: () => 'NARROWS',
  POSTS_REMOVED: () => 'NARROWS',
  ACTIVITY_ADDED: () => 'WIDENS',
  ITEM_ADDED: () => 'WIDENS',
  ITEMS_REMOVED: () => 'NARROWS',
  WRITE: () => 'WIDENS',
  OPT_OUT: ({ standing }) => narrowsIf(standing),
  CORRECTION: () => 'WIDENS',
  EMAIL_PROOF: () => 'WIDENS',
  DELETION: () => 'NARROWS',
  EXPIRY: () => 'NARROWS',
  SEALING: () => 'CLOSES',
  UNSEALING: () => 'WIDENS',
  AD_INTERACTION: () => 'WIDENS',
  RELATIONSHIP: ({ action }) => narrowsIf(action === 'LEFT'),
  SOCIAL_CONNECTION: () => 'WIDENS',
  SOCIAL_DISCONNECTION: () => 'NARROWS',
  AUTO_POST: ({ on }) => narrowsIf(!on),
  TIE: ({ action }) => narrowsIf(action === 'ENDED'),
  RESTRICTION: (restriction) => narrowsIf(isRestricting({ state: restriction.action })),
  ERASURE: () => 'CLOSES',
  MEND: () => 'NARROWS',
};

const effectOf = (entry: PersonEntryBody, before: Facts): Effect =>
  (EFFECTS[entry.type] as (entry: PersonEntryBody, before: Facts) => Effect)(entry, before);

/**
 * Whether a change lets no caller see more of the person than before: withdrawals, opt-outs, refusals, deletions and the
 * like. Nothing may stand in the way of these.
 *
 * @param before  the person's facts as they were
 */
export function narrows(entries: readonly PersonEntryBody[], before: Facts): boolean {
  const effects = entries.map((entry) => effectOf(entry, before));
  return effects.includes('CLOSES') || effects.every((effect) => effect === 'NARROWS');
}
