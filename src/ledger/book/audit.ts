import type { Clock } from '../../base/clock.ts';
import type { DataCategory, StaffRole } from '../../policy/vocabulary.ts';
import { type Access, AUDIT_BOOKS } from '../../store/mongo/collections.ts';
import { createBookHeads } from '../../store/mongo/repositories/book-heads.ts';
import { createBookDocuments } from '../../store/mongo/repositories/books.ts';
import { type Book, type BookOptions, createBook } from './book.ts';

/** The member of staff at work, the purpose and the request. */
export interface StaffOccasion {
  readonly role: StaffRole;
  /** The `sub` of the token. */
  readonly by: string;
  readonly purpose: string;
  readonly requestId: string;
  readonly tokenId: string;
}

interface StaffEntry extends StaffOccasion {
  /** ISO 8601, UTC, milliseconds. */
  readonly at: string;
  /** The people that it is about, each once. */
  readonly sids: readonly string[];
}

/** A read of a member of staff: the categories of one response, with all the people that share them; never values. */
export interface StaffRead extends StaffEntry {
  readonly clauses: readonly string[];
  readonly categories: readonly DataCategory[];
}

/** An act of a member of staff about a person, or about nobody where there is no such person. */
export interface StaffAct extends StaffEntry {
  readonly act:
    | 'GUARDIAN_CASE_VERIFIED'
    | 'CHILD_FINDING_RECORDED'
    | 'CHILD_FINDING_CONFIRMED'
    | 'ACCOUNT_SEALED'
    | 'ACCOUNT_UNSEALED'
    | 'TIE_CONFIRMED'
    | 'RESTRICTION_AGREED'
    | 'RESTRICTION_DECLINED'
    | 'VALUES_WRITTEN'
    | 'OFFER_COMPLETION_ACCEPTED'
    | 'OFFER_COMPLETION_REFUSED';
  /** The id of the case, the finding, the tie or the completed offer, or the purpose of the restriction. */
  readonly case?: string;
  /** The categories of values that were written; never the values. */
  readonly categories?: readonly DataCategory[];
}

export type AuditEntry = StaffRead | StaffAct;

/** This process's book of the reads and the acts of staff. */
export const createAuditBook = (options: Omit<BookOptions<AuditEntry>, 'books' | 'heads'> & Access): Book<AuditEntry> =>
  createBook({
    ...options,
    books: createBookDocuments(options, AUDIT_BOOKS),
    heads: createBookHeads(options),
  });

export type RecordStaffAct = (
  occasion: StaffOccasion,
  act: Pick<StaffAct, 'act' | 'sids' | 'case' | 'categories'>,
) => Promise<void>;

/**
 * Puts acts of staff on record, each before it is done.
 *
 * @throws {LedgerUnavailableError} not acknowledged; it is not to be done
 */
export const createStaffActs =
  (book: Pick<Book<AuditEntry>, 'record'>, clock: Clock): RecordStaffAct =>
  (occasion, act) =>
    book.record([{ ...occasion, ...act, at: clock.now().toISOString() }]);
