import DataLoader from 'dataloader';
import type { Deadline } from '../base/deadline.ts';
import type { Access } from '../store/mongo/collections.ts';
import {
  CREDITS,
  createItems,
  type ItemRecord,
  itemIdOf,
  type NewestOf,
  POSTS,
  SETTLED_ORDERS,
  TRANSACTIONS,
} from '../store/mongo/repositories/items.ts';
import { WAITING_CREDITS } from '../store/mongo/repositories/waiting-credits.ts';
import { shareReads } from '../store/shared-reads.ts';
import type { SubjectId } from './identifiers.ts';
import type { Order } from './orders.ts';
import type { Vault } from './vault.ts';

/** A text that a person wrote where others read it: chat rooms, blogs, boards. */
export interface Post {
  readonly id: string;
  readonly forum?: string;
  readonly text?: string;
  readonly at: Date;
}

/** A thing that a person created, sold or bought, with prices in the site's currency. */
export interface Transaction {
  readonly id: string;
  readonly kind?: 'CREATED' | 'SOLD' | 'BOUGHT';
  readonly good?: string;
  readonly price?: number;
  readonly profit?: number;
  readonly at: Date;
}

/** Credits that a person earned by completing an offer on a third party's site. */
export interface Credit {
  readonly id: string;
  /** The client id of the partner that reported it. */
  readonly partner: string;
  readonly credits: number;
  readonly at: Date;
}

/** Credits that wait for support, as an offer site reported them. */
export interface WaitingCredit extends Credit {
  /** The name that the site reports; left out where an earlier version took the report in without it. */
  readonly name?: string;
}

const placeOf = (name: string, id: string) => `${name}/${id}`;

export type Item = { readonly id: string; readonly at: Date };

/** @param name  the collection that the thing lies in, and no other */
export const sealItem = (vault: Vault, name: string, sid: SubjectId, { id, at, ...rest }: Item): ItemRecord => ({
  _id: itemIdOf(sid, id),
  sid,
  id,
  at,
  sealed: vault.seal(placeOf(name, id), rest),
});

export const openItem = <T extends Item>(vault: Vault, name: string, { id, at, sealed }: ItemRecord): T =>
  ({ id, at, ...(vault.open(placeOf(name, id), sealed) as object) }) as T;

/** The look-ups of each kind of thing, shared by requests. */
export function createContentReads(store: Access) {
  const newestOf = (name: string) => {
    const { findNewest, findAfter } = createItems(store, name);
    return { newest: shareReads<NewestOf, ItemRecord[]>(findNewest), findAfter };
  };
  return {
    posts: newestOf(POSTS),
    transactions: newestOf(TRANSACTIONS),
    settledOrders: newestOf(SETTLED_ORDERS),
    credits: newestOf(CREDITS),
    waitingCredits: newestOf(WAITING_CREDITS),
  };
}

type ContentRead = ReturnType<typeof createContentReads>[keyof ReturnType<typeof createContentReads>];

export type ContentLoaders = ReturnType<typeof createContentLoaders>;

export function createContentLoaders(reads: ReturnType<typeof createContentReads>, deadline: Deadline) {
  /** The person's newest things in the category that was revealed. */
  const newest = <T extends Item>(name: string, read: ContentRead) => {
    const findAfter = deadline.before(read.findAfter);
    const items = new DataLoader<NewestOf, ItemRecord[], string>(deadline.before(read.newest), {
      cacheKeyFn: ({ sid, first }) => `${sid}:${first}`,
    });
    /** @param after  where those stand that come before: only those behind it */
    const find = async (
      { sid, vault }: { sid: SubjectId; vault: Vault },
      first: number,
      after: Item | null = null,
    ): Promise<T[]> => {
      const found = after
        ? findAfter(sid, { _id: itemIdOf(sid, after.id), at: after.at }, first)
        : items.load({ sid, first });
      return (await found).map((item) => openItem<T>(vault, name, item));
    };
    return { find, forget: () => void items.clearAll() };
  };
  const posts = newest<Post>(POSTS, reads.posts);
  return {
    posts: posts.find,
    /** The posts of the caller have changed, and are read again. */
    forgetPosts: posts.forget,
    transactions: newest<Transaction>(TRANSACTIONS, reads.transactions).find,
    settledOrders: newest<Order & Item>(SETTLED_ORDERS, reads.settledOrders).find,
    credits: newest<Credit>(CREDITS, reads.credits).find,
    waitingCredits: newest<WaitingCredit>(WAITING_CREDITS, reads.waitingCredits).find,
  };
}
