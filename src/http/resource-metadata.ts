import { PROVIDER_ALGORITHMS } from '../base/algorithms.ts';
import { parseUrl } from '../base/url.ts';
import { scopeWordsOf, type Vocabulary } from '../policy/vocabulary.ts';
import type { TokenIssuer } from './authenticate.ts';

export const METADATA_PATH = '/.well-known/oauth-protected-resource';

/** The parameter of a challenge that says where this gateway's metadata stands (RFC 9728, 5.1). */
export const metadataParameter = (origin: string) => `resource_metadata="${origin}${METADATA_PATH}"`;

/** An issuer without an address is none that a client could ask for a token. */
const isAddress = (issuer: string) => /^https?:$/.test(parseUrl(issuer)?.protocol ?? '');

export interface ResourceOptions {
  /** Where clients reach this gateway. */
  readonly origin: string;
  readonly issuers: readonly TokenIssuer[];
  /** The names of the issuers that clients can ask for a token. */
  readonly servers: readonly string[];
  readonly vocabulary: Vocabulary;
}

/**
 * What a client has to know of this gateway to ask for a token.
 *
 * @see RFC 9728, 2 and RFC 9396, 10 (`authorization_details_types_supported`)
 */
export function resourceMetadata({ origin, issuers, servers: named, vocabulary }: ResourceOptions) {
  const servers = named.filter(isAddress);
  const prefixes = new Set(issuers.map(({ mapping }) => (mapping ? (mapping.scope?.prefix ?? '') : '')));
  const types = new Set(issuers.flatMap(({ mapping }) => mapping?.purpose?.authorizationDetails ?? []));
  return {
    resource: origin,
    ...(servers.length > 0 && { authorization_servers: servers }),
    scopes_supported: [...prefixes].flatMap((prefix) => scopeWordsOf(vocabulary, prefix)),
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: PROVIDER_ALGORITHMS,
    ...(types.size > 0 && { authorization_details_types_supported: [...types] }),
  };
}
