import { PROVIDER_ALGORITHMS } from '../../base/algorithms.ts';
import { ERROR_CODES } from '../../base/errors.ts';
import type { PartnerDocument } from '../../features/partners/recipient.ts';
import type { DecisionTable } from '../../policy/compile.ts';
import { readProof } from '../dpop.ts';
import { type Counted, tellStanding } from '../guards/rate.ts';
import { json } from '../json.ts';
import { pathOf } from '../path.ts';
import { answerByMethod } from '../routes.ts';
import { DETAILS_TYPE, detailsOfAccess, grantAccess, scopeOfAccess, wordsOfScope } from './asked-access.ts';
import type { ClientRequest } from './client-assertion.ts';
import { type ClientForm, readForm, requireParameter } from './client-form.ts';
import { OAuthError, oauthRefusal } from './oauth-error.ts';
import { grantedScope, LIFETIME, type OwnClaims, type OwnTokens } from './own-tokens.ts';

/** The paths of the routes for clients. */
export const OAUTH_PATHS = {
  token: '/oauth/token',
  revocation: '/oauth/revoke',
  introspection: '/oauth/introspect',
  metadata: '/.well-known/oauth-authorization-server',
} as const;

export interface OAuthRoutesOptions {
  /** The origin at which clients reach this gateway: the issuer of its tokens. */
  readonly issuer: string;
  readonly table: DecisionTable;
  readonly now: () => Date;
  readonly tokens: OwnTokens;
  /** @returns the header fields that tell the rate limit */
  readonly admit: (counted: Counted) => Promise<Readonly<Record<string, string>>>;
  /** @throws {OAuthError} */
  readonly authenticate: (request: ClientRequest, address: string) => Promise<PartnerDocument>;
  /** Takes a DPoP proof, by its name; false where any gateway has taken it before. */
  readonly takeProof: (name: string) => Promise<boolean>;
  readonly isRevoked: (tokenId: string) => Promise<boolean>;
  readonly revoke: (tokenId: string) => Promise<void>;
}

/** A request from a known client. */
interface Asked {
  readonly request: Request;
  readonly form: ClientForm;
  readonly client: PartnerDocument;
}

type Action = (asked: Asked) => Promise<Response>;

/** @see RFC 8414, 2; RFC 9449, 5.1; RFC 9396, 10 */
const metadataOf = ({ issuer, table: { vocabulary, callerPurposes } }: OAuthRoutesOptions) => {
  const authentication = (endpoint: string) => ({
    [`${endpoint}_endpoint_auth_methods_supported`]: ['private_key_jwt'],
    [`${endpoint}_endpoint_auth_signing_alg_values_supported`]: PROVIDER_ALGORITHMS,
  });
  return {
    issuer,
    token_endpoint: issuer + OAUTH_PATHS.token,
    revocation_endpoint: issuer + OAUTH_PATHS.revocation,
    introspection_endpoint: issuer + OAUTH_PATHS.introspection,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    scopes_supported: wordsOfScope(vocabulary, callerPurposes),
    response_types_supported: [],
    grant_types_supported: ['client_credentials'],
    ...authentication('token'),
    ...authentication('revocation'),
    ...authentication('introspection'),
    dpop_signing_alg_values_supported: PROVIDER_ALGORITHMS,
    authorization_details_types_supported: [DETAILS_TYPE],
  };
};

/** @see RFC 6749, 3.2 */
const usePost = () =>
  new OAuthError('invalid_request', 'Use POST.', {
    status: ERROR_CODES.METHOD_NOT_ALLOWED,
    headers: { allow: 'POST' },
  });

const isOf = (client: PartnerDocument, claims: OwnClaims | null): claims is OwnClaims =>
  claims?.client_id === client._id;

/**
 * The routes by which partners without an identity provider get tokens, end them and ask about them. A fault of a
 * request is told in the words of RFC 6749 alone.
 */
