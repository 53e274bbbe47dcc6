import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, EmbeddedJWK, type JWTVerifyResult, jwtVerify } from 'jose';
import { z } from 'zod';
import { MINUTE } from '../base/durations.ts';
import { parseUrl } from '../base/url.ts';
import { PROVIDER_ALGORITHMS } from './algorithms.ts';
import { pathOf } from './path.ts';
import { refused } from './refusals.ts';

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
  ath: z.string(),
});

/** A token as it was shown, and the request that shows it. */
export interface Shown {
  readonly token: string;
  readonly request: Request;
  /** Where clients reach this gateway: `https://gateway.example`. */
  readonly origin: string;
  readonly now: Date;
}

const badProof = (description: string) => refused(description, 'PROOF');

/** The address that a proof is for, without query and fragment, as the URL Standard writes it. */
function targetOf(htu: string): string | null {
  const url = parseUrl(htu);
  return url && url.origin + url.pathname;
}

async function openProof(proof: string, now: Date): Promise<JWTVerifyResult> {
  try {
    return await jwtVerify(proof, EmbeddedJWK, {
      typ: 'dpop+jwt',
      algorithms: [...PROVIDER_ALGORITHMS],
      currentDate: now,
      clockTolerance: AHEAD,
    });
  } catch {
    throw badProof('its DPoP proof is none, or is not signed with the key that it brings along');
  }
}

/**
 * Checks that the client which shows a token holds the key that the token is bound to.
 *
 * @param jkt  the thumbprint of that key
 * @returns the name of the proof, which counts once
 * @throws {ApiError} UNAUTHENTICATED
 * @see RFC 9449, 4.3
 */
export async function verifyProof({ token, request, origin, now }: Shown, jkt: string): Promise<string> {
  const proof = request.headers.get('dpop');
  if (proof === null) throw badProof('it is bound to a key, and comes without a DPoP proof');
  const { payload, protectedHeader } = await openProof(proof, now);
  const { data } = Proof.safeParse(payload);
  if (!data) throw badProof('its DPoP proof lacks jti, htm, htu, iat or ath');
  if (data.htm !== request.method) throw badProof('its DPoP proof is for another method');
  if (targetOf(data.htu) !== origin + pathOf(request)) throw badProof('its DPoP proof is for another address');
  const age = now.getTime() / 1_000 - data.iat;
  if (age > OLDEST || age < -AHEAD) throw badProof('its DPoP proof is of another time');
  if (data.ath !== createHash('sha256').update(token).digest('base64url'))
    throw badProof('its DPoP proof is for another token');
  if ((await calculateJwkThumbprint(protectedHeader.jwk ?? {}, 'sha256')) !== jkt)
    throw badProof('its DPoP proof is by another key than the token is bound to');
  return `${jkt} ${data.jti}`;
}
