import { parseArgs } from 'node:util';
import { z } from 'zod';
import { parseUrl } from '../base/url.ts';
import { DEFAULT_RATES } from '../http/guards/limits.ts';
import { REFERENCE_BUNDLE } from '../policy/reference.ts';

/** The settings of the process environment. */

export type Environment = Readonly<Record<string, string | undefined>>;

/** Every fault of the environment, a line each; no value is repeated, since some are secrets. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const isUrl = (protocols: readonly string[]) => (value: string) => protocols.includes(parseUrl(value)?.protocol ?? '');

/** A whole number of 0 to `most`. */
const count = (most: number, fallback: number) =>
  z
    .string()
    .regex(/^\d{1,7}$/, `expected a whole number, 0 to ${most}`)
    .transform(Number)
    .refine((value) => value <= most, `expected a whole number, 0 to ${most}`)
    .default(fallback);

const isOrigin = (value: string) => isUrl(['https:', 'http:'])(value) && parseUrl(value)?.origin === value;

const encryptionKey = z
  .string()
  .refine((value) => Buffer.from(value, 'base64').length === 32, 'expected 32 bytes in base64')
  .optional();

/** A duration in whole seconds, to milliseconds. */
const seconds = (least: number, most: number, standard: string) =>
  z
    .string()
    .regex(/^\d{1,5}$/, `expected ${least} to ${most} seconds`)
    .default(standard)
    .transform(Number)
    .refine((value) => least <= value && value <= most, `expected ${least} to ${most} seconds`)
    .transform((value) => value * 1_000);

const onOrOff = z
  .enum(['on', 'off'], { error: 'expected on or off' })
  .transform((value) => value === 'on')
  .optional();

