import { createHash } from 'node:crypto';
import { decodeJwt, errors, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import { isRecord } from '../base/records.ts';
import type { Recipient } from '../policy/facts.ts';
import { idsOf, NO_CATEGORIES, scopeOf, scopeWordsOf, type Vocabulary } from '../policy/vocabulary.ts';
import type { Caller } from '../subject/caller.ts';
import { isErased as isBeingErased, type PersonDocument } from '../subject/model.ts';
import { verifyProof } from './dpop.ts';
import type { IssuerEntry } from './issuers-file.ts';
import { MAXIMUM_AGE, NO_HOLDER, refused } from './refusals.ts';
import { faultOfToken, orUnavailable, repeatsClaim, typeIn, verifyWithAny } from './signed-token.ts';
import { isForAccess, isMeantForUs, mapClaims } from './token-mapping.ts';
import { rememberVerified } from './verified-tokens.ts';

/** How far ahead an issuer's clock may be, in seconds: a token that it has just signed counts at once (FAPI 2.0). */
export const AHEAD = 10;

/** How long a token may be, in characters; browsers and servers take no longer headers either. */
const MAXIMUM_LENGTH = 8_000;

/** A trusted issuer of tokens. */
export interface TokenIssuer extends Pick<IssuerEntry, 'issuer' | 'audience' | 'types' | 'leewaySeconds'> {
  readonly keys: JWTVerifyGetKey;
  readonly algorithms: readonly string[];
  /** Maps the issuer's claims to the claims of this gateway's own tokens; null if they are the same. */
  readonly mapping: IssuerEntry | null;
}

/** An issuer of tokens with the claims of this gateway's own, and the type of RFC 9068, 2.1. */
export const plainIssuer = (issuer: Pick<TokenIssuer, 'issuer' | 'audience' | 'keys' | 'algorithms'>): TokenIssuer => ({
  ...issuer,
  types: ['at+jwt'],
  leewaySeconds: AHEAD,
  mapping: null,
});

/** A partner on record, as far as its tokens are concerned. */
export interface KnownPartner {
  readonly recipient: Recipient;
  /** Whether its tokens have to be bound to a key (RFC 9449, 5.2). */
  readonly dpopBoundAccessTokens: boolean;
}

export interface AuthenticatorOptions {
  readonly issuers: readonly TokenIssuer[];
  readonly clock: Clock;
  /** The purposes that a token may name. */
  readonly purposes: ReadonlySet<string>;
  /** The categories and roles that a token may name. */
  readonly vocabulary: Vocabulary;
  readonly findPerson: (publicId: string) => Promise<PersonDocument | null>;
  /** Null for a partner that is not on record. */
  readonly findPartner: (clientId: string) => Promise<KnownPartner | null>;
  /** Whether an id without a record belonged to a person who is erased. */
  readonly isErased: (publicId: string) => Promise<boolean>;
  readonly isRevoked: (tokenId: string) => Promise<boolean>;
  /** Takes a proof, by its name; false where any gateway has taken it before. */
  readonly takeProof: (name: string) => Promise<boolean>;
  /** Where clients reach this gateway. */
  readonly originOf: (request: Request) => string;
  /** Whether a refusal tells developers which words are allowed. */
  readonly hints: boolean;
}

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
  iss: options.issuers.map(({ issuer }) => issuer).join(', '),
  kind: schema.options.map(({ shape }) => shape.kind.value).join(', '),
  role: idsOf(options.vocabulary.staff).join(', '),
  purpose: [...options.purposes].join(', '),
  sub: NAME_WORDS,
  jti: NAME_WORDS,
});

/** The settings of one issuer that a token has to agree with. */
const allowedBy = (
  { audience, types, mapping }: TokenIssuer,
  vocabulary: Vocabulary,
): Readonly<Record<string, string>> => ({
  ...(typeof audience === 'string' && { aud: audience }),
  scope: `any of ${scopeWordsOf(vocabulary, mapping?.scope?.prefix).join(', ')}, with a space between two`,
  typ: types.join(', '),
});

