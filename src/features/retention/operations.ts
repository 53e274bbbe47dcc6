import type { Clock } from '../../base/clock.ts';
import type { DecisionTable } from '../../policy/compile.ts';
import { createFirstSweep } from '../../store/first-sweep.ts';
import type { PersonKeys } from '../../store/keys.ts';
import type { Access } from '../../store/mongo/collections.ts';
import { createPeopleKept } from '../../store/mongo/repositories/people-kept.ts';
import type { Changes } from '../../subject/change.ts';
import type { PersonDocument } from '../../subject/model.ts';
import { eachWithVault, KEYS_TOGETHER } from '../../subject/vault.ts';
import { planExpiry } from './plan-expiry.ts';

export type RetentionSweep = ReturnType<typeof createRetentionSweep>;

/**
 * Deletes values after their retention period. The first sweep of a process looks at every person with such a value,
 * since a version of the policy may have added or shortened periods; later sweeps look at due people alone. If a sweep
 * is cut off, the next one makes up for it: a value that is deleted is not due any more.
 */
export function createRetentionSweep(services: {
  readonly store: Access;
  readonly changes: Pick<Changes, 'apply'>;
  readonly clock: Clock;
  readonly keys: Pick<PersonKeys, 'find'>;
  readonly table: Pick<DecisionTable, 'retention'>;
}) {
  const { store, changes, clock, keys } = services;
  const { retention } = services.table;
  const people = createPeopleKept<PersonDocument>(store);

  const carryOut = (batch: readonly PersonDocument[]): Promise<void> =>
    eachWithVault(keys, batch, async (person, vault) => {
      if (planExpiry(retention, person, vault, clock.now()))
        await changes.apply(person._id, (_, at, stored) => planExpiry(retention, stored, vault, at));
    });

  const sweep = createFirstSweep({
    searches: (isFirst) => {
      const kept = [...retention.kept.values()];
      const places = { values: kept.map(({ place }) => place), corrections: kept.map(({ category }) => category) };
      return [isFirst ? people.findHolding(places) : people.findDue(clock.now())];
    },
    most: KEYS_TOGETHER,
    act: carryOut,
  });

  return {
    async sweep(): Promise<void> {
      if (retention.kept.size > 0) await sweep();
    },
  };
}
