import type { Connection } from 'mongoose';
import { isDuplicateKey } from '../../ledger/duplicate-key.ts';
import { compile, type DecisionTable } from '../../policy/compile.ts';
import { type LoadedPolicy, PolicyError, parsePolicy } from '../../policy/load.ts';
import type { Store } from '../../store/connection.ts';

interface RecordedPolicy {
  readonly _id: string;
  readonly hash: string;
  readonly canonical: string;
  readonly recordedAt: Date;
}

const recorded = (connection: Connection) =>
  connection.getClient().db(connection.name).collection<RecordedPolicy>('policies');

/**
 * Puts a policy on record, if it is not yet, and compiles every version on record, with this one as the current.
 * People are judged under the version they accepted, so a version can never change once it is on record.
 *
 * @throws {PolicyError} where the record holds other content under the same version
 */
export async function openPolicies(
  { connection, write, read }: Pick<Store, 'connection' | 'write' | 'read'>,
  { policy, canonical, hash }: LoadedPolicy,
  now: Date,
): Promise<DecisionTable> {
  const collection = recorded(connection);
  const entry = { _id: policy.version, hash, canonical, recordedAt: now };
  await collection.insertOne(entry, { writeConcern: write }).catch((error: unknown) => {
    if (!isDuplicateKey(error)) throw error;
  });
  const all = await collection.find({}, { ...read, sort: { recordedAt: 1, _id: 1 } }).toArray();
  const same = all.find(({ _id }) => _id === policy.version);
  if (same?.hash !== hash)
    throw new PolicyError([
      `policy version ${policy.version}: the database has other content on record under this version; ` +
        'versions never change, so give the new text a version of its own',
    ]);
  const policies = all.map((record) => parsePolicy(record.canonical, `policy version ${record._id} on record`).policy);
  return compile(policies, policy.version, new Map(all.map(({ _id, recordedAt }) => [_id, recordedAt])));
}
