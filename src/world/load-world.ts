import { isDeepStrictEqual } from 'node:util';
import { groupBy } from '../base/group-by.ts';
import type { Log } from '../base/log.ts';
import { createCore } from '../features/core.ts';
import { casesOf } from '../features/privacy-cases/cases.ts';
import { createChildReports } from '../features/privacy-cases/reports.ts';
import { guardianMark } from '../features/privacy-cases/texts.ts';
import type { Foundation } from '../gateway/foundation.ts';
import type { DecisionTable } from '../policy/compile.ts';
import { contractRulesOf } from '../policy/partner-kinds.ts';
import { processKindsOf } from '../policy/vocabularies.ts';
import { idsOf } from '../policy/vocabulary.ts';
import { inBatches } from '../store/each-alone.ts';
import { type ContractRecord, createPartners } from '../store/mongo/repositories/partners.ts';
import { findActs } from '../subject/acts.ts';
import type { TieRecord } from '../subject/person-ties.ts';
import { changeByGuardian, type WorldTieConsents } from './guardian-consents.ts';
import { type Homes, homeIn } from './homes.ts';
import { createContentLoader } from './load-content.ts';
import { createPeopleLoader, NONE, type PutPeople } from './load-people.ts';
import { namedCases, type PersonSource, withProcesses } from './person.ts';
import type { World, WorldRules, WorldUser } from './schema.ts';

export interface WorldLoader {
  /** The rules for a world file. */
  readonly rules: () => Promise<WorldRules>;
  /** @param onProgress  called with the number of people loaded so far */
  readonly load: (world: World, onProgress?: (people: number) => void) => Promise<void>;
  /**
   * Loads people alone, in the order of the batches.
   *
   * @param now  the default time of acts and entries
   * @param onLoaded  called with each batch and its result
   */
  readonly loadPeople: <B extends Batch>(
    batches: AsyncIterable<B>,
    now: Date,
    onLoaded: (batch: B, put: PutPeople) => void,
  ) => Promise<void>;
}

/** People to be loaded together. */
export interface Batch {
  readonly users: readonly WorldUser[];
}

export interface WorldLoaderOptions
  extends Pick<Foundation, 'store' | 'clock' | 'table' | 'keyEncryptionKey' | 'sharedSecret'> {
  readonly log: Log;
  /** Whether new people count as invented if the file does not say; absent: they do not. */
  readonly invents?: boolean;
}

/** The number of people that are loaded together. */
export const BATCH = 500;

/** The contract of a partner of a world file; null if the file gives none. */
export const contractOf = (contract: World['partners'][number]['contract']): ContractRecord | null =>
  contract
    ? {
        mode: contract.mode,
        ...{ from: contract.from ?? null, until: contract.until ?? null, purposes: contract.purposes },
        ...(contract.attributes && { attributes: contract.attributes as Record<string, boolean | Date> }),
      }
    : null;

/**
 * The rules for a world file.
 *
 * @param known  ids that the database holds already, of partners and of people
 */
export const worldRules = (
  { current, policies, callerPurposes, asksRestrictions }: DecisionTable,
  now: Date,
  known: { readonly partners: readonly string[]; readonly users: readonly string[] },
): WorldRules => ({
  now,
  policyVersions: [...policies.keys()],
  currentVersion: current.version,
  purposes: [...callerPurposes],
  ...contractRulesOf(current),
  consentPurposes: idsOf(current.consents),
  recipientConsents: idsOf(current.consents.filter(({ per }) => per === 'RECIPIENT')),
  guardianTies: new Map(current.consents.flatMap(({ id, under }) => (under ? [[id, under.by]] : []))),
  restrictions: asksRestrictions,
  processKinds: idsOf(processKindsOf(current, policies.values())),
  recipientAttributes: idsOf(current.recipientAttributes),
  vocabulary: current.vocabulary,
  minimumAge: current.minimumAge,
  knownPartners: new Set(known.partners),
  knownUsers: new Set(known.users),
});

async function* batchesOf(users: readonly WorldUser[]): AsyncGenerator<Batch> {
  for await (const batch of inBatches(users, BATCH)) yield { users: batch };
}

