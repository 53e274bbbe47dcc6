import { recordsIn } from '../base/records.ts';
import type { Facts } from '../policy/facts.ts';
import { type Filter, someElement } from '../policy/filter.ts';
import { equals, testOf } from '../policy/predicate.ts';

/** A blog thread that a person follows by mail. */
export interface ThreadSubscription {
  readonly thread: string;
  /** Whether the mailbox of the person's address has answered; another address has yet to. */
  readonly verified: boolean;
}

export const subscriptionsOf = ({ subscriptions }: Facts): readonly ThreadSubscription[] => recordsIn(subscriptions);

/** The subscriptions of a person after a change of address: the next mailbox has not been asked. */
export const unverified = (subscriptions: readonly ThreadSubscription[]): ThreadSubscription[] =>
  subscriptions.map((subscription) => ({ ...subscription, verified: false }));

const THREAD = 'thread';
/** The index that finds the followers of a thread. */
export const FOLLOWED_THREADS = `facts.subscriptions.${THREAD}`;

const following = (thread: string) => ({ [THREAD]: equals(thread), verified: equals(true) });

/** Whether mail about a thread goes to the person. */
export function follows(facts: Facts, thread: string): boolean {
  const isFollowing = testOf(following(thread));
  return subscriptionsOf(facts).some((subscription) => isFollowing(subscription, undefined));
}

// rarer than any other: it is the one to walk
const RANK = -1;

/** The same as a filter: everybody that receives mail about a thread. */
export const followersOf = (thread: string): Filter =>
  someElement('subscriptions', { where: following(thread) }, THREAD, RANK);
