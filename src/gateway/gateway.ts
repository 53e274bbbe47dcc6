import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { ServerAdapterInitialContext } from '@whatwg-node/server';
import DataLoader from 'dataloader';
import { createYoga, type GraphQLParams } from 'graphql-yoga';
import type { JSONWebKeySet, JWTVerifyGetKey } from 'jose';
import { createDeadline } from '../base/deadline.ts';
import { ApiError, badRequest, ERROR_CODES, internal, unavailable } from '../base/errors.ts';
import { createCallerAccess } from '../enforcement/access.ts';
import { useCardNumberGuard } from '../enforcement/card-guard.ts';
import { useDemand } from '../enforcement/demand.ts';
import { isOutage, lackingOf, useReleaseGate } from '../enforcement/release-gate.ts';
import { useDeemedAcceptance } from '../enforcement/site-use.ts';
import { mailBehind } from '../features/newsletters/operations.ts';
import { type PartnerDocument, recipientOf } from '../features/partners/partners.ts';
import { isBehind } from '../features/policy-versions/operations.ts';
import { heedsSignals } from '../features/preferences/operations.ts';
import { createCaseCursors } from '../features/privacy-cases/cursors.ts';
import { createShareCursors } from '../features/shares/cursors.ts';
import { createShareLoader } from '../features/shares/shares.ts';
import type { Context } from '../graphql/context.ts';
import { useReferenceExecution } from '../graphql/execution.ts';
import { type AccessNote, createAccessLog } from '../http/access-log.ts';
import { createAuthenticator } from '../http/authenticate.ts';
import { faultOf, refusal, useErrorTable } from '../http/error-table.ts';
import { createCors } from '../http/guards/cors.ts';
import { createTokenGuard } from '../http/guards/failed-tokens.ts';
import { createDocumentCache, DEFAULT_GUARDS, type GuardOptions, useGuards } from '../http/guards/guards.ts';
import { harden } from '../http/guards/headers.ts';
import { addressOf, createRateLimit } from '../http/guards/rate.ts';
import { readOperation } from '../http/guards/request.ts';
import { createStorageLimit } from '../http/guards/storage.ts';
import { useTimeLimit } from '../http/guards/time-limit.ts';
import { resolveDocument } from '../http/guards/trusted-documents.ts';
import { useTurns } from '../http/guards/turns.ts';
import { json, problem } from '../http/json.ts';
import { createLandingRoute } from '../http/landing.ts';
import { createLinkRoutes } from '../http/links.ts';
import { pathOf } from '../http/path.ts';
import { answerHead, createRoutes } from '../http/routes.ts';
import { createDisclosureView } from '../ledger/disclosure/disclosure.ts';
import type { PersonEntry } from '../ledger/person-chain.ts';
import { type CategoryMask, EVERY_CATEGORY } from '../policy/vocabulary.ts';
import { deriveSecret } from '../store/derive.ts';
import { eachAlone } from '../store/each-alone.ts';
import type { Caller } from '../subject/caller.ts';
import { createContentLoaders } from '../subject/content.ts';
import { createCursors } from '../subject/identifiers.ts';
import { createSubjects } from '../subject/loader.ts';
import type { PersonDocument } from '../subject/model.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { useTraces } from '../telemetry/traces.ts';
import { createSharedReads } from './reads.ts';
import { createEnforcedSchema } from './schema.ts';
import { createServices, type ServiceOptions } from './services.ts';

/** What a gateway is made of. It never listens and never reads the environment. */
export interface GatewayOptions extends Omit<ServiceOptions, 'onBreak'> {
  readonly auth: {
    readonly issuer: string;
    readonly audience: string;
    readonly keys: JWTVerifyGetKey;
    readonly algorithms: readonly string[];
    /** The public keys of tokens that this gateway signs itself; null where others do. */
    readonly jwks: JSONWebKeySet | null;
  };
  readonly guards?: GuardOptions;
  /** Where this gateway is reached from outside, for links in mails; else where a request came in. */
  readonly publicUrl?: string;
  /** Counts what is done; nothing is counted where it is left out. */
  readonly metrics?: Metrics;
  /** Whether operations are told to the OpenTelemetry SDK of the process. */
  readonly traces?: boolean;
  /** Further routes, asked first: the explorer and its personas. */
  readonly routes?: readonly ((request: Request) => Promise<Response | null>)[];
}

