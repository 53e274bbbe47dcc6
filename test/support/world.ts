import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createLocalJWKSet, type JWTVerifyGetKey } from 'jose';
import { SIGNING_ALGORITHM } from '../../src/base/algorithms.ts';
import type { Clock } from '../../src/base/clock.ts';
import { systemClock } from '../../src/base/clock.ts';
import type { Log } from '../../src/base/log.ts';
import { createOutgoingMail, type OutgoingMail } from '../../src/features/mail/operations.ts';
import { readPolicies, recordPolicy } from '../../src/features/policy-versions/registry.ts';
import type { Gateway, GatewayOptions } from '../../src/gateway/gateway.ts';
import { createGatewayInTime } from '../../src/gateway/gateway-in-time.ts';
import { wordsOf } from '../../src/gateway/layout.ts';
import { plainIssuer, type TokenIssuer } from '../../src/http/authenticate.ts';
import type { GuardOptions } from '../../src/http/guards/guards.ts';
import { type CallerClaims, openSigner, type Signer } from '../../src/http/signing.ts';
import { requirePresentForm } from '../../src/migrations/form.ts';
import type { DecisionTable } from '../../src/policy/compile.ts';
import { type LoadedPolicy, loadPolicy } from '../../src/policy/load.ts';
import { readConfig } from '../../src/process/config.ts';
import { createAllowances } from '../../src/store/allowances.ts';
import { createBlindIndex } from '../../src/store/derive.ts';
import { createPersonKeys } from '../../src/store/keys.ts';
import { createPolicyRecords } from '../../src/store/mongo/repositories/policies.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { createWorldLoader } from '../../src/world/load-world.ts';
import { parseWorld } from '../../src/world/schema.ts';
import { asOurs, doneAsOurs } from './router/watch.ts';
import { borrowTestStore, quiet, readyIndexes, type TestStore } from './store.ts';

/** The answer over HTTP. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: the form of a response follows from its query
  readonly data: any;
  readonly errors: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: Readonly<Record<string, unknown>>;
  }[];
}

export const member = (sub: string): CallerClaims => ({ kind: 'member', sub });
export const staff = (role: string, purpose: string): CallerClaims => ({
  kind: 'staff',
  sub: `${role}-1`,
  role,
  purpose,
});
export const partner = (sub: string, purpose: string, scope: string): CallerClaims => ({
  kind: 'partner',
  sub,
  purpose,
  scope,
});

export interface TestWorldOptions {
  readonly clock?: Clock;
  readonly store?: TestStore;
  readonly policy?: LoadedPolicy;
  /** Versions of the policy that people may have accepted besides. */
  readonly olderPolicies?: readonly LoadedPolicy[];
  /** A silent one by default. */
  readonly log?: Log;
  /** Whether the gateway has metrics and traces. */
  readonly observed?: boolean;
  /** The provider of the accepted tokens, in the place of `token`. */
  readonly provider?: { readonly keys: JWTVerifyGetKey; readonly algorithms: readonly string[] };
  /** The issuers of the accepted tokens, in the place of the one of `token`. */
  readonly issuers?: readonly TokenIssuer[];
  /** Differences from the usual guards: callers may introspect, and ask as often as they like. */
  readonly guards?: GuardOptions;
  /** The gateway's address from outside: the issuer of the tokens that it gives to partners. */
  readonly ownIssuer?: string;
  /** Further routes: the explorer. */
  readonly routes?: GatewayOptions['routes'];
  /** Addresses that it may send to; public ones alone by default. */
  readonly reach?: GatewayOptions['reach'];
}

export interface TestWorld {
  readonly store: TestStore;
  readonly table: DecisionTable;
  readonly gateway: Gateway;
  readonly signer: Signer;
  readonly clock: Clock;
  /** Loads more of a world file. */
  readonly load: (world: unknown) => Promise<void>;
  readonly token: (claims: CallerClaims) => Promise<string>;
  /** Asks over HTTP handling, as nobody when `caller` is null. */
  readonly ask: (
    caller: CallerClaims | null,
    query: string,
    variables?: Record<string, unknown>,
    headers?: Record<string, string>,
  ) => Promise<Answer>;
  /** The mails that wait to be sent, the oldest first. */
  readonly mails: () => ReturnType<OutgoingMail['findNext']>;
  readonly post: (body: unknown, headers?: Record<string, string>) => Promise<Response>;
  readonly close: () => Promise<void>;
}

export const AUTH = { issuer: 'https://issuer.example', audience: 'assent-test' };

let signer: Promise<Signer> | undefined;
/** The reference policy, read once for a whole test file. */
let reference: Promise<LoadedPolicy> | undefined;

