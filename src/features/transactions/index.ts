import type { Transaction } from '../../subject/content.ts';
import { feature } from '../feature.ts';
import { defineTransactions } from './schema.ts';

export const transactions = feature({ optional: 'transactions', fields: defineTransactions });

declare module '../../graphql/builder.ts' {
  interface Objects {
    Transaction: Transaction;
  }
}
