import type { Policy } from '../../policy/clause.ts';
import type { DecisionTable } from '../../policy/compile.ts';
import { compileAt } from '../../policy/compile-at.ts';
import { type LoadedPolicy, PolicyError, parsePolicy } from '../../policy/load.ts';
import { changedConsents, changedForms, sharedPlaces } from '../../policy/vocabularies.ts';
import type { Access } from '../../store/mongo/collections.ts';
import { createPolicyRecords, type PolicyRecord, type PolicyRecords } from '../../store/mongo/repositories/policies.ts';

export interface PolicyRecordOptions {
  /** Whether a version that nobody has accepted yet may still get other content: never in production. */
  readonly editable?: boolean;
}

/** @throws {PolicyError} the record holds other content, and has to keep it */
async function requireSame(
  records: PolicyRecords,
  known: PolicyRecord,
  { policy: { version }, hash }: LoadedPolicy,
  { editable = false }: PolicyRecordOptions,
): Promise<void> {
  if (known.hash === hash) return;
  if (editable && !(await records.isAccepted(version))) return;
  throw new PolicyError([
    `policy version ${version}: the database has other content on record under this version; ` +
      `${editable ? 'people have accepted it' : 'versions never change'}, so give the new text a version of its own`,
  ]);
}

/** @throws {PolicyError} the database holds versions of another company */
function requireOneCompany({ publisher, formerPublishers }: Policy, policies: readonly Policy[]): void {
  const stranger = policies.find((other) => ![publisher, ...formerPublishers].includes(other.publisher));
  if (stranger)
    throw new PolicyError([
      `policy version ${stranger.version}: the database holds it of another publisher; expected a database of its own ` +
        'for each company, or the former name among formerPublishers',
    ]);
}

/**
 * Compiles every version on record, with the given policy as the current one, whether or not it is on record yet. While
 * it stands posted and does not hold yet, the one before it is current. People are judged under the version they
 * accepted, so that one can never change.
 *
 * @throws {PolicyError} the record holds other content under the same version
 */
export async function readPolicies(
  store: Access,
  loaded: LoadedPolicy,
  now: Date,
  options: PolicyRecordOptions = {},
): Promise<DecisionTable> {
  const { policy } = loaded;
  const records = createPolicyRecords(store);
  const all = await records.findAll();
  const known = all.find(({ _id }) => _id === policy.version);
  if (known) await requireSame(records, known, loaded, options);
  const versions = [...all, ...(known ? [] : [{ _id: policy.version, recordedAt: now, canonical: loaded.canonical }])];
  const policies = versions.map(({ _id, canonical }) =>
    _id === policy.version ? policy : parsePolicy(canonical, `policy version ${_id} on record`).policy,
  );
  requireOneCompany(policy, policies);
  const changed = [...changedForms(policies), ...sharedPlaces(policies), ...changedConsents(policies)];
  if (changed.length > 0) throw new PolicyError(changed);
  const postedAt = new Map(versions.map(({ _id, recordedAt }) => [_id, recordedAt]));
  return compileAt(policies, policy.version, postedAt, now);
}

/** Versions follow each other in the order of their records, even if clocks disagree. */
const laterThan = (last: PolicyRecord | null, now: Date) =>
  last && last.recordedAt > now ? new Date(last.recordedAt.getTime() + 1) : now;

/**
 * Puts a policy on record: the last thing of a start, so that a start that fails leaves nothing behind. Doing it again
 * changes nothing.
 *
 * @throws {PolicyError} the record holds other content under the same version
 */
export async function recordPolicy(
  store: Access,
  loaded: LoadedPolicy,
  now: Date,
  options: PolicyRecordOptions = {},
): Promise<void> {
  const { policy, canonical, hash } = loaded;
  const records = createPolicyRecords(store);
  const last = await records.findLastBut(policy.version);
  if (await records.add({ _id: policy.version, hash, canonical, recordedAt: laterThan(last, now) })) return;
  const known = await records.find(policy.version);
  if (!known || known.hash === hash) return;
  await requireSame(records, known, loaded, options);
  await records.edit(known, { hash, canonical });
}
