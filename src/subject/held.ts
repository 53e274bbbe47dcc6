import { isDeepStrictEqual } from 'node:util';
import { isRecord } from '../base/records.ts';
import type { DecisionTable } from '../policy/compile.ts';
import { NEVER, UNCOUNTED } from '../policy/held-times.ts';
import type { Retention } from '../policy/retention.ts';
import { type DataCategory, placeOf } from '../policy/vocabulary.ts';
import { instantOf } from './expiry.ts';
import type { Change, PersonDocument } from './model.ts';
import type { PersonalValues } from './values.ts';
import { placeAt } from './written.ts';

/** The facts that tell whether a person holds a value, for the categories that conditions ask for. */

/** The categories that conditions ask for, and how long values are kept. */
export type HeldAsked = Pick<DecisionTable, 'asksHeld' | 'retention'>;

const isNothing = (value: unknown) => value === undefined || (Array.isArray(value) && value.length === 0);

/** The instant from which a value counts. In a list with a time for each item, the latest time counts. */
function countsFrom(retention: Retention, id: DataCategory, value: unknown, written: Date | undefined): Date {
  if (isNothing(value)) return NEVER;
  const kept = retention.kept.get(id);
  if (!kept) return UNCOUNTED;
  if (!kept.byItem || !Array.isArray(value)) return written ?? UNCOUNTED;
  const instants = value.map((item) => (instantOf(item, written) ?? UNCOUNTED).getTime());
  return new Date(Math.max(...instants));
}

/**
 * @param values  all values of a person, opened
 * @param writtenAt  the last write of a value, as far as it is on record
 * @returns by category; nothing where no condition asks
 */
export function heldFacts(
  { asksHeld, retention }: HeldAsked,
  values: PersonalValues,
  writtenAt: (category: DataCategory) => Date | undefined,
): { readonly held?: Readonly<Record<DataCategory, Date>> } {
  if (asksHeld.length === 0) return {};
  return {
    held: Object.fromEntries(
      asksHeld.map((category) => {
        const { id } = category;
        return [id, countsFrom(retention, id, values[placeOf(category)], writtenAt(id))];
      }),
    ),
  };
}

/** Where the fact of a category stands in a person's document. */
export const heldPath = (id: DataCategory) => `facts.held.${id}`;

/** The facts as a change sets them, one path each. */
export const settingOf = ({ held = {} }: ReturnType<typeof heldFacts>): NonNullable<Change['set']> =>
  Object.fromEntries(Object.entries(held).map(([id, from]) => [heldPath(id), from]));

/** Whether it is not known of a person whether they hold a value. */
export const lacksHeld = ({ facts: { held } }: Pick<PersonDocument, 'facts'>, id: DataCategory): boolean =>
  !isRecord(held) || held[id] === undefined;

/** The facts of categories that no version here asks for, where the change touches any value. */
function staleIn(
  asksHeld: HeldAsked['asksHeld'],
  { facts: { held } }: Pick<PersonDocument, 'facts'>,
  paths: readonly string[],
): string[] {
  if (!isRecord(held) || !paths.some((path) => placeAt(path) !== undefined)) return [];
  const asked = new Set<string>(asksHeld.map(({ id }) => id));
  return Object.keys(held)
    .filter((id) => !asked.has(id))
    .map(heldPath);
}

/**
 * A change of values, with the categories held after it. A value that is set counts from now, unless the change names
 * another time, as for a list, or says that nothing was written. If the write of a value comes on record late, its fact
 * goes, and a sweep fills it in. So does the fact of a category that only another gateway's version asks for: it would
 * be stale. A change that sets all facts says these as well.
 */
export function heldChange(
  { asksHeld, retention }: HeldAsked,
  person: Pick<PersonDocument, 'written' | 'facts'>,
  change: Change,
  at: Date,
): Change {
  const { set = {}, unset = [] } = change;
  if ('facts' in set) return change;
  const stale = staleIn(asksHeld, person, [...Object.keys(set), ...unset]);
  const askedAt = (paths: readonly string[]) => {
    const places = new Set(paths.map(placeAt));
    return asksHeld.filter((category) => places.has(placeOf(category)) && !(heldPath(category.id) in set));
  };
  const known = set.written as PersonDocument['written'];
  const written = known ? [] : askedAt(Object.keys(set));
  const late = asksHeld.filter(({ id }) => known?.[id] && !person.written?.[id]).map(({ id }) => heldPath(id));
  const held = [
    ...written.map(({ id }) => [heldPath(id), retention.kept.has(id) ? at : UNCOUNTED]),
    ...askedAt(unset).map(({ id }) => [heldPath(id), NEVER]),
  ];
  if (held.length + late.length + stale.length === 0) return change;
  return { ...change, set: { ...set, ...Object.fromEntries(held) }, unset: [...unset, ...late, ...stale] };
}

/**
 * The changes to the facts that follow from a change of opened values.
 *
 * @param writtenAt  the last write of a value, once the change is made
 */
export function heldSet(
  asked: HeldAsked,
  before: PersonalValues,
  after: PersonalValues,
  writtenAt: (category: DataCategory) => Date | undefined,
): NonNullable<Change['set']> {
  const changed = asked.asksHeld.filter(
    (category) => !isDeepStrictEqual(before[placeOf(category)], after[placeOf(category)]),
  );
  return settingOf(heldFacts({ ...asked, asksHeld: changed }, after, writtenAt));
}
