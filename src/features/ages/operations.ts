import type { Clock } from '../../base/clock.ts';
import { DAY } from '../../base/durations.ts';
import type { Log } from '../../base/log.ts';
import type { DecisionTable } from '../../policy/compile.ts';
import { isInstant } from '../../policy/predicate.ts';
import { eachAlone, inBatches } from '../../store/each-alone.ts';
import type { PersonKeys } from '../../store/keys.ts';
import type { Access } from '../../store/mongo/collections.ts';
import { isUnavailable } from '../../store/mongo/connection.ts';
import { createPeopleUnaged } from '../../store/mongo/repositories/people-unaged.ts';
import type { Changes } from '../../subject/change.ts';
import type { Change, PersonDocument } from '../../subject/model.ts';
import { birthFact } from '../../subject/new-person.ts';
import { eachWithVault, KEYS_TOGETHER, openValue, type Vault } from '../../subject/vault.ts';

export type BirthSweep = ReturnType<typeof createBirthSweep>;

/** A gateway of an earlier version may run beside this one for a while, and register people. */
const LOOK_EVERY = DAY;

const isMissing = ({ facts }: PersonDocument) => facts.bornOn === undefined;

/**
 * Adds missing dates of birth to the facts. Registration stores that fact only once a version of the policy asks for an
 * age; without the fact, decisions don't know the age. The first sweep of a process looks for people without it; later
 * sweeps look once a day. If a sweep is cut off, the next one makes up for it: people with the fact are no longer looked for.
 */
export function createBirthSweep(services: {
  readonly store: Access;
  readonly changes: Pick<Changes, 'apply'>;
  readonly clock: Clock;
  readonly keys: Pick<PersonKeys, 'find'>;
  readonly log: Log;
  readonly table: Pick<DecisionTable, 'asksAge'>;
}) {
  const { store, changes, clock, keys, log, table } = services;
  const people = createPeopleUnaged<PersonDocument>(store);
  let lookedAt: Date | null = null;

  const planWith =
    (vault: Vault) =>
    (person: PersonDocument): Change | null => {
      const date = isMissing(person) ? openValue(vault, person.values, 'BIRTH_DATE') : undefined;
      const { bornOn } = birthFact(date === undefined ? {} : { BIRTH_DATE: date }, table);
      return isInstant(bornOn) ? { set: { 'facts.bornOn': bornOn }, entries: [] } : null;
    };

  const fill = (batch: readonly PersonDocument[]): Promise<void> => {
    let filled = 0;
    return eachWithVault(keys, batch, async ({ _id: sid }, vault) => {
      const changed = await changes.apply(sid, planWith(vault));
      if (changed && changed.document.revision > changed.before.revision) filled += 1;
    }).finally(() => {
      if (filled > 0) log.info({ people: filled }, 'dates of birth were put among the facts');
    });
  };

  return {
    async sweep(): Promise<void> {
      const now = clock.now();
      if (!table.asksAge || (lookedAt !== null && now.getTime() - lookedAt.getTime() < LOOK_EVERY)) return;
      lookedAt = now;
      await eachAlone(inBatches(people.find(), KEYS_TOGETHER), fill).catch((error: unknown) => {
        // the search itself was cut off
        if (isUnavailable(error)) lookedAt = null;
        throw error;
      });
    },
  };
}
