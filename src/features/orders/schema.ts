import { badInput } from '../../base/errors.ts';
import { classified, PART_OF_VALUE } from '../../enforcement/classification.ts';
import { notUse } from '../../enforcement/site-use.ts';
import { present } from '../../graphql/adopt.ts';
import { activeSelfOf, seeingPartnerOf, selfOf } from '../../graphql/callers.ts';
import type { Context } from '../../graphql/context.ts';
import { DENIABLE, newest, newestWanted } from '../../graphql/personal-fields.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import { addressOf, expiryOf, LENGTHS, textOf } from '../../subject/forms.ts';
import { type Order, ordersOf } from '../../subject/orders.ts';
import type { Subject } from '../../subject/subject.ts';
import { idempotencyKey, once } from '../idempotency/schema.ts';
import type { OrderChanged } from './operations.ts';

/** A payment card and its person. The rules of its classified fields decide by the person. */
export interface PaymentCardPart {
  readonly subject: Subject;
  /** The order that it bills; null for the card of the person. */
  readonly order: Order | null;
  readonly brand?: string;
  readonly lastFour?: string;
}

export interface OrderPart extends Order {
  readonly subject: Subject;
}

interface OrderAnswer {
  readonly user: Subject;
  readonly order: OrderPart;
}

const answerOf = async (context: Context, changed: OrderChanged | null): Promise<OrderAnswer> => {
  const { document, order } = present(changed);
  const user = await context.subjects.adopt(document);
  return { user, order: { subject: user, ...order } };
};

export function defineOrders(part: SchemaPart): void {
  defineUserFields(part);
  const { builder } = part;
  const OrderInput = builder.inputType('OrderInput', {
    description:
      'The payment details of an order. The number of the card goes to the processor, which gives a token for it: a number ' +
      'is refused here.',
    fields: (t) => ({
      processor: t.id({ required: true, description: 'The client id of the payment processor.' }),
      processorToken: t.string({ required: true, description: 'The processor’s token for the card.' }),
      brand: t.string({ required: true, description: 'The brand of the card, e.g. `VISA`.' }),
      lastFour: t.string({ required: true, description: 'The last four digits of the card.' }),
      expiry: t.string({
        required: true,
        description: 'The month the card expires, `2031-09`, which may not be over.',
      }),
      billingAddress: t.field({
        type: 'AddressInput',
        required: true,
        description: 'The address that bills go to.',
      }),
    }),
  });

  const payload = (name: string, description: string) =>
    builder.objectRef<OrderAnswer>(name).implement({
      description,
      fields: (t) => ({
        user: t.expose('user', { type: 'User', description: 'The person, decided anew.' }),
        order: t.expose('order', { type: 'Order', description: 'The order.' }),
      }),
    });
  const Placed = payload('PlaceOrderPayload', 'An order that was placed.');
  const Cancelled = payload('CancelOrderPayload', 'An order that is cancelled.');

  const Outcome = builder.enumType('OrderOutcome', {
    description: 'The outcome of an order.',
    values: {
      FILLED: { description: 'It is done; its processor sees nothing more because of it.' },
      FAILED: {
        description: 'It could not be filled; its processor may still see the data that it needs to put it right.',
      },
    },
  });

  const shaped = (argument: string, value: string, form: RegExp, expected: string) => {
    if (!form.test(value)) throw badInput(argument, expected);
    return value;
  };

  builder.mutationFields((t) => ({
    placeOrder: t.field({
      type: Placed,
      description:
        'The signed-in person orders something. Until it is settled, its processor may see the data for billing, but only ' +
        'the card and the addresses given here.',
      args: {
        input: t.arg({ type: OrderInput, required: true, description: 'The payment details.' }),
        ...idempotencyKey(t.arg),
      },
      resolve: async (_root, args, context, info) => {
        const { person } = activeSelfOf(context);
        const { input } = args;
        const { counterparts, orders } = context.services;
        const values = {
          PAYMENT_CARD: {
            brand: textOf('input.brand', input.brand, LENGTHS.word),
            lastFour: shaped('input.lastFour', input.lastFour, /^\d{4}$/, 'the last four digits'),
          },
          CARD_EXPIRY: expiryOf('input.expiry', input.expiry, context.now),
          PROCESSOR_TOKEN: textOf('input.processorToken', input.processorToken, LENGTHS.line),
          BILLING_ADDRESS: addressOf('input.billingAddress', input.billingAddress),
        };
        const { processor } = input;
        const placed = await once(context, info, args, async (making) => {
          if (!making.made) await counterparts.findFor({ fact: 'orderWithRecipient' }, processor, 'input.processor');
          return orders.place(person, { processor, values }, making);
        });
        return answerOf(context, placed);
      },
    }),
    cancelOrder: t.field({
      type: Cancelled,
      description:
        'The signed-in person, of any status, takes an order back that is not filled. Once answered, its ' +
        'processor sees nothing because of it. Cancelling it again is no error; a filled order is a `CONFLICT`.',
      extensions: notUse(),
      args: { order: t.arg.id({ required: true, description: 'The id of the order.' }) },
      resolve: async (_root, { order }, context) => {
        const { sid } = selfOf(context);
        return answerOf(context, await context.services.orders.cancel(sid, order));
      },
    }),
    reportOrder: t.boolean({
      description:
        'The processor of an order reports its outcome. The answer is the same whether or not there is such an order.',
      args: {
        user: t.arg.id({ required: true, description: 'The person, by the id that the processor was shown.' }),
        order: t.arg.id({ required: true, description: 'The id of the order.' }),
        outcome: t.arg({ type: Outcome, required: true, description: 'The outcome.' }),
      },
      resolve: async (_root, { user, order, outcome }, context) => {
        const { recipient } = seeingPartnerOf(context, 'Only the processor of an order can do this.');
        const subject = await context.subjects.find(user);
        if (subject) await context.services.orders.settle(subject, recipient.clientId, order, outcome);
        return true;
      },
    }),
  }));
}

