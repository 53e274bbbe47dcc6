import { openText, sealText } from '../store/sealed-text.ts';

/** Positions in one list of one person, as one audience is given them. */
export interface PositionsIn<Position> {
  readonly of: (position: Position) => string;
  /** Null for a cursor that this audience was not given for this list. */
  readonly open: (cursor: string) => Position | null;
}

/** The positions in a list, by its name, of a person, by their internal id. */
export type ListCursors = <Position>(list: string, sid: string) => PositionsIn<Position>;

/** @param secret  32 bytes that every gateway on the same database shares */
export const createListCursors =
  (secret: Buffer) =>
  (audience: string): ListCursors =>
  <Position>(list: string, sid: string) => {
    const place = `cursor among ${list} of ${sid} for ${audience}`;
    return {
      of: (position: Position) => sealText(secret, place, position),
      open: (cursor: string) => openText(secret, place, cursor) as Position | null,
    };
  };
