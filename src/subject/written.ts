import type { Retention } from '../policy/retention.ts';
import type { DataCategory } from '../policy/vocabulary.ts';
import type { Change, PersonDocument } from './model.ts';

/** The instants of the last writes, kept for categories that have a time and for no others. */

type Person = Pick<PersonDocument, 'facts' | 'written' | 'retentionDueAt' | 'values'>;

const earliest = (instants: readonly (Date | undefined)[]): Date | undefined => {
  const known = instants.flatMap((instant) => instant?.getTime() ?? []);
  return known.length > 0 ? new Date(Math.min(...known)) : undefined;
};

/**
 * The instant at which the sweep looks at a person: no later than the first end of a written value. It looks at a list
 * at once, since the items are sealed here, and then says when the first of them ends.
 */
const dueOf = (retention: Retention, { facts }: Pick<Person, 'facts'>, id: DataCategory, from: Date, at: Date) =>
  retention.kept.get(id)?.byItem ? at : (retention.endOf(id, facts.acceptedVersion, from) ?? undefined);

/** Somebody new, with the writes of their values on record. Those that the person tells already stay. */
export function stampedPerson<New extends Person>(retention: Retention, person: New, at: Date): New {
  const held = [...retention.kept.values()].filter(({ place }) => place in person.values);
  if (held.length === 0) return person;
  const written = Object.fromEntries(held.map(({ category: id }) => [id, person.written?.[id] ?? at]));
  const dues = Object.entries(written).map(([id, from]) => dueOf(retention, person, id, from, at));
  const retentionDueAt = earliest(dues);
  return { ...person, written, ...(retentionDueAt && { retentionDueAt }) };
}

/** The place of the value at a path of a person's document; undefined at any other path. */
export const placeAt = (path: string): string | undefined => /^values\.(.+)$/.exec(path)?.[1];

/**
 * A change, with the writes that it makes on record. If a change sets its own record of writes, it stays as it is.
 *
 * @param at  when the change is made
 */
export function stampedChange(retention: Retention, person: Person, change: Change, at: Date): Change {
  const { set = {}, unset = [] } = change;
  if (retention.kept.size === 0 || 'written' in set || unset.includes('written')) return change;
  const categoriesAt = (paths: readonly string[]) =>
    paths.flatMap((path) => retention.places.get(placeAt(path) ?? '')?.category ?? []);
  const made = categoriesAt(Object.keys(set));
  const gone = categoriesAt(unset).filter((id) => person.written?.[id] !== undefined);
  if (made.length + gone.length === 0) return change;
  const dues = made.map((id) => dueOf(retention, person, id, at, at));
  // held values without a due time are yet to be looked at
  const holdsMore = [...retention.kept.values()].some(({ place }) => place in person.values);
  const known = person.retentionDueAt ?? (holdsMore ? at : undefined);
  const retentionDueAt = earliest([known, ...dues]);
  return {
    ...change,
    set: {
      ...set,
      ...Object.fromEntries(made.map((id) => [`written.${id}`, at])),
      ...(retentionDueAt && { retentionDueAt }),
    },
    unset: [...unset, ...gone.map((id) => `written.${id}`)],
  };
}