export function createOAuthRoutes(options: OAuthRoutesOptions) {
  const { issuer, table, now, tokens, admit, authenticate, takeProof, isRevoked, revoke } = options;

  const badProof = (description: string) =>
    new OAuthError('invalid_dpop_proof', `The request is not accepted: ${description}.`);

  /** The thumbprint of the key that the token is to be bound to; null where the client brings none along. */
  const keyIn = async (request: Request, client: PartnerDocument): Promise<string | null> => {
    const proof = request.headers.get('dpop');
    if (proof === null && client.dpopBoundAccessTokens)
      throw new OAuthError('invalid_request', 'Expected a DPoP proof: the client gets tokens that are bound to a key.');
    if (proof === null) return null;
    const { jkt, name } = await readProof(proof, { request, origin: issuer, now: now() }, badProof);
    if (!(await takeProof(name))) throw badProof('its DPoP proof was shown before');
    return jkt;
  };

  /** @see RFC 6749, 4.4 and 5.1 */
  const giveToken: Action = async ({ request, form, client }) => {
    if (requireParameter(form, 'grant_type') !== 'client_credentials')
      throw new OAuthError('unsupported_grant_type', 'Expected the grant type client_credentials.');
    const access = grantAccess(form, client, table, now());
    const jkt = await keyIn(request, client);
    return json(
      {
        access_token: await tokens.sign({ clientId: client._id, access, jkt }),
        token_type: jkt === null ? 'Bearer' : 'DPoP',
        expires_in: LIFETIME,
        scope: scopeOfAccess(access),
        // RFC 9396, 7
        ...(form.has('authorization_details') && { authorization_details: detailsOfAccess(access) }),
      },
      { headers: { pragma: 'no-cache' } },
    );
  };

  /** @see RFC 7009, 2.1 and 2.2: a token that is none, or has ended, is no error */
  const endToken: Action = async ({ form, client }) => {
    const claims = await tokens.read(requireParameter(form, 'token'));
    if (claims && !isOf(client, claims))
      throw new OAuthError('unauthorized_client', 'The token was given to another client.');
    if (claims) await revoke(claims.jti);
    return new Response(null, { status: 200 });
  };

  /** @see RFC 7662, 2.2: of a token of another client nothing is told */
  const tellOfToken: Action = async ({ form, client }) => {
    const claims = await tokens.read(requireParameter(form, 'token'));
    const isBoundAsAsked = claims?.cnf !== undefined || !client.dpopBoundAccessTokens;
    const counts =
      isOf(client, claims) && isBoundAsAsked && client.status === 'ACTIVE' && !(await isRevoked(claims.jti));
    if (!counts) return json({ active: false });
    const { iss, aud, sub, client_id, jti, iat, exp, cnf } = claims;
    const bound = cnf ? { token_type: 'DPoP', cnf } : { token_type: 'Bearer' };
    return json({ active: true, scope: grantedScope(claims), iss, aud, sub, client_id, jti, iat, exp, ...bound });
  };

  const actions = new Map<string, Action>([
    [OAUTH_PATHS.token, giveToken],
    [OAUTH_PATHS.revocation, endToken],
    [OAUTH_PATHS.introspection, tellOfToken],
  ]);

  const answer = async (action: Action, request: Request, address: string): Promise<Response> => {
    const form = await readForm(request);
    const client = await authenticate({ headers: request.headers, form }, address);
    return action({ request, form, client });
  };

  const serve = async (action: Action, request: Request, address: string): Promise<Response> => {
    const standing = await admit({ address });
    const response = await answer(action, request, address).catch((error: unknown) => {
      if (error instanceof OAuthError) return oauthRefusal(error, request);
      throw error;
    });
    tellStanding(response, standing);
    return response;
  };

  const metadata = metadataOf(options);

  /** @param address  where the request comes from */
  return async (request: Request, address: string): Promise<Response | null> => {
    const path = pathOf(request);
    if (path === OAUTH_PATHS.metadata) return answerByMethod(request, { GET: async () => json(metadata) });
    const action = actions.get(path);
    if (!action) return null;
    return request.method === 'POST' ? serve(action, request, address) : oauthRefusal(usePost(), request);
  };
}
