import { classified, PART_OF_VALUE } from '../../enforcement/classification.ts';
import type { SchemaPart } from '../../graphql/refs.ts';

/** The small lists of a person's own privacy record. */
export function defineAccount({ builder, refs, vocabulary }: SchemaPart): void {
  builder.objectType(refs.Subscription, {
    description: 'A blog thread that a person subscribed to by mail.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      thread: t.exposeID('thread', { nullable: true, description: 'The thread.' }),
      verified: t.exposeBoolean('verified', {
        description: 'Whether the address was verified; mail is sent only then.',
      }),
    }),
  });
  builder.objectType(refs.Order, {
    description: 'An order that a person placed.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id among the orders of the person.' }),
      processor: t.field({
        type: refs.Partner,
        nullable: true,
        description: 'The payment processor; null for a partner no longer on record.',
        resolve: ({ processor }, _args, { partners }) => partners.load(processor),
      }),
      status: t.field({
        type: builder.enumType('OrderStatus', {
          description: 'Where an order stands.',
          values: {
            OPEN: { description: 'To be filled.' },
            FAILED: { description: 'Not filled yet, because something went wrong.' },
            FILLED: { description: 'Done.' },
            CANCELLED: { description: 'Taken back by the person before it was filled.' },
          },
        }),
        description: 'Where it stands.',
        resolve: ({ status }) => status,
      }),
      paymentCard: t.field({
        type: refs.PaymentCard,
        nullable: true,
        description:
          'The card that it is billed with; null once it is settled, when its card is not kept with it any more. Null ' +
          'with `FORBIDDEN` where the policy denies it.',
        extensions: classified('PAYMENT_CARD'),
        resolve: ({ subject, ...order }) => {
          const card = subject.revealOf(order, 'PAYMENT_CARD');
          return card && { subject, order, ...card };
        },
      }),
      billingAddress: t.field({
        type: refs.Address,
        nullable: true,
        description:
          'The address that its bill goes to; null once it is settled. Null with `FORBIDDEN` where the policy denies it.',
        extensions: classified('BILLING_ADDRESS'),
        resolve: ({ subject, ...order }) => subject.revealOf(order, 'BILLING_ADDRESS'),
      }),
    }),
  });
  builder.objectType(refs.Relationship, {
    description: 'A co-branded relationship that a person entered.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      partner: t.field({
        type: refs.Partner,
        nullable: true,
        description: 'With whom; null for a partner no longer on record.',
        resolve: ({ partner }, _args, { partners }) => partners.load(partner),
      }),
      active: t.exposeBoolean('active', { description: 'Whether it goes on.' }),
    }),
  });
  builder.objectType(refs.SocialLink, {
    description: 'A link with an account on a social site.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      partner: t.field({
        type: refs.Partner,
        nullable: true,
        description: 'With whom; null for a partner no longer on record.',
        resolve: ({ partner }, _args, { partners }) => partners.load(partner),
      }),
      autoPost: t.exposeBoolean('autoPost', { description: 'Whether recent activity may be posted there.' }),
      takenIn: t.field({
        type: [vocabulary.DataCategory],
        nullable: true,
        description: 'What the person let this site take in from there; null where the record does not say.',
        resolve: ({ takenIn }) => takenIn,
      }),
      at: t.expose('at', {
        type: 'DateTime',
        nullable: true,
        description: 'When the person agreed to it; null where the record does not say.',
      }),
    }),
  });
  builder.objectType(refs.PolicyAcceptance, {
    description: 'The acceptance of a version of the policy.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      version: t.exposeString('version', { description: 'The version.' }),
      mode: t.field({
        type: builder.enumType('AcceptanceMode', {
          description: 'How a version was accepted.',
          values: {
            EXPLICIT: { description: 'The person said so.' },
            DEEMED: { description: 'The person went on using the site after it was posted.' },
          },
        }),
        description: 'How.',
        resolve: ({ mode }) => mode,
      }),
      at: t.expose('at', { type: 'DateTime', description: 'When.' }),
    }),
  });
  builder.objectType(refs.PrivacyCase, {
    description: 'A case with the privacy officer.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id.' }),
      openedAt: t.expose('openedAt', { type: 'DateTime', nullable: true, description: 'When it was opened.' }),
      dueAt: t.expose('dueAt', { type: 'DateTime', nullable: true, description: 'By when it is to be answered.' }),
      status: t.field({
        type: builder.enumType('PrivacyCaseStatus', {
          description: 'Where a case stands.',
          values: { OPEN: { description: 'Being worked on.' }, CLOSED: { description: 'Done.' } },
        }),
        description: 'Where it stands.',
        resolve: ({ status }) => status,
      }),
    }),
  });
}
