import { PROVIDER_ALGORITHMS } from '../base/algorithms.ts';
import { parseUrl } from '../base/url.ts';
import { scopeWordsOf, type Vocabulary } from '../policy/vocabulary.ts';
import type { TokenIssuer } from './authenticate.ts';

/**
 * The path of the metadata of a resource, from its own path. A client takes no metadata but those of the address that it
 * asks.
 *
 * @see RFC 9728, 3.1 and 3.3
 */
export const metadataPathOf = (path: string) => `/.well-known/oauth-protected-resource${path}`;

/** The parameter of a challenge that says where the metadata of a resource stand (RFC 9728, 5.1). */
export const metadataParameter = (origin: string, path: string) =>
  `resource_metadata="${origin}${metadataPathOf(path)}"`;

/** An issuer without an address is none that a client could ask for a token. */
const isAddress = (issuer: string) => /^https?:$/.test(parseUrl(issuer)?.protocol ?? '');

export interface ResourceOptions {
  /** The address at which clients show tokens, or its origin. */
  readonly resource: string;
  readonly issuers: readonly TokenIssuer[];
  /** The names of the issuers that clients can ask for a token. */
  readonly servers: readonly string[];
  readonly vocabulary: Vocabulary;
}

/**
 * The facts about this gateway that a client needs to ask for a token.
 *
 * @see RFC 9728, 2 and RFC 9396, 10 (`authorization_details_types_supported`)
 */
export function resourceMetadata({ resource, issuers, servers: named, vocabulary }: ResourceOptions) {
  const servers = named.filter(isAddress);
  const prefixes = new Set(issuers.map(({ mapping }) => (mapping ? (mapping.scope?.prefix ?? '') : '')));
  const types = new Set(issuers.flatMap(({ mapping }) => mapping?.purpose?.authorizationDetails ?? []));
  return {
    resource,
    ...(servers.length > 0 && { authorization_servers: servers }),
    scopes_supported: [...prefixes].flatMap((prefix) => scopeWordsOf(vocabulary, prefix)),
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: PROVIDER_ALGORITHMS,
    ...(types.size > 0 && { authorization_details_types_supported: [...types] }),
  };
}
