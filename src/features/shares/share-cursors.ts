import type { Disclosure, DisclosurePosition } from '../../ledger/disclosure/disclosure.ts';
import { openText, sealText } from '../../store/sealed-text.ts';
import type { SubjectId } from '../../subject/identifiers.ts';

/** Positions in a person's shares, as one audience is given them. */
export interface ShareCursors {
  readonly of: (share: Pick<Disclosure, 'sid' | 'position'>) => string;
  /** Null for a cursor that this audience was not given for this person. */
  readonly open: (sid: SubjectId, cursor: string) => DisclosurePosition | null;
}

/**
 * Where a page goes on is in its cursor, so that nothing is looked up; it is sealed, so that it tells nobody anything.
 *
 * @param secret  32 bytes that every gateway on the same database shares
 */
export const createShareCursors =
  (secret: Buffer) =>
  (audience: string): ShareCursors => {
    const placeOf = (sid: SubjectId) => `share cursor of ${sid} for ${audience}`;
    return {
      of: ({ sid, position }) => sealText(secret, placeOf(sid), position),
      open: (sid, cursor) => openText(secret, placeOf(sid), cursor) as DisclosurePosition | null,
    };
  };
