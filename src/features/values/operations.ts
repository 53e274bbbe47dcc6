import { isDeepStrictEqual } from 'node:util';
import { badInput } from '../../base/errors.ts';
import { isRecord } from '../../base/records.ts';
import type { RecordStaffAct, StaffOccasion } from '../../ledger/book/audit.ts';
import type { PersonEntry, PersonLedger } from '../../ledger/chain/person-chain.ts';
import { ITEM_INSTANT } from '../../policy/retention.ts';
import { type Category, type DataCategory, type ItemShape, isListShape, placeOf } from '../../policy/vocabulary.ts';
import { findLatestAct, wasAdded } from '../../subject/acts.ts';
import type { Changed, Changes } from '../../subject/change.ts';
import { correctionsOf } from '../../subject/corrected.ts';
import { openLeft, timesOf, withoutOver } from '../../subject/expiry.ts';
import { keptValue } from '../../subject/given-values.ts';
import { type HeldAsked, heldSet } from '../../subject/held.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import { heldItems, idOfItem, MOST_GIVEN, MOST_ITEMS } from '../../subject/items.ts';
import type { Change, PersonDocument } from '../../subject/model.ts';
import type { Vault } from '../../subject/vault.ts';
import type { Making } from '../idempotency/operations.ts';

/** A value of a category, as a caller gives it under the name of an argument. */
export interface GivenValue {
  readonly category: Category;
  readonly argument: string;
  readonly input: unknown;
}

export interface WriteOutcome {
  readonly document: PersonDocument;
  /** Empty where everything was so already, and where the account is closed to use. */
  readonly written: readonly DataCategory[];
}

/**
 * An item as it is kept, with an instant of its own where its time counts from one: the present where none is given.
 *
 * @throws {ApiError} BAD_INPUT also for an instant that is yet to come, which would keep the item longer
 */
function keptItem(argument: string, shape: ItemShape, input: unknown, at: Date): unknown {
  const item = keptValue(argument, shape, input);
  if (typeof shape === 'string' || shape[ITEM_INSTANT] !== 'instant' || !isRecord(item)) return item;
  const told = item[ITEM_INSTANT] ?? at.toISOString();
  if (new Date(String(told)) > at) throw badInput(`${argument}.${ITEM_INSTANT}`, 'an instant that has passed');
  return { ...item, [ITEM_INSTANT]: told };
}

/** The values of categories before or after a write, by their places. */
const valuesIn = <Side extends 'before' | 'after'>(
  made: readonly (Readonly<Record<Side, unknown>> & { readonly place: string })[],
  side: Side,
) => Object.fromEntries(made.map((one) => [one.place, one[side]]));

/** A person, seen without expired values, and as they are stored. */
interface Seen {
  readonly person: PersonDocument;
  readonly stored: PersonDocument;
  readonly vault: Vault;
  readonly at: Date;
}

/** The history of a person with values that others take the place of; nothing where none do. */
function historySet(
  person: PersonDocument,
  vault: Vault,
  previous: Readonly<Record<DataCategory, unknown>>,
  at: Date,
): NonNullable<Change['set']> {
  const { made, kept } = correctionsOf(person, vault, previous, at);
  return made.length > 0 ? { corrections: kept } : {};
}

export type ValueOperations = ReturnType<typeof createValueOperations>;

