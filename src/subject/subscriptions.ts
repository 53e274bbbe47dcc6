import type { Facts } from '../policy/facts.ts';
import { type Leaf, single, someElement } from '../policy/filter.ts';

/** A blog thread that a person follows by mail. */
export interface ThreadSubscription {
  readonly thread: string;
  /** Whether the mailbox of the person's address has answered; another address has yet to. */
  readonly verified: boolean;
}

export const subscriptionsOf = ({ subscriptions }: Facts): readonly ThreadSubscription[] =>
  Array.isArray(subscriptions) ? (subscriptions as ThreadSubscription[]) : [];

/** The subscriptions of a person after a change of address: the next mailbox has not been asked. */
export const unverified = (subscriptions: readonly ThreadSubscription[]): ThreadSubscription[] =>
  subscriptions.map((subscription) => ({ ...subscription, verified: false }));

/** Whether mail about a thread goes to the person. */
export const follows = (facts: Facts, thread: string): boolean =>
  subscriptionsOf(facts).some((subscription) => subscription.thread === thread && subscription.verified === true);

const THREAD = 'thread';
/** The index that finds the followers of a thread. */
export const FOLLOWED_THREADS = `facts.subscriptions.${THREAD}`;

/** The same as a filter: everybody to whom mail about a thread goes. */
export const followersOf = (thread: string): Leaf =>
  someElement(
    'facts.subscriptions',
    { [THREAD]: single({ $eq: thread }), verified: single({ $eq: true }) },
    THREAD,
    // rarer than any other: it is the one to walk
    -1,
  );
