import DataLoader from 'dataloader';
import type { Connection, mongo } from 'mongoose';
import type { Store } from '../../store/connection.ts';
import type { SubjectId } from '../../subject/identifiers.ts';

/** What a person wrote where others read it: chat rooms, blogs, boards. */
export interface Post {
  readonly sid: SubjectId;
  readonly id: string;
  readonly forum?: string;
  readonly text?: string;
  readonly at: Date;
}

/** What a person created, sold or bought, with prices in the site's currency. */
export interface Transaction {
  readonly sid: SubjectId;
  readonly id: string;
  readonly kind?: 'CREATED' | 'SOLD' | 'BOUGHT';
  readonly good?: string;
  readonly price?: number;
  readonly profit?: number;
  readonly at: Date;
}

export const POSTS = 'posts';
export const TRANSACTIONS = 'transactions';

type OfPerson = { readonly sid: SubjectId; readonly id: string };

/** Endless things of a person stand apart from the person's document; one is known by its person and its own id. */
export const contentCollection = <T extends OfPerson>(connection: Connection, name: string) =>
  connection.getClient().db(connection.name).collection<T & { _id: string }>(name);

export const contentId = ({ sid, id }: OfPerson) => `${sid}:${id}`;

export async function ensureContentIndexes(connection: Connection): Promise<void> {
  for (const name of [POSTS, TRANSACTIONS]) await contentCollection(connection, name).createIndex({ sid: 1, at: -1 });
}

/** The newest `first` things of a person. */
export interface ContentRequest {
  readonly sid: SubjectId;
  readonly first: number;
}

/** One command for any number of people: the newest of each. */
async function findNewest<T extends OfPerson>(
  collection: mongo.Collection<T & { _id: string }>,
  requests: readonly ContentRequest[],
  read: Store['read'],
): Promise<T[][]> {
  const limit = Math.max(...requests.map(({ first }) => first));
  const found = await collection
    .aggregate<{ _id: SubjectId; items: T[] }>(
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

export type ContentLoaders = ReturnType<typeof createContentLoaders>;

export function createContentLoaders({ connection, read }: Pick<Store, 'connection' | 'read'>) {
  const loader = <T extends OfPerson>(name: string) =>
    new DataLoader<ContentRequest, T[], string>(
      (requests) => findNewest<T>(contentCollection<T>(connection, name), requests, read),
      { cacheKeyFn: ({ sid, first }) => `${sid}:${first}` },
    );
  return { posts: loader<Post>(POSTS), transactions: loader<Transaction>(TRANSACTIONS) };
}
