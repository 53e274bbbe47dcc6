import type { mongo } from 'mongoose';
import { collectionOf, PEOPLE } from '../ledger/collections.ts';
import type { Leaf, Query } from '../policy/filter.ts';
import type { Store } from '../store/connection.ts';
import { isBillingCategory } from './billing.ts';
import type { SubjectId } from './identifiers.ts';
import type { HeldValue, PersonDocument } from './model.ts';
import { fold } from './names.ts';

/** Where a page of people begins and how many it holds. */
export interface PageRequest {
  /** The internal id after which the page begins; a position, whether or not it is still somebody's. */
  readonly after: SubjectId | null;
  readonly limit: number;
  /** The index to walk, where the filter has a best one. */
  readonly index: Leaf | null;
}

/** Values that are left where they are: the request does not ask for them, or could not show them to its caller. */
export type Unread = ReadonlySet<HeldValue>;

const pathOf = (value: HeldValue) => (isBillingCategory(value) ? `billings.values.${value}` : `values.${value}`);

export type People = ReturnType<typeof createPeople>;

/** The look-ups of people. Every one is a single database command, whatever number of people it is for. */
export function createPeople({ connection, read }: Pick<Store, 'connection' | 'read'>) {
  const collection = collectionOf<PersonDocument>(connection, PEOPLE);
  const find = (filter: Query, unread: Unread = new Set(), options: mongo.FindOptions = {}) => {
    const projection = Object.fromEntries([...unread].map((value) => [pathOf(value), 0]));
    return collection.find<PersonDocument>(filter, { ...read, ...options, projection }).toArray();
  };
  return {
    findByPublicIds: (ids: readonly string[], unread?: Unread) => find({ publicId: { $in: ids } }, unread),
    findBySids: (sids: readonly SubjectId[], unread?: Unread) => find({ _id: { $in: sids } }, unread),
    /** In an order that is always the same, but names that are spelled as they were asked for come first. */
    async findByAvatarNames(names: readonly string[], unread?: Unread): Promise<PersonDocument[]> {
      const folded = names.map(fold).filter((name) => name !== '');
      const found = await find({ foldedName: { $in: folded } }, unread, { sort: { _id: 1 } });
      const spelled = new Set(names);
      return found.sort((a, b) => Number(spelled.has(b.avatarName)) - Number(spelled.has(a.avatarName)));
    },
    findPage: (filter: Query, { after, limit, index }: PageRequest, unread?: Unread) =>
      find(after === null ? filter : { $and: [filter, { _id: { $gt: after } }] }, unread, {
        sort: { _id: 1 },
        limit,
        ...(index && { hint: { [index.index]: 1, _id: 1 } }),
      }),
  };
}
