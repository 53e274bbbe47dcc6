import { eachAlone, inBatches } from '../../store/each-alone.ts';
import type { PersonKeys } from '../../store/keys.ts';
import type { Access } from '../../store/mongo/collections.ts';
import { createPeopleKept } from '../../store/mongo/repositories/people-kept.ts';
import type { Changes } from '../../subject/change.ts';
import { type HeldAsked, heldFacts, heldPath, lacksHeld, settingOf } from '../../subject/held.ts';
import type { PersonDocument } from '../../subject/model.ts';
import { eachWithVault, KEYS_TOGETHER, openValues } from '../../subject/vault.ts';

/**
 * Tells of people which of their values are held, where a condition began to ask for that after they had given them, or
 * where the write of a value came to be on record late. Until then it is unknown. No act of theirs is told by it.
 */
export function createHeldFiller(services: {
  readonly store: Access;
  readonly changes: Pick<Changes, 'apply'>;
  readonly keys: Pick<PersonKeys, 'find'>;
  readonly table: HeldAsked;
}): () => Promise<void> {
  const { store, changes, keys, table } = services;
  const people = createPeopleKept<PersonDocument>(store);

  const fill = (batch: readonly PersonDocument[]): Promise<void> =>
    eachWithVault(keys, batch, ({ _id: sid }, vault) =>
      changes.apply(sid, (person) => {
        const lacking = { ...table, asksHeld: table.asksHeld.filter(({ id }) => lacksHeld(person, id)) };
        const set = settingOf(heldFacts(lacking, openValues(vault, person.values), (id) => person.written?.[id]));
        return Object.keys(set).length === 0 ? null : { set, entries: [] };
      }),
    );

  return async () => {
    if (table.asksHeld.length === 0) return;
    const found = people.findWithout(table.asksHeld.map(({ id }) => heldPath(id)));
    await eachAlone(inBatches(found, KEYS_TOGETHER), fill);
  };
}
