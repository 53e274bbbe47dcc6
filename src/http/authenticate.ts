import { base64url, errors, type JWTVerifyGetKey, type JWTVerifyOptions, type JWTVerifyResult, jwtVerify } from 'jose';
import { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import { unavailable, withHeaders } from '../base/errors.ts';
import type { Recipient } from '../policy/facts.ts';
import { idsOf, NO_CATEGORIES, scopeOf, scopeWordsOf, type Vocabulary } from '../policy/vocabulary.ts';
import type { Caller } from '../subject/caller.ts';
import { isErased as isBeingErased, type PersonDocument } from '../subject/model.ts';
import { MAXIMUM_AGE, NO_HOLDER, REFUSED } from './refusals.ts';
import { rememberVerified } from './verified-tokens.ts';

/** @see RFC 9068, 2.1 */
const TOKEN_TYPE = 'at+jwt';

/** How far ahead an issuer's clock may be, in seconds: what it has just signed counts at once. */
export const AHEAD = 10;

/** How long a token may be, in characters; browsers and servers take no longer headers either. */
const MAXIMUM_LENGTH = 8_000;

export interface AuthenticatorOptions {
  readonly keys: JWTVerifyGetKey;
  readonly algorithms: readonly string[];
  readonly issuer: string;
  readonly audience: string;
  readonly clock: Clock;
  /** The purposes that a token may name. */
  readonly purposes: ReadonlySet<string>;
  /** The categories and roles that a token may name. */
  readonly vocabulary: Vocabulary;
  readonly findPerson: (publicId: string) => Promise<PersonDocument | null>;
  /** Null for a partner that is not on record or whose kind the policy does not know. */
  readonly findRecipient: (clientId: string) => Promise<Recipient | null>;
  /** Whether an id without a record was somebody's who is erased. */
  readonly isErased: (publicId: string) => Promise<boolean>;
  readonly isRevoked: (tokenId: string) => Promise<boolean>;
  /** Whether a refusal tells developers which words are allowed. */
  readonly hints: boolean;
}

/** @see RFC 6750, 3 (the challenge) */
const refused = (description: string) =>
  withHeaders('UNAUTHENTICATED', `${REFUSED}${description}.`, {
    'www-authenticate': 'Bearer error="invalid_token"',
  });

/** OpenID Connect, 2: 255 ASCII characters at the most. So no two names look the same. */
const name = z.string().regex(/^[\x21-\x7e]{1,255}$/);

const claimsSchema = ({ purposes, vocabulary }: AuthenticatorOptions) => {
  const purpose = z.string().refine((id) => purposes.has(id));
  const scope = z
    .string()
    .transform((text) => text.split(' ').filter((word) => word !== ''))
    .refine((words) => scopeOf(vocabulary, words) !== null)
    .transform((words) => scopeOf(vocabulary, words) ?? NO_CATEGORIES);
  const common = { sub: name, jti: name, iat: z.number(), exp: z.number(), nbf: z.number().optional() };
  return z.discriminatedUnion('kind', [
    z.object({ ...common, kind: z.literal('member') }),
    z.object({ ...common, kind: z.literal('partner'), purpose, scope }),
    z.object({ ...common, kind: z.literal('staff'), role: z.enum(idsOf(vocabulary.staff)), purpose }),
  ]);
};

type ClaimsSchema = ReturnType<typeof claimsSchema>;

const NAME_WORDS = '1 to 255 ASCII characters without a space';

/** The allowed values of each claim: words of the policy and of the code, and settings of this gateway. */
const allowedWords = (schema: ClaimsSchema, options: AuthenticatorOptions): Readonly<Record<string, string>> => ({
  kind: schema.options.map(({ shape }) => shape.kind.value).join(', '),
  role: idsOf(options.vocabulary.staff).join(', '),
  purpose: [...options.purposes].join(', '),
  scope: `any of ${scopeWordsOf(options.vocabulary).join(', ')}, with a space between two`,
  sub: NAME_WORDS,
  jti: NAME_WORDS,
  iss: options.issuer,
  aud: options.audience,
  typ: TOKEN_TYPE,
});

/** What a token says, and until when it may be relied on, in milliseconds since the epoch. */
export type Claims = z.output<ClaimsSchema> & { readonly until: number };

/** Our own words for what is wrong with a token; nothing of the token is repeated. */
const describe = (error: errors.JOSEError): string => {
  if (error instanceof errors.JWTExpired) return 'it has expired';
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'its signature does not verify';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'its algorithm is not one that is used here';
  if (error instanceof errors.JWKSNoMatchingKey) return 'it is signed with a key that is not known here';
  return 'it is not a signed JSON Web Token';
};

/** What the key set says of a token; any other failure to find its key is one to learn the keys at all. */
const isFaultOfToken = (error: unknown) =>
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys ||
  error instanceof errors.JOSENotSupported;

/** A failure to learn the keys says nothing of the token: whether it is good can't be known. */
const orUnavailable =
  (keys: JWTVerifyGetKey): JWTVerifyGetKey =>
  async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      throw isFaultOfToken(error) ? error : unavailable('the keys of the identity provider');
    }
  };

