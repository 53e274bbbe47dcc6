import {
  mergeOutbox,
  type PersonEntry,
  type PersonEntrySelection,
  type PersonLedger,
} from '../ledger/chain/person-chain.ts';
import { unfold } from '../ledger/verify/mended-chain.ts';
import type { PersonDocument } from './model.ts';

/** The part of a person's document that an account of their acts takes. */
type LedgerOf = Pick<PersonDocument, '_id' | 'ledger'>;

/** One person's chain that was mended, and the entries that are set aside. */
const findMended = async (ledger: PersonLedger, { _id, ledger: { outbox } }: LedgerOf) =>
  unfold(await ledger.findAll(_id), outbox);

/** Entries that came into the ledger but were never the person's acts: a mend has set them aside. */
export const findSetAside = async (ledger: PersonLedger, person: PersonDocument): Promise<readonly PersonEntry[]> =>
  person.ledger.mended ? (await findMended(ledger, person)).setAside : [];

/**
 * The acts of each of these people, newest first, in one database command: the ledger's entries with those that are
 * still in the person's document. A person with a mended chain takes one more command.
 */
export async function findActs(
  ledger: PersonLedger,
  people: readonly LedgerOf[],
  selection: PersonEntrySelection,
): Promise<PersonEntry[][]> {
  const plain = people.filter((person) => !person.ledger.mended).map(({ _id }) => _id);
  const found = plain.length > 0 ? await ledger.find(plain, selection) : new Map<string, PersonEntry[]>();
  return Promise.all(
    people.map(async (person) =>
      person.ledger.mended
        ? mergeOutbox([], (await findMended(ledger, person)).chain, selection)
        : mergeOutbox(found.get(person._id) ?? [], person.ledger.outbox, selection),
    ),
  );
}

/** Acts that keep the id of the thing added, or of the call that added it. */
type AddingType = 'PHOTO_ADDED' | 'ACTIVITY_ADDED' | 'ITEM_ADDED';

/**
 * Whether a thing had been added by the time that the document was read, even if it has changed or gone since: the
 * ledger keeps its id.
 */
export async function wasAdded(
  ledger: PersonLedger,
  person: PersonDocument,
  type: AddingType,
  id: string,
): Promise<boolean> {
  const [acts = []] = await findActs(ledger, [person], { types: [type] });
  return acts.some((act) => act.type === type && act.added === id && act.n <= person.ledger.head.n);
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
