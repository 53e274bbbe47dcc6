import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { deriveSecret } from '../store/derive.ts';

/** The internal id of a person: 16 random bytes as 32 hexadecimal digits. It never leaves the gateway. */
export type SubjectId = string;

export const createSubjectId = (): SubjectId => randomBytes(16).toString('hex');

/** Turns internal ids into the ids that one audience is shown, and back. */
export interface Pseudonyms {
  readonly of: (sid: SubjectId) => string;
  /** Null for a string that can't be one; any other is some internal id, though perhaps nobody's. */
  readonly open: (pseudonym: string) => SubjectId | null;
}

/** Most requests name nobody by these ids, so keys are derived on first use. */
function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

const ENCODED = /^[A-Za-z0-9_-]{22}$/;

/**
 * Ids that are stable for one audience, different for every other, and can't be joined without the secret:
 * one AES-256 block over the 16 bytes of the internal id, under a key of the audience's own. No table is needed.
 *
 * @param secret  32 bytes that every gateway on the same database shares
 * @see OpenID Connect Core 8.1, pairwise subject identifiers
 */
export const createPseudonyms =
  (secret: Buffer) =>
  (audience: string): Pseudonyms => {
    const key = once(() => createHmac('sha256', secret).update(audience).digest());
    const cipher = once(() => createCipheriv('aes-256-ecb', key(), null).setAutoPadding(false));
    const decipher = once(() => createDecipheriv('aes-256-ecb', key(), null).setAutoPadding(false));
    return {
      of: (sid) => cipher().update(Buffer.from(sid, 'hex')).toString('base64url'),
      open: (pseudonym) => {
        if (!ENCODED.test(pseudonym)) return null;
        const block = Buffer.from(pseudonym, 'base64url');
        return block.toString('base64url') === pseudonym ? decipher().update(block).toString('hex') : null;
      },
    };
  };

/** Positions in lists, as one audience is told them. */
export interface Cursors {
  readonly of: (sid: SubjectId) => string;
  /** Null for a text that is not a cursor of this audience. */
  readonly open: (cursor: string) => SubjectId | null;
}

/** Octets of the mark that tells a cursor from a text that somebody made up. */
const MARK = 9;

/** @param secret  32 bytes that every gateway on the same database shares */
export const createCursors = (secret: Buffer) => {
  const pseudonyms = createPseudonyms(secret);
  return (audience: string): Cursors => {
    const own = pseudonyms(audience);
    const key = once(() => createHmac('sha256', secret).update(`mark ${audience}`).digest());
    const marked = (position: string) => {
      const mark = createHmac('sha256', key()).update(position).digest().subarray(0, MARK);
      return `${position}${mark.toString('base64url')}`;
    };
    return {
      of: (sid) => marked(own.of(sid)),
      open: (cursor) => {
        const position = cursor.slice(0, -Math.ceil((MARK * 4) / 3));
        const [given, right] = [Buffer.from(cursor), Buffer.from(marked(position))];
        return given.length === right.length && timingSafeEqual(given, right) ? own.open(position) : null;
      },
    };
  };
};

/**
 * The ids by which each partner knows people.
 *
 * @param sharedSecret  32 bytes that every gateway on the same database shares
 */
export const partnerPseudonyms = (sharedSecret: Buffer): ((clientId: string) => Pseudonyms) => {
  const pseudonyms = createPseudonyms(deriveSecret(sharedSecret, 'pseudonyms'));
  return (clientId) => pseudonyms(`partner ${clientId}`);
};