/** A token that names no key is good if any of the keys that fit it has signed it (RFC 7515, 4.1.4). */
async function verifyWithAny(
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
 * Whether the times of a token are good now, to the millisecond: an issuer may be ahead of us as it begins, and nothing
 * counts beyond its end.
 *
 * @see RFC 7519, 4.1.4 to 4.1.6
 */
function requireTimely({ iat, nbf = iat, exp }: Pick<Claims, 'iat' | 'nbf' | 'exp'>, now: Date): void {
  const seconds = now.getTime() / 1_000;
  if (exp <= seconds || Math.floor(seconds) - iat > MAXIMUM_AGE) throw refused('it has expired');
  if (iat > seconds + AHEAD) throw refused('its iat is missing or not as expected');
  if (nbf > seconds + AHEAD) throw refused('its nbf is missing or not as expected');
}

/**
 * Whether a claim stands in a token more than once: readers that differ in which of them counts would see two callers.
 *
 * @see RFC 7519, 4 (claim names are unique)
 */
function repeatsClaim(token: string): boolean {
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

/**
 * Finds out who calls, in two steps: `verify` reads the token and asks nobody but the key set; `identify` finds whom
 * it names. Whoever shows no token is a visitor; whoever shows one that is not good in every respect is refused, never
 * taken for a visitor.
 *
 * @returns functions that throw {ApiError} UNAUTHENTICATED, or UNAVAILABLE where the keys can't be learnt
 * @see RFC 9068 (JWT profile for access tokens)
 */
export function createAuthenticator(options: AuthenticatorOptions) {
  const { keys, algorithms, issuer, audience, clock, findPerson, findRecipient, isErased, isRevoked } = options;
  const schema = claimsSchema(options);
  const keysOrUnavailable = orUnavailable(keys);
  const words = options.hints ? allowedWords(schema, options) : {};

  const unfit = (claims: readonly string[]) => {
    const hints = claims.flatMap((claim) => (words[claim] ? [`. Expected as ${claim}: ${words[claim]}`] : []));
    return refused(`its ${claims.join(', ')} is missing or not as expected${hints.join('')}`);
  };

  const claimsOf = async (token: string): Promise<Claims> => {
    const now = clock.now();
    try {
      const { payload } = await verifyWithAny(token, keysOrUnavailable, {
        issuer,
        audience,
        algorithms: [...algorithms],
        typ: TOKEN_TYPE,
        requiredClaims: ['sub', 'jti', 'iat', 'exp', 'kind'],
        maxTokenAge: MAXIMUM_AGE,
        currentDate: now,
        // of every time alike, and in whole seconds: `requireTimely` is exact
        clockTolerance: AHEAD + 1,
      });
      if (repeatsClaim(token)) throw refused('it has a claim twice');
      const claims = schema.safeParse(payload);
      if (!claims.success) {
        const names = claims.error.issues.map(({ path }) => String(path[0] ?? 'kind'));
        throw unfit([...new Set(names)]);
      }
      requireTimely(claims.data, now);
      const { iat, exp } = claims.data;
      return { ...claims.data, until: Math.min(exp, iat + MAXIMUM_AGE) * 1_000 };
    } catch (error) {
      if (error instanceof errors.JWTClaimValidationFailed) throw unfit([error.claim]);
      throw error instanceof errors.JOSEError ? refused(describe(error)) : error;
    }
  };

  const claimsOfKnown = rememberVerified(claimsOf, clock);

  /** What a request's token says; null where it shows none. */
  const verify = async ({ headers }: Pick<Request, 'headers'>): Promise<Claims | null> => {
    const authorization = headers.get('authorization');
    if (authorization === null || authorization.trim() === '') return null;
    const [, token] = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization.trim()) ?? [];
    if (token === undefined) throw refused('expected "Authorization: Bearer" and one token');
    if (token.length > MAXIMUM_LENGTH) throw refused(`it is longer than ${MAXIMUM_LENGTH} characters`);
    return claimsOfKnown(token);
  };

  const callerOf = async (claims: Claims): Promise<Caller> => {
    switch (claims.kind) {
      case 'member': {
        const person = await findPerson(claims.sub);
        if (person && !isBeingErased(person)) return { kind: 'MEMBER', person };
        if (person || (await isErased(claims.sub))) throw refused(NO_HOLDER.member);
        return { kind: 'VISITOR', registrant: claims.sub };
      }
      case 'partner': {
        const recipient = await findRecipient(claims.sub);
        if (!recipient?.active) throw refused(NO_HOLDER.partner);
        return { kind: 'PARTNER', recipient, purpose: claims.purpose, scope: claims.scope, tokenId: claims.jti };
      }
      case 'staff':
        return {
          kind: 'STAFF',
          role: claims.role,
          purpose: claims.purpose,
          tokenId: claims.jti,
          sub: claims.sub,
        };
    }
  };

  const identify = async (claims: Claims | null): Promise<Caller> => {
    if (!claims) return { kind: 'VISITOR', registrant: null };
    const [caller, revoked] = await Promise.all([callerOf(claims), isRevoked(claims.jti)]);
    if (revoked) throw refused('it was revoked');
    return caller;
  };

  return { verify, identify };
}
