import { randomBytes } from 'node:crypto';
import type { mongo } from 'mongoose';
import type { Store } from '../../connection.ts';
import { type Look, look } from '../look.ts';

/** The prefix of the collections of all checks. */
export const OWN_PREFIX = 'assent_check_';

/** A document of the check itself, without any personal data. */
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
 * Removes every collection of a check: of this run, and of runs that were killed.
 *
 * @returns the names of the removed collections
 */
export const removeOwn = (store: Pick<Store, 'connection'>): Promise<Look<readonly string[]>> =>
  look(async () => {
    const database = databaseOf(store);
    const named = { name: { $regex: `^${OWN_PREFIX}` } };
    const names = (await database.listCollections(named, { nameOnly: true }).toArray()).map(({ name }) => name);
    for (const name of names) await database.dropCollection(name);
    return names;
  });
