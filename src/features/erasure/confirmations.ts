import { MINUTE } from '../../base/durations.ts';
import { openBytes, sealBytes } from '../../store/aead.ts';
import { deriveSecret } from '../../store/derive.ts';
import type { SubjectId } from '../../subject/identifiers.ts';

/** The time to confirm a request for erasure, in milliseconds. */
const TIME_TO_CONFIRM = 15 * MINUTE;

const placeOf = (sid: SubjectId) => `erasure of ${sid}`;

/**
 * Words that only the gateway can say and only of one person: that they asked to be erased. Good for nothing else.
 *
 * @param secret  32 bytes that every gateway on the same database shares
 */
export function createConfirmations(secret: Buffer) {
  const key = deriveSecret(secret, 'erasure confirmation');
  return {
    issue(sid: SubjectId, now: Date) {
      const deadline = new Date(now.getTime() + TIME_TO_CONFIRM);
      return { confirmation: sealBytes(key, placeOf(sid), Buffer.from(deadline.toISOString())), deadline };
    },

    isGood(sid: SubjectId, confirmation: string, now: Date): boolean {
      try {
        return now.toISOString() < openBytes(key, placeOf(sid), confirmation).toString();
      } catch {
        return false;
      }
    },
  };
}
