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

/** The result of loading the people of a file. */
export interface Imported {
  /** The number of new people. */
  readonly written: number;
  /** The number of people that the database already held. */
  readonly there: number;
  /** The number of these with a changed record. */
  readonly changed: number;
}

/** A line of this many characters always fits: the shortest list element becomes forty times as large in its record. */
const SURELY_FITS = 131_072;

/** Whether a file holds one person per line, by the ending of its name. */
export const isPeopleFile = (name: string): boolean => /\.(?:ndjson|jsonl)$/i.test(name);

/**
 * Opens a file with one person per line, and closes it after the use.
 *
 * @throws {Error} if the file can't be read twice
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

/** The rules for people in a database without people and partners. */
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
 * @param onChecked  called now and then with the number of checked lines and the pace
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
 * Loads people of a file with one person per line, like a world file with the same people. The database alone records
 * the progress: another run completes an interrupted one, and finds the people of the first run unchanged.
 */
export function createPeopleImport(options: WorldLoaderOptions) {
  const { store, table, clock } = options;
  const { tombstones } = createCore(options);
  const loader = createWorldLoader(options);

  return {
    /** The rules for people in this database in its present state. */
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
     * @param rules  the rules of that check
     * @param onWritten  called now and then with the progress and the pace
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
