import { isDeepStrictEqual } from 'node:util';
import { groupBy } from '../base/group-by.ts';
import type { Log } from '../base/log.ts';
import { casesOf } from '../features/privacy-cases/cases.ts';
import { createChildReports } from '../features/privacy-cases/reports.ts';
import { guardianMark } from '../features/privacy-cases/texts.ts';
import type { Foundation } from '../gateway/foundation.ts';
import { createPersonLedger } from '../ledger/chain/person-chain.ts';
import type { DecisionTable } from '../policy/compile.ts';
import { isUnsettled } from '../policy/known-facts.ts';
import { contractRulesOf } from '../policy/partner-kinds.ts';
import { DATA_CATEGORIES, PREFERENCES } from '../policy/vocabulary.ts';
import { createBlindIndex } from '../store/derive.ts';
import { createPersonKeys } from '../store/keys.ts';
import { createItems, itemIdOf, POSTS, SETTLED_ORDERS, TRANSACTIONS } from '../store/mongo/repositories/items.ts';
import { createPartners } from '../store/mongo/repositories/partners.ts';
import { findActs } from '../subject/acts.ts';
import { createChanges } from '../subject/change.ts';
import { type Item, openItem, sealItem } from '../subject/content.ts';
import type { SubjectId } from '../subject/identifiers.ts';
import { createMailboxes } from '../subject/mailboxes.ts';
import type { PersonDocument } from '../subject/model.ts';
import { createNameClaims } from '../subject/name-claims.ts';
import { createPerson, type Home } from '../subject/new-person.ts';
import { createPeople } from '../subject/people.ts';
import { createPublicIds } from '../subject/public-ids.ts';
import { LARGEST_IN_WORDS, LARGEST_PERSON, sizeOfPerson } from '../subject/size.ts';
import { createTombstones } from '../subject/tombstones.ts';
import { createVault } from '../subject/vault.ts';
import {
  changeOf,
  knownPerson,
  layOver,
  named,
  namedCases,
  type PersonSource,
  stateOf,
  withProcesses,
} from './person.ts';
import type { World, WorldRules, WorldUser } from './schema.ts';

export interface WorldLoader {
  /** What a world file is measured against. */
  readonly rules: () => Promise<WorldRules>;
  /** @param onProgress  told how many people are loaded so far */
  readonly load: (world: World, onProgress?: (people: number) => void) => Promise<void>;
}

export interface WorldLoaderOptions
  extends Pick<Foundation, 'store' | 'clock' | 'table' | 'keyEncryptionKey' | 'sharedSecret'> {
  readonly log: Log;
}

const BATCH = 500;
const NONE: ReadonlySet<string> = new Set();
/** Changes of people who are known that are under way at once. */
const CHANGES = 16;

const batches = <T>(items: readonly T[], size: number) =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));

/**
 * What a world file is measured against.
 *
 * @param known  ids that the database holds already, of partners and of people
 */
export const worldRules = (
  { current, policies, callerPurposes }: DecisionTable,
  now: Date,
  known: { readonly partners: readonly string[]; readonly users: readonly string[] },
): WorldRules => ({
  now,
  policyVersions: [...policies.keys()],
  currentVersion: current.version,
  purposes: [...callerPurposes],
  ...contractRulesOf(current),
  consentPurposes: current.consents.map(({ id }) => id),
  preferences: PREFERENCES,
  categories: DATA_CATEGORIES,
  minimumAge: current.minimumAge,
  knownPartners: new Set(known.partners),
  knownUsers: new Set(known.users),
});

