import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type CallerClaims, openSigner } from '../http/signing.ts';
import { compile, type DecisionTable } from '../policy/compile.ts';
import { type LoadedPolicy, loadPolicy, PolicyError } from '../policy/load.ts';
import { type Config, ConfigError, type Environment, readConfig } from '../process/config.ts';
import { originOf, takesKey, tryToken } from '../process/running-gateway.ts';
import { adviceOn, unknownWords, verdictOfPolicy } from '../process/token-advice.ts';
import type { OnRecord } from '../process/token-record.ts';
import { say, tell } from './output.ts';

export const usage = `usage: assent token --member ID
       assent token --partner CLIENT_ID --purpose PURPOSE [--scope "name email"]
       assent token --staff ROLE --purpose PURPOSE
options: --expires 15m   how long it holds: seconds, minutes, hours or days (s m h d); 1h where nothing is said`;

/** A fault of the command line, in words for the person at the keyboard. */
class UsageError extends Error {}

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
/** For the database, which takes long to open after a crash. */
const LOOK_UP_MS = 5_000;

function durationOf(text: string): number {
  const [, amount, unit] = /^(-?\d{1,6})([smhd])$/.exec(text) ?? [];
  if (unit === undefined) throw new UsageError('--expires: expected a number and s, m, h or d, such as 15m');
  return Number(amount) * UNITS[unit as keyof typeof UNITS];
}

const idOf = (option: string, id: string) => {
  if (!/^[\w-]{1,64}$/.test(id))
    throw new UsageError(`${option}: expected 1 to 64 characters of A-Z, a-z, 0-9, _ and -`);
  return id;
};

const purposeOf = (purpose: string | undefined) => {
  if (!purpose) throw new UsageError('--purpose: expected the purpose of the token');
  return purpose;
};

/** The claims of the token. Whether a gateway takes them is another question. */
function claimsOf(
  values: Record<'member' | 'partner' | 'staff' | 'purpose' | 'scope', string | undefined>,
): CallerClaims {
  const { member, partner, staff, purpose, scope } = values;
  const kinds = [member, partner, staff].filter((value) => value !== undefined);
  if (kinds.length !== 1) throw new UsageError('expected one of --member, --partner and --staff');
  if (member !== undefined) return { kind: 'member', sub: idOf('--member', member) };
  if (partner !== undefined)
    return { kind: 'partner', sub: idOf('--partner', partner), purpose: purposeOf(purpose), scope: scope ?? '' };
  return { kind: 'staff', sub: `staff-${staff}`, role: staff as string, purpose: purposeOf(purpose) };
}

/**
 * The answer of the database about a token, or the reason why there is none. The code for it is loaded here alone: it
 * takes time, and most tokens are made beside a gateway that runs.
 */
async function lookUp(config: Config, policy: LoadedPolicy, claims: CallerClaims): Promise<OnRecord | string> {
  const { findOnRecord, NotLookedUpError } = await import('../process/token-record.ts');
  const late = sleep(LOOK_UP_MS, `the database did not answer in ${LOOK_UP_MS / 1_000} seconds`, { ref: false });
  const found = findOnRecord(config, policy, claims).catch((error: unknown) => {
    if (error instanceof NotLookedUpError) return error.message;
    throw error;
  });
  return Promise.race([found, late]);
}

/** @throws {UsageError} the policy does not know a word of the token, in none of its versions */
async function requireKnownWords(claims: CallerClaims, table: DecisionTable, look: () => Promise<OnRecord | string>) {
  if (unknownWords(claims, table).next().done) return;
  // roles and words of a scope are the code's own: purposes alone may be those of an older version
  const isOfPurpose = claims.kind !== 'member' && !table.callerPurposes.has(claims.purpose);
  const found = isOfPurpose ? await look() : null;
  const unknown = [...unknownWords(claims, found === null || typeof found === 'string' ? table : found.table)];
  if (unknown.length > 0) throw new UsageError(unknown.join('\n'));
}

async function printToken(claims: CallerClaims, config: Config, duration: number): Promise<void> {
  const loaded = await loadPolicy(config.bundle);
  const table = compile([loaded.policy], loaded.policy.version);
  const look = () => lookUp(config, loaded, claims);
  await requireKnownWords(claims, table, look);

  const signer = await openSigner(config.dataDir, config.auth);
  // as any issuer, by a clock of its own
  const issuedAt = new Date();
  const expiresAt = new Date(issuedAt.getTime() + duration);
  const token = await signer.sign(claims, issuedAt, expiresAt);
  say(token);

  const origin = originOf(config);
  const isTaken = origin === null ? null : await takesKey(origin, signer.jwks.keys[0]?.kid ?? '');
  if (isTaken === false) tell(`warning: the gateway at ${origin} refuses this token: its DATA_DIR is another one`);
  const tried = origin !== null && isTaken ? await tryToken(origin, token).catch(() => undefined) : undefined;
  const found = tried === undefined ? await look() : { table, verdict: tried };
  const known = typeof found === 'string' ? { table, verdict: verdictOfPolicy(table, claims, issuedAt) } : found;
  for (const line of adviceOn(claims, known.table, known.verdict, { issuedAt, expiresAt })) tell(`warning: ${line}`);
  if (typeof found === 'string') tell(`note: not checked whether a gateway takes this token: ${found}`);
}

const OPTIONS = {
  member: { type: 'string' },
  partner: { type: 'string' },
  staff: { type: 'string' },
  purpose: { type: 'string' },
  scope: { type: 'string' },
  expires: { type: 'string', default: '1h' },
} as const;

/** Prints one signed token and nothing else; ends the process, since a database that was slow may still be opening. */
export async function run(args: readonly string[], env: Environment): Promise<never> {
  let code = 0;
  try {
    const { values } = parseArgs({ args: [...args], options: OPTIONS });
    const claims = claimsOf(values as never);
    const duration = durationOf(values.expires);
    const config = readConfig(env);
    const { jwksUrl, issuersFile } = config.auth;
    if (jwksUrl !== undefined || issuersFile !== undefined)
      throw new UsageError(
        `${jwksUrl === undefined ? 'AUTH_ISSUERS' : 'AUTH_JWKS_URL'} is set: tokens come from identity providers, this gateway signs none`,
      );
    await printToken(claims, config, duration);
  } catch (error) {
    const { message } = error as Error;
    const isOfFiles = error instanceof ConfigError || error instanceof PolicyError;
    tell(`${message}${isOfFiles ? '' : `\n${usage}`}`);
    code = 2;
  }
  process.exit(code);
}
