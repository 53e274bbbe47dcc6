import { createLocalJWKSet, decodeJwt, decodeProtectedHeader, errors, type JSONWebKeySet, type JWTPayload } from 'jose';
import { PROVIDER_ALGORITHMS } from '../../base/algorithms.ts';
import { MINUTE } from '../../base/durations.ts';
import type { FindKeys } from '../../features/partners/fetched-keys.ts';
import type { PartnerDocument } from '../../features/partners/recipient.ts';
import { repeatsClaim, typeIn, verifyWithAny } from '../signed-token.ts';
import type { ClientForm } from './client-form.ts';
import { OAuthError } from './oauth-error.ts';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
/** The types of an assertion: those that stock clients write, so that no token or proof by the same key is one. */
const TYPES = ['none', 'jwt', 'client-authentication+jwt'];

/** The longest time from now to the end of an assertion, in seconds. */
const LONGEST = 5 * 60;
/** The most by which the clock of a client may be ahead, in seconds. */
const AHEAD = 10;
const MAXIMUM_LENGTH = 8_000;

/** The life of the mark of an assertion, in milliseconds: longer than any gateway would take the assertion. */
export const ASSERTION_KEPT = 6 * MINUTE;

/** A request of a client, as far as it names its sender. */
export interface ClientRequest {
  readonly headers: Headers;
  readonly form: ClientForm;
}

export interface ClientAuthenticatorOptions {
  /** The accepted audiences; an assertion names exactly one of them. */
  readonly audiences: readonly string[];
  readonly now: () => Date;
  readonly findPartner: (clientId: string) => Promise<PartnerDocument | null>;
  /** Finds the keys of a partner as they are now, for an assertion that names one, or none. */
  readonly findKeys: FindKeys;
  /** Takes an assertion, by its name; false where any gateway has taken it before. */
  readonly takeAssertion: (name: string) => Promise<boolean>;
}

const refused = (description: string) =>
  new OAuthError('invalid_client', `The client assertion is not accepted: ${description}.`);

/** The same for a client that is not on record: nobody is told which clients are. */
const NO_KEY_FITS = 'it is not signed with a key that is on record for its client';
const EXPIRED = 'it has expired';

/** @throws {OAuthError} `invalid_request` for several ways to authenticate, `invalid_client` for none that is known */
function assertionIn({ headers, form }: ClientRequest): string {
  const isAsserted = form.has('client_assertion') || form.has('client_assertion_type');
  const ways = [headers.has('authorization'), form.has('client_secret'), isAsserted];
  // RFC 6749, 2.3
  if (ways.filter((way) => way).length > 1)
    throw new OAuthError('invalid_request', 'Expected one way to authenticate, not several.');
  const assertion = form.get('client_assertion');
  if (form.get('client_assertion_type') !== ASSERTION_TYPE || assertion === undefined)
    throw new OAuthError('invalid_client', 'Expected a client assertion (private_key_jwt).');
  if (assertion.length > MAXIMUM_LENGTH) throw refused(`it is longer than ${MAXIMUM_LENGTH} characters`);
  return assertion;
}

/** The client that an assertion names; nothing says yet that the client signed it. */
function clientIn(assertion: string, form: ClientForm): string {
  const clientId = readIssuer(assertion);
  if (typeof clientId !== 'string') throw refused(NO_KEY_FITS);
  if ((form.get('client_id') ?? clientId) !== clientId) throw refused('it is of another client than client_id names');
  return clientId;
}

function readIssuer(assertion: string): unknown {
  try {
    return decodeJwt(assertion).iss;
  } catch {
    throw refused('it is not a signed JSON Web Token');
  }
}

/** The key that an assertion names; undefined for none. */
function keyIn(assertion: string): string | undefined {
  try {
    return decodeProtectedHeader(assertion).kid;
  } catch {
    throw refused('it is not a signed JSON Web Token');
  }
}

const audienceIn = ({ aud }: JWTPayload): unknown => (Array.isArray(aud) && aud.length === 1 ? aud[0] : aud);

/** @throws {OAuthError} where the times of an assertion are not good now, to the millisecond */
function requireTimely({ exp, iat, nbf }: JWTPayload, now: Date): void {
  const seconds = now.getTime() / 1_000;
  if (exp === undefined || exp <= seconds) throw refused(EXPIRED);
  if (exp > seconds + LONGEST + AHEAD) throw refused('it ends more than 5 minutes from now');
  for (const time of [iat, nbf])
    if (time !== undefined && time > seconds + AHEAD) throw refused('its time has yet to come');
}

/**
 * Only a client that has signed with a key on record is told more: earlier findings would tell which clients are on
 * record.
 */
const describe = (error: unknown): string => {
  if (error instanceof errors.JWTExpired) return EXPIRED;
  if (error instanceof errors.JWTClaimValidationFailed) return `its ${error.claim} is missing or not as expected`;
  if (error instanceof errors.JOSEError) return NO_KEY_FITS;
  throw error;
};

/**
 * Finds out which client sends a request, by an assertion that the client has signed for this one request.
 *
 * @returns a function that throws {OAuthError}
 * @see RFC 7523, 3; OpenID Connect Core, 9 (`private_key_jwt`)
 */
export function createClientAuthenticator(options: ClientAuthenticatorOptions) {
  const { audiences, findPartner, findKeys, takeAssertion } = options;

  const verify = async (assertion: string, clientId: string, keys: JSONWebKeySet): Promise<JWTPayload> => {
    const now = options.now();
    const { payload, protectedHeader } = await verifyWithAny(assertion, createLocalJWKSet(keys), {
      ...{ issuer: clientId, subject: clientId },
      algorithms: [...PROVIDER_ALGORITHMS],
      requiredClaims: ['aud', 'exp', 'jti'],
      currentDate: now,
      // in whole seconds: `requireTimely` is exact
      clockTolerance: AHEAD + 1,
    });
    if (!TYPES.includes(typeIn(protectedHeader) ?? '')) throw refused('its typ is one of something else');
    if (repeatsClaim(assertion)) throw refused('it has a claim twice');
    if (!audiences.some((audience) => audience === audienceIn(payload)))
      throw refused('its aud is missing or not as expected');
    requireTimely(payload, now);
    return payload;
  };

  return async ({ headers, form }: ClientRequest): Promise<PartnerDocument> => {
    const assertion = assertionIn({ headers, form });
    const clientId = clientIn(assertion, form);
    const partner = await findPartner(clientId);
    const keys = partner ? await findKeys(partner, keyIn(assertion)) : [];
    if (!partner || keys.length === 0) throw refused(NO_KEY_FITS);
    const { jti } = await verify(assertion, clientId, { keys: [...keys] } as JSONWebKeySet).catch((error: unknown) => {
      throw error instanceof OAuthError ? error : refused(describe(error));
    });
    if (typeof jti !== 'string' || jti === '' || jti.length > 255)
      throw refused('its jti is missing or not as expected');
    if (!(await takeAssertion(`${clientId} ${jti}`))) throw refused('it was shown before');
    return partner;
  };
}
