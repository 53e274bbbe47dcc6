import { collectionOf, PEOPLE, TOMBSTONES } from '../store/mongo/collections.ts';
import type { Store } from '../store/mongo/connection.ts';
import { isDuplicateKey } from '../store/mongo/duplicate-key.ts';
import { MARKS } from '../store/mongo/repositories/marks.ts';
import { STEPS } from './steps.ts';

/** The form in which a database keeps things: the steps that brought it there. */
interface FormMark {
  readonly _id: string;
  readonly steps: string[];
}

type Marked = Pick<Store, 'connection' | 'read' | 'write'>;

/** The id of the mark of the form. */
export const FORM = 'form';
/** Stands among the steps while a backup is being restored, so that nothing takes the database for a whole one. */
const RESTORING = 'restoring';
/** A database in which none of these holds anything is new, and has the present form from the start. */
const FIRST_FILLED = ['policies', PEOPLE, 'partners', TOMBSTONES];

/** The database has another form than this program reads and writes. */
export class DatabaseFormError extends Error {
  override readonly name = 'DatabaseFormError';
}

const marks = ({ connection }: Pick<Store, 'connection'>) => collectionOf<FormMark>(connection, MARKS);

/** Whether a gateway takes the database for a new one, and gives it the present form. */
export const isNew = async ({ connection, read }: Pick<Store, 'connection' | 'read'>): Promise<boolean> => {
  const found = await Promise.all(
    FIRST_FILLED.map((name) => collectionOf(connection, name).findOne({}, { ...read, projection: { _id: 1 } })),
  );
  return found.every((document) => document === null);
};

/** The steps that the database has behind it. */
export async function findSteps(store: Marked): Promise<ReadonlySet<string>> {
  const mark = await marks(store).findOne({ _id: FORM }, store.read);
  if (mark?.steps.includes(RESTORING))
    throw new DatabaseFormError(
      'A backup is being restored into this database, or was cut off: wait, or drop the database and restore it again.',
    );
  return new Set(mark?.steps);
}

/** Puts on record that steps were made. Doing it again changes nothing. */
export async function markSteps(store: Marked, steps: readonly string[]): Promise<void> {
  const options = { upsert: true, writeConcern: store.write };
  await marks(store)
    .updateOne({ _id: FORM }, { $addToSet: { steps: { $each: [...steps] } } }, options)
    .catch((error: unknown) => {
      if (!isDuplicateKey(error)) throw error;
      return markSteps(store, steps);
    });
}

/** The steps that a database of the present form has behind it. */
export const PRESENT_FORM: string[] = STEPS.map(({ id }) => id);

/** A database that was emptied, or is new, has the present form. */
export const markPresentForm = (store: Marked): Promise<void> => markSteps(store, PRESENT_FORM);

/** From here on the database is refused, until `markRestored`. */
export const markRestoring = (store: Marked): Promise<void> => markSteps(store, [RESTORING]);

/** What was restored is whole, and has the present form. */
export async function markRestored(store: Marked): Promise<void> {
  const present = { $set: { steps: PRESENT_FORM } };
  await marks(store).updateOne({ _id: FORM }, present, { upsert: true, writeConcern: store.write });
}

/**
 * Sees to it that this program and the database agree on how things are kept.
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
