import { groupBy } from '../base/group-by.ts';
import type { Core } from '../features/core.ts';
import { inBatches } from '../store/each-alone.ts';
import { createItems, SETTLED_ORDERS } from '../store/mongo/repositories/items.ts';
import { findActs } from '../subject/acts.ts';
import type { SubjectId } from '../subject/identifiers.ts';
import type { PersonDocument } from '../subject/model.ts';
import { createPerson } from '../subject/new-person.ts';
import { LARGEST_IN_WORDS, LARGEST_PERSON, sizeOfPerson } from '../subject/size.ts';
import { type Homes, homeIn, homesOf } from './homes.ts';
import { changeOf, knownPerson, type PersonSource, stateOf } from './person.ts';

export const NONE: ReadonlySet<string> = new Set();
/** The number of changes of known people at the same time. */
const CHANGES = 16;

/** Whether the document of a new person exceeds the limit. */
export const isTooLarge = (person: PersonDocument): boolean => sizeOfPerson(person) > LARGEST_PERSON;

/** The result of putting people of a file on record. */
export interface PutPeople {
  /** The place for the data of each person. */
  readonly homes: Homes;
  /** The file's ids of people that the database already held; the others are new. */
  readonly there: ReadonlySet<string>;
  /** The number of changed records among people already held. */
  readonly changed: number;
}

/** Puts people of a file on record: new people whole, and the changes of known people. */
export function createPeopleLoader({ store, people, publicIds, keys, mailboxes, changes, ledger }: Core) {
  /** `met` holds the internal ids of people that another process has put on record meanwhile. */
  const createAll = async (sources: readonly PersonSource[]) => {
    if (sources.length === 0) return { homes: new Map() as Homes, met: [] };
    const sids = await publicIds.give(sources.map(({ user }) => user.id));
    const homes = homesOf(sids, await keys.obtain([...sids.values()]));
    const created = sources.map((source) =>
      createPerson(source.user.id, homeIn(homes, source.user), stateOf(source, null), mailboxes.of),
    );
    const tooLarge = created.filter(isTooLarge);
    if (tooLarge.length > 0)
      throw new Error(
        `users: expected at most ${LARGEST_IN_WORDS} about each, unlike ${tooLarge.map(({ publicId }) => publicId).join(', ')}`,
      );
    const met = await changes.createAll(created);
    return { homes, met };
  };

  /** The filled and cancelled orders of each person, by public id: no file opens them again. */
  const findSettled = async (sids: ReadonlyMap<string, SubjectId>) => {
    const found = await createItems(store, SETTLED_ORDERS).findIds([...sids.values()]);
    const bySid = groupBy(found, ({ sid }) => sid);
    return new Map([...sids].map(([id, sid]) => [id, new Set(bySid.get(sid)?.map((order) => order.id))]));
  };

  const updateAll = async (described: readonly PersonSource[], known: readonly PersonDocument[]) => {
    if (known.length === 0) return { homes: new Map() as Homes, changed: 0 };
    // an interrupted run may have left entries that wait for the ledger
    for (const person of known) changes.settleSoon(person);
    const sids = new Map(known.map(({ publicId, _id }) => [publicId, _id]));
    const settled = await findSettled(sids);
    const sources = described.map((source) => ({ ...source, settled: settled.get(source.user.id) ?? NONE }));
    const homes = homesOf(sids, await keys.find([...sids.values()]));
    const documents = new Map(known.map((document) => [document.publicId, document]));
    const acts = await findActs(ledger, known, {});
    const actsOf = new Map(known.map(({ _id }, index) => [_id, acts[index] ?? []]));
    const changeFor = (source: PersonSource) => {
      const { sid, vault } = homeIn(homes, source.user);
      return (document: PersonDocument) =>
        changeOf(source, knownPerson(document, vault, actsOf.get(sid) ?? []), vault, mailboxes.of);
    };
    const behind = sources.filter((source) => changeFor(source)(documents.get(source.user.id) as PersonDocument));
    for await (const some of inBatches(behind, CHANGES))
      await Promise.all(some.map((source) => changes.apply(homeIn(homes, source.user).sid, changeFor(source))));
    return { homes, changed: behind.length };
  };

  return async (sources: readonly PersonSource[]): Promise<PutPeople> => {
    const found = await people.findByPublicIds(sources.map(({ user }) => user.id));
    const foundIds = new Set(found.map(({ publicId }) => publicId));
    const created = await createAll(sources.filter(({ user }) => !foundIds.has(user.id)));
    const met = created.met.length > 0 ? await people.findBySids(created.met) : [];
    const known = [...found, ...met];
    const knownIds = new Set(known.map(({ publicId }) => publicId));
    const updated = await updateAll(
      sources.filter(({ user }) => knownIds.has(user.id)),
      known,
    );
    return {
      homes: new Map([...created.homes, ...updated.homes]),
      there: knownIds,
      changed: updated.changed,
    };
  };
}
