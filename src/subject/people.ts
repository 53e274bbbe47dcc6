import type { Filter } from '../policy/filter.ts';
import type { Access } from '../store/mongo/collections.ts';
import { createPersonRecords } from '../store/mongo/repositories/people.ts';
import { createSubjectId, type SubjectId } from './identifiers.ts';
import type { PersonDocument } from './model.ts';
import { fold } from './names.ts';
import type { PublicIds } from './public-ids.ts';

/** Where a page of people begins and how many it holds. */
export interface PageRequest {
  /** The internal id after which the page begins; a position, whether or not it is still somebody's. */
  readonly after: SubjectId | null;
  readonly limit: number;
}

/** The paths of values that are left where they are: the request does not ask for them, or could not show them to its caller. */
export type Unread = ReadonlySet<string>;

const NOTHING: Unread = new Set();
const pathsOf = (unread: Unread = NOTHING) => [...unread];

export type People = ReturnType<typeof createPeople>;

/**
 * The look-ups of people. Every one is a single database command, for any number of people. By public ids it is two,
 * the same for ids that belong to a person and for others.
 */
export function createPeople(store: Access, publicIds: Pick<PublicIds, 'find' | 'recall' | 'doubt'>) {
  const records = createPersonRecords<PersonDocument>(store);
  const findBySids = (sids: readonly SubjectId[], unread?: Unread) => records.findMany(sids, pathsOf(unread));
  /** Where each public id leads. One of nobody leads to nobody: to look there takes as long as to look for somebody. */
  const sidsOf = async (ids: readonly string[]): Promise<SubjectId[]> => {
    const sids = await publicIds.find(ids);
    return ids.map((id) => sids.get(id) ?? createSubjectId());
  };
  return {
    findBySids,

    sidsOf,

    findByPublicIds: async (ids: readonly string[]): Promise<PersonDocument[]> => findBySids(await sidsOf(ids)),

    /**
     * By ids that their holders have proven to be theirs; whole documents. One command where the gateway has met the ids,
     * and two more where somebody is not there any more.
     */
    async findHolders(ids: readonly string[]): Promise<PersonDocument[]> {
      const sids = await publicIds.recall(ids);
      const found = sids.size > 0 ? await findBySids([...sids.values()]) : [];
      const there = new Set(found.map(({ _id }) => _id));
      const gone = [...sids].flatMap(([id, sid]) => (there.has(sid) ? [] : [id]));
      if (gone.length === 0) return found;
      // somebody is erased, or another database stands in the place of the one that was
      publicIds.doubt(gone);
      return [...found, ...(await findBySids([...(await publicIds.recall(gone)).values()]))];
    },

    /** In an order that is always the same, but names that are spelled as they were asked for come first. */
    async findByAvatarNames(names: readonly string[], unread?: Unread): Promise<PersonDocument[]> {
      const folded = names.map(fold).filter((name) => name !== '');
      const found = await records.findByFoldedNames(folded, pathsOf(unread));
      const spelled = new Set(names);
      return found.sort((a, b) => Number(spelled.has(b.avatarName)) - Number(spelled.has(a.avatarName)));
    },

    /** So many people of any kind; whole documents, in an order that is always the same. */
    findFirst: (limit: number): Promise<PersonDocument[]> => records.findFirst(limit),

    /** The ids by which members know the present people. */
    findPublicIds: (): Promise<string[]> => records.findPublicIds(),

    findPage: (filter: Filter, page: PageRequest, unread?: Unread) =>
      records.findPage({ filter, ...page }, pathsOf(unread)),
  };
}
