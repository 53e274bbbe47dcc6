/**
 * Why each of these searches has to ask every shard, by what it looks for. Any other goes to one shard, or to those of
 * the values that it names.
 */
export const EVERY_SHARD: ReadonlyMap<string, string> = new Map([
  ['find people by facts', 'a list begins with anybody, and so do searches for those whose erasure was cut off'],
  ['find people by _id, facts', 'a later page of a list'],
  ['find people by foldedName', 'names of people change, ids do not'],
  ['aggregate people by facts', 'the queue of privacy staff is of everybody’s cases'],
  ['find people by nothing', 'a world file is measured against everybody who is there; statistics count everybody'],
  ['find people by deletionDueAt', 'a sweep: accounts of children whose time has come'],
  ['find people by corrections.category, values', 'the first sweep: everybody with a value that has a time'],
  ['aggregate people by corrections.category, values', 'a count of everybody with a value of a retired category'],
  ['find people by retentionDueAt', 'a sweep: values whose time may be over'],
  ['find people by ledger.outbox.n', 'a sweep: entries that were left on their way'],
  ['find people by ledger.untold', 'acts that recipients are yet to be told of, whoever did them'],
  ['aggregate disclosure_books by entries.sids', 'a book is one gateway’s, and tells of everybody'],
  ['aggregate disclosure_books by at, entries.sids', 'a later page of the same'],
  ['find disclosure_books by entries.sids', 'the same, of several people at once'],
  ['find disclosure_books by entries.report, entries.sids', 'what one legal process was answered'],
  ['aggregate transactions by nothing', 'statistics count everybody’s, once a day'],
  ['find waiting_credits by accepted', 'a sweep: credits that were accepted and are yet to be booked'],
  ['find waiting_credits by accepted, at', 'support lists everybody’s'],
  ['find waiting_credits by accepted, id', 'support names a credit and not whose it is'],
  ['delete waiting_credits by accepted, at', 'a sweep: credits whose time is over'],
  ['find mailboxes by sid', 'an erasure, which no longer knows the address'],
  ['find name_claims by holder', 'an erasure, which no longer knows the names'],
  ['find ties by _id', 'a tie is named by its id alone'],
  ['find ties by from, state, to', 'a tie lies with the end that holds it; a person may be the other one'],
  ['find ties by from, kind, state, to', 'the same, of ties that both people hold'],
  ['aggregate ties by from, to', 'the same, counted'],
  ['find ties by behind', 'a sweep: ties of which the ledgers are behind'],
  ['find ties by behind, from, to', 'an erasure, which ends the ties of one person'],
]);
