import { access } from 'node:fs/promises';
import path from 'node:path';
import { recipientOf } from '../features/partners/recipient.ts';
import { readPolicies } from '../features/policy-versions/registry.ts';
import { NO_HOLDER } from '../http/refusals.ts';
import type { CallerClaims } from '../http/signing.ts';
import { DatabaseFormError, requirePresentForm } from '../migrations/form.ts';
import type { DecisionTable } from '../policy/compile.ts';
import { type LoadedPolicy, PolicyError } from '../policy/load.ts';
import { createBlindIndex } from '../store/derive.ts';
import { openStore, type Store } from '../store/mongo/connection.ts';
import { EmbeddedUnavailableError } from '../store/mongo/engine/glibc.ts';
import { createPartners } from '../store/mongo/repositories/partners.ts';
import { createPolicyRecords } from '../store/mongo/repositories/policies.ts';
import { findSharedSecret } from '../store/secrets.ts';
import { isErased } from '../subject/model.ts';
import { createPeople } from '../subject/people.ts';
import { createPublicIds } from '../subject/public-ids.ts';
import { createTombstones } from '../subject/tombstones.ts';
import { createLog } from '../telemetry/logger.ts';
import type { Config } from './config.ts';
import { emptinessFor, type Verdict, verdictOfPolicy } from './token-advice.ts';

/** The answer of the database about a token. */
export interface OnRecord {
  /** Every version of the policy that is on record, with that of the file as the current one. */
  readonly table: DecisionTable;
  /** The case against the token; null where there is none. */
  readonly verdict: Verdict | null;
}

/** The database was not asked. The message says why. */
export class NotLookedUpError extends Error {
  override readonly name = 'NotLookedUpError';
}

/** Faults that tell the reader in their own words how to go on, and hold nothing of anyone. */
const isForPeople = (error: unknown): error is Error =>
  error instanceof DatabaseFormError || error instanceof PolicyError || error instanceof EmbeddedUnavailableError;

const faultName = (error: unknown) => (error instanceof Error ? error.name : typeof error);

const isThere = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );

async function wasErased(store: Store, config: Config, publicId: string): Promise<boolean> {
  const secret = await findSharedSecret(store, config, 'shared secret');
  if (secret === null) return false;
  const blindIndex = createBlindIndex(secret);
  const [person] = await createPeople(store, createPublicIds(store, blindIndex)).findByPublicIds([publicId]);
  return person ? isErased(person) : createTombstones(store, blindIndex).isErased(publicId);
}

async function verdictOn(store: Store, config: Config, table: DecisionTable, claims: CallerClaims) {
  const now = new Date();
  if (claims.kind === 'member')
    return (await wasErased(store, config, claims.sub)) ? { refused: NO_HOLDER.member } : null;
  if (claims.kind === 'staff') return verdictOfPolicy(table, claims, now);
  const partner = await createPartners(store).find(claims.sub);
  const recipient = partner && recipientOf(partner);
  if (!recipient?.active) return { refused: NO_HOLDER.partner };
  const empty = emptinessFor(table, claims, recipient, now);
  return empty && { empty };
}

async function read(store: Store, config: Config, loaded: LoadedPolicy, claims: CallerClaims): Promise<OnRecord> {
  if (await createPolicyRecords(store).areNone()) throw new NotLookedUpError('the database is empty');
  await requirePresentForm(store);
  const table = await readPolicies(store, loaded, new Date(), { editable: !config.production });
  return { table, verdict: await verdictOn(store, config, table, claims) };
}

/**
 * Looks up in the database the record that a gateway would find of a token's caller. It changes nothing, and makes no
 * database where there is none.
 *
 * @throws {NotLookedUpError} the database is not there, can't be opened or is not one of this program
 */
export async function findOnRecord(config: Config, loaded: LoadedPolicy, claims: CallerClaims): Promise<OnRecord> {
  const { mongodbUri: uri, dataDir } = config;
  const log = createLog({ level: 'silent' });
  if (uri === undefined && !(await isThere(path.join(dataDir, 'mongodb'))))
    throw new NotLookedUpError('there is no database in DATA_DIR, and MONGODB_URI is not set');
  try {
    const store = await openStore({ dataDir, log, appName: 'assent-token', ...(uri !== undefined && { uri }) });
    return await read(store, config, loaded, claims).finally(store.close);
  } catch (error) {
    if (error instanceof NotLookedUpError) throw error;
    throw new NotLookedUpError(
      isForPeople(error) ? error.message : `the database can not be read (${faultName(error)})`,
    );
  }
}
