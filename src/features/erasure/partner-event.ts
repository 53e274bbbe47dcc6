import type { Ask } from '../../subject/retraction.ts';
import { type ErasureNotice, noticeOf, type StoredNotice } from './stored-notice.ts';

const KINDS: Readonly<Record<Ask, string>> = {
  ERASE: 'person.erase',
  REPLACE: 'person.corrected',
  STOP: 'person.hidden',
};

/** What a partner is told, however it is told it: of a person by their pairwise id, with no value and no cause. */
export interface PartnerEvent extends ErasureNotice {
  readonly kind: string;
}

export const eventOf = (stored: StoredNotice): PartnerEvent => ({ ...noticeOf(stored), kind: KINDS[stored.ask] });
