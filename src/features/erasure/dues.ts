import { groupBy } from '../../base/group-by.ts';
import type { Received } from '../../ledger/disclosure/recipients.ts';
import { isErased } from '../../subject/model.ts';
import type { Ask } from '../../subject/retraction.ts';
import { type Counts, countDue, countStopped, findStopped, type TakingBack } from './due.ts';
import { isStop, type RetractingAct, type Retractions } from './find-retractions.ts';
import type { ShownTo } from './shown-to.ts';

/** A notice asks one thing. `purpose` limits it to data that was shown for that purpose; null means any. */
export interface Asked {
  readonly ask: Ask;
  readonly purpose: string | null;
}

/** A request to one recipient about the data of one person that it was shown. */
export interface Due extends Asked {
  readonly recipient: string;
  readonly counts: Counts;
  readonly acts: readonly TakingBack[];
}

/** A stop may concern anything that was shown. */
export const takingBack = (act: RetractingAct): TakingBack => (isStop(act) ? { ...act, scope: 'EVERYTHING' } : act);

/** The acts that take permissions back. An erased person has none: their data must be erased in any case. */
export const stopsOf = ({ acts, facts }: Retractions) => (isErased({ facts }) ? [] : acts.filter(isStop));

/** Requests to stop, for each recipient and purpose that a permission was taken back from. */
function stopping(received: readonly Received[], retractions: Retractions, shownTo: ShownTo): Due[] {
  const stops = stopsOf(retractions);
  if (stops.length === 0) return [];
  const byRecipient = groupBy(received, ({ recipient }) => recipient);
  return [...byRecipient].flatMap(([recipient, ofRecipient]) =>
    [...groupBy(ofRecipient, ({ purpose }) => purpose)].map(([purpose, shown]) => {
      const stopped = findStopped(stops, retractions.facts, shownTo(recipient, purpose));
      const acts = stopped.stops.map(takingBack);
      return { recipient, ask: 'STOP', purpose, counts: countStopped(shown, stopped), acts };
    }),
  );
}

/** Requests to erase data that was taken back, and to replace data that was put right. */
const takingData = (received: readonly Received[], { acts }: Retractions): Due[] =>
  (['ERASE', 'REPLACE'] as const).flatMap((ask) => {
    const asking = acts.filter((act) => act.ask === ask).map(takingBack);
    return [...groupBy(received, ({ recipient }) => recipient)].map(([recipient, shown]) => ({
      ...{ recipient, ask, purpose: null, acts: asking },
      counts: countDue(shown, asking),
    }));
  });

/** All requests to recipients about one person. */
export const duesOf = (received: readonly Received[], retractions: Retractions, shownTo: ShownTo): Due[] =>
  [...takingData(received, retractions), ...stopping(received, retractions, shownTo)].filter(
    ({ counts }) => Object.keys(counts).length > 0,
  );
