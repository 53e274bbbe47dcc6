import { randomUUID } from 'node:crypto';
import type { AnyBulkWriteOperation } from 'mongoose';
import type { Clock } from '../clock.ts';
import { contentCollection, POSTS, type SealedItem, sealItem, TRANSACTIONS } from '../domain/content/content.ts';
import { createPartners, type PartnerDocument } from '../domain/partners/partners.ts';
import type { Foundation } from '../foundation.ts';
import { createPersonLedger } from '../ledger/person-chain.ts';
import { groupBy } from '../policy/group-by.ts';
import { DATA_CATEGORIES, PREFERENCES } from '../policy/vocabulary.ts';
import { createPersonKeys } from '../store/keys.ts';
import type { Log } from '../store/log.ts';
import { findActs } from '../subject/acts.ts';
import { createChanges } from '../subject/change.ts';
import { createSubjectId, type SubjectId } from '../subject/identifiers.ts';
import { type PersonDocument, personModel } from '../subject/model.ts';
import { createPeople } from '../subject/people.ts';
import { createVault, openValues, sealValues, type Vault } from '../subject/vault.ts';
import { changeOf, createPerson, type KnownPerson, named, type PersonSource, stated, stateOf, withProcesses } from './person.ts';
import type { World, WorldRules, WorldUser } from './schema.ts';

export interface WorldLoader {
  /** What a world file is measured against. */
  readonly rules: () => Promise<WorldRules>;
  /** @param onProgress  told how many people are loaded so far */
  readonly load: (world: World, onProgress?: (people: number) => void) => Promise<void>;
}

export interface WorldLoaderOptions extends Pick<Foundation, 'store' | 'table' | 'keyEncryptionKey'> {
  readonly clock: Clock;
  readonly log: Log;
}

/** Where a person's data goes, and what seals it there. */
interface Home {
  readonly sid: SubjectId;
  readonly vault: Vault;
}

const BATCH = 500;

/** Finished orders stand apart from the person's document. */
const FILLED_ORDERS = 'filled_orders';

const batches = <T>(items: readonly T[]) =>
  Array.from({ length: Math.ceil(items.length / BATCH) }, (_, index) =>
    items.slice(index * BATCH, (index + 1) * BATCH),
  );

/** Loads world files: states, with the ledgers written as if each thing had happened at its time. Deletes nothing. */
export function createWorldLoader({ store, table, keyEncryptionKey, clock, log }: WorldLoaderOptions): WorldLoader {
  const { connection, write } = store;
  const keys = createPersonKeys(store, keyEncryptionKey);
  const model = personModel(connection);
  const people = createPeople(store);
  const partners = createPartners(store);
  const ledger = createPersonLedger(store);
  const changes = createChanges({ store, ledger, clock, log });

  const loadPartners = async ({ partners: given, successions, readAt }: World) => {
    const operations = given.map(({ clientId, name, kind, jurisdiction, status, contract }) => ({
      updateOne: {
        filter: { _id: clientId },
        update: {
          $set: {
            ...{ name, kind, jurisdiction, status },
            contract: contract
              ? { from: contract.from ?? null, until: contract.until ?? null, purposes: contract.purposes }
              : null,
          },
        },
        upsert: true,
      },
    }));
    const announcements = successions.map(({ partner, announcedAt }) => ({
      updateOne: {
        // one without a time was announced before, if any was
        filter: { _id: partner, ...(announcedAt === readAt && { 'successions.0': { $exists: false } }) },
        update: { $addToSet: { successions: { announcedAt } } },
      },
    }));
    const all = [...operations, ...announcements] as AnyBulkWriteOperation<PartnerDocument>[];
    if (all.length > 0) await partners.model.bulkWrite(all, { writeConcern: write, ordered: true });
  };

  const loadContent = async (users: readonly WorldUser[], sidOf: (user: WorldUser) => string, now: Date) => {
    const put = async (name: string, listOf: (user: WorldUser) => readonly { id?: string | undefined; at?: Date }[]) => {
      const operations = users.flatMap((user) =>
        named(listOf(user), now).map((item) => {
          const sid = sidOf(user);
          const { id, ...set } = stated(item, now);
          const onInsert = { sid, id: item.id, ...(item.at && set.at === undefined && { at: item.at }) };
          return {
            updateOne: {
              filter: { _id: contentId({ sid, id: item.id }) },
              update: { ...(Object.keys(set).length > 0 && { $set: set }), $setOnInsert: onInsert },
              upsert: true,
            },
          };
        }),
      );
      if (operations.length > 0)
        await contentCollection(connection, name).bulkWrite(operations as never, { writeConcern: write, ordered: false });
    };
    await put(POSTS, ({ posts }) => posts);
    await put(TRANSACTIONS, ({ transactions }) => transactions);
    await put(FILLED_ORDERS, ({ orders }) => orders.filter(({ status }) => status === 'FILLED'));
  };

  const createAll = async (sources: readonly PersonSource[]) => {
    if (sources.length === 0) return [];
    const created = sources.map((source) => createPerson(source.user.id, stateOf(source, null)));
    await model.collection.insertMany(created as never, { writeConcern: write, ordered: false });
    const entries = created.flatMap((person) => person.ledger.outbox);
    await ledger.settle(entries);
    await model.collection.updateMany(
      { _id: { $in: created.map(({ _id }) => _id) } } as never,
      { $pull: { 'ledger.outbox': { _id: { $in: entries.map(({ _id }) => _id) } } } } as never,
      { writeConcern: write },
    );
    return created;
  };

  const updateAll = async (sources: readonly PersonSource[], documents: ReadonlyMap<string, PersonDocument>) => {
    const known = sources.flatMap(({ user }) => documents.get(user.id) ?? []);
    const acts = await findActs(ledger, known, {});
    const actsOf = new Map(known.map(({ publicId }, index) => [publicId, acts[index] ?? []]));
    const update = async (source: PersonSource) => {
      const { id } = source.user;
      const document = documents.get(id)
    };
  };
  return {
    rules: async () => {
      const { current, policies } = table;
      const [knownPartners, knownUsers] = await Promise.all([
        partners.findAll(),
        model.find({}, { publicId: 1 }, { lean: true }).exec(),
      ]);
      return {
        now: clock.now(),
        policyVersions: [...policies.keys()],
        currentVersion: current.version,
        purposes: [...table.callerPurposes],
        promotionalPurposes: current.purposes.filter(({ promotional }) => promotional).map(({ id }) => id),
        partnerKinds: new Map(current.partnerKinds.map((kind) => [kind.id, kind])),
        consentPurposes: current.consents.map(({ id }) => id),
        preferences: PREFERENCES,
        categories: DATA_CATEGORIES,
        minimumAge: current.minimumAge,
        knownPartners: new Set(knownPartners.map(({ _id }) => _id)),
        knownUsers: new Set(knownUsers.map(({ publicId }) => publicId)),
      };
    },
    load: async (world, onProgress) => {
      const now = clock.now();
      const processes = groupBy(world.legalProcesses, ({ subject }) => subject);
      const sourceOf = (user: WorldUser): PersonSource => ({
        user,
        policy: table.current,
        now,
        processes: processes.get(user.id) ?? [],
      });
      await loadPartners(world);
      let loaded = 0;
      for (const batch of batches(world.users)) {
        await loadPeople(batch, sourceOf);
        loaded += batch.length;
        onProgress?.(loaded);
      }
      await loadProcesses(world);
      await changes.idle();
    },
  };
}
