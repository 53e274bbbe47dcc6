import { isDeepStrictEqual } from 'node:util';
import { PERSON_LEDGER } from '../../store/mongo/collections.ts';
import type { ChainHolder } from '../../store/mongo/repositories/chains.ts';
import { entryId, type Head } from '../chain/entry.ts';
import type { Link } from './chain-check.ts';
import { type Findings, faultAt } from './fault.ts';
import { type Peekable, peekable } from './peekable.ts';
import type { StoredChains } from './stored-chains.ts';
import { checkPerson, findPersonFault, linkOf, type StoredEntry } from './verify-person.ts';

type Holder = ChainHolder<StoredEntry>;

/** The other records of a person's chain. */
interface Holdings {
  readonly heads: readonly (Head | null)[];
  readonly waiting: readonly StoredEntry[];
}

/** How often a chain that moves while it is looked at is looked at again. */
const LOOKS = 10;

const headOf = ({ head }: Holder): Head | null =>
  Number.isInteger(head?.n) && typeof head?.hash === 'string' ? head : null;

const holdingsOf = (...holders: (Holder | undefined)[]): Holdings => {
  const known = holders.filter((holder) => holder !== undefined);
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
export async function verifyPeople(chains: StoredChains, { count, report, reportMend }: Findings) {
  const findHoldings = async (sid: string) => holdingsOf(...(await chains.holdersOf(sid)));

  /**
   * A chain that was mended looks wrong as well, until the mends in it are read. Entries that came to it during the look
   * are left out.
   */
  async function lookAgain(sid: string): Promise<void> {
    for (let look = 1; ; look++) {
      const before = await findHoldings(sid);
      const settled = await chains.entriesOf(sid);
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

  for await (const { _id } of chains.strayEntries()) report(faultAt(PERSON_LEDGER, String(_id), { kind: 'ALTERED' }));

  const persons = peekable(chains.people());
  const erased = peekable(chains.erased());
  const entries = peekable(chains.entries());

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