/** Loads world files: states, and ledger entries at the times of the file. Deletes nothing. */
export function createWorldLoader(options: WorldLoaderOptions): WorldLoader {
  const { store, table, sharedSecret, clock } = options;
  const core = createCore(options);
  const { blindIndex, ledger, people, personTies, changes, mailboxes, nameClaims, publicIds, tombstones } = core;
  const partners = createPartners(store);
  const reports = createChildReports(store, sharedSecret);
  const putPeople = createPeopleLoader(core);
  const loadContent = createContentLoader(core);

  const loadPartners = ({ partners: given, successions, readAt }: World): Promise<void> =>
    partners.state(
      given.map(
        ({
          clientId,
          name,
          kind,
          jurisdiction,
          status,
          contract,
          policyUrl,
          dpopBoundAccessTokens,
          jwks,
          jwksUri,
        }) => ({
          ...{ _id: clientId, name, kind, jurisdiction, status, dpopBoundAccessTokens },
          ...(policyUrl !== undefined && { policyUrl }),
          ...((jwks ?? jwksUri) !== undefined && { keys: jwks ?? [], jwksUri: jwksUri ?? null }),
          contract: contractOf(contract),
        }),
      ),
      // an announcement without a time does not replace an earlier one
      successions.map((succession) => ({
        ...succession,
        onlyFirst: succession.announcedAt.getTime() === readAt.getTime(),
      })),
    );

  const sourceAt = (user: WorldUser, now: Date, processes: PersonSource['processes'] = []): PersonSource => ({
    ...{ user, now, processes },
    policy: table.current,
    asksAge: table.asksAge,
    asksHeld: table.asksHeld,
    asksRestrictions: table.asksRestrictions,
    retention: table.retention,
    settled: NONE,
    invents: options.invents,
  });

  const loadThings = async (users: readonly WorldUser[], { homes, there }: PutPeople, now: Date) => {
    await nameClaims.takeFree(users.map(({ id, avatarName }) => ({ name: avatarName, publicId: id })));
    await mailboxes.takeFree(
      users.flatMap((user) =>
        user.email === undefined || user.emailProven === false
          ? []
          : [{ address: user.email, sid: homeIn(homes, user).sid }],
      ),
    );
    await loadContent(users, homes, there, now);
    await loadReports(users, homes, now);
  };

  /**
   * Seals the people of one batch while the database takes the items of the batch before. If several people have the
   * same name or mailbox, the first of the file gets it.
   */
  const loadBatches = async <B extends Batch>(
    batches: AsyncIterable<B>,
    sourceOf: (user: WorldUser) => PersonSource,
    now: Date,
    onLoaded: (batch: B, put: PutPeople) => void,
  ) => {
    let before = Promise.resolve();
    for await (const batch of batches) {
      const [put] = await Promise.all([putPeople(batch.users.map(sourceOf)), before]);
      before = loadThings(batch.users, put, now).then(() => onLoaded(batch, put));
      // the next batch, or the end, awaits a failure
      before.catch(() => {});
    }
    await before;
    await changes.idle();
  };

  /** Cases of unverified guardians stand apart from people's records, except those that a record already holds. */
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

  /** No id is ever issued twice. */
  const refuseErased = async (users: readonly WorldUser[]) => {
    const erased = await tombstones.findErased(users.map(({ id }) => id));
    if (erased.length > 0) throw new Error(`users: expected people who were not erased, unlike ${erased.join(', ')}`);
  };

  /** Processes about people that the database holds and the file does not describe. */
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

  /** Records a guardian's consents and withdrawals by a tie, except those already on record. */
  const giveBy = async (tie: TieRecord, consents: WorldTieConsents, readAt: Date) => {
    if (!(await personTies.note(tie))) return;
    await changes.apply(tie.to, async (person) => {
      const [acts = []] = await findActs(ledger, [person], { types: ['CONSENT'] });
      return changeByGuardian(person.facts, acts, tie._id, consents, readAt);
    });
    await personTies.tellHolder(tie);
  };

  /** Loads each tie as entered and confirmed at its time. A tie that is no longer confirmed has ended. */
  const loadTies = async ({ ties = [], readAt }: World) => {
    if (ties.length === 0) return;
    const sids = await publicIds.find([...new Set(ties.flatMap(({ from, to }) => [from, to]))]);
    for (const { kind, from, to, confirmed, at, consents = [] } of ties) {
      const ends = { from: sids.get(from), to: sids.get(to) };
      if (ends.from === undefined || ends.to === undefined) continue;
      const tie = await personTies.state({ kind, from: ends.from, to: ends.to, confirmed, at });
      if (consents.length > 0) await giveBy(tie, consents, readAt);
    }
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
      const sourceOf = (user: WorldUser) => sourceAt(user, now, processes.get(user.id));
      await refuseErased(world.users);
      await loadPartners(world);
      let loaded = 0;
      await loadBatches(batchesOf(world.users), sourceOf, now, ({ users }) => {
        loaded += users.length;
        onProgress?.(loaded);
      });
      await loadProcesses(world);
      await loadTies(world);
      await changes.idle();
    },
    loadPeople: (batches, now, onLoaded) => loadBatches(batches, (user) => sourceAt(user, now), now, onLoaded),
  };
}
