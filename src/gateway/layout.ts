import { choicesAskedFor, type Policy } from '../policy/clause.ts';
import type { Choices } from '../policy/known-facts.ts';
import { PolicyError } from '../policy/load.ts';
import type { Vocabulary } from '../policy/vocabulary.ts';
import type { Layout } from '../store/mongo/collection-layout.ts';
import { factIndexes } from '../store/mongo/fact-query.ts';
import { ALLOWANCES_LAYOUT } from '../store/mongo/repositories/allowances.ts';
import { BOOK_HEADS_LAYOUT } from '../store/mongo/repositories/book-heads.ts';
import { AUDIT_BOOKS_LAYOUT, DISCLOSURE_BOOKS_LAYOUT } from '../store/mongo/repositories/books.ts';
import { ITEM_LAYOUTS } from '../store/mongo/repositories/items.ts';
import { MAILBOXES_LAYOUT } from '../store/mongo/repositories/mailboxes.ts';
import { NAME_CLAIMS_LAYOUT } from '../store/mongo/repositories/name-claims.ts';
import { peopleLayout } from '../store/mongo/repositories/people.ts';
import { RESTRICTIONS_INDEX } from '../store/mongo/repositories/people-restricted.ts';
import { PERSON_KEYS_LAYOUT } from '../store/mongo/repositories/person-keys.ts';
import { PERSON_LEDGER_LAYOUT } from '../store/mongo/repositories/person-ledger.ts';
import { PUBLIC_IDS_LAYOUT } from '../store/mongo/repositories/public-ids.ts';
import { TOMBSTONES_LAYOUT } from '../store/mongo/repositories/tombstones.ts';
import { WAITING_CREDITS_LAYOUT } from '../store/mongo/repositories/waiting-credits.ts';
import { FOLLOWED_THREADS } from '../subject/subscriptions.ts';
import { featuresOf } from './features.ts';

/** MongoDB keeps so many indexes of one collection, that of its ids among them. */
const MOST_INDEXES = 64;

/** @throws {PolicyError} where conditions ask for more facts than the database can keep indexes on */
function layoutOfPeople(choices: Choices): Layout {
  const listed = factIndexes(choices);
  const waiting = choices.restrictions.length > 0 ? [RESTRICTIONS_INDEX] : [];
  const layout = peopleLayout([FOLLOWED_THREADS, ...listed], waiting);
  const over = layout.indexes.length + 1 - MOST_INDEXES;
  if (over <= 0) return layout;
  throw new PolicyError([
    `expected conditions that ask for at most ${listed.length - over} facts, in all versions together, not ${listed.length}: each has an index`,
  ]);
}

/** The collections that every feature builds on. */
const coreLayout = (choices: Choices): readonly Layout[] => [
  layoutOfPeople(choices),
  PUBLIC_IDS_LAYOUT,
  PERSON_KEYS_LAYOUT,
  PERSON_LEDGER_LAYOUT,
  ...ITEM_LAYOUTS,
  WAITING_CREDITS_LAYOUT,
  DISCLOSURE_BOOKS_LAYOUT,
  AUDIT_BOOKS_LAYOUT,
  NAME_CLAIMS_LAYOUT,
  MAILBOXES_LAYOUT,
  BOOK_HEADS_LAYOUT,
  TOMBSTONES_LAYOUT,
  ALLOWANCES_LAYOUT,
];

/** The words of policies that the layout follows from. */
export type Words = Choices & Pick<Vocabulary, 'features'>;

/** The words of several versions of a policy together. */
export const wordsOf = (policies: readonly Policy[]): Words => ({
  ...choicesAskedFor(policies),
  features: [...new Set(policies.flatMap(({ vocabulary }) => vocabulary.features))],
});

/**
 * Every collection that has an index besides that of its ids, or that grows with the number of people. On shards only a
 * key that begins with the shard key can be unique. So a collection is spread by the field that must be unique, or
 * stays together. Those that are not here are small, or empty again and again, and stay together as well.
 */
export const layoutOf = (choices: Words): readonly Layout[] => [
  ...coreLayout(choices),
  ...featuresOf(choices).flatMap(({ layout = [] }) => layout),
];