/** The claims of a token. */
export type Claims = z.output<ClaimsSchema> & {
  /** Until when it may be relied on, in milliseconds since the epoch. */
  readonly until: number;
  /** The thumbprint of the key that it is bound to; null for a token that is bound to no key. */
  readonly jkt: string | null;
};

/** The claims of a request's token, and the name of the proof beside it, which has yet to be taken. */
export type ShownClaims = Claims & { readonly proof: string | null };

/**
 * Whether the times of a token are good now, to the millisecond: an issuer may be ahead of us as it begins, and nothing
 * counts beyond its end.
 *
 * @see RFC 7519, 4.1.4 to 4.1.6
 */
function requireTimely({ iat, nbf = iat, exp }: Pick<Claims, 'iat' | 'nbf' | 'exp'>, now: Date, leeway: number): void {
  const seconds = now.getTime() / 1_000;
  if (exp <= seconds || Math.floor(seconds) - iat > MAXIMUM_AGE) throw refused('it has expired');
  if (iat > seconds + leeway) throw refused('its iat is missing or not as expected');
  if (nbf > seconds + leeway) throw refused('its nbf is missing or not as expected');
}

/**
 * The thumbprint of the key that a token is bound to; null where it is bound to none.
 *
 * @throws {ApiError} UNAUTHENTICATED where it is bound in a way that can't be checked here
 * @see RFC 7800, 3.1 (`cnf`) and RFC 9449, 6.1 (`jkt`)
 */
function thumbprintIn({ cnf }: JWTPayload): string | null {
  if (cnf === undefined) return null;
  if (isRecord(cnf) && typeof cnf.jkt === 'string' && Object.keys(cnf).length === 1) return cnf.jkt;
  throw refused('it is bound to its client in a way that is not known here');
}

/** @throws {ApiError} UNAUTHENTICATED if the text is not a token */
function readUnverified(token: string): JWTPayload {
  try {
    return decodeJwt(token);
  } catch {
    throw refused('it is not a signed JSON Web Token');
  }
}

/** SHA-256 of the signed part: an id that no other token has, and that can't be changed without another signature. */
const digestOf = (token: string) =>
  createHash('sha256')
    .update(token.slice(0, token.lastIndexOf('.')))
    .digest('base64url');

/**
 * Identifies the caller in two steps: `verify` reads the token and asks nobody but the key set; `identify` finds the
 * person or partner that it names. A caller without a token is a visitor; a caller with a token that is not good in
 * every respect is refused, never taken for a visitor.
 *
 * @returns functions that throw {ApiError} UNAUTHENTICATED, or UNAVAILABLE where the keys can't be learnt
 * @see RFC 9068 (JWT profile for access tokens)
 */
