import type { Connection, mongo } from 'mongoose';
import type { Store } from './connection.ts';

export const PEOPLE = 'people';
export const TOMBSTONES = 'tombstones';
export const PERSON_LEDGER = 'person_ledger';
export const DISCLOSURE_BOOKS = 'disclosure_books';
export const AUDIT_BOOKS = 'audit_books';
export const BOOK_HEADS = 'book_heads';
export const FOLLOWED_BOOKS = 'followed_books';

/** The parts of the store by which repositories read and write. */
export type Access = Pick<Store, 'connection' | 'read' | 'write'>;

/** The driver's own collection: the records have no schema, and their commands are made here, so nothing is cast. */
export const collectionOf = <Record extends mongo.BSON.Document>(connection: Connection, name: string) =>
  connection.getClient().db(connection.name).collection<Record>(name);