export function createValueOperations(services: {
  readonly changes: Pick<Changes, 'apply'>;
  readonly ledger: PersonLedger;
  readonly recordAct: RecordStaffAct;
  readonly table: HeldAsked;
  readonly vaultOf: (sid: SubjectId) => Promise<Vault>;
}) {
  const { changes, ledger, recordAct, vaultOf } = services;
  const { table } = services;
  const { retention } = table;

  /** The write of a call, where it was made by the time that the document was read. */
  const findWrite = (person: PersonDocument, id: string) =>
    findLatestAct(
      ledger,
      person,
      { types: ['WRITE'] },
      (act): act is Extract<PersonEntry, { type: 'WRITE' }> =>
        act.type === 'WRITE' && act.added === id && act.n <= person.ledger.head.n,
    );

  /** The value at a place as everybody reads it, and as it is held: also by a legal process beyond its time. */
  const valuesAt = ({ person, stored, vault, at }: Seen, place: string) => {
    const underProcess = timesOf(retention, stored, at, () => true);
    return {
      before: openLeft(timesOf(retention, person, at), vault, person, place),
      held: openLeft(underProcess, vault, withoutOver(underProcess, stored), place),
    };
  };

  /** A list with more items. One that is over as a whole begins anew, since a write restarts its time. */
  const appended = (seen: Seen, place: string, argument: string, items: readonly unknown[]) => {
    const { person, vault } = seen;
    const { before, held } = valuesAt(seen, place);
    const left = Array.isArray(before) ? before : [];
    if (left.length + items.length > MOST_ITEMS)
      throw badInput(argument, `so many that the list has no more than ${MOST_ITEMS}: remove some first`);
    const all = heldItems(vault, person, place);
    return { place, before: all, after: [...all, ...items], previous: place in person.values ? undefined : held };
  };

  /** The value of a category after the write, and the value that gives way to it. */
  const written = (
    seen: Seen,
    { category, argument, input }: GivenValue,
    { replace, at }: { readonly replace: boolean; readonly at: Date },
  ) => {
    const { value = 'line' } = category;
    const place = placeOf(category);
    const { before, held } = valuesAt(seen, place);
    const instead = { place, previous: held, isReplaced: before !== undefined };
    if (!isListShape(value)) return { ...instead, before, after: keptValue(argument, value, input) };
    const given = input as readonly unknown[];
    if (given.length > MOST_GIVEN) throw badInput(argument, `at most ${MOST_GIVEN} items`);
    const items = given.map((item, index) => keptItem(`${argument}[${index}]`, value.list, item, at));
    if (replace) return { ...instead, before: before ?? [], after: items };
    return { ...appended(seen, place, argument, items), isReplaced: false };
  };

  return {
    /**
     * The person adds an item to a list of theirs.
     *
     * @param making an item with its id is not added twice, even if the first has changed or gone since
     * @throws {ApiError} BAD_INPUT for a malformed item, and if the list is full
     */
    async add(sid: SubjectId, { category, argument, input }: GivenValue, { id, at: begun, keyed }: Making) {
      const { value = 'line' } = category;
      const vault = await vaultOf(sid);
      const place = placeOf(category);
      const item = keptItem(argument, isListShape(value) ? value.list : value, input, begun);
      return changes.apply(sid, async (person, at, stored) => {
        if (keyed && (await wasAdded(ledger, person, 'ITEM_ADDED', id))) return null;
        const { before, after, previous } = appended({ person, stored, vault, at }, place, argument, [item]);
        return {
          set: {
            [`values.${place}`]: vault.seal(place, after),
            ...heldSet(table, { [place]: before }, { [place]: after }, () => at),
            ...historySet(person, vault, { [category.id]: previous }, at),
          },
          entries: [{ type: 'ITEM_ADDED', at: at.toISOString(), category: category.id, ...(keyed && { added: id }) }],
        };
      });
    },

    /** The person removes items of a list by their ids. An item that is gone already is no error. */
    async remove(sid: SubjectId, category: Category, ids: readonly string[]): Promise<Changed | null> {
      const vault = await vaultOf(sid);
      const place = placeOf(category);
      return changes.apply(sid, (person, at) => {
        const items = heldItems(vault, person, place);
        const left = items.filter((item) => !ids.includes(idOfItem(item)));
        const count = items.length - left.length;
        if (count === 0) return null;
        return {
          // fewer items are no new write
          ...(left.length > 0
            ? {
                set: {
                  [`values.${place}`]: vault.seal(place, left),
                  ...heldSet(table, { [place]: items }, { [place]: left }, (id) => person.written?.[id]),
                  ...(person.written && { written: person.written }),
                },
              }
            : { unset: [`values.${place}`] }),
          entries: [{ type: 'ITEMS_REMOVED', at: at.toISOString(), category: category.id, count }],
        };
      });
    },

    /**
     * Staff writes values of a person: items into lists, and other values in place of those that are held. The audit
     * log has the act before it is done. The previous value stays for the person, as after a correction.
     *
     * @param replace  whether lists take the place of those that are held as well
     * @returns null where there is no such person
     * @throws {ApiError} BAD_INPUT, with nothing written
     */
    async write(
      sid: SubjectId,
      given: readonly GivenValue[],
      { replace, occasion, making }: { replace: boolean; occasion: StaffOccasion; making: Making },
    ): Promise<WriteOutcome | null> {
      const vault = await vaultOf(sid);
      const { id, keyed, at: begun } = making;
      let categories: readonly DataCategory[] = [];
      const plan = async (person: PersonDocument, at: Date, stored: PersonDocument) => {
        const before = keyed ? await findWrite(person, id) : null;
        categories = before?.categories ?? [];
        if (before || person.facts.status !== 'ACTIVE') return null;
        const made = given
          .map((one) => ({
            id: one.category.id,
            ...written({ person, stored, vault, at }, one, { replace, at: begun }),
          }))
          .filter(({ before, after }) => !isDeepStrictEqual(before, after));
        if (made.length === 0) return null;
        categories = made.map((one) => one.id);
        const previous = Object.fromEntries(made.map((one) => [one.id, one.previous]));
        return {
          set: {
            ...Object.fromEntries(made.map(({ place, after }) => [`values.${place}`, vault.seal(place, after)])),
            ...heldSet(table, valuesIn(made, 'before'), valuesIn(made, 'after'), () => at),
            ...historySet(person, vault, previous, at),
          },
          entries: [
            {
              type: 'WRITE' as const,
              at: at.toISOString(),
              role: occasion.role,
              categories,
              // no entry tells of a value that a legal process alone holds
              replaced: made.filter((one) => one.isReplaced).map((one) => one.id),
              ...(keyed && { added: id }),
            },
          ],
        };
      };
      let isOnRecord = false;
      const changed = await changes.apply(sid, async (person, at, stored) => {
        const change = await plan(person, at, stored);
        if (change && !isOnRecord) {
          await recordAct(occasion, { act: 'VALUES_WRITTEN', sids: [sid], categories });
          isOnRecord = true;
        }
        return change;
      });
      return changed && { document: changed.document, written: categories };
    },
  };
}
