import { badInput } from '../../base/errors.ts';
import type { EventPositions } from '../../store/mongo/repositories/event-positions.ts';
import type { EventForm, PartnerEvent } from '../erasure/partner-event.ts';
import type { StoredNotice } from '../erasure/stored-notice.ts';
import type { createEventCursors } from './event-cursors.ts';

/** An event with its place in the list of its partner. */
export interface PlacedEvent {
  readonly event: PartnerEvent;
  readonly cursor: string;
}

export interface EventPage {
  readonly events: readonly PlacedEvent[];
  readonly hasNextPage: boolean;
}

export type PartnerEvents = ReturnType<typeof createPartnerEvents>;

/** The events of partners, as partners read them by themselves. */
export function createPartnerEvents(
  positions: EventPositions<StoredNotice>,
  cursors: ReturnType<typeof createEventCursors>,
  eventOf: EventForm,
) {
  /** @throws {ApiError} BAD_INPUT for a text that is no cursor of this partner */
  function positionOf(recipient: string, argument: string, cursor: string): number {
    const position = cursors.open(recipient, cursor);
    if (position === null) throw badInput(argument, 'a cursor of `partnerEvents` of this partner');
    return position;
  }

  return {
    /**
     * The events that wait for a partner beyond a cursor. Acknowledged events are not there any more; an event that
     * has grown stands at the end.
     *
     * @param after null to read from the beginning
     */
    async read(recipient: string, after: string | null, first: number): Promise<EventPage> {
      const position = after === null ? 0 : positionOf(recipient, 'after', after);
      await positions.give(recipient);
      const found = await positions.findAfter(recipient, position, first + 1);
      const events = found.slice(0, first).map((stored) => ({
        event: eventOf(stored),
        cursor: cursors.of(recipient, stored.position ?? 0),
      }));
      return { events, hasNextPage: found.length > first };
    },

    /**
     * The partner has done as its events ask, up to a cursor. A repeated call, or one with an earlier cursor, changes
     * nothing.
     */
    acknowledge: (recipient: string, through: string): Promise<void> =>
      positions.settleThrough(recipient, positionOf(recipient, 'through', through)),
  };
}
