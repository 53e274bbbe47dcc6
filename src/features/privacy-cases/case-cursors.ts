import { openText, sealText } from '../../store/sealed-text.ts';
import type { Position } from './order.ts';

/** Positions among the cases that wait, as one audience is given them. */
export interface CaseCursors {
  readonly of: (position: Position) => string;
  /** Null for a text that is no cursor of this audience. */
  readonly open: (cursor: string) => Position | null;
}

/** @param secret  32 bytes that every gateway on the same database shares */
export const createCaseCursors =
  (secret: Buffer) =>
  (audience: string): CaseCursors => {
    const place = `privacy case cursor for ${audience}`;
    return {
      of: (position) => sealText(secret, place, position),
      open: (cursor) => openText(secret, place, cursor) as Position | null,
    };
  };
