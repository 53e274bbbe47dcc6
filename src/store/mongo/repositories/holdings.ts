import { type Access, collectionOf } from '../collections.ts';
import { CASE_TEXTS } from './case-texts.ts';
import { IDEMPOTENCY_KEYS } from './idempotency-keys.ts';
import { CREDITS, POSTS, SETTLED_ORDERS, TRANSACTIONS } from './items.ts';
import { OUTGOING_MAIL } from './outgoing-mail.ts';
import { WAITING_CREDITS } from './waiting-credits.ts';

/** Collections whose documents are each one person's, by `sid`, and go with that person. */
const HOLDINGS: readonly string[] = [
  ...[POSTS, TRANSACTIONS, SETTLED_ORDERS, CREDITS, WAITING_CREDITS, CASE_TEXTS, OUTGOING_MAIL, IDEMPOTENCY_KEYS],
];

/** Everything that is held of a person beside the person's own document. */
export function createHoldings({ connection, write }: Pick<Access, 'connection' | 'write'>) {
  const settings = { writeConcern: write };
  return {
    async forget(sid: string): Promise<void> {
      for (const name of HOLDINGS) await collectionOf<{ sid: string }>(connection, name).deleteMany({ sid }, settings);
    },
  };
}
