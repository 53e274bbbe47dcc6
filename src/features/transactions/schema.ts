import { classified, PART_OF_VALUE } from '../../enforcement/classification.ts';
import { defineConnection, type ItemPlace, newestFirst, pageOf, paging } from '../../graphql/connections.ts';
import { DENIABLE, newest, newestWanted } from '../../graphql/personal-fields.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import { NULL_ONLY_BY_ERROR } from '../../graphql/semantic-nullability.ts';

export function defineTransactions({ builder }: SchemaPart): void {
  builder.objectType('Transaction', {
    description: 'A virtual good that changed hands.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id among the transactions of the person.' }),
      kind: t.field({
        type: builder.enumType('TransactionKind', {
          description: 'The act of the person on the good.',
          values: {
            CREATED: { description: 'Made it.' },
            SOLD: { description: 'Sold it.' },
            BOUGHT: { description: 'Bought it.' },
          },
        }),
        nullable: true,
        description: 'The act of the person on it.',
        resolve: ({ kind }) => kind,
      }),
      good: t.exposeString('good', { nullable: true, description: 'The good.' }),
      price: t.exposeFloat('price', { nullable: true, description: 'Its price, in the site’s currency.' }),
      profit: t.exposeFloat('profit', {
        nullable: true,
        description: 'The earnings of the person, in the site’s currency.',
      }),
      at: t.expose('at', { type: 'DateTime', description: 'When it happened.' }),
    }),
  });
  const Pages = defineConnection(builder, 'Transaction', 'A virtual good that changed hands');
  builder.objectFields('User', (t) => ({
    transactions: t.field({
      type: ['Transaction'],
      nullable: true,
      description: `Goods created, sold and bought, newest first. ${DENIABLE}`,
      extensions: classified('TRANSACTIONS'),
      args: newest(t),
      resolve: async (subject, { first }, { content }) => {
        const limit = newestWanted(first);
        return content.transactions(subject.reveal('TRANSACTIONS'), limit);
      },
    }),
    transactionsConnection: t.field({
      type: Pages,
      nullable: true,
      description: `The same as \`transactions\`, in pages. ${DENIABLE}`,
      extensions: { ...classified('TRANSACTIONS'), ...NULL_ONLY_BY_ERROR },
      args: paging(t),
      resolve: (subject, args, { content, listCursors }) => {
        const home = subject.reveal('TRANSACTIONS');
        const positions = listCursors<ItemPlace>('transactions', subject.sid);
        return pageOf(
          args,
          newestFirst(positions, (count, after) => content.transactions(home, count, after)),
        );
      },
    }),
  }));
}
