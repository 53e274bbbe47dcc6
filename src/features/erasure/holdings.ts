import { CREDITS, POSTS, SETTLED_ORDERS, TRANSACTIONS, WAITING_CREDITS } from '../../subject/content.ts';
import { IDEMPOTENCY_KEYS } from '../idempotency/operations.ts';
import { OUTGOING_MAIL } from '../mail/operations.ts';
import { CASE_TEXTS } from '../privacy-cases/texts.ts';

/** Collections whose documents are each one person's, by `sid`, and go with that person. */
export const HOLDINGS: readonly string[] = [
  ...[POSTS, TRANSACTIONS, SETTLED_ORDERS, CREDITS, WAITING_CREDITS, CASE_TEXTS, OUTGOING_MAIL, IDEMPOTENCY_KEYS],
];
