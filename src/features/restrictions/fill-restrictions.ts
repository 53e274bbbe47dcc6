import { eachAlone } from '../../store/each-alone.ts';
import type { Access } from '../../store/mongo/collections.ts';
import { createPeopleKept } from '../../store/mongo/repositories/people-kept.ts';
import type { Changes } from '../../subject/change.ts';
import type { PersonDocument } from '../../subject/model.ts';
import {
  lacksRestriction,
  type RestrictionsAsked,
  restrictionFacts,
  restrictionPath,
  restrictionsOf,
} from '../../subject/restrictions.ts';

/**
 * Tells of people that they restricted nothing, where a condition began to ask for that after they had come. Until then
 * it is unknown, and they are not shown. No act of theirs is told by it.
 */
export function createRestrictionFiller(services: {
  readonly store: Access;
  readonly changes: Pick<Changes, 'apply'>;
  readonly table: RestrictionsAsked;
}): () => Promise<void> {
  const { store, changes, table } = services;
  const people = createPeopleKept<PersonDocument>(store);

  const fill = ({ _id: sid }: PersonDocument) =>
    changes.apply(sid, (person) => {
      const asksRestrictions = table.asksRestrictions.filter((purpose) => lacksRestriction(person, purpose));
      const { restrictions } = restrictionFacts({ asksRestrictions }, restrictionsOf(person));
      if (!restrictions) return null;
      const set = Object.entries(restrictions).map(([purpose, holds]) => [restrictionPath(purpose), holds]);
      return { set: Object.fromEntries(set), entries: [] };
    });

  return () => eachAlone(people.findWithout(table.asksRestrictions.map(restrictionPath)), fill);
}
