import type { AnyBulkWriteOperation } from 'mongoose';
import type { Clock } from '../clock.ts';
import {
  contentCollection,
  contentId,
  POSTS,
  type Post,
  TRANSACTIONS,
  type Transaction,
} from '../domain/content/content.ts';
import { createPartners, type PartnerDocument } from '../domain/partners/partners.ts';
import { createPersonLedger } from '../ledger/person-chain.ts';
import type { DecisionTable } from '../policy/compile.ts';
import { groupBy } from '../policy/group-by.ts';
import { DATA_CATEGORIES, PREFERENCES } from '../policy/vocabulary.ts';
import type { Store } from '../store/connection.ts';
import type { Log } from '../store/log.ts';
import { findActs } from '../subject/acts.ts';
import { createChanges } from '../subject/change.ts';
import { type PersonDocument, personModel } from '../subject/model.ts';
import { createPeople } from '../subject/people.ts';
import { createPerson, type PersonSource, stateOf, withProcesses } from './person.ts';
import type { World, WorldRules, WorldUser } from './schema.ts';

export interface WorldLoader {
  /** What a world file is measured against. */
  readonly rules: () => Promise<WorldRules>;
  /** @param onProgress  told how many people are loaded so far */
  readonly load: (world: World, onProgress?: (people: number) => void) => Promise<void>;
}

const BATCH = 500;

const batches = <T>(items: readonly T[]) =>
  Array.from({ length: Math.ceil(items.length / BATCH) }, (_, index) =>
    items.slice(index * BATCH, (index + 1) * BATCH),
  );

/** Loads world files: states, with the ledgers written as if each thing had happened at its time. Deletes nothing. */
export function createWorldLoader(store: Store, table: DecisionTable, clock: Clock, log: Log): WorldLoader {
  const { connection, write } = store;
  const model = personModel(connection);
  const people = createPeople(store);
  const partners = createPartners(store);
  const ledger = createPersonLedger(store);
  const changes = createChanges({ store, ledger, clock, log });
  const collection = <T extends { sid: string; id: string }>(name: string) => contentCollection<T>(connection, name);

  const loadPartners = async ({ partners: given, successions }: World) => {
    const announced = groupBy(successions, ({ partner }) => partner);
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
    const announcements = [...announced].map(([clientId, entries]) => ({
      updateOne: {
        filter: { _id: clientId },
        update: { $addToSet: { successions: { $each: entries.map(({ announcedAt }) => ({ announcedAt })) } } },
      },
    }));
    const all = [...operations, ...announcements] as AnyBulkWriteOperation<PartnerDocument>[];
    if (all.length > 0) await partners.model.bulkWrite(all, { writeConcern: write, ordered: true });
  };

  const loadContent = async (users: readonly WorldUser[], sidOf: (user: WorldUser) => string) => {
    const put = async <T extends { sid: string; id: string }>(name: string, items: readonly T[]) => {
      const operations = items.map((item) => ({
        replaceOne: { filter: { _id: contentId(item) }, replacement: item, upsert: true },
      }));
      if (operations.length > 0)
        await collection<T>(name).bulkWrite(operations as never, { writeConcern: write, ordered: false });
    };
    const named = <T extends { id?: string | undefined }>(items: readonly T[], user: WorldUser) =>
      items.map((item) => ({ ...item, sid: sidOf(user), id: item.id ?? crypto.randomUUID() }));
    await put<Post>(
      POSTS,
      users.flatMap((user) => named(user.posts, user) as Post[]),
    );
    await put<Transaction>(
      TRANSACTIONS,
      users.flatMap((user) => named(user.transactions, user) as Transaction[]),
    );
    await put(
      'filled_orders',
      users.flatMap((user) =>
        named(
          user.orders.filter(({ status }) => status === 'FILLED'),
          user,
        ),
      ),
    );
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

  const updateOne = async (source: PersonSource, document: PersonDocument) => {
    const [acts = []] = await findActs(ledger, [document], {});
    await changes.apply(document._id, (person) => {
      const { acts: entries, ...set } = stateOf(source, { document: person, acts });
      return { set, entries };
    });
  };

  const loadPeople = async (users: readonly WorldUser[], sourceOf: (user: WorldUser) => PersonSource) => {
    const known = await people.findByPublicIds(users.map(({ id }) => id));
    const knownById = new Map(known.map((document) => [document.publicId, document]));
    const created = await createAll(users.filter(({ id }) => !knownById.has(id)).map(sourceOf));
    for (const user of users) {
      const document = knownById.get(user.id);
      if (document) await updateOne(sourceOf(user), document);
    }
    const sids = new Map([...known, ...created].map(({ publicId, _id }) => [publicId, _id]));
    await loadContent(users, ({ id }) => sids.get(id) as string);
  };

  /** Processes that name people of the database whom the file itself does not describe. */
  const loadProcesses = async ({ users, legalProcesses }: World) => {
    const described = new Set(users.map(({ id }) => id));
    const others = legalProcesses.filter(({ subject }) => !described.has(subject));
    for (const [subject, processes] of groupBy(others, (process) => process.subject)) {
      const [document] = await people.findByPublicIds([subject]);
      if (!document) continue;
      await changes.apply(document._id, ({ facts }) => ({
        set: { 'facts.legalProcesses': withProcesses(facts, processes) },
        entries: [],
      }));
    }
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