export interface Gateway {
  /** Answers any request; never throws. */
  readonly fetch: (request: Request, connection?: Connection) => Promise<Response>;
  /** Does what is due: what was cut off or left on its way, children's data and device profiles whose time has come. */
  readonly sweep: () => Promise<void>;
  /** Writes what is under way and seals this gateway's books. The store stays open. */
  readonly close: () => Promise<void>;
}

/** What a Node server knows of a request besides. */
interface Connection extends Partial<ServerAdapterInitialContext> {
  readonly req?: IncomingMessage;
}

/** What is known of a request before its document is read. */
interface Arrival {
  readonly caller: Caller;
  /** The name under which the caller is counted. It may be an address. */
  readonly line: string;
  readonly now: Date;
  readonly requestId: string;
  /** Where this gateway is reached from outside. */
  readonly origin: string;
  /** Whether the browser sent its opt-out signal along. */
  readonly optsOut: boolean;
  readonly mayStore: Context['mayStore'];
  readonly tellAcceptance: Context['tellAcceptance'];
}

export const GRAPHQL_ENDPOINT = '/graphql';

/** Whether an error means that nobody waits for the answer any more. */
const hasGone = (error: unknown) => error instanceof Error && error.name === 'AbortError';

/** Who is given the same positions in lists. */
const audienceOf = (caller: Caller) =>
  caller.kind === 'PARTNER' ? `partner ${caller.recipient.clientId}` : caller.kind;

/** On the answer to a request that was deemed to accept the policy: the version. */
const DEEMED_ACCEPTANCE = 'assent-deemed-acceptance';

const isEndpoint = (pathname: string) => pathname === GRAPHQL_ENDPOINT || pathname === `${GRAPHQL_ENDPOINT}/`;

/** A header that was sent twice stands here once, with both values. */
const signalsOptOut = ({ headers }: Request) =>
  headers
    .get('sec-gpc')
    ?.split(',')
    .some((value) => value.trim() === '1') === true;

/** What a page tells of a proof. */
const PROVED = { PROVEN: 'DONE', TAKEN: 'TAKEN', STALE: 'STALE' } as const;
/** What a page tells of a subscription that was to be verified. */
const VERIFIED = { VERIFIED: 'DONE', LEFT: 'LEFT', STALE: 'STALE' } as const;

