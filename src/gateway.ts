import { randomUUID } from 'node:crypto';
import DataLoader from 'dataloader';
import { createYoga } from 'graphql-yoga';
import type { JSONWebKeySet, JWTVerifyGetKey } from 'jose';
import type { Caller } from './caller.ts';
import type { Clock } from './clock.ts';
import { createConsentOperations } from './domain/consents/operations.ts';
import { createContentLoaders } from './domain/content/content.ts';
import { createPartners, type PartnerDocument, recipientOf } from './domain/partners/partners.ts';
import { createPreferenceOperations } from './domain/preferences/operations.ts';
import { createShareLoader } from './domain/shares/shares.ts';
import { createRevocations } from './domain/tokens/revocations.ts';
import { createCallerAccess } from './enforcement/access.ts';
import { isOutage, useReleaseGate } from './enforcement/release-gate.ts';
import { ApiError, ERROR_CODES, internal, unavailable } from './errors.ts';
import type { Context } from './graphql/context.ts';
import { createEnforcedSchema } from './graphql/schema.ts';
import { createAuthenticator } from './http/authenticate.ts';
import { faultOf, useErrorTable } from './http/error-table.ts';
import { json } from './http/json.ts';
import { createAuditBook } from './ledger/audit.ts';
import { createDisclosureBook, createDisclosureView } from './ledger/disclosure.ts';
import { createPersonLedger, type PersonEntry } from './ledger/person-chain.ts';
import type { DecisionTable } from './policy/compile.ts';
import type { Services } from './services.ts';
import type { Store } from './store/connection.ts';
import { createPersonKeys } from './store/keys.ts';
import type { Log } from './store/log.ts';
import { findActs } from './subject/acts.ts';
import { createChanges } from './subject/change.ts';
import { createPseudonyms } from './subject/identifiers.ts';
import { createSubjects } from './subject/loader.ts';
import type { PersonDocument } from './subject/model.ts';
import { createPeople } from './subject/people.ts';

/** What a gateway is made of. It never listens and never reads the environment. */
export interface GatewayOptions {
  readonly store: Store;
  readonly table: DecisionTable;
  readonly clock: Clock;
  readonly log: Log;
  /** The key that wraps the key of every person. */
  readonly keyEncryptionKey: Buffer;
  /** Shared by every gateway on the same database: behind the ids that partners know people by. */
  readonly pseudonymSecret: Buffer;
  readonly auth: {
    readonly issuer: string;
    readonly audience: string;
    readonly keys: JWTVerifyGetKey;
    readonly algorithms: readonly string[];
    /** The public keys of tokens that this gateway signs itself; null where others do. */
    readonly jwks: JSONWebKeySet | null;
  };
  /** Further routes, asked first: the explorer and its personas. */
  readonly routes?: readonly ((request: Request) => Promise<Response | null>)[];
}

export interface Gateway {
  /** Answers any request; never throws. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** Writes what is under way and seals this gateway's books. The store stays open. */
  readonly close: () => Promise<void>;
}

/** What is known of a request before its document is read. */
interface Arrival {
  readonly caller: Caller;
  readonly now: Date;
  readonly requestId: string;
}

export const GRAPHQL_ENDPOINT = '/graphql';

/** The ids by which each partner knows people. */
export const partnerPseudonyms = (secret: Buffer) => {
  const pseudonyms = createPseudonyms(secret);
  return (clientId: string) => pseudonyms(`partner ${clientId}`);
};

