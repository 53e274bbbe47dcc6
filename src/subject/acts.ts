import { mergeOutbox, type PersonEntry, type PersonEntrySelection, type PersonLedger } from '../ledger/person-chain.ts';
import type { PersonDocument } from './model.ts';

/**
 * What each of these people did, newest first, in one database command: the ledger's entries with those that are
 * still in the person's document.
 */
export async function findActs(
  ledger: PersonLedger,
  people: readonly PersonDocument[],
  selection: PersonEntrySelection,
): Promise<PersonEntry[][]> {
  const found = await ledger.find(
    people.map(({ _id }) => _id),
    selection,
  );
  return people.map((person) => mergeOutbox(found.get(person._id) ?? [], person.ledger.outbox, selection));
}

/** The latest act that fits; null where there is none. */
export async function findLatestAct<Act extends PersonEntry>(
  ledger: PersonLedger,
  person: PersonDocument,
  selection: PersonEntrySelection,
  fits: (act: PersonEntry) => act is Act,
): Promise<Act | null> {
  const [acts = []] = await findActs(ledger, [person], selection);
  return acts.find(fits) ?? null;
}
