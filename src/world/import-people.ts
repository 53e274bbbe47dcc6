import { randomBytes } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { createCore } from '../features/core.ts';
import type { DecisionTable } from '../policy/compile.ts';
import { createPartners } from '../store/mongo/repositories/partners.ts';
import { createSubjectId } from '../subject/identifiers.ts';
import { createPerson } from '../subject/new-person.ts';
import { LARGEST_IN_WORDS } from '../subject/size.ts';
import { createVault } from '../subject/vault.ts';
import { isTooLarge, NONE } from './load-people.ts';
import { createWorldLoader, type WorldLoaderOptions, worldRules } from './load-world.ts';
import { createPace, type Pace } from './pace.ts';
import { checkPeopleFile, type PeopleFile, type PeopleRules, readPeopleFile } from './people-file.ts';
import { stateOf } from './person.ts';
import type { WorldUser } from './schema.ts';

/** What became of the people of a file. */
export interface Imported {
  /** People who are new. */
  readonly written: number;
  /** People who were there. */
  readonly there: number;
  /** Those of them who are otherwise now. */
  readonly changed: number;
}

/** Characters of a line that never make a record too large: the shortest element of a list grows to forty times its size. */
const SURELY_FITS = 131_072;

/** Whether a file holds one person a line, by the ending of its name. */
export const isPeopleFile = (name: string): boolean => /\.(?:ndjson|jsonl)$/i.test(name);

/**
 * Does something with a file that holds one person a line.
 *
 * @throws {Error} the file can't be read, or not twice
 */
export async function withPeopleFile<T>(name: string, use: (people: PeopleFile) => Promise<T>): Promise<T> {
  const refuse = () => {
    throw new Error('--file: expected a file of people that can be read twice');
  };
  const file: FileHandle = await open(name).catch(refuse);
  try {
    const about = await file.stat();
    return await use(about.isFile() ? { file, size: about.size } : refuse());
  } finally {
    await file.close();
  }
}

/** What people are measured against in a database that holds nobody, neither people nor partners. */
export function rulesOfEmptyDatabase(table: DecisionTable, now: Date): PeopleRules {
  const policy = table.current;
  return {
    world: worldRules(table, now, { partners: [], users: [] }),
    findErased: async () => [],
    excessOf: (user: WorldUser, characters: number) => {
      if (characters <= SURELY_FITS) return null;
      const sid = createSubjectId();
      const state = stateOf(
        {
          user,
          policy,
          retention: table.retention,
          now,
          processes: [],
          settled: NONE,
          asksAge: table.asksAge,
          asksHeld: table.asksHeld,
          asksRestrictions: table.asksRestrictions,
        },
        null,
      );
      const person = createPerson(user.id, { sid, vault: createVault(sid, randomBytes(32)) }, state, () => undefined);
      return isTooLarge(person) ? `expected at most ${LARGEST_IN_WORDS} about a person` : null;
    },
  };
}

/**
 * Checks a whole file of people.
 *
 * @param onChecked  told now and then how many lines are checked, and at which pace
 * @throws {WorldFileError} with the first hundred faults, and the number of the others
 */
export async function checkPeople(
  from: PeopleFile,
  rules: PeopleRules,
  onChecked: (people: number, pace: Pace) => void = () => {},
): Promise<void> {
  const paceOf = createPace(from.size);
  await checkPeopleFile(from, rules, ({ people, bytes }) => {
    const pace = paceOf({ people, bytes });
    if (pace) onChecked(people, pace);
  });
}

/**
 * Loads people of a file with one person a line, as a world file with the same people does. The database is the only
 * record of how far that has come: a run that was cut off is made up for by another, which finds the people that are there
 * to be as the file says.
 */
export function createPeopleImport(options: WorldLoaderOptions) {
  const { store, table, clock } = options;
  const { tombstones } = createCore(options);
  const loader = createWorldLoader(options);

  return {
    /** What people are measured against in this database as it is now. */
    rules: async (): Promise<PeopleRules> => {
      const now = clock.now();
      const partners = await createPartners(store).findAll();
      return {
        ...rulesOfEmptyDatabase(table, now),
        world: worldRules(table, now, { partners: partners.map(({ _id }) => _id), users: [] }),
        findErased: tombstones.findErased,
      };
    },

    /**
     * @param from  a file that was checked
     * @param rules  what it was measured against
     * @param onWritten  told now and then how far it has come, and at which pace
     */
    load: async (
      from: PeopleFile,
      rules: PeopleRules,
      onWritten: (imported: Imported, pace: Pace) => void = () => {},
    ): Promise<Imported> => {
      const paceOf = createPace(from.size);
      let imported: Imported = { written: 0, there: 0, changed: 0 };
      await loader.loadPeople(readPeopleFile(from, rules), rules.world.now, (batch, { there, changed }) => {
        imported = {
          written: imported.written + batch.users.length - there.size,
          there: imported.there + there.size,
          changed: imported.changed + changed,
        };
        const pace = paceOf(batch);
        if (pace) onWritten(imported, pace);
      });
      return imported;
    },
  };
}