export function createGateway(options: GatewayOptions): Gateway {
  const { store, table, clock, log, auth, routes = [] } = options;
  const people = createPeople(store);
  const keys = createPersonKeys(store, options.keyEncryptionKey);
  const partners = createPartners(store);
  const ledger = createPersonLedger(store);
  const changes = createChanges({ store, ledger, clock, log });
  const shares = createDisclosureView(store);
  const books = {
    disclosures: createDisclosureBook({ ...store, clock, log }),
    audit: createAuditBook({ ...store, clock, log }),
  };
  const pseudonyms = createPseudonyms(options.pseudonymSecret);
  const services: Services = {
    table,
    partners,
    preferences: createPreferenceOperations(changes, ledger),
    consents: createConsentOperations(changes, ledger, clock),
    pseudonymsOf: partnerPseudonyms(options.pseudonymSecret),
  };

  const authenticate = createAuthenticator({
    ...auth,
    clock,
    purposes: table.callerPurposes,
    findPerson: async (publicId) => (await people.findByPublicIds([publicId]))[0] ?? null,
    findRecipient: async (clientId) => {
      const partner = await partners.find(clientId);
      return partner && recipientOf(partner);
    },
    isRevoked: createRevocations(store).isRevoked,
  });

  /** A browser's opt-out signal counts on the person's own request, from then on. */
  const heed = async (caller: Caller, request: Request): Promise<Caller> => {
    if (caller.kind !== 'MEMBER' || request.headers.get('sec-gpc') !== '1') return caller;
    if (caller.person.facts.standingOptOut === true) return caller;
    const outcome = await services.preferences.update(caller.person._id, { preferences: {}, standingOptOut: true });
    return outcome ? { kind: 'MEMBER', person: outcome.document } : caller;
  };

  const viewpointOf = ({ caller, now }: Arrival) => {
    const clientId = caller.kind === 'PARTNER' ? caller.recipient.clientId : null;
    return {
      ...createCallerAccess(table, caller, now),
      pseudonyms: clientId === null ? null : services.pseudonymsOf(clientId),
      cursors: pseudonyms(clientId === null ? `cursor ${caller.kind}` : `cursor ${clientId}`),
    };
  };

  const contextOf = (arrival: Arrival): Context => {
    const viewpoint = viewpointOf(arrival);
    return {
      ...arrival,
      access: viewpoint,
      subjects: createSubjects(
        { people, keys },
        viewpoint,
        arrival.caller.kind === 'MEMBER' ? arrival.caller.person : null,
      ),
      acts: new DataLoader<PersonDocument, PersonEntry[], string>(
        (persons) => findActs(ledger, persons, { types: ['CONSENT', 'ACCEPTANCE'] }),
        { cacheKeyFn: ({ _id, ledger: { head } }) => `${_id}:${head.n}` },
      ),
      partners: new DataLoader<string, PartnerDocument | null>(async (clientIds) => {
        const found = new Map((await partners.findAll(clientIds)).map((partner) => [partner._id, partner]));
        return clientIds.map((clientId) => found.get(clientId) ?? null);
      }),
      shares: createShareLoader(shares, arrival.now),
      content: createContentLoaders(store),
      services,
    };
  };

  const yoga = createYoga<Arrival, Context>({
    schema: createEnforcedSchema(table),
    context: contextOf,
    graphqlEndpoint: GRAPHQL_ENDPOINT,
    plugins: [useReleaseGate(books, log), useErrorTable(log)],
    maskedErrors: false,
    logging: false,
    graphiql: false,
    landingPage: false,
    cors: false,
    batching: false,
    multipart: false,
  });

  const answer = async (request: Request, requestId: string): Promise<Response> => {
    const { pathname } = new URL(request.url);
    for (const route of routes) {
      const response = await route(request);
      if (response) return response;
    }
    switch (pathname) {
      case GRAPHQL_ENDPOINT: {
        const caller = await heed(await authenticate(request), request);
        return yoga.fetch(request, { caller, now: clock.now(), requestId });
      }
      case '/health/live':
        return json({ status: 'live' });
      case '/health/ready':
        return (await store.ping()) ? json({ status: 'ready' }) : json({ status: 'unavailable' }, { status: 503 });
      case '/.well-known/jwks.json':
        return auth.jwks ? json(auth.jwks) : notFound();
      case '/.well-known/gpc.json':
        return json({ gpc: true, lastUpdate: '2026-11-24' });
      default:
        return notFound();
    }
  };

  /** What happened before GraphQL began, told as GraphQL over HTTP. */
  const refuse = (error: unknown, requestId: string): Response => {
    const known = error instanceof ApiError ? error : isOutage(error) ? unavailable() : internal();
    if (known.code === 'INTERNAL') log.error({ requestId, fault: faultOf(error) }, 'a request failed');
    const challenge = { 'www-authenticate': 'Bearer error="invalid_token"' };
    return json(
      { errors: [{ message: known.message, extensions: known.extensions }] },
      { status: ERROR_CODES[known.code], headers: known.code === 'UNAUTHENTICATED' ? challenge : {} },
    );
  };

  return {
    fetch: async (request) => {
      const requestId = randomUUID();
      const response = await answer(request, requestId).catch((error: unknown) => refuse(error, requestId));
      response.headers.set('x-request-id', requestId);
      return response;
    },
    close: async () => {
      await Promise.all([changes.idle(), books.disclosures.close(), books.audit.close()]);
    },
  };
}

const notFound = () =>
  json(
    { type: 'about:blank', title: 'Not Found', status: 404 },
    { status: 404, headers: { 'content-type': 'application/problem+json' } },
  );
