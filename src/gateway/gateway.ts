import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { ServerAdapterInitialContext } from '@whatwg-node/server';
import type { GraphQLSchema } from 'graphql';
import { ERROR_CODES, headersOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { fieldsShowing } from '../enforcement/classification.ts';
import type { CoreOptions } from '../features/core.ts';
import { diffBetween } from '../features/policy-versions/diff-types.ts';
import type { Services } from '../graphql/context.ts';
import { type AccessNote, createAccessLog } from '../http/access-log.ts';
import type { TokenIssuer } from '../http/authenticate.ts';
import { refusal } from '../http/error-table.ts';
import { createCors } from '../http/guards/cors.ts';
import { createTokenGuard } from '../http/guards/failed-tokens.ts';
import { DEFAULT_GUARDS, type GuardOptions } from '../http/guards/guards.ts';
import { harden } from '../http/guards/headers.ts';
import { addressOf, createRateLimit, tellStanding } from '../http/guards/rate.ts';
import { readOperation } from '../http/guards/request.ts';
import { createStorageLimit } from '../http/guards/storage.ts';
import { resolveDocument } from '../http/guards/trusted-documents.ts';
import { problem } from '../http/json.ts';
import { createLandingRoute } from '../http/landing.ts';
import { pathOf } from '../http/path.ts';
import { createPolicyRoutes } from '../http/policy-routes.ts';
import { metadataParameter } from '../http/resource-metadata.ts';
import { answerHead } from '../http/routes.ts';
import { deriveSecret } from '../store/derive.ts';
import { eachAlone } from '../store/each-alone.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { DEEMED_ACCEPTANCE } from './deemed-acceptance.ts';
import { faultIn } from './faults.ts';
import { featuresOf } from './features.ts';
import { type Authentication, createIdentification, heed, signalsOptOut } from './identification.ts';
import { wordsOf } from './layout.ts';
import { createFixedRoutes, createMailedLinks } from './own-routes.ts';
import { createPipeline, GRAPHQL_ENDPOINT, isEndpoint } from './pipeline.ts';
import { createContexts } from './request-context.ts';
import { createEnforcedSchema } from './schema.ts';
import { createServices } from './services.ts';
import { createTokenServer } from './token-server.ts';

/** The parts of a gateway. It never listens and never reads the environment. */
export interface GatewayOptions extends Omit<CoreOptions, 'onBreak'> {
  readonly auth: Authentication;
  readonly guards?: GuardOptions;
  /** Where this gateway is reached from outside, for links in mails; else where a request came in. */
  readonly publicUrl?: string;
  /** The issuer of the tokens that this gateway gives to partners, which is `publicUrl`; none are given without it. */
  readonly ownIssuer?: string;
  /** Counts events; nothing is counted where it is left out. */
  readonly metrics?: Metrics;
  /** Whether operations are told to the OpenTelemetry SDK of the process. */
  readonly traces?: boolean;
  /** Further routes, asked first: the explorer and its personas. */
  readonly routes?: readonly ((request: Request) => Promise<Response | null>)[];
}

export interface Gateway {
  /** Answers any request; never throws. */
  readonly fetch: (request: Request, connection?: Connection) => Promise<Response>;
  /** Does all work that is due: unfinished changes, children's data, expired device profiles and expired values. */
  readonly sweep: () => Promise<void>;
  /** Writes the entries under way and seals this gateway's books. The store stays open. */
  readonly close: () => Promise<void>;
}

/** Further facts that a Node server knows about a request. */
interface Connection extends Partial<ServerAdapterInitialContext> {
  readonly req?: IncomingMessage;
}

/** Answers a request at one address; null for any other. */
type Route = (request: Request, note: AccessNote, connection: Connection) => Promise<Response | null>;

/** Where clients reach this gateway. */
const originFor =
  ({ publicUrl }: GatewayOptions) =>
  (request: Request): string =>
    publicUrl ?? new URL(request.url).origin;

/** Adds to the challenge of an answer where a client finds out how to get a token. */
function nameMetadata(response: Response, origin: string): Response {
  const challenge = response.headers.get('www-authenticate');
  if (challenge !== null)
    response.headers.set('www-authenticate', `${challenge}, ${metadataParameter(origin, GRAPHQL_ENDPOINT)}`);
  return response;
}

interface OperationOptions extends GatewayOptions {
  readonly schema: GraphQLSchema;
  readonly guards: Required<GuardOptions>;
  readonly admit: ReturnType<typeof createRateLimit>;
  /** The issuers of all tokens that count. */
  readonly issuers: readonly TokenIssuer[];
}

/** Answers operations: from the request as it came in to the answer as GraphQL over HTTP has it. */
function createOperationRoute(services: Services, options: OperationOptions): Route {
  const { schema, clock, log, metrics, sharedSecret, guards, admit, issuers, traces = false } = options;
  const contextOf = createContexts(services, sharedSecret, metrics?.watchAccess);
  const yoga = createPipeline({ schema, contextOf, guards, books: services.books, log, metrics, traces });
  const cors = createCors(guards.corsOrigins);
  const storageOf = createStorageLimit(deriveSecret(sharedSecret, 'lines'), guards.together);
  const originOf = originFor(options);
  const { verify, identify } = createIdentification(services, { issuers, hints: guards.hints, originOf });
  const verifyWithin = createTokenGuard(verify, guards.rates.caller);
  const heeded = heed(services);

  /**
   * Cheap checks come first: the body is cut off, the token read and the caller counted before anything is asked of the
   * database.
   */
  const run = async (request: Request, note: AccessNote, { req }: Connection): Promise<Response> => {
    const operation = resolveDocument(guards.documents, await readOperation(request, guards.limits));
    const address = addressOf(request, req?.socket.remoteAddress, guards.proxies);
    const claims = await verifyWithin(request, address);
    const { line, standing } = await admit(claims ?? { address });
    const caller = await heeded(await identify(claims), request);
    note.caller = caller.kind;
    const origin = originOf(request);
    let accepted: string | null = null;
    const response = await yoga.fetch(request, {
      caller,
      line,
      now: clock.now(),
      requestId: note.requestId,
      origin,
      optsOut: signalsOptOut(request),
      mayStore: storageOf(line),
      tellAcceptance: (version) => {
        accepted = version;
      },
      operation,
    });
    tellStanding(response, standing);
    if (accepted !== null) response.headers.set(DEEMED_ACCEPTANCE, accepted);
    return response;
  };

  return async (request, note, connection) => {
    if (!isEndpoint(pathOf(request))) return null;
    const refuse = (error: unknown) =>
      nameMetadata(refusal(faultIn(error, note.requestId, log), request), originOf(request));
    return cors.allow(request, cors.preflight(request) ?? (await run(request, note, connection).catch(refuse)));
  };
}

/** Answers a request by the first route that has its address; never throws. */
function createResponder(routes: readonly Route[], log: Log) {
  const answer = async (request: Request, note: AccessNote, connection: Connection): Promise<Response> => {
    for (const route of routes) {
      const response = await route(request, note, connection);
      if (response) return response;
    }
    return problem(404);
  };
  return answerHead((request: Request, note: AccessNote, connection: Connection) =>
    answer(request, note, connection).catch((error: unknown) => {
      const fault = faultIn(error, note.requestId, log);
      return problem(ERROR_CODES[fault.code], fault.message, headersOf(fault));
    }),
  );
}

/** Joins everything into one gateway over a store. */
export function createGateway(options: GatewayOptions): Gateway {
  const { log, table, metrics, auth, ownIssuer, routes = [] } = options;
  const guards = { ...DEFAULT_GUARDS, ...options.guards };
  const services = createServices({ ...options, ...(metrics && { onBreak: metrics.countBreak }) });
  services.offers.settleLeftovers();
  const schema = createEnforcedSchema(table);

  const admit = createRateLimit(guards.rates, guards.together);
  const own =
    ownIssuer === undefined
      ? null
      : createTokenServer(services, {
          ...{ issuer: ownIssuer, admit, mostFailures: guards.rates.caller },
        });
  const issuers = [...auth.issuers, ...(own ? [own.issuer] : [])];
  const giveTokens: Route = async (request, _note, { req }) =>
    own ? own.route(request, addressOf(request, req?.socket.remoteAddress, guards.proxies)) : null;
  const everyRoute: Route[] = [
    ...routes,
    createOperationRoute(services, { ...options, schema, guards, admit, issuers }),
    giveTokens,
    ...(metrics ? [metrics.route] : []),
    createMailedLinks(services),
    createFixedRoutes(services, { issuers, jwks: auth.jwks }, own, originFor(options)),
    createPolicyRoutes({ table, fieldsOf: (category) => fieldsShowing(schema, category), diffBetween }),
    createLandingRoute({ endpoint: GRAPHQL_ENDPOINT, policyVersion: table.current.version }),
  ];
  const respond = createResponder(everyRoute, log);
  const beginNote = createAccessLog(log);
  const { changes, allowances, books, offers, disclosures, webhookDispatcher } = services;
  const sweeps = featuresOf(wordsOf([...table.policies.values()])).flatMap(
    (feature) => feature.sweeps?.(services) ?? [],
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
    sweep: () => eachAlone([changes.settleLeftovers, ...sweeps, allowances.sweep], (sweep) => sweep()),
    close: async () => {
      await webhookDispatcher.stop();
      await Promise.all([changes.idle(), offers.idle(), books.disclosures.close(), books.audit.close()]);
      await disclosures.close();
    },
  };
}