/** The fields of `User` that belong to this feature, and their types. */
function defineUserFields({ builder }: SchemaPart): void {
  builder.objectType('PaymentCard', {
    description: 'A payment card, as much of it as is held. Its number is not.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      brand: t.exposeString('brand', { nullable: true, description: 'The brand, e.g. `VISA`.' }),
      lastFour: t.exposeString('lastFour', { nullable: true, description: 'The last four digits.' }),
      expiry: t.string({
        nullable: true,
        description: `The month it expires, \`2027-09\`. ${DENIABLE}`,
        extensions: classified('CARD_EXPIRY'),
        resolve: ({ subject, order }) =>
          order ? subject.revealOf(order, 'CARD_EXPIRY') : subject.reveal('CARD_EXPIRY'),
      }),
      processorToken: t.string({
        nullable: true,
        description: `The payment processor's token, for that processor alone. ${DENIABLE}`,
        extensions: classified('PROCESSOR_TOKEN'),
        resolve: ({ subject, order }) =>
          order ? subject.revealOf(order, 'PROCESSOR_TOKEN') : subject.reveal('PROCESSOR_TOKEN'),
      }),
    }),
  });
  builder.objectType('Order', {
    description: 'An order that a person placed.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id among the orders of the person.' }),
      processor: t.field({
        type: 'Partner',
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
        type: 'PaymentCard',
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
        type: 'Address',
        nullable: true,
        description:
          'The address that its bill goes to; null once it is settled. Null with `FORBIDDEN` where the policy denies it.',
        extensions: classified('BILLING_ADDRESS'),
        resolve: ({ subject, ...order }) => subject.revealOf(order, 'BILLING_ADDRESS'),
      }),
    }),
  });
  builder.objectFields('User', (t) => ({
    billingAddress: t.field({
      type: 'Address',
      nullable: true,
      description:
        'The address that bills go to: to a payment processor that of its newest order which is not settled, and ' +
        `null without one; to everybody else the one that was given last. ${DENIABLE}`,
      extensions: classified('BILLING_ADDRESS'),
      resolve: (subject) => subject.reveal('BILLING_ADDRESS'),
    }),
    paymentCard: t.field({
      type: 'PaymentCard',
      nullable: true,
      description:
        'The payment card; its number is not held here. To a payment processor it is the card of its newest order ' +
        `which is not settled, and null without one; to everybody else the one that was given last. ${DENIABLE}`,
      extensions: classified('PAYMENT_CARD'),
      resolve: (subject) => {
        const card = subject.reveal('PAYMENT_CARD');
        return card && { subject, order: null, ...card };
      },
    }),
    orders: t.field({
      type: ['Order'],
      nullable: true,
      description:
        'The person’s orders: unsettled ones first, as they were placed, then filled or cancelled ones, ' +
        `the newest first. ${DENIABLE}`,
      extensions: classified('ACCOUNT'),
      args: newest(t),
      resolve: async (subject, { first }, { content }) => {
        const { person, home } = subject.reveal('ACCOUNT');
        const limit = newestWanted(first);
        const unsettled = ordersOf(person.facts).slice(0, limit);
        const settled = await content.settledOrders(home(), limit - unsettled.length);
        // one that was just being settled when a gateway ended stands in both places
        const others = settled.filter(({ id }) => !unsettled.some((order) => order.id === id));
        return [...unsettled, ...others].map((order) => ({ subject, ...order }));
      },
    }),
  }));
}