export function createGateway(options: GatewayOptions): Gateway {
  const { store, table, clock, log, auth, metrics, routes = [] } = options;
  const services = createServices({ ...options, ...(metrics && { onBreak: metrics.countBreak }) });
  const { people, changes, books } = services;
  services.offers.settleLeftovers();
  const shares = createDisclosureView(store);
  const reads = createSharedReads(services);
  const cursorsOf = createCursors(deriveSecret(options.sharedSecret, 'cursors'));
  const shareCursorsOf = createShareCursors(deriveSecret(options.sharedSecret, 'share cursors'));
  const caseCursorsOf = createCaseCursors(deriveSecret(options.sharedSecret, 'privacy case cursors'));

  const guards = { ...DEFAULT_GUARDS, ...options.guards };
  const cors = createCors(guards.corsOrigins);
  const admit = createRateLimit(guards.rates, guards.together);
  const storageOf = createStorageLimit(deriveSecret(options.sharedSecret, 'lines'), guards.together);
  const { verify, identify } = createAuthenticator({
    ...auth,
    clock,
    purposes: table.callerPurposes,
    hints: guards.hints,
    findPerson: async (publicId) => (await reads.persons([publicId]))[0] ?? null,
    findRecipient: async (clientId) => {
      const [partner] = await reads.partners([clientId]);
      return partner ? recipientOf(partner) : null;
    },
    isErased: services.tombstones.isErased,
    isRevoked: async (tokenId) => (await reads.revocations([tokenId]))[0] !== false,
  });
  const verifyWithin = createTokenGuard(verify, guards.rates.caller);

  /** A browser's opt-out signal counts on the person's own request, from then on. */
  const heed = async (caller: Caller, request: Request): Promise<Caller> => {
    if (caller.kind !== 'MEMBER' || !signalsOptOut(request)) return caller;
    if (!heedsSignals(caller.person.facts)) return caller;
    const { person } = caller;
    const outcome = await services.preferences.update(person._id, { preferences: {}, standingOptOut: true }, person);
    return outcome ? { kind: 'MEMBER', person: outcome.document } : caller;
  };

  const viewpointOf = ({ caller, now }: Arrival) => {
    const access = createCallerAccess(table, caller, now);
    return {
      ...(metrics ? metrics.watchAccess(access) : access),
      pseudonyms: caller.kind === 'PARTNER' ? services.pseudonymsOf(caller.recipient.clientId) : null,
      cursors: cursorsOf(audienceOf(caller)),
    };
  };

  /** Of the context that plugins extend: whatever they leave open could be asked for. */
  const contextOf = (arrival: Arrival & { readonly asked?: CategoryMask }): Context => {
    const viewpoint = viewpointOf(arrival);
    const { asked = EVERY_CATEGORY } = arrival;
    const deadline = createDeadline();
    return {
      ...arrival,
      asked,
      deadline,
      access: viewpoint,
      subjects: createSubjects(
        { people, findKeys: reads.keys, asked, deadline },
        viewpoint,
        arrival.caller.kind === 'MEMBER' ? arrival.caller.person : null,
      ),
      acts: new DataLoader<PersonDocument, readonly PersonEntry[], string>(deadline.before(reads.acts), {
        cacheKeyFn: ({ _id, ledger: { head } }) => `${_id}:${head.n}`,
      }),
      partners: new DataLoader<string, PartnerDocument | null>(deadline.before(reads.partners)),
      shares: createShareLoader(shares, arrival.now, deadline),
      shareCursors: shareCursorsOf(audienceOf(arrival.caller)),
      caseCursors: caseCursorsOf(audienceOf(arrival.caller)),
      content: createContentLoaders(reads.content, deadline),
      services,
    };
  };

  const isBehindPolicy = ({ caller }: Context) => caller.kind === 'MEMBER' && isBehind(caller.person.facts, table);

  /** The rest of the request goes on as the person who has accepted. */
  const deemAccepted = async (context: Context) => {
    if (context.caller.kind !== 'MEMBER') return;
    const changed = await services.policies.deemAccepted(context.caller.person._id);
    if (!changed) return;
    if (changed.entries.length > 0) context.tellAcceptance(table.current.version);
    const { line, now, requestId, origin, optsOut, mayStore, tellAcceptance, asked } = context;
    const arrival = { line, now, requestId, origin, optsOut, mayStore, tellAcceptance, asked };
    Object.assign(context, contextOf({ ...arrival, caller: { kind: 'MEMBER', person: changed.document } }));
  };

  const schema = createEnforcedSchema(table);
  const yoga = createYoga<Arrival & { readonly operation: GraphQLParams }, Context>({
    schema,
    context: contextOf,
    graphqlEndpoint: GRAPHQL_ENDPOINT,
    plugins: [
      useReferenceExecution(),
      ...useGuards(schema, guards),
      useDemand(schema),
      useTurns(guards.turns),
      useCardNumberGuard(schema),
      useDeemedAcceptance(isBehindPolicy, deemAccepted),
      useReleaseGate(metrics ? metrics.watchBooks(books) : books, log),
      ...(metrics ? [metrics.plugin] : []),
      ...(options.traces ? [useTraces()] : []),
      useTimeLimit(guards.timeLimit),
      useErrorTable(log),
    ],
    parserAndValidationCache: createDocumentCache(),
    maskedErrors: false,
    logging: false,
    graphiql: false,
    landingPage: false,
    cors: false,
    batching: false,
    multipart: false,
  });

  const linkRoutes = createLinkRoutes({
    links: services.links,
    clock,
    mailBehind: (preference) => mailBehind(table, preference),
    follow: async (link) => {
      switch (link.action) {
        case 'PROVE_EMAIL':
          return PROVED[await services.proofs.prove(link)];
        case 'VERIFY_THREAD':
          return VERIFIED[await services.blog.verify(link)];
        case 'FORGET_MAILBOX':
          await services.blog.forget(link.mailbox);
          return 'DONE';
        case 'LEAVE_THREAD':
          await services.blog.leave(link.subscriber, link.thread);
          return 'DONE';
        case 'SWITCH_OFF':
          await services.preferences.update(link.sid, { preferences: { [link.preference]: false } });
          return 'DONE';
      }
    },
  });

  const beginNote = createAccessLog(log);

  /**
   * What costs little comes first: the body is cut off, the token read and the caller counted before anything is asked
   * of the database.
   */
  const run = async (request: Request, note: AccessNote, { req }: Connection): Promise<Response> => {
    const operation = resolveDocument(guards.documents, await readOperation(request, guards.limits));
    const address = addressOf(request, req?.socket.remoteAddress, guards.proxies);
    const claims = await verifyWithin(request, address);
    const line = await admit(claims ?? { address });
    const caller = await heed(await identify(claims), request);
    note.caller = caller.kind;
    const origin = options.publicUrl ?? new URL(request.url).origin;
    const optsOut = signalsOptOut(request);
    let accepted: string | null = null;
    const response = await yoga.fetch(request, {
      caller,
      line,
      now: clock.now(),
      requestId: note.requestId,
      origin,
      optsOut,
      mayStore: storageOf(line),
      tellAcceptance: (version) => {
        accepted = version;
      },
      operation,
    });
    if (accepted !== null) response.headers.set(DEEMED_ACCEPTANCE, accepted);
    return response;
  };

  const faultFor = (error: unknown, requestId: string): ApiError => {
    if (hasGone(error)) return badRequest('The request was broken off.');
    const known = error instanceof ApiError ? error : isOutage(error) ? unavailable() : internal();
    if (known.code === 'UNAVAILABLE') log.warn({ requestId, lacking: lackingOf(error) }, 'a request met an outage');
    if (known.code === 'INTERNAL') log.error({ requestId, fault: faultOf(error) }, 'a request failed');
    return known;
  };

  const ownRoutes = createRoutes({
    '/health/live': { GET: async () => json({ status: 'live' }) },
    '/health/ready': {
      GET: async () =>
        (await store.ping()) ? json({ status: 'ready' }) : json({ status: 'unavailable' }, { status: 503 }),
    },
    '/.well-known/gpc.json': { GET: async () => json({ gpc: true, lastUpdate: '2026-11-24' }) },
    ...(auth.jwks && { '/.well-known/jwks.json': { GET: async () => json(auth.jwks) } }),
  });
  const landing = createLandingRoute({
    endpoint: GRAPHQL_ENDPOINT,
    policyVersion: table.current.version,
    runsAnyDocument: guards.documents === null,
  });

  const graphql = async (request: Request, note: AccessNote, connection: Connection): Promise<Response | null> => {
    if (!isEndpoint(pathOf(request))) return null;
    const refuse = (error: unknown) => refusal(faultFor(error, note.requestId), request);
    return cors.allow(request, cors.preflight(request) ?? (await run(request, note, connection).catch(refuse)));
  };

  const everyRoute = [...routes, graphql, ...(metrics ? [metrics.route] : []), linkRoutes, ownRoutes, landing];

  const answer = async (request: Request, note: AccessNote, connection: Connection): Promise<Response> => {
    for (const route of everyRoute) {
      const response = await route(request, note, connection);
      if (response) return response;
    }
    return problem(404);
  };

  const respond = answerHead((request: Request, note: AccessNote, connection: Connection) =>
    answer(request, note, connection).catch((error: unknown) => {
      const { code, message } = faultFor(error, note.requestId);
      return problem(ERROR_CODES[code], message);
    }),
  );

  return {
    fetch: async (request, connection = {}) => {
      const requestId = randomUUID();
      const note = beginNote(request, requestId);
      const response = await respond(request, note, connection);
      response.headers.set('x-request-id', requestId);
      note.tell(response.status);
      return harden(response);
    },
    sweep: () =>
      eachAlone(
        [
          changes.settleLeftovers,
          services.erasure.sweep,
          services.completeNotices,
          services.devices.sweep,
          services.blog.sweep,
          services.allowances.sweep,
          services.idempotency.sweep,
          services.offers.sweep,
        ],
        (sweep) => sweep(),
      ),
    close: async () => {
      await Promise.all([changes.idle(), services.offers.idle(), books.disclosures.close(), books.audit.close()]);
      await services.disclosures.close();
    },
  };
}