export function createAuthenticator(options: AuthenticatorOptions) {
  const { clock, findPerson, findPartner, isErased, isRevoked, takeProof, originOf } = options;
  const schema = claimsSchema(options);
  const issuers = options.issuers.map((issuer) => ({ ...issuer, keys: orUnavailable(issuer.keys) }));
  const words = options.hints ? allowedWords(schema, options) : {};

  const unfit = (claims: readonly string[], issuer?: TokenIssuer) => {
    const right = { ...words, ...(options.hints && issuer && allowedBy(issuer, options.vocabulary)) };
    const hints = claims.flatMap((claim) => (right[claim] ? [`. Expected as ${claim}: ${right[claim]}`] : []));
    return refused(`its ${claims.join(', ')} is missing or not as expected${hints.join('')}`);
  };

  /** The claims of a token with a good signature and good times, in the words of this gateway. */
  const readClaims = (token: string, payload: JWTPayload, issuer: TokenIssuer) => {
    if (!issuer.mapping) return payload;
    if (!isForAccess(payload)) throw refused('it is made for signing in, or for another use than this');
    if (!isMeantForUs(issuer, payload)) throw unfit(['aud'], issuer);
    const mapped = mapClaims(issuer.mapping, payload, digestOf(token));
    if ('misfit' in mapped) throw refused(mapped.misfit);
    return mapped.claims;
  };

  const verifyBy = async (issuer: TokenIssuer, token: string): Promise<Claims> => {
    const now = clock.now();
    const { audience, leewaySeconds: leeway } = issuer;
    try {
      const { payload, protectedHeader } = await verifyWithAny(token, issuer.keys, {
        issuer: issuer.issuer,
        ...(typeof audience === 'string' && { audience }),
        algorithms: [...issuer.algorithms],
        requiredClaims: ['iat', 'exp'],
        maxTokenAge: MAXIMUM_AGE,
        currentDate: now,
        // of every time alike, and in whole seconds: `requireTimely` is exact
        clockTolerance: leeway + 1,
      });
      if (!issuer.types.some((type) => type.toLowerCase() === typeIn(protectedHeader))) throw unfit(['typ'], issuer);
      if (repeatsClaim(token)) throw refused('it has a claim twice');
      const claims = schema.safeParse(readClaims(token, payload, issuer));
      if (!claims.success) {
        const names = claims.error.issues.map(({ path }) => String(path[0] ?? 'kind'));
        throw unfit([...new Set(names)], issuer);
      }
      requireTimely(claims.data, now, leeway);
      const { iat, exp } = claims.data;
      return { ...claims.data, until: Math.min(exp, iat + MAXIMUM_AGE) * 1_000, jkt: thumbprintIn(payload) };
    } catch (error) {
      if (error instanceof errors.JWTClaimValidationFailed) throw unfit([error.claim], issuer);
      throw error instanceof errors.JOSEError ? refused(faultOfToken(error)) : error;
    }
  };

  /** The issuer that a token names. Nothing says yet that it is the one that signed it. */
  const issuerOf = (token: string): TokenIssuer => {
    const { iss } = readUnverified(token);
    const issuer = issuers.find((known) => known.issuer === iss);
    if (!issuer) throw unfit(['iss']);
    return issuer;
  };

  const claimsOfKnown = rememberVerified(async (token) => verifyBy(issuerOf(token), token), clock);

  /** The claims of a request's token; null if it shows none. */
  const verify = async (request: Request): Promise<ShownClaims | null> => {
    const authorization = request.headers.get('authorization')?.trim() ?? '';
    if (authorization === '') return null;
    const [, scheme, token] = /^(Bearer|DPoP) +([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization) ?? [];
    if (token === undefined) throw refused('expected "Authorization: Bearer" and one token');
    if (token.length > MAXIMUM_LENGTH) throw refused(`it is longer than ${MAXIMUM_LENGTH} characters`);
    const claims = await claimsOfKnown(token);
    const isShownWithProof = scheme?.toLowerCase() === 'dpop';
    if (claims.jkt === null) {
      if (isShownWithProof) throw refused('it is bound to no key: expected "Authorization: Bearer"', 'BOUND_TOKEN');
      return { ...claims, proof: null };
    }
    if (!isShownWithProof) throw refused('it is bound to a key: expected "Authorization: DPoP"', 'BOUND_TOKEN');
    const shown = { token, request, origin: originOf(request), now: clock.now() };
    return { ...claims, proof: await verifyProof(shown, claims.jkt) };
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
        const partner = await findPartner(claims.sub);
        if (!partner?.recipient.active) throw refused(NO_HOLDER.partner);
        if (partner.dpopBoundAccessTokens && claims.jkt === null)
          throw refused('its partner shows tokens that are bound to a key alone', 'BOUND_TOKEN');
        const { recipient } = partner;
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

  const identify = async (claims: ShownClaims | null): Promise<Caller> => {
    if (!claims) return { kind: 'VISITOR', registrant: null };
    const [caller, revoked, isFirst] = await Promise.all([
      callerOf(claims),
      isRevoked(claims.jti),
      claims.proof === null || takeProof(claims.proof),
    ]);
    if (revoked) throw refused('it was revoked');
    if (!isFirst) throw refused('its DPoP proof was shown before', 'PROOF');
    return caller;
  };

  return { verify, identify };
}