/** Loads world files: states, with the ledgers written as if each thing had happened at its time. Deletes nothing. */
export function createWorldLoader(options: WorldLoaderOptions): WorldLoader {
  const { store, table, keyEncryptionKey, sharedSecret, clock, log } = options;
  const keys = createPersonKeys(store, keyEncryptionKey);
  const partners = createPartners(store);
  const ledger = createPersonLedger(store);
  const changes = createChanges({ store, ledger, clock, log });
  const blindIndex = createBlindIndex(sharedSecret);
  const publicIds = createPublicIds(store, blindIndex);
  const people = createPeople(store, publicIds);
  const nameClaims = createNameClaims(store, blindIndex);
  const mailboxes = createMailboxes(store, blindIndex);
  const tombstones = createTombstones(store, blindIndex);
  const reports = createChildReports(store, sharedSecret);

  const loadPartners = ({ partners: given, successions, readAt }: World): Promise<void> =>
    partners.state(
      given.map(({ clientId, name, kind, jurisdiction, status, contract, policyUrl }) => ({
        ...{ _id: clientId, name, kind, jurisdiction, status },
        ...(policyUrl !== undefined && { policyUrl }),
        contract: contract
          ? { from: contract.from ?? null, until: contract.until ?? null, purposes: contract.purposes }
          : null,
      })),
      // an announcement without a time was made before, if any was
      successions.map((succession) => ({
        ...succession,
        onlyFirst: succession.announcedAt.getTime() === readAt.getTime(),
      })),
    );

  const loadContent = async (users: readonly WorldUser[], homes: Homes, now: Date) => {
    const put = async (name: string, listOf: (user: WorldUser) => readonly WorldItem[]) => {
      const items = createItems(store, name);
      const given = users.flatMap((user) => {
        const home = homeIn(homes, user);
        return named(listOf(user), now).map((item) => ({ ...home, item, _id: itemIdOf(home.sid, item.id) }));
      });
      const found = await items.findPlaces(given);
      const held = new Map(found.map((item) => [item._id, item]));
      const replacements = given.flatMap(({ _id, sid, vault, item }) => {
        const sealed = held.get(_id);
        const before = sealed && openItem<Item>(vault, name, sealed);
        const after = layOver(before, { at: now, ...item }, now);
        return isDeepStrictEqual(after, before) ? [] : sealItem(vault, name, sid, after);
      });
      await items.replace(replacements);
    };
    await put(POSTS, ({ posts }) => posts);
    await put(TRANSACTIONS, ({ transactions }) => transactions);
    await put(SETTLED_ORDERS, ({ orders }) => orders.filter((order) => !isUnsettled(order)));
  };

  const createAll = async (sources: readonly PersonSource[]): Promise<Homes> => {
    if (sources.length === 0) return new Map();
    const sids = await publicIds.give(sources.map(({ user }) => user.id));
    const homes = homesOf(sids, await keys.obtain([...sids.values()]));
    const created = sources.map((source) =>
      createPerson(source.user.id, homeIn(homes, source.user), stateOf(source, null), mailboxes.of),
    );
    const tooLarge = created.filter((person) => sizeOfPerson(person) > LARGEST_PERSON);
    if (tooLarge.length > 0)
      throw new Error(
        `users: expected at most ${LARGEST_IN_WORDS} about each, unlike ${tooLarge.map(({ publicId }) => publicId).join(', ')}`,
      );
    await changes.createAll(created);
    return homes;
  };

  /** The orders of each person, by public id, that are filled or cancelled: a file can not open them again. */
  const findSettled = async (sids: ReadonlyMap<string, SubjectId>) => {
    const found = await createItems(store, SETTLED_ORDERS).findIds([...sids.values()]);
    const bySid = groupBy(found, ({ sid }) => sid);
    return new Map([...sids].map(([id, sid]) => [id, new Set(bySid.get(sid)?.map((order) => order.id))]));
  };

  const updateAll = async (described: readonly PersonSource[], known: readonly PersonDocument[]): Promise<Homes> => {
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
    for (const some of batches(behind, CHANGES))
      await Promise.all(some.map((source) => changes.apply(homeIn(homes, source.user).sid, changeFor(source))));
    return homes;
  };

  const loadPeople = async (users: readonly WorldUser[], sourceOf: (user: WorldUser) => PersonSource, now: Date) => {
    const known = await people.findByPublicIds(users.map(({ id }) => id));
    const knownIds = new Set(known.map(({ publicId }) => publicId));
    const sources = users.map(sourceOf);
    const created = await createAll(sources.filter(({ user }) => !knownIds.has(user.id)));
    const updated = await updateAll(
      sources.filter(({ user }) => knownIds.has(user.id)),
      known,
    );
    const homes = new Map([...created, ...updated]);
    await nameClaims.takeFree(users.map(({ id, avatarName }) => ({ name: avatarName, publicId: id })));
    await mailboxes.takeFree(
      users.flatMap((user) =>
        user.email === undefined || user.emailProven === false
          ? []
          : [{ address: user.email, sid: homeIn(homes, user).sid }],
      ),
    );
    await loadContent(users, homes, now);
    await loadReports(users, homes, now);
  };

  /** Cases of unverified guardians stand apart from people's records, unless they have come into one. */
  const loadReports = async (users: readonly WorldUser[], homes: Homes, now: Date) => {
    const stated = users.flatMap((user) =>
      namedCases(user, now)
        .filter(({ from }) => from === 'GUARDIAN')
        .map(({ id, status }) => ({ user, id, status, _id: guardianMark(blindIndex, homeIn(homes, user).sid, id) })),
    );
    if (stated.length === 0) return;
    const known = await people.findByPublicIds(stated.map(({ user }) => user.id));
    const inRecords = new Set(
      known.flatMap(({ _id: sid, facts }) => casesOf(facts).map(({ id }) => guardianMark(blindIndex, sid, id))),
    );
    await reports.state(
      stated
        .filter(({ _id }) => !inRecords.has(_id))
        .map(({ user: { avatarName: child }, id, status, _id }) => ({
          ...{ _id, case: id, kind: 'GUARDIAN_UNVERIFIED' as const, status },
          text: { child },
        })),
      [...inRecords],
    );
  };

  /** An id is never given out again. */
  const refuseErased = async (users: readonly WorldUser[]) => {
    const erased = await tombstones.findErased(users.map(({ id }) => id));
    if (erased.length > 0) throw new Error(`users: expected people who were not erased, unlike ${erased.join(', ')}`);
  };

  /** Processes that name people of the database whom the file itself does not describe. */
  const loadProcesses = async ({ users, legalProcesses, readAt }: World) => {
    const described = new Set(users.map(({ id }) => id));
    const others = groupBy(
      legalProcesses.filter(({ subject }) => !described.has(subject)),
      ({ subject }) => subject,
    );
    for (const { _id, publicId } of await people.findByPublicIds([...others.keys()]))
      await changes.apply(_id, ({ facts }) => {
        const legalProcesses = withProcesses(facts, others.get(publicId) ?? [], readAt);
        if (isDeepStrictEqual(legalProcesses, facts.legalProcesses)) return null;
        return { set: { 'facts.legalProcesses': legalProcesses }, entries: [] };
      });
  };

  return {
    rules: async () => {
      const [knownPartners, users] = await Promise.all([partners.findAll(), people.findPublicIds()]);
      return worldRules(table, clock.now(), {
        partners: knownPartners.map(({ _id }) => _id),
        users,
      });
    },
    load: async (world, onProgress) => {
      const { readAt: now } = world;
      const processes = groupBy(world.legalProcesses, ({ subject }) => subject);
      const sourceOf = (user: WorldUser): PersonSource => ({
        user,
        policy: table.current,
        now,
        processes: processes.get(user.id) ?? [],
        settled: NONE,
      });
      await refuseErased(world.users);
      await loadPartners(world);
      let loaded = 0;
      for (const batch of batches(world.users, BATCH)) {
        await loadPeople(batch, sourceOf, now);
        loaded += batch.length;
        onProgress?.(loaded);
      }
      await loadProcesses(world);
      await changes.idle();
    },
  };
}

type WorldItem = { readonly id?: string | undefined; readonly at?: Date };

/** Where the data of each person goes, by the id that the file knows them by. */
type Homes = ReadonlyMap<string, Home>;

const homesOf = (sids: ReadonlyMap<string, SubjectId>, dataKeys: ReadonlyMap<SubjectId, Buffer>): Homes =>
  new Map(
    [...sids].flatMap(([id, sid]) => {
      const key = dataKeys.get(sid);
      return key ? [[id, { sid, vault: createVault(sid, key) }]] : [];
    }),
  );

const homeIn = (homes: Homes, { id }: WorldUser): Home => {
  const home = homes.get(id);
  if (!home) throw new Error('A person of the file has no key; their data may be on its way out.');
  return home;
};
