import { groupBy } from '../../base/group-by.ts';
import type { DataCategory } from '../../policy/vocabulary.ts';
import type { Access } from '../../store/mongo/collections.ts';
import { createDisclosures } from '../../store/mongo/repositories/disclosures.ts';
import type { DisclosureEntry } from './disclosure-entry.ts';

/** Responses that showed a partner the same categories of a person for the same purpose at the same position. */
export interface Received {
  /** The client id. */
  readonly recipient: string;
  readonly purpose: string;
  /** None where it was no more than that the person is there. */
  readonly categories: readonly DataCategory[];
  /** The last entry of the person's ledger when the person was read; 0, before the first, where none is recorded. */
  readonly position: number;
  readonly times: number;
}

/** The position of one of the people of a disclosure entry. */
export const positionIn = ({ positions }: Pick<DisclosureEntry, 'positions'>, place: number): number =>
  positions?.[place] ?? UNKNOWN;
const UNKNOWN = 0;

/** @returns by person, one for each partner, purpose, set of categories and position */
export async function findReceived(store: Access, sids: readonly string[]): Promise<Map<string, Received[]>> {
  const received = await createDisclosures<DisclosureEntry>(store).countReceived(sids, 'PARTNER', UNKNOWN);
  return groupBy(received, ({ sid }) => sid);
}
