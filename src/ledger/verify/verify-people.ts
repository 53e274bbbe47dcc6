import { isDeepStrictEqual } from 'node:util';
import type { Connection } from 'mongoose';
import { collectionOf, PEOPLE, PERSON_LEDGER, TOMBSTONES } from '../collections.ts';
import { entryId, type Head } from '../entry.ts';
import type { Link } from './chain-check.ts';
import { type Findings, faultAt } from './fault.ts';
import { type Peekable, peekable } from './peekable.ts';
import { checkPerson, findPersonFault, linkOf, type StoredEntry } from './verify-person.ts';

interface Holder {
  readonly _id: string;
  readonly head?: Head;
  readonly outbox?: readonly StoredEntry[];
}

/** What the other places say of a person's chain. */
interface Holdings {
  readonly heads: readonly (Head | null)[];
  readonly waiting: readonly StoredEntry[];
}

// an array of strings is of type string as well
const TEXT = { $type: 'string', $not: { $type: 'array' } } as const;
/** Of a person's document no more than this check needs: nothing personal is read. */
const OF_PERSON = { head: '$ledger.head', outbox: '$ledger.outbox' };
const OF_TOMBSTONE = { head: 1 };
/** How often a chain that moves while it is looked at is looked at again. */
const LOOKS = 10;

const headOf = ({ head }: Holder): Head | null =>
  Number.isInteger(head?.n) && typeof head?.hash === 'string' ? head : null;

const holdingsOf = (...holders: (Holder | null | undefined)[]): Holdings => {
  const known = holders.filter((holder) => holder != null);
  const waiting = known.flatMap(({ outbox }) => (Array.isArray(outbox) ? (outbox as StoredEntry[]) : []));
  return { heads: known.map(headOf), waiting };
};

const lastOf = (heads: Holdings['heads']) => Math.max(0, ...heads.map((head) => head?.n ?? 0));

const takeIf = async (holders: Peekable<Holder>, sid: string) =>
  (await holders.peek())?._id === sid ? holders.take() : undefined;

async function* links(entries: Peekable<StoredEntry>, sid: string, onLink = () => {}): AsyncGenerator<Link> {
  for (let entry = await entries.peek(); entry?.sid === sid; entry = await entries.peek()) {
    await entries.take();
    onLink();
    yield linkOf(entry);
  }
}

const sidOf = (entry: StoredEntry | undefined) => entry?.sid;
const idOf = (holder: Holder | undefined) => holder?._id;
const smallest = (...ids: (string | undefined)[]) => ids.filter((id) => id !== undefined).sort()[0];

/**
 * Follows every person's chain in one pass over three ordered streams, holding one item of each at a time.
 * It may run while people act: a chain that looks wrong is looked at again, on its own, before it is reported.
 */
export async function verifyPeople(connection: Connection, { count, report, reportMend }: Findings) {
  const ledger = collectionOf<StoredEntry>(connection, PERSON_LEDGER);
  const people = collectionOf<Holder>(connection, PEOPLE);
  const tombstones = collectionOf<Holder>(connection, TOMBSTONES);

  const findHoldings = async (sid: string) =>
    holdingsOf(
      await people.findOne({ _id: sid }, { projection: OF_PERSON }),
      await tombstones.findOne({ _id: sid }, { projection: OF_TOMBSTONE }),
    );

  /**
   * A chain that was mended looks wrong as well, until the mends in it are read. Entries that came to it during the look
   * are left out.
   */
  async function lookAgain(sid: string): Promise<void> {
    for (let look = 1; ; look++) {
      const before = await findHoldings(sid);
      const settled = await ledger.find({ sid }).sort({ n: 1 }).toArray();
      const { heads } = await findHoldings(sid);
      const [from, to] = [lastOf(before.heads), lastOf(heads)];
      const known = settled.filter(({ n }) => !(from < n && n <= to));
      const { fault, mends } = await checkPerson(before.heads, known, before.waiting);
      if (fault && look < LOOKS && !isDeepStrictEqual(heads, before.heads)) continue;
      if (fault) report(faultAt(PERSON_LEDGER, entryId(sid, fault.n), fault));
      else for (const n of mends) reportMend({ collection: PERSON_LEDGER, entry: entryId(sid, n) });
      return;
    }
  }

  for await (const { _id } of ledger.find({ $nor: [{ sid: TEXT }] }, { projection: { _id: 1 } }))
    report(faultAt(PERSON_LEDGER, String(_id), { kind: 'ALTERED' }));

  const persons = peekable(people.find({ _id: TEXT }, { projection: OF_PERSON }).sort({ _id: 1 }));
  const erased = peekable(tombstones.find({ _id: TEXT }, { projection: OF_TOMBSTONE }).sort({ _id: 1 }));
  const entries = peekable(ledger.find({ sid: TEXT }).sort({ sid: 1, n: 1 }));

  const onLink = () => count('entries');
  for (;;) {
    const sid = smallest(idOf(await persons.peek()), idOf(await erased.peek()), sidOf(await entries.peek()));
    if (sid === undefined) return;
    const { heads, waiting } = holdingsOf(await takeIf(persons, sid), await takeIf(erased, sid));
    const suspect = await findPersonFault({ heads, outbox: waiting.map(linkOf) }, links(entries, sid, onLink));
    for await (const _ of links(entries, sid, onLink));
    count('people');
    if (suspect) await lookAgain(sid);
  }
}
