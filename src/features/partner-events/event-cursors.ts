import { openText, sealText } from '../../store/sealed-text.ts';

const placeFor = (recipient: string) => `partner event cursor for ${recipient}`;

/**
 * Positions among the events of one partner, whichever of its tokens it asks with.
 *
 * @param secret  32 bytes that every gateway on the same database shares
 */
export const createEventCursors = (secret: Buffer) => ({
  of: (recipient: string, position: number): string => sealText(secret, placeFor(recipient), position),
  /** Null for a text that is no cursor of this partner. */
  open: (recipient: string, cursor: string) => openText(secret, placeFor(recipient), cursor) as number | null,
});
