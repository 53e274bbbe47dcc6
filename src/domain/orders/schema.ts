import { badInput, forbiddenOperation } from '../../errors.ts';
import type { SchemaPart } from '../../graphql/refs.ts';
import { activeSelfOf } from '../../graphql/self.ts';
import { serves } from '../../policy/serves.ts';
import { addressOf, LENGTHS, textOf } from '../../subject/forms.ts';
import type { Subject } from '../../subject/subject.ts';
import type { Order } from '../content/content.ts';

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
      expiry: t.string({ required: true, description: 'The month the card expires, `2027-09`.' }),
      billingAddress: t.field({
        type: refs.AddressInput,
        required: true,
        description: 'The address that bills go to.',
      }),
    }),
  });

  const Payload = builder.objectRef<{ readonly user: Subject; readonly order: Order }>('PlaceOrderPayload');
  builder.objectType(Payload, {
    description: 'An order that was placed.',
    fields: (t) => ({
      user: t.expose('user', { type: refs.User, description: 'The person, decided anew.' }),
      order: t.expose('order', { type: refs.Order, description: 'The order.' }),
    }),
  });

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
      type: Payload,
      description:
        'The signed-in person orders something. Until it is filled, its processor may see what billing needs.',
      extensions: serves('purchases.billing', 'security.card'),
      args: { input: t.arg({ type: OrderInput, required: true, description: 'What it is billed with.' }) },
      resolve: async (_root, { input }, context) => {
        const { sid } = activeSelfOf(context);
        const { services } = context;
        const processor = await services.counterparts.findFor('orderWithRecipient', input.processor, 'input.processor');
        const placed = await services.orders.place(sid, {
          processor: processor._id,
          token: textOf('input.processorToken', input.processorToken, LENGTHS.line),
          values: {
            PAYMENT_CARD: {
              brand: textOf('input.brand', input.brand, LENGTHS.word),
              lastFour: shaped('input.lastFour', input.lastFour, /^\d{4}$/, 'the last four digits'),
            },
            CARD_EXPIRY: shaped('input.expiry', input.expiry, /^\d{4}-(0[1-9]|1[0-2])$/, 'a month such as 2027-09'),
            BILLING_ADDRESS: addressOf('input.billingAddress', input.billingAddress),
          },
        });
        if (!placed) throw new Error('The person who was read a moment ago is gone.');
        return { order: placed.order, user: await context.subjects.adopt(placed.document) };
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
        if (subject)
          await services.orders.settle(subject.sid, subject.facts, caller.recipient.clientId, order, outcome);
        return true;
      },
    }),
  }));
}
