import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, EmbeddedJWK, type JWTVerifyResult, jwtVerify } from 'jose';
import { z } from 'zod';
import { PROVIDER_ALGORITHMS } from '../base/algorithms.ts';
import { MINUTE } from '../base/durations.ts';
import { parseUrl } from '../base/url.ts';
import { pathOf } from './path.ts';
import { refused } from './refusals.ts';
import { methodOf } from './routes.ts';

/** How old a proof may be, in seconds. */
const OLDEST = 60;
/** How far ahead the clock of a client may be, in seconds. */
const AHEAD = 10;

/** How long the mark of a proof is kept, in milliseconds: longer than any gateway would take the proof. */
export const PROOF_KEPT = 2 * MINUTE;

/** @see RFC 9449, 4.2 */
const Proof = z.object({
  jti: z.string().min(1).max(255),
  htm: z.string(),
  htu: z.string(),
  iat: z.number(),
  ath: z.string().optional(),
});

/** A request that comes with a proof. */
export interface ProvenRequest {
  readonly request: Request;
  /** Where clients reach this gateway: `https://gateway.example`. */
  readonly origin: string;
  readonly now: Date;
}

/** The claims of a proof that was read. */
export interface ReadProof {
  /** The thumbprint of the key that signed it. */
  readonly jkt: string;
  /** Its name, which counts once. */
  readonly name: string;
  /** The hash of the token that it goes with; undefined where it goes with none. */
  readonly ath: string | undefined;
}

/** Makes the error of a proof that is refused, from why it is. */
type Refuse = (description: string) => Error;

const badProof: Refuse = (description) => refused(description, 'PROOF');

/** The address that a proof is for, without query and fragment, as the URL Standard writes it. */
function targetOf(htu: string): string | null {
  const url = parseUrl(htu);
  return url && url.origin + url.pathname;
}

async function openProof(proof: string, now: Date, refuse: Refuse): Promise<JWTVerifyResult> {
  try {
    return await jwtVerify(proof, EmbeddedJWK, {
      typ: 'dpop+jwt',
      algorithms: [...PROVIDER_ALGORITHMS],
      currentDate: now,
      clockTolerance: AHEAD,
    });
  } catch {
    throw refuse('its DPoP proof is none, or is not signed with the key that it brings along');
  }
}

/**
 * Reads the proof of a request: signed with the key that it brings along, for this method and address, and of now.
 *
 * @throws the error that `refuse` makes
 * @see RFC 9449, 4.3
 */
export async function readProof(
  proof: string,
  { request, origin, now }: ProvenRequest,
  refuse: Refuse,
): Promise<ReadProof> {
  const { payload, protectedHeader } = await openProof(proof, now, refuse);
  const { data } = Proof.safeParse(payload);
  if (!data) throw refuse('its DPoP proof lacks jti, htm, htu or iat');
  if (data.htm !== methodOf(request)) throw refuse('its DPoP proof is for another method');
  if (targetOf(data.htu) !== origin + pathOf(request)) throw refuse('its DPoP proof is for another address');
  const age = now.getTime() / 1_000 - data.iat;
  if (age > OLDEST || age < -AHEAD) throw refuse('its DPoP proof is of another time');
  const jkt = await calculateJwkThumbprint(protectedHeader.jwk ?? {}, 'sha256');
  return { jkt, name: `${jkt} ${data.jti}`, ath: data.ath };
}

/** A token as it was shown, and the request that shows it. */
export interface Shown extends ProvenRequest {
  readonly token: string;
}

/**
 * Checks that the client which shows a token holds the key that the token is bound to.
 *
 * @param jkt  the thumbprint of that key
 * @returns the name of the proof, which counts once
 * @throws {ApiError} UNAUTHENTICATED
 */
export async function verifyProof({ token, ...shown }: Shown, jkt: string): Promise<string> {
  const proof = shown.request.headers.get('dpop');
  if (proof === null) throw badProof('it is bound to a key, and comes without a DPoP proof');
  const { ath, name, ...by } = await readProof(proof, shown, badProof);
  if (ath !== createHash('sha256').update(token).digest('base64url'))
    throw badProof('its DPoP proof is for another token');
  if (by.jkt !== jkt) throw badProof('its DPoP proof is by another key than the token is bound to');
  return name;
}