/** One key for a whole test file. */
const openTestSigner = () => {
  signer ??= (async () => {
    const dataDir = await mkdtemp(path.join(os.tmpdir(), 'assent-key-'));
    try {
      return await openSigner(dataDir, AUTH);
    } finally {
      await rm(dataDir, { recursive: true });
    }
  })();
  return signer;
};

/** The keys of every test world. */
export const KEYS = { keyEncryptionKey: Buffer.alloc(32, 9), sharedSecret: Buffer.alloc(32, 7) };
const { keyEncryptionKey, sharedSecret } = KEYS;

/** A gateway; its commands are checked against the rules of a router. */
const openGateway = (options: GatewayOptions) => doneAsOurs(asOurs(() => createGatewayInTime(options)));

/** Tables of the policies on record, by their order and content: compiling takes far longer than reading. */
const compiled = new Map<string, DecisionTable>();

/** The same as `readPolicies`, once everything is on record. */
async function tableOf(store: TestStore, policy: LoadedPolicy, now: Date): Promise<DecisionTable> {
  const records = await createPolicyRecords(store).findAll();
  const key = [policy.hash, ...records.map(({ hash }) => hash)].join(' ');
  const table = compiled.get(key) ?? (await readPolicies(store, policy, now));
  // a version that is not yet in force depends on the time of its posting
  if (policy.policy.announceDays > 0) return table;
  compiled.set(key, table);
  return { ...table, postedAt: new Map(records.map(({ _id, recordedAt }) => [_id, recordedAt])) };
}

/** A gateway over a fresh database that holds `world`, asked through `gateway.fetch`. */
export async function createWorld(world: unknown = {}, options: TestWorldOptions = {}): Promise<TestWorld> {
  const clock = options.clock ?? systemClock;
  reference ??= loadPolicy(readConfig({}).bundle);
  const policy = options.policy ?? (await reference);
  const consentPurposes = policy.policy.consents.map(({ id }) => id);
  const store = options.store ?? (await borrowTestStore(consentPurposes));
  await requirePresentForm(store);
  for (const older of options.olderPolicies ?? []) await recordPolicy(store, older, clock.now());
  await recordPolicy(store, policy, clock.now());
  const table = await tableOf(store, policy, clock.now());
  const { recipientConsents, ages, preferences, held, restrictions } = wordsOf([...table.policies.values()]);
  await readyIndexes(store, consentPurposes, { recipientConsents, ages, preferences, held, restrictions });
  const loader = doneAsOurs(createWorldLoader({ store, table, keyEncryptionKey, sharedSecret, clock, log: quiet }));
  const load = async (json: unknown) => loader.load(parseWorld(json, await loader.rules()));
  await load(world);

  const key = await openTestSigner();
  const gateway = openGateway({
    store,
    table,
    clock,
    log: options.log ?? quiet,
    keyEncryptionKey,
    sharedSecret,
    ...(options.routes && { routes: options.routes }),
    ...(options.reach && { reach: options.reach }),
    ...(options.ownIssuer !== undefined && { publicUrl: options.ownIssuer, ownIssuer: options.ownIssuer }),
    ...(options.observed && { metrics: createMetrics(store), traces: true }),
    auth: {
      issuers: options.issuers ?? [
        plainIssuer({
          ...AUTH,
          keys: createLocalJWKSet(key.jwks),
          algorithms: [SIGNING_ALGORITHM],
          ...options.provider,
        }),
      ],
      jwks: options.issuers ? null : key.jwks,
    },
    guards: { introspection: true, rates: { caller: 0, partner: 0 }, ...options.guards },
  });
  const token = (claims: CallerClaims) => {
    const now = clock.now();
    return key.sign(claims, now, new Date(now.getTime() + 3_600_000));
  };
  const allowances = createAllowances(store, createBlindIndex(sharedSecret), clock);
  const mail = createOutgoingMail(store, sharedSecret, createPersonKeys(store, keyEncryptionKey), allowances);
  const post: TestWorld['post'] = (body, headers = {}) =>
    gateway.fetch(
      new Request('http://gateway.test/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      }),
    );
  return {
    store,
    table,
    gateway,
    signer: key,
    clock,
    load,
    token,
    mails: () => mail.findNext(1_000),
    post,
    ask: async (caller, query, variables = {}, headers = {}) => {
      const authorization = caller ? { authorization: `Bearer ${await token(caller)}` } : {};
      const response = await post({ query, variables }, { ...authorization, ...headers } as Record<string, string>);
      const body = (await response.json()) as Partial<Answer>;
      return { status: response.status, headers: response.headers, data: body.data, errors: body.errors ?? [] };
    },
    close: async () => {
      await gateway.close();
      if (!options.store) await store.drop();
    },
  };
}