const Env = z
  .object({
    NODE_ENV: z.string().optional(),
    HOST: z.string().min(1, 'expected a host name or address').default('127.0.0.1'),
    PORT: z
      .string()
      .regex(/^\d{1,5}$/, 'expected a port number, 0 to 65535')
      .default('4000')
      .transform(Number)
      .refine((port) => port <= 65_535, 'expected a port number, 0 to 65535'),
    DATA_DIR: z.string().min(1, 'expected a directory').default('.data'),
    MONGODB_URI: z
      .string()
      .regex(/^mongodb(\+srv)?:\/\/.+/, 'expected a mongodb:// or mongodb+srv:// address')
      .optional(),
    POLICY: z.string().optional(),
    POLICY_FILE: z.string().optional(),
    LOG_LEVEL: z
      .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
        error: 'expected one of fatal, error, warn, info, debug, trace, silent',
      })
      .default('info'),
    AUTH_ISSUER: z.string().min(1, 'expected the issuer of tokens').optional(),
    AUTH_AUDIENCE: z.string().min(1, 'expected the audience of tokens').optional(),
    PUBLIC_URL: z
      .string()
      .refine(isUrl(['https:', 'http:']), 'expected an http(s) address')
      .transform((url) => new URL(url).origin)
      .optional(),
    AUTH_JWKS_URL: z
      .string()
      .refine(isUrl(['https:', 'http:']), 'expected an http(s) address')
      .optional(),
    AUTH_ISSUERS: z.string().optional(),
    TOKEN_ENDPOINT: onOrOff,
    METRICS: onOrOff,
    TRACES: onOrOff,
    INTROSPECTION: onOrOff,
    GRAPHIQL: onOrOff,
    WEBHOOKS_LOOPBACK: onOrOff,
    TRUSTED_DOCUMENTS: z.string().min(1, 'expected a file').optional(),
    CORS_ORIGINS: z
      .string()
      .transform((list) => list.split(',').map((origin) => origin.trim()))
      .refine((origins) => origins.every(isOrigin), 'expected origins such as https://app.example, with commas between')
      .default([]),
    RATE_LIMIT: count(1_000_000, DEFAULT_RATES.caller),
    RATE_LIMIT_PARTNER: count(1_000_000, DEFAULT_RATES.partner),
    PROXIES: count(16, 0),
    KEY_ENCRYPTION_KEY: encryptionKey,
    KEY_ENCRYPTION_KEY_PREVIOUS: encryptionKey,
    DRAIN_SECONDS: seconds(2, 3_600, '10'),
    DRAIN_DELAY_SECONDS: seconds(0, 600, '0'),
  })
  .superRefine((env, context) => {
    const fault = (name: keyof typeof env, message: string) =>
      context.addIssue({ code: 'custom', path: [name], message });
    const isOfFile = env.AUTH_ISSUERS !== undefined;
    for (const name of ['AUTH_ISSUER', 'AUTH_AUDIENCE', 'AUTH_JWKS_URL'] as const)
      if (isOfFile && env[name] !== undefined) fault(name, 'expected none beside AUTH_ISSUERS: its file says it');
    if (env.TOKEN_ENDPOINT) {
      if (env.PUBLIC_URL === undefined) fault('PUBLIC_URL', 'expected, when TOKEN_ENDPOINT is on: it is the issuer');
      else if (env.AUTH_ISSUER === env.PUBLIC_URL)
        fault('AUTH_ISSUER', 'expected another issuer than PUBLIC_URL, which is that of TOKEN_ENDPOINT');
    }
    if (env.NODE_ENV !== 'production') return;
    // RFC 8414, 2: the issuer of tokens has an https address
    if (env.TOKEN_ENDPOINT && env.PUBLIC_URL?.startsWith('http:')) fault('PUBLIC_URL', 'expected an https address');
    for (const name of ['MONGODB_URI', 'AUTH_JWKS_URL', 'KEY_ENCRYPTION_KEY'] as const)
      if (env[name] === undefined && !(isOfFile && name === 'AUTH_JWKS_URL'))
        fault(name, 'expected, when NODE_ENV is production');
    if (env.WEBHOOKS_LOOPBACK) fault('WEBHOOKS_LOOPBACK', 'expected off, when NODE_ENV is production');
  })
  .transform((env) => ({
    production: env.NODE_ENV === 'production',
    host: env.HOST,
    port: env.PORT,
    publicUrl: env.PUBLIC_URL,
    dataDir: env.DATA_DIR,
    mongodbUri: env.MONGODB_URI,
    bundle: env.POLICY ?? env.POLICY_FILE ?? REFERENCE_BUNDLE,
    logLevel: env.LOG_LEVEL,
    metrics: env.METRICS ?? false,
    traces: env.TRACES ?? false,
    auth: {
      issuer: env.AUTH_ISSUER ?? 'https://assent.invalid',
      audience: env.AUTH_AUDIENCE ?? 'assent',
      jwksUrl: env.AUTH_JWKS_URL,
      issuersFile: env.AUTH_ISSUERS,
      /** The issuer of the tokens that the gateway gives to partners; undefined where it gives none. */
      ownIssuer: env.TOKEN_ENDPOINT ? env.PUBLIC_URL : undefined,
    },
    graphiql: env.GRAPHIQL ?? env.NODE_ENV !== 'production',
    reach: { loopback: env.WEBHOOKS_LOOPBACK ?? false },
    trustedDocuments: env.TRUSTED_DOCUMENTS,
    guards: {
      introspection: env.INTROSPECTION ?? env.NODE_ENV !== 'production',
      // they name parts of the schema: where it is kept from tools, they would give it away bit by bit
      hints: env.NODE_ENV !== 'production' && env.INTROSPECTION !== false,
      corsOrigins: env.CORS_ORIGINS,
      rates: { caller: env.RATE_LIMIT, partner: env.RATE_LIMIT_PARTNER },
      proxies: env.PROXIES,
    },
    keyEncryptionKey: env.KEY_ENCRYPTION_KEY,
    /** The key that wrapped all others until now; of use to their rotation alone. */
    previousKeyEncryptionKey: env.KEY_ENCRYPTION_KEY_PREVIOUS,
    leave: { limit: env.DRAIN_SECONDS, delay: env.DRAIN_DELAY_SECONDS },
  }));

export type Config = z.output<typeof Env>;

/**
 * Reads the whole configuration.
 *
 * @throws {ConfigError} naming every variable that is wrong and the value that was expected
 */
export function readConfig(env: Environment): Config {
  // An empty variable is how shells and compose files spell "not set".
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = Env.safeParse(given);
  if (!parsed.success)
    throw new ConfigError(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'));
  return Object.freeze(parsed.data);
}

const MOST_WORKERS = 64;

/**
 * How many processes are to answer, from the arguments of the program: `--workers N`; one where nothing is said.
 *
 * @throws {ConfigError} where it is no such number, or anything else is given
 */
export function readWorkers(args: readonly string[]): number {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { workers: { type: 'string', default: '1' } },
    allowPositionals: true,
    strict: false,
  });
  const [unknown] = [...positionals, ...Object.keys(values).filter((name) => name !== 'workers')];
  if (unknown !== undefined) throw new ConfigError('expected no arguments but --workers N');
  const workers = Number(/^\d{1,2}$/.exec(String(values.workers)));
  if (workers < 1 || workers > MOST_WORKERS)
    throw new ConfigError(`--workers: expected a whole number, 1 to ${MOST_WORKERS}`);
  return workers;
}
