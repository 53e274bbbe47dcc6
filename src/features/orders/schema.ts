import { badInput, forbiddenOperation } from '../../base/errors.ts';
import { notUse } from '../../enforcement/site-use.ts';
import type { Context } from '../../graphql/context.ts';
import type { OrderPart, SchemaPart } from '../../graphql/refs.ts';
import { activeSelfOf, selfOf } from '../../graphql/self.ts';
import { serves } from '../../policy/serves.ts';
import { addressOf, expiryOf, LENGTHS, textOf } from '../../subject/forms.ts';
import type { Subject } from '../../subject/subject.ts';
import { idempotencyKey, once } from '../idempotency/schema.ts';
import type { OrderChanged } from './operations.ts';

interface OrderAnswer {
  readonly user: Subject;
  readonly order: OrderPart;
}

const answerOf = async (context: Context, changed: OrderChanged | null): Promise<OrderAnswer> => {
  if (!changed) throw new Error('The person who was read a moment ago is gone.');
  const user = await context.subjects.adopt(changed.document);
  return { user, order: { subject: user, ...changed.order } };
};

export function defineOrders({ builder, refs }: SchemaPart): void {
  const OrderInput = builder.inputType('OrderInput', {
    description:
      'What an order is billed with. The number of the card goes to the processor, which gives a token for it: a number ' +
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
        type: refs.AddressInput,
        required: true,
        description: 'The address that bills go to.',
      }),
    }),
  });

  const payload = (name: string, description: string) =>
    builder.objectRef<OrderAnswer>(name).implement({
      description,
      fields: (t) => ({
        user: t.expose('user', { type: refs.User, description: 'The person, decided anew.' }),
        order: t.expose('order', { type: refs.Order, description: 'The order.' }),
      }),
    });
  const Placed = payload('PlaceOrderPayload', 'An order that was placed.');
  const Cancelled = payload('CancelOrderPayload', 'An order that is cancelled.');

  const Outcome = builder.enumType('OrderOutcome', {
    description: 'What became of an order.',
    values: {
      FILLED: { description: 'It is done; its processor sees nothing more because of it.' },
      FAILED: { description: 'It could not be filled; its processor may still see what it needs to put it right.' },
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
        'The signed-in person orders something. Until it is settled, its processor may see what billing needs, and of ' +
        'cards and addresses those that are given here alone.',
      extensions: serves('purchases.billing', 'security.card'),
      args: {
        input: t.arg({ type: OrderInput, required: true, description: 'What it is billed with.' }),
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
          if (!making.made) await counterparts.findFor('orderWithRecipient', processor, 'input.processor');
          return orders.place(person, { processor, values }, making);
        });
        return answerOf(context, placed);
      },
    }),
    cancelOrder: t.field({
      type: Cancelled,
      description:
        'The signed-in person, whatever their status, takes an order back that is not filled. Once answered, its ' +
        'processor sees nothing because of it. Cancelling it again is no error; a filled order is a `CONFLICT`.',
      extensions: { ...notUse(), ...serves('purchases.billing') },
      args: { order: t.arg.id({ required: true, description: 'The id of the order.' }) },
      resolve: async (_root, { order }, context) => {
        const { sid } = selfOf(context);
        return answerOf(context, await context.services.orders.cancel(sid, order));
      },
    }),
    reportOrder: t.boolean({
      description:
        'The processor of an order says what became of it. The answer is the same whether or not there is such an order.',
      extensions: serves('purchases.billing'),
      args: {
        user: t.arg.id({ required: true, description: 'The person, by the id that the processor was shown.' }),
        order: t.arg.id({ required: true, description: 'The id of the order.' }),
        outcome: t.arg({ type: Outcome, required: true, description: 'What became of it.' }),
      },
      resolve: async (_root, { user, order, outcome }, context) => {
        const { caller, services } = context;
        if (caller.kind !== 'PARTNER')
          throw forbiddenOperation('Only the processor of an order can do this.', 'NOT_PERMITTED');
        const refusal = context.access.others.refusal();
        if (refusal) throw forbiddenOperation('This token could see nothing of anyone.', refusal);
        const subject = await context.subjects.find(user);
        if (subject) await services.orders.settle(subject, caller.recipient.clientId, order, outcome);
        return true;
      },
    }),
  }));
}
