import type { Facts } from '../policy/facts.ts';

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
