import type { Ask } from '../../subject/retraction.ts';
import { noticeOf, type StoredNotice, type ToldNotice } from './stored-notice.ts';

const KINDS: Readonly<Record<Ask, string>> = {
  ERASE: 'person.erase',
  REPLACE: 'person.corrected',
  STOP: 'person.hidden',
};

/**
 * The content of an event for a partner, the same for every transport: the person by their pairwise id, with no value
 * and no cause.
 */
export interface PartnerEvent extends ToldNotice {
  readonly kind: string;
  /** When it is to be acknowledged at the latest; null where nothing is to be erased. */
  readonly dueAt: Date | null;
}

export type EventForm = (stored: StoredNotice) => PartnerEvent;

export const createEventForm =
  (dueOf: (stored: StoredNotice) => Date | null): EventForm =>
  (stored) => ({
    ...noticeOf(stored),
    kind: stored.personId === null ? 'contract.ended' : KINDS[stored.ask],
    dueAt: dueOf(stored),
  });
