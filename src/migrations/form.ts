import { collectionOf, PEOPLE, TOMBSTONES } from '../store/mongo/collections.ts';
import type { Store } from '../store/mongo/connection.ts';
import { isDuplicateKey } from '../store/mongo/duplicate-key.ts';
import { MARKS } from '../store/mongo/repositories/marks.ts';
import { STEPS } from './steps.ts';

/** The stored form of a database: the migration steps behind it. */
interface FormMark {
  readonly _id: string;
  readonly steps: string[];
}

type Marked = Pick<Store, 'connection' | 'read' | 'write'>;

/** The id of the mark of the form. */
export const FORM = 'form';
/** Stands among the steps during the restore of a backup, so that no program uses an incomplete database. */
const RESTORING = 'restoring';
/** A database is new while these collections are empty; a new one has the present form from the start. */
const FIRST_FILLED = ['policies', PEOPLE, 'partners', TOMBSTONES];

/** The form of the database differs from the form that this program reads and writes. */
export class DatabaseFormError extends Error {
  override readonly name = 'DatabaseFormError';
}

const marks = ({ connection }: Pick<Store, 'connection'>) => collectionOf<FormMark>(connection, MARKS);

/** Whether the database is new, so that a gateway gives it the present form. */
export const isNew = async ({ connection, read }: Pick<Store, 'connection' | 'read'>): Promise<boolean> => {
  const found = await Promise.all(
    FIRST_FILLED.map((name) => collectionOf(connection, name).findOne({}, { ...read, projection: { _id: 1 } })),
  );
  return found.every((document) => document === null);
};

/** The steps that were made in the database. */
export async function findSteps(store: Marked): Promise<ReadonlySet<string>> {
  const mark = await marks(store).findOne({ _id: FORM }, store.read);
  if (mark?.steps.includes(RESTORING))
    throw new DatabaseFormError(
      'A backup is being restored into this database, or was cut off: wait, or drop the database and restore it again.',
    );
  return new Set(mark?.steps);
}

/** Puts on record that steps were made. A second call changes nothing. */
export async function markSteps(store: Marked, steps: readonly string[]): Promise<void> {
  const options = { upsert: true, writeConcern: store.write };
  await marks(store)
    .updateOne({ _id: FORM }, { $addToSet: { steps: { $each: [...steps] } } }, options)
    .catch((error: unknown) => {
      if (!isDuplicateKey(error)) throw error;
      return markSteps(store, steps);
    });
}

/** The steps of a database with the present form. */
export const PRESENT_FORM: string[] = STEPS.map(({ id }) => id);

/** Marks an empty database as one with the present form. */
export const markPresentForm = (store: Marked): Promise<void> => markSteps(store, PRESENT_FORM);

/** From here on programs refuse the database, until `markRestored`. */
export const markRestoring = (store: Marked): Promise<void> => markSteps(store, [RESTORING]);

/** The restored database is complete, and has the present form. */
export async function markRestored(store: Marked): Promise<void> {
  const present = { $set: { steps: PRESENT_FORM } };
  await marks(store).updateOne({ _id: FORM }, present, { upsert: true, writeConcern: store.write });
}

/**
 * Ensures that the database has the form that this program reads and writes.
 *
 * @throws {DatabaseFormError} the database has an earlier or a later form
 */
export async function requirePresentForm(store: Marked): Promise<void> {
  const made = await findSteps(store);
  if (made.size === 0 && (await isNew(store))) return markPresentForm(store);
  const known = new Set(STEPS.map(({ id }) => id));
  if ([...made].some((id) => !known.has(id)))
    throw new DatabaseFormError('The database has the form of a later version: start that version or one after it.');
  if ([...known].some((id) => !made.has(id)))
    throw new DatabaseFormError(
      'The database has the form of an earlier version: stop every gateway, make a copy of the database, and run ' +
        '`assent store migrate`.',
    );
}
