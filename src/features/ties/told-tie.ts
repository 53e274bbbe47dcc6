import type { TieEnd, TieRecord } from '../../subject/person-ties.ts';

/** A tie as one of its ends is told of it. One that the ledgers do not speak of yet still waits. */
export const toldTie = ({ _id, kind, state, at }: TieRecord, end: TieEnd) => ({
  id: _id,
  kind,
  end,
  state: state === 'CONFIRMED' ? ('CONFIRMED' as const) : ('ENTERED' as const),
  since: at,
});
