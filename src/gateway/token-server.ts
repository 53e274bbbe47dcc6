import type { Services } from '../graphql/context.ts';
import { createTokenGuard } from '../http/guards/failed-tokens.ts';
import type { Admitted, Counted } from '../http/guards/rate.ts';
import { ASSERTION_KEPT, type ClientRequest, createClientAuthenticator } from '../http/oauth/client-assertion.ts';
import { OAuthError } from '../http/oauth/oauth-error.ts';
import { createOAuthRoutes, OAUTH_PATHS } from '../http/oauth/oauth-routes.ts';
import { createOwnTokens } from '../http/oauth/own-tokens.ts';
import { PROOF } from './identification.ts';

/** An assertion counts once, over all gateways. */
const ASSERTION = { of: 'client assertion', most: 1, withinMs: ASSERTION_KEPT };

interface TokenServerOptions {
  /** The origin at which clients reach this gateway. */
  readonly issuer: string;
  /** Failed authentications of one address in a second; 0 is any number. */
  readonly mostFailures: number;
  readonly admit: (counted: Counted) => Promise<Admitted>;
}

/** Assertions as the guard sees them: a request without one counts as one with a bad one. */
const ASSERTIONS = {
  shown: ({ form }: ClientRequest) => form.get('client_assertion') ?? '',
  isFailure: (error: unknown) => error instanceof OAuthError && error.code === 'invalid_client',
};

export type TokenServer = ReturnType<typeof createTokenServer>;

/** Gives tokens to the partners with keys on record, and takes these tokens. */
export function createTokenServer(services: Services, options: TokenServerOptions) {
  const { clock, table, readPartners, findKeys, allowances, areRevoked, revokeToken, signingKeys } = services;
  const { issuer, mostFailures, admit } = options;
  const now = () => clock.now();
  const tokens = createOwnTokens({ issuer, now, signingKeys });
  const authenticate = createClientAuthenticator({
    audiences: [issuer, issuer + OAUTH_PATHS.token],
    now,
    findPartner: async (clientId) => (await readPartners([clientId]))[0] ?? null,
    findKeys,
    takeAssertion: (name) => allowances.take(ASSERTION, name),
  });
  const route = createOAuthRoutes({
    ...{ issuer, table, now, tokens },
    admit: async (counted) => (await admit(counted)).standing,
    authenticate: createTokenGuard(authenticate, mostFailures, ASSERTIONS),
    takeProof: (name) => allowances.take(PROOF, name),
    isRevoked: async (tokenId) => (await areRevoked([tokenId]))[0] !== false,
    revoke: (tokenId) => revokeToken(tokenId),
  });
  return { issuer: tokens.asIssuer, route };
}
