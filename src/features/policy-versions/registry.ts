import { collectionOf, PEOPLE, PERSON_LEDGER } from '../../ledger/collections.ts';
import { compile, type DecisionTable } from '../../policy/compile.ts';
import { type LoadedPolicy, PolicyError, parsePolicy } from '../../policy/load.ts';
import type { Store } from '../../store/mongo/connection.ts';
import { isDuplicateKey } from '../../store/mongo/duplicate-key.ts';

interface RecordedPolicy {
  /** The version. */
  readonly _id: string;
  readonly hash: string;
  readonly canonical: string;
  readonly recordedAt: Date;
}

export interface PolicyRecordOptions {
  /** Whether a version that nobody has accepted yet may still get other content: never in production. */
  readonly editable?: boolean;
}

type Opened = Pick<Store, 'connection' | 'write' | 'read'>;

export const policyRecords = ({ connection }: Pick<Store, 'connection'>) =>
  collectionOf<RecordedPolicy>(connection, 'policies');

const isAccepted = async ({ connection, read }: Opened, version: string): Promise<boolean> => {
  const settings = { ...read, projection: { _id: 1 } };
  const [person, act] = await Promise.all([
    collectionOf(connection, PEOPLE).findOne({ 'facts.acceptedVersion': version }, settings),
    collectionOf(connection, PERSON_LEDGER).findOne({ type: 'ACCEPTANCE', version }, settings),
  ]);
  return person !== null || act !== null;
};

/** @throws {PolicyError} the record holds other content, and has to keep it */
async function requireSame(
  store: Opened,
  known: RecordedPolicy,
  { policy: { version }, hash }: LoadedPolicy,
  { editable = false }: PolicyRecordOptions,
): Promise<void> {
  if (known.hash === hash) return;
  if (editable && !(await isAccepted(store, version))) return;
  throw new PolicyError([
    `policy version ${version}: the database has other content on record under this version; ` +
      `${editable ? 'people have accepted it' : 'versions never change'}, so give the new text a version of its own`,
  ]);
}

/**
 * Compiles every version on record, with the given policy as the current one, whether or not it is on record yet. People
 * are judged under the version they accepted, so that one can never change.
 *
 * @throws {PolicyError} the record holds other content under the same version
 */
export async function readPolicies(
  store: Opened,
  loaded: LoadedPolicy,
  now: Date,
  options: PolicyRecordOptions = {},
): Promise<DecisionTable> {
  const { policy } = loaded;
  const all = await policyRecords(store)
    .find({}, { ...store.read, sort: { recordedAt: 1, _id: 1 } })
    .toArray();
  const known = all.find(({ _id }) => _id === policy.version);
  if (known) await requireSame(store, known, loaded, options);
  const versions = [...all, ...(known ? [] : [{ _id: policy.version, recordedAt: now, canonical: loaded.canonical }])];
  const policies = versions.map(({ _id, canonical }) =>
    _id === policy.version ? policy : parsePolicy(canonical, `policy version ${_id} on record`).policy,
  );
  return compile(policies, policy.version, new Map(versions.map(({ _id, recordedAt }) => [_id, recordedAt])));
}

/** Versions follow each other as they came on record, whatever clock dated the one before. */
const laterThan = (last: RecordedPolicy | null, now: Date) =>
  last && last.recordedAt > now ? new Date(last.recordedAt.getTime() + 1) : now;

/**
 * Puts a policy on record: the last thing of a start, so that a start that fails leaves nothing behind. Doing it again
 * changes nothing.
 *
 * @throws {PolicyError} the record holds other content under the same version
 */
export async function recordPolicy(
  store: Opened,
  loaded: LoadedPolicy,
  now: Date,
  options: PolicyRecordOptions = {},
): Promise<void> {
  const { policy, canonical, hash } = loaded;
  const records = policyRecords(store);
  const settings = { writeConcern: store.write };
  const last = await records.findOne({ _id: { $ne: policy.version } }, { ...store.read, sort: { recordedAt: -1 } });
  try {
    await records.insertOne({ _id: policy.version, hash, canonical, recordedAt: laterThan(last, now) }, settings);
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    const known = await records.findOne({ _id: policy.version }, store.read);
    if (!known || known.hash === hash) return;
    await requireSame(store, known, loaded, options);
    await records.updateOne({ _id: policy.version, hash: known.hash }, { $set: { hash, canonical } }, settings);
  }
}
