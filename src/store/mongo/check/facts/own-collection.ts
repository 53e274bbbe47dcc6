import { randomBytes } from 'node:crypto';
import type { mongo } from 'mongoose';
import type { Store } from '../../connection.ts';
import { type Look, look } from '../look.ts';

/** What the collections of checks are named by, whichever run made them. */
export const OWN_PREFIX = 'assent_check_';

/** What the check writes of its own: never anything of a person. */
export interface Trial {
  readonly _id: string;
  readonly n?: number;
  readonly inForce?: boolean;
}

const databaseOf = ({ connection }: Pick<Store, 'connection'>) => connection.getClient().db(connection.name);

export const trialsOf = (store: Pick<Store, 'connection'>, name: string): mongo.Collection<Trial> =>
  databaseOf(store).collection<Trial>(name);

export const newOwnName = () => `${OWN_PREFIX}${randomBytes(8).toString('hex')}`;

/**
 * Removes every collection of a check: of this run, and of runs that were killed before they could.
 *
 * @returns the names of those that were there
 */
export const removeOwn = (store: Pick<Store, 'connection'>): Promise<Look<readonly string[]>> =>
  look(async () => {
    const database = databaseOf(store);
    const named = { name: { $regex: `^${OWN_PREFIX}` } };
    const names = (await database.listCollections(named, { nameOnly: true }).toArray()).map(({ name }) => name);
    for (const name of names) await database.dropCollection(name);
    return names;
  });
