import DataLoader from 'dataloader';
import type { Connection, mongo } from 'mongoose';
import type { Deadline } from '../base/deadline.ts';
import type { Store } from '../store/mongo/connection.ts';
import { type Read, shareReads } from '../store/shared-reads.ts';
import type { SubjectId } from './identifiers.ts';
import type { Order } from './orders.ts';
import type { Vault } from './vault.ts';

/** What a person wrote where others read it: chat rooms, blogs, boards. */
export interface Post {
  readonly id: string;
  readonly forum?: string;
  readonly text?: string;
  readonly at: Date;
}

/** What a person created, sold or bought, with prices in the site's currency. */
export interface Transaction {
  readonly id: string;
  readonly kind?: 'CREATED' | 'SOLD' | 'BOUGHT';
  readonly good?: string;
  readonly price?: number;
  readonly profit?: number;
  readonly at: Date;
}

/** What a person earned by completing an offer on a third party's site. */
export interface Credit {
  readonly id: string;
  /** The client id of who reported it. */
  readonly partner: string;
  readonly credits: number;
  readonly at: Date;
}

/** Credits that wait for support, as an offer site reported them. */
export interface WaitingCredit extends Credit {
  /** The name that the site reports; left out where an earlier version took the report in without it. */
  readonly name?: string;
}

/** A thing as it lies in the database: whose it is and when it was are in the clear, the rest is sealed. */
export interface SealedItem {
  /** The person and the thing's own id. */
  readonly _id: string;
  readonly sid: SubjectId;
  readonly id: string;
  readonly at: Date;
  readonly sealed: string;
}

export const POSTS = 'posts';
export const TRANSACTIONS = 'transactions';
/**
 * Orders that are filled or cancelled; those that are not are facts of the person's document. What an order was billed
 * with is not among them: nobody needs it any more.
 */
export const SETTLED_ORDERS = 'filled_orders';
export const CREDITS = 'credits';
/** Credits that were reported for somebody under another name, and wait for support to decide. */
export const WAITING_CREDITS = 'waiting_credits';

/** Endless things of a person stand apart from the person's document; one is known by its person and its own id. */
export const contentCollection = (connection: Connection, name: string) =>
  connection.getClient().db(connection.name).collection<SealedItem>(name);

const placeOf = (name: string, id: string) => `${name}/${id}`;

export type Item = { readonly id: string; readonly at: Date };

export const contentId = (sid: SubjectId, id: string) => `${sid}:${id}`;

export const sealItem = (vault: Vault, name: string, sid: SubjectId, { id, at, ...rest }: Item): SealedItem => ({
  _id: contentId(sid, id),
  sid,
  id,
  at,
  sealed: vault.seal(placeOf(name, id), rest),
});

export const openItem = <T extends Item>(vault: Vault, name: string, { id, at, sealed }: SealedItem): T =>
  ({ id, at, ...(vault.open(placeOf(name, id), sealed) as object) }) as T;

/** The newest `first` things of a person. */
export interface ContentRequest {
  readonly sid: SubjectId;
  readonly first: number;
}

/** One command for any number of people: the newest of each. */
async function findNewest(
  collection: mongo.Collection<SealedItem>,
  requests: readonly ContentRequest[],
  read: Store['read'],
): Promise<SealedItem[][]> {
  const limit = Math.max(1, ...requests.map(({ first }) => first));
  const found = await collection
    .aggregate<{ _id: SubjectId; items: SealedItem[] }>(
      [
        { $match: { sid: { $in: requests.map(({ sid }) => sid) } } },
        { $group: { _id: '$sid', items: { $topN: { n: limit, sortBy: { at: -1, _id: 1 }, output: '$$ROOT' } } } },
      ],
      read,
    )
    .toArray();
  const bySid = new Map(found.map(({ _id, items }) => [_id, items]));
  return requests.map(({ sid, first }) => (bySid.get(sid) ?? []).slice(0, first));
}

/** The look-ups of each kind of thing, shared by requests. */
export function createContentReads({ connection, read }: Pick<Store, 'connection' | 'read'>) {
  const newestOf = (name: string) =>
    shareReads<ContentRequest, SealedItem[]>((requests) =>
      findNewest(contentCollection(connection, name), requests, read),
    );
  return {
    posts: newestOf(POSTS),
    transactions: newestOf(TRANSACTIONS),
    settledOrders: newestOf(SETTLED_ORDERS),
    credits: newestOf(CREDITS),
    waitingCredits: newestOf(WAITING_CREDITS),
  };
}

export type ContentLoaders = ReturnType<typeof createContentLoaders>;

export function createContentLoaders(reads: ReturnType<typeof createContentReads>, deadline: Deadline) {
  /** The newest things of the person whom the revealed category has opened. */
  const newest = <T extends Item>(name: string, read: Read<ContentRequest, SealedItem[]>) => {
    const items = new DataLoader<ContentRequest, SealedItem[], string>(deadline.before(read), {
      cacheKeyFn: ({ sid, first }) => `${sid}:${first}`,
    });
    return async ({ sid, vault }: { sid: SubjectId; vault: Vault }, first: number): Promise<T[]> =>
      (await items.load({ sid, first })).map((item) => openItem<T>(vault, name, item));
  };
  return {
    posts: newest<Post>(POSTS, reads.posts),
    transactions: newest<Transaction>(TRANSACTIONS, reads.transactions),
    settledOrders: newest<Order & Item>(SETTLED_ORDERS, reads.settledOrders),
    credits: newest<Credit>(CREDITS, reads.credits),
    waitingCredits: newest<WaitingCredit>(WAITING_CREDITS, reads.waitingCredits),
  };
}
