import { base64url, errors, type JWTVerifyGetKey, type JWTVerifyOptions, type JWTVerifyResult, jwtVerify } from 'jose';
import { unavailable } from '../base/errors.ts';

/** Our own words for a fault of a token; nothing of the token is repeated. */
export const faultOfToken = (error: errors.JOSEError): string => {
  if (error instanceof errors.JWTExpired) return 'it has expired';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'its signature does not verify';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'its algorithm is not one that is used here';
  if (error instanceof errors.JWKSNoMatchingKey) return 'it is signed with a key that is not known here';
  return 'it is not a signed JSON Web Token';
};

/** Faults of the token that the key set finds; any other failure means that the keys could not be learned. */
const isFaultOfToken = (error: unknown) =>
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys ||
  error instanceof errors.JOSENotSupported;

/** A failure to learn the keys says nothing of the token: whether it is good can't be known. */
export const orUnavailable =
  (keys: JWTVerifyGetKey): JWTVerifyGetKey =>
  async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      throw isFaultOfToken(error) ? error : unavailable('the keys of the identity provider');
    }
  };

/** A token that names no key is good if any of the keys that fit it has signed it (RFC 7515, 4.1.4). */
export async function verifyWithAny(
  token: string,
  keys: JWTVerifyGetKey,
  options: JWTVerifyOptions,
): Promise<JWTVerifyResult> {
  try {
    return await jwtVerify(token, keys, options);
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error)
      try {
        return await jwtVerify(token, key, options);
      } catch (failure) {
        if (!(failure instanceof errors.JWSSignatureVerificationFailed)) throw failure;
      }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

/**
 * Whether a claim stands in a token more than once: readers that differ in which of them counts would see two callers.
 *
 * @see RFC 7519, 4 (claim names are unique)
 */
export function repeatsClaim(token: string): boolean {
  const claims = new TextDecoder().decode(base64url.decode(token.split('.')[1] ?? ''));
  const seen = new Set<string>();
  let depth = 0;
  for (const [part, text, colon] of claims.matchAll(/("(?:[^"\\]|\\.)*")\s*(:?)|[{}[\]]/g)) {
    if (part === '{' || part === '[') depth++;
    if (part === '}' || part === ']') depth--;
    if (depth !== 1 || text === undefined || colon !== ':') continue;
    const claim: string = JSON.parse(text);
    if (seen.has(claim)) return true;
    seen.add(claim);
  }
  return false;
}

/** The type of a token, without the part that may be left out (RFC 7515, 4.1.9); `none` for a token without one, null for a type that is no text. */
export const typeIn = ({ typ = 'none' }: { readonly typ?: unknown }): string | null =>
  typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : null;
