import { parseArgs } from 'node:util';
import { ConfigError, readConfig } from '../src/config.ts';
import { type CallerClaims, openSigner } from '../src/http/signing.ts';

const USAGE = `usage: npm run -s token -- --member ID
       npm run -s token -- --partner CLIENT_ID --purpose PURPOSE [--scope "name email"]
       npm run -s token -- --staff ROLE --purpose PURPOSE
options: --expires 15m   how long it holds: seconds, minutes, hours or days (s m h d); 1h where nothing is said`;

/** What is wrong with the command line, in words for who typed it. */
class UsageError extends Error {}

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

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
  if (!purpose) throw new UsageError('--purpose: expected what the token is for');
  return purpose;
};

/** Any well-formed request gets its token, also one that the gateway will refuse. */
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

try {
  const { values } = parseArgs({
    options: {
      member: { type: 'string' },
      partner: { type: 'string' },
      staff: { type: 'string' },
      purpose: { type: 'string' },
      scope: { type: 'string' },
      expires: { type: 'string', default: '1h' },
    },
  });
  const claims = claimsOf(values as never);
  const config = readConfig(process.env);
  if (config.auth.jwksUrl !== undefined)
    throw new UsageError('AUTH_JWKS_URL is set: tokens come from that identity provider, this gateway signs none');
  const signer = await openSigner(config.dataDir, config.auth);
  const now = new Date();
  process.stdout.write(`${await signer.sign(claims, now, new Date(now.getTime() + durationOf(values.expires)))}\n`);
} catch (error) {
  const { message } = error as Error;
  process.stderr.write(`${message}\n${error instanceof ConfigError ? '' : `${USAGE}\n`}`);
  process.exitCode = 2;
}
