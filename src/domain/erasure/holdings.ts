import { CREDITS, FILLED_ORDERS, POSTS, TRANSACTIONS } from '../content/content.ts';

/** Collections whose documents are each one person's, by `sid`, and go with that person. */
export const HOLDINGS: readonly string[] = [POSTS, TRANSACTIONS, FILLED_ORDERS, CREDITS];
