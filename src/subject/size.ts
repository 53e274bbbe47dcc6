import { ApiError } from '../base/errors.ts';
import { sizeOfDocument } from '../store/mongo/document-size.ts';
import type { Change, PersonDocument } from './model.ts';
import { narrows } from './narrowing.ts';

const MEBIBYTE = 1_048_576;

/**
 * The size that a person's document can grow to, in bytes. The database takes 16 MiB: the rest is room for choices, for
 * the entries that wait for the ledger, and for all else that a person can have of things smaller than `SMALL`.
 */
export const LARGEST_PERSON = 12 * MEBIBYTE;
export const LARGEST_IN_WORDS = `${LARGEST_PERSON / MEBIBYTE} MiB`;

/** Bytes that a change may add to a document of any size: more than any choice adds. */
const SMALL = 1_024;

const sizeOf = (value: unknown) => sizeOfDocument({ value });

/** The size of a whole document, in bytes. */
export const sizeOfPerson = (person: PersonDocument): number => sizeOfDocument(person);

const valueAt = (person: PersonDocument, path: string): unknown =>
  path.split('.').reduce<unknown>((value, step) => (value as Record<string, unknown> | undefined)?.[step], person);

/**
 * Keeps a document from growing so large that the next choice of its person would not fit. A narrowing act always fits,
 * and so does one that adds little.
 *
 * @throws {ApiError} CONFLICT where there is no room
 */
export function requireFit(person: PersonDocument, { set = {}, entries }: Change): void {
  const values = Object.entries(set);
  const added = values.reduce((sum, [, value]) => sum + sizeOf(value), 0);
  if (added <= SMALL || (entries.length > 0 && narrows(entries, person.facts))) return;
  const growth = added - values.reduce((sum, [path]) => sum + sizeOf(valueAt(person, path)), 0);
  if (growth <= SMALL || sizeOfPerson(person) + growth <= LARGEST_PERSON) return;
  throw new ApiError('CONFLICT', `No more than ${LARGEST_IN_WORDS} can be kept on one record: remove something first.`);
}
