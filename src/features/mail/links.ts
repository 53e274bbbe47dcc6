import { DAY } from '../../base/durations.ts';
import { deriveSecret } from '../../store/derive.ts';
import { openText, sealText } from '../../store/sealed-text.ts';
import type { SubjectId } from '../../subject/identifiers.ts';

/** The action of a link in a mail, and its subject. Each link does one thing and tells nothing of itself. */
export type Link =
  | { readonly action: 'SWITCH_OFF'; readonly sid: SubjectId; readonly preference: string }
  | { readonly action: 'LEAVE_THREAD'; readonly subscriber: string; readonly thread: string }
  | {
      readonly action: 'VERIFY_THREAD';
      readonly subscriber: string;
      readonly thread: string;
      /** Marks the address that it was mailed to; left out where the subscriber is one by that address alone. */
      readonly mailedTo?: string;
      readonly until: number;
    }
  /** `mailbox` marks the mailbox of somebody without an account. */
  | { readonly action: 'FORGET_MAILBOX'; readonly mailbox: string }
  | { readonly action: 'PROVE_EMAIL'; readonly sid: SubjectId; readonly mailedTo: string; readonly until: number };

/** How long a link can be followed that asks a mailbox to answer, in milliseconds. */
export const TIME_TO_ANSWER = 7 * DAY;

export interface Links {
  /** A token for a link. It is sealed: nobody can forge it, and it tells a reader nothing. */
  readonly issue: (link: Link) => string;
  /** Null for anything that was not issued here. */
  readonly open: (token: string) => Link | null;
}

const PLACE = 'mail link';
/** More than a link about a thread of 200 characters takes, in any script. */
const MOST = 4_096;

/** @param secret  32 bytes that every gateway on the same database shares */
export function createLinks(secret: Buffer): Links {
  const key = deriveSecret(secret, PLACE);
  return {
    issue: (link) => sealText(key, PLACE, link),
    open: (token) => (token.length > MOST ? null : (openText(key, PLACE, token) as Link | null)),
  };
}
