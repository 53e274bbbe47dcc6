import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import type { mongo } from 'mongoose';
import { createAuditBook } from '../../src/ledger/book/audit.ts';
import type { BookLimits, BookOptions } from '../../src/ledger/book/book.ts';
import type { PersonEntryBody } from '../../src/ledger/chain/person-entry.ts';
import { createDisclosureBook, type DisclosureEntry } from '../../src/ledger/disclosure/disclosure.ts';
import { collectionOf } from '../../src/store/mongo/collections.ts';
import { quiet, type TestStore } from '../support/store.ts';

export const newSid = () => randomBytes(16).toString('hex');

/** A clock that stands still until it is moved. */
export const createClock = (start = '2026-03-01T12:00:00.000Z') => {
  let time = Date.parse(start);
  return {
    now: () => new Date(time),
    advance: (milliseconds: number) => {
      time += milliseconds;
    },
  };
};

export const at = '2026-03-01T12:00:00.000Z';

export const disclosed = (sid: string, more: Partial<DisclosureEntry> = {}): DisclosureEntry => ({
  sids: [sid],
  recipientKind: 'PARTNER',
  recipient: 'offers-inc',
  purpose: 'targeted-offers',
  clauses: ['sharing.opt-in-offers'],
  categories: ['NAME', 'EMAIL'],
  policyVersion: '2014-09-12',
  at,
  requestId: 'r1',
  tokenId: 't1',
  ...more,
});

export const consent = (action: 'GIVEN' | 'WITHDRAWN' = 'GIVEN', time = at): PersonEntryBody => ({
  at: time,
  type: 'CONSENT',
  purpose: 'targetedOffers',
  action,
  policyVersion: '2014-09-12',
  expression: 'EXPRESS',
});

export const switched = (on: boolean): PersonEntryBody => ({
  at,
  type: 'PREFERENCES',
  changes: { adTargeting: on },
  source: 'PERSON',
});

export const anyBody: fc.Arbitrary<PersonEntryBody> = fc.oneof(
  fc.boolean().map(switched),
  fc.constantFrom('GIVEN' as const, 'WITHDRAWN' as const).map((action) => consent(action)),
  fc.record({
    at: fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
    type: fc.constant('ACCEPTANCE' as const),
    version: fc.string(),
    mode: fc.constantFrom('EXPLICIT' as const, 'DEEMED' as const),
  }),
);

interface Around {
  readonly clock?: ReturnType<typeof createClock>;
  readonly limits?: Partial<BookLimits>;
}

type Followed = Pick<BookOptions<DisclosureEntry>, 'follower'>;

const around = ({ connection, write, read }: TestStore, { clock = createClock(), limits = {} }: Around) => ({
  connection,
  write,
  read,
  clock,
  log: quiet,
  limits,
});

const books = new Set<{ close(): Promise<void> }>();
const kept = <B extends { close(): Promise<void> }>(book: B) => {
  books.add(book);
  return book;
};

export const disclosureBook = (store: TestStore, { follower, ...more }: Around & Followed = {}) =>
  kept(createDisclosureBook({ ...around(store, more), ...(follower && { follower }) }));
export const auditBook = (store: TestStore, more: Around = {}) => kept(createAuditBook(around(store, more)));

/** Closes every book that a test has left open, so that none writes during the next. */
export async function closeBooks(): Promise<void> {
  await Promise.all([...books].map((book) => book.close()));
  books.clear();
}

/** The request ids of every entry that the database has acknowledged from now on. */
export function acknowledgedRequests(store: TestStore): Set<string> {
  const acknowledged = new Set<string>();
  const sent = new Map<number, mongo.BSON.Document>();
  const client = store.connection.getClient();
  client.on('commandStarted', ({ requestId, command }) => sent.set(requestId, command));
  client.on('commandSucceeded', ({ requestId, commandName }) => {
    if (commandName !== 'insert') return;
    for (const { entries = [] } of sent.get(requestId)?.documents ?? [])
      for (const entry of entries) acknowledged.add(entry.requestId);
  });
  return acknowledged;
}

// biome-ignore lint/suspicious/noExplicitAny: tests break documents in ways that no type describes
export const raw = (store: TestStore, name: string) => collectionOf<any>(store.connection, name);
