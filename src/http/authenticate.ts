import { errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import type { Caller } from '../caller.ts';
import type { Clock } from '../clock.ts';
import { ApiError } from '../errors.ts';
import type { Recipient } from '../policy/facts.ts';
import { categoryOfScopeWord, maskOf, STAFF_ROLES } from '../policy/vocabulary.ts';
import { isErased as isBeingErased, type PersonDocument } from '../subject/model.ts';

/** How long a token may live at the most, in seconds: what is lost can be used for no longer. */
const MAXIMUM_AGE = 24 * 3600;

export interface AuthenticatorOptions {
  readonly keys: JWTVerifyGetKey;
  readonly algorithms: readonly string[];
  readonly issuer: string;
  readonly audience: string;
  readonly clock: Clock;
  /** The purposes that a token may name. */
  readonly purposes: ReadonlySet<string>;
  readonly findPerson: (publicId: string) => Promise<PersonDocument | null>;
  /** Null for a partner that is not on record or whose kind the policy does not know. */
  readonly findRecipient: (clientId: string) => Promise<Recipient | null>;
  /** Whether an id without a record was somebody's who is erased. */
  readonly isErased: (publicId: string) => Promise<boolean>;
  readonly isRevoked: (tokenId: string) => Promise<boolean>;
}

const refused = (description: string) => new ApiError('UNAUTHENTICATED', `The token is not accepted: ${description}.`);

const nonEmpty = z.string().min(1);

const claimsSchema = (purposes: ReadonlySet<string>) => {
  const purpose = z.string().refine((id) => purposes.has(id));
  const scope = z
    .string()
    .transform((text) => text.split(' ').filter((word) => word !== ''))
    .refine((words) => words.every((word) => categoryOfScopeWord(word)))
    .transform((words) => maskOf(words.map((word) => categoryOfScopeWord(word) ?? '')));
  const common = { sub: nonEmpty, jti: nonEmpty };
  return z.discriminatedUnion('kind', [
    z.object({ ...common, kind: z.literal('member') }),
    z.object({ ...common, kind: z.literal('partner'), purpose, scope }),
    z.object({ ...common, kind: z.literal('staff'), role: z.enum(STAFF_ROLES), purpose }),
  ]);
};

/** Our own words for what is wrong with a token; nothing of the token is repeated. */
const describe = (error: errors.JOSEError): string => {
  if (error instanceof errors.JWTExpired) return 'it has expired';
  if (error instanceof errors.JWTClaimValidationFailed) return `its ${error.claim} is missing or not as expected`;
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'its signature does not verify';
  if (error instanceof errors.JOSEAlgNotAllowed) return 'its algorithm is not one that is used here';
  if (error instanceof errors.JWKSNoMatchingKey) return 'it is signed with a key that is not known here';
  return 'it is not a signed JSON Web Token';
};

/** A failure to learn the keys says nothing of the token. */
const isFaultOfToken = (error: unknown): error is errors.JOSEError =>
  error instanceof errors.JOSEError && !(error instanceof errors.JWKSTimeout) && !(error instanceof errors.JWKSInvalid);

/**
 * Finds out who calls. Whoever shows no token is a visitor; whoever shows one that is not good in every respect is
 * refused, never taken for a visitor.
 *
 * @returns a function that throws {ApiError} UNAUTHENTICATED
 * @see RFC 9068 (JWT profile for access tokens)
 */
export function createAuthenticator(options: AuthenticatorOptions) {
  const { keys, algorithms, issuer, audience, clock, findPerson, findRecipient, isErased, isRevoked } = options;
  const schema = claimsSchema(options.purposes);

  const verify = async (token: string) => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer,
        audience,
        algorithms: [...algorithms],
        typ: 'at+jwt',
        requiredClaims: ['sub', 'jti', 'iat', 'exp', 'kind'],
        maxTokenAge: MAXIMUM_AGE,
        currentDate: clock.now(),
      });
      const claims = schema.safeParse(payload);
      if (!claims.success) {
        const names = claims.error.issues.map(({ path }) => path[0] ?? 'kind');
        throw refused(`its ${[...new Set(names)].join(', ')} is missing or not as expected`);
      }
      return claims.data;
    } catch (error) {
      throw isFaultOfToken(error) ? refused(describe(error)) : error;
    }
  };

  const callerOf = async (claims: Awaited<ReturnType<typeof verify>>): Promise<Caller> => {
    switch (claims.kind) {
      case 'member': {
        const person = await findPerson(claims.sub);
        if (person && !isBeingErased(person)) return { kind: 'MEMBER', person };
        if (person || (await isErased(claims.sub))) throw refused('its account was erased');
        return { kind: 'VISITOR', registrant: claims.sub };
      }
      case 'partner': {
        const recipient = await findRecipient(claims.sub);
        if (!recipient?.active) throw refused('its partner is not on record or is suspended');
        return { kind: 'PARTNER', recipient, purpose: claims.purpose, scope: claims.scope, tokenId: claims.jti };
      }
      case 'staff':
        return { kind: 'STAFF', role: claims.role, purpose: claims.purpose, tokenId: claims.jti };
    }
  };

  return async ({ headers }: Pick<Request, 'headers'>): Promise<Caller> => {
    const authorization = headers.get('authorization');
    if (authorization === null) return { kind: 'VISITOR', registrant: null };
    const [, token] = /^Bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization.trim()) ?? [];
    if (token === undefined) throw refused('expected "Authorization: Bearer" and a token');
    const claims = await verify(token);
    const [caller, revoked] = await Promise.all([callerOf(claims), isRevoked(claims.jti)]);
    if (revoked) throw refused('it was revoked');
    return caller;
  };
}
