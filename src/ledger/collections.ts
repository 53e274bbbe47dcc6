import type { Connection, mongo } from 'mongoose';

export const PEOPLE = 'people';
export const TOMBSTONES = 'tombstones';
export const PERSON_LEDGER = 'person_ledger';
export const DISCLOSURE_BOOKS = 'disclosure_books';
export const AUDIT_BOOKS = 'audit_books';
export const BOOK_HEADS = 'book_heads';
export const FOLLOWED_BOOKS = 'followed_books';

/**
 * The driver's own collection: ledgers hold plain JSON, which needs no schema and must not be cast; nor is there anything
 * to cast in what is asked and written of people, which is made here, the policy's long filters least of all.
 */
export const collectionOf = <T extends mongo.BSON.Document>(connection: Connection, name: string) =>
  connection.getClient().db(connection.name).collection<T>(name);
