import { z } from 'zod';
import type { Clock } from '../../base/clock.ts';
import { parseUrl } from '../../base/url.ts';
import { readBody } from '../guards/request.ts';
import { json, problem } from '../json.ts';
import { createRoutes } from '../routes.ts';
import type { CallerClaims, Signer } from '../signing.ts';
import { createDevelopmentHosts } from './development-hosts.ts';

export type PersonaGroup = 'VISITOR' | 'SELF' | 'MEMBER' | 'PARTNER' | 'STAFF';

/** A caller that a developer may speak as; without `claims` it is a visitor. */
export interface Persona {
  readonly id: string;
  readonly label: string;
  readonly group: PersonaGroup;
  readonly description: string;
  /** The recipient of the policy that the caller is; a member is `SELF` to their own record. */
  readonly audience: string;
  readonly claims?: CallerClaims;
  /** The id under which this caller knows the person of the examples, where that is not the public one. */
  readonly knowsPersonAs?: string;
}

export const VISITOR: Persona = {
  id: 'visitor',
  label: 'Visitor',
  group: 'VISITOR',
  description: 'Anyone on the web, without a token.',
  audience: 'VISITOR',
};

/** The callers that a developer may speak as. There may be thousands of partners. */
export interface Cast {
  /** Those that a page begins with: all but most partners. */
  readonly first: () => Promise<readonly Persona[]>;
  /** Some of those with every word in their texts. */
  readonly search: (text: string) => Promise<readonly Persona[]>;
  readonly find: (id: string) => Promise<Persona | null>;
  /** The person that a caller knows by an id, as a caller; null where there is none. */
  readonly personKnownTo: (persona: Persona, id: string) => Promise<CallerClaims | null>;
}

export interface PersonaRoutesOptions {
  readonly cast: Cast;
  readonly sign: Signer['sign'];
  readonly clock: Clock;
  /** Where the gateway is reached from outside, besides under the loopback names of its own machine. */
  readonly publicUrl?: string;
}

const TOKEN_LIFETIME_MS = 15 * 60 * 1000;

const FOREIGN_HOST = 'Development routes answer under localhost, a loopback address or the host of PUBLIC_URL only.';

const NO_TOKEN = 'No persona with this id holds a token.';
const NO_PERSON = 'The persona knows nobody by this id.';

const TokenRequest = z.strictObject({ persona: z.string(), person: z.string().optional() });

/**
 * Routes of a development gateway. `GET /dev/personas` lists personas: those that `?search=` finds, or the first. `POST
 * /dev/token` with `{ "persona": "<id>" }` answers `{ token, expiresAt, subject }` (ISO 8601) to pages of the same
 * origin; with `person` beside it, the token is for the person that the persona knows by this id. Both answer under
 * hosts of their own only. Never pass these to a gateway on a database with real people: every caller is given a token.
 *
 * @returns the response, a problem (RFC 9457) for a faulty request, or null for a path that is not theirs
 */
export const createPersonaRoutes = ({ cast, sign, clock, publicUrl }: PersonaRoutesOptions) => {
  const list = async ({ url }: Request) => {
    const text = new URL(url).searchParams.get('search');
    return json(await (text === null ? cast.first() : cast.search(text)));
  };

  const issue = async (request: Request) => {
    if (!isSameOrigin(request)) return problem(403, 'Tokens go to pages of this origin only.');
    if (!isJson(request)) return problem(415, 'Send application/json.');
    const body = TokenRequest.safeParse(
      await readBody(request)
        .then(JSON.parse)
        .catch(() => null),
    );
    if (!body.success) return problem(400, 'Send { "persona": "<id>" }, and no more than "person" beside it.');
    const { persona: id, person } = body.data;
    const persona = await cast.find(id);
    const claims = persona && (person === undefined ? persona.claims : await cast.personKnownTo(persona, person));
    if (!claims) return problem(404, person === undefined ? NO_TOKEN : NO_PERSON);
    const issuedAt = clock.now();
    const expiresAt = new Date(issuedAt.getTime() + TOKEN_LIFETIME_MS);
    return json({ token: await sign(claims, issuedAt, expiresAt), expiresAt, subject: claims.sub });
  };

  const isOwnHost = createDevelopmentHosts(publicUrl);
  const ofOwnHost = (handle: (request: Request) => Promise<Response>) => async (request: Request) =>
    isOwnHost(request) ? handle(request) : problem(403, FOREIGN_HOST);
  return createRoutes({
    '/dev/personas': { GET: ofOwnHost(list) },
    '/dev/token': { POST: ofOwnHost(issue) },
  });
};

/** Browsers say where a request comes from; a request that says nothing has not proven its origin. */
function isSameOrigin({ headers, url }: Request): boolean {
  const site = headers.get('sec-fetch-site');
  const origin = headers.get('origin');
  if (site === null && origin === null) return false;
  return (site === null || site === 'same-origin') && (origin === null || hostOf(origin) === new URL(url).host);
}

/** The scheme is left out: a proxy that ends TLS changes it on the way. */
const hostOf = (origin: string) => parseUrl(origin)?.host ?? null;

const isJson = ({ headers }: Request) =>
  headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() === 'application/json';
