import type { QueryOptions } from 'mongoose';
import type { Leaf, Query } from '../policy/filter.ts';
import type { Store } from '../store/connection.ts';
import type { SubjectId } from './identifiers.ts';
import { type PersonDocument, personModel } from './model.ts';

/** Where a page of people begins and how many it holds. */
export interface PageRequest {
  /** The internal id after which the page begins; a position, whether or not it is still somebody's. */
  readonly after: SubjectId | null;
  readonly limit: number;
  /** The index to walk, where the filter has a best one. */
  readonly index: Leaf | null;
}

export type People = ReturnType<typeof createPeople>;

/** The look-ups of people. Every one is a single database command, whatever number of people it is for. */
export function createPeople({ connection, read }: Pick<Store, 'connection' | 'read'>) {
  const model = personModel(connection);
  const find = (filter: Query, options: QueryOptions = {}): Promise<PersonDocument[]> =>
    model.find(filter, null, { ...read, ...options, lean: true }).exec() as Promise<PersonDocument[]>;
  return {
    findByPublicIds: (ids: readonly string[]) => find({ publicId: { $in: ids } }),
    findBySids: (sids: readonly SubjectId[]) => find({ _id: { $in: sids } }),
    findByAvatarNames: (names: readonly string[]) => find({ avatarName: { $in: names } }, { sort: { _id: 1 } }),
    findPage: (filter: Query, { after, limit, index }: PageRequest) =>
      find(after === null ? filter : { $and: [filter, { _id: { $gt: after } }] }, {
        sort: { _id: 1 },
        limit,
        ...(index && { hint: { [index.index]: 1, _id: 1 } }),
      }),
  };
}
