import { type Access, collectionOf } from '../collections.ts';
import { CASE_TEXTS } from './case-texts.ts';
import { IDEMPOTENCY_KEYS } from './idempotency-keys.ts';
import { CREDITS, POSTS, SETTLED_ORDERS, TRANSACTIONS } from './items.ts';
import { OUTGOING_MAIL } from './outgoing-mail.ts';
import { WAITING_CREDITS } from './waiting-credits.ts';

/** Collections with documents of single people, by `sid`. Erasing a person deletes them. */
const HOLDINGS: readonly string[] = [
  ...[POSTS, TRANSACTIONS, SETTLED_ORDERS, CREDITS, WAITING_CREDITS, CASE_TEXTS, OUTGOING_MAIL, IDEMPOTENCY_KEYS],
];

/** All data about a person besides the person's own document. */
export function createHoldings({ connection, write }: Pick<Access, 'connection' | 'write'>) {
  const settings = { writeConcern: write };
  return {
    async forget(sid: string): Promise<void> {
      for (const name of HOLDINGS) await collectionOf<{ sid: string }>(connection, name).deleteMany({ sid }, settings);
    },
  };
}
