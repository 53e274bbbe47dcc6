import { createPersonLedger } from '../ledger/chain/person-chain.ts';
import { createPersonKeys } from '../store/keys.ts';
import { collectionOf, PEOPLE } from '../store/mongo/collections.ts';
import { findActs } from '../subject/acts.ts';
import { type Billing, type BillingValues, sealBilling, stillHeld } from '../subject/billing.ts';
import type { PersonDocument } from '../subject/model.ts';
import { newestOrderWith, type Order, ordersOf } from '../subject/orders.ts';
import { createVault, type Vault } from '../subject/vault.ts';
import type { MigrationTools, Step } from './step.ts';

/** A person's billing values in the earlier form: one card and address, and a token for each processor. */
export interface FormerBilling extends Omit<BillingValues, 'PROCESSOR_TOKEN'> {
  /** The newest first. The processor is null where a world file gave the token. */
  readonly PROCESSOR_TOKEN?: readonly { readonly processor: string | null; readonly token: string }[];
}

const FORMER = ['BILLING_ADDRESS', 'PAYMENT_CARD', 'CARD_EXPIRY', 'PROCESSOR_TOKEN'] as const;

/** Stands for an unknown order, so that no processor is shown the values that were given for it. */
const LOST = '';

/** A card with nothing known but its token. */
const tokenAlone = (order: string | null, token: string): Billing<BillingValues> => ({
  order,
  values: { PAYMENT_CARD: {}, PROCESSOR_TOKEN: token },
});

/**
 * Assigns each value to the order that it was given for. The card, the address and the first token were given with the
 * order that was placed last. For any other token only its processor is known: it goes alone to the newest order with
 * that processor. Values from a world file belong to no particular order.
 *
 * @param orders  the unsettled orders
 * @param placed  ids of every order that the person placed here, in the order in which they were placed
 */
export function attributeBillings(
  { PROCESSOR_TOKEN: tokens = [], ...card }: FormerBilling,
  orders: readonly Order[],
  placed: readonly string[],
): Billing<BillingValues>[] {
  const [first] = tokens;
  const newestOf = (processor: string) => newestOrderWith({ orders }, processor)?.id;

  const orderOfCard = (): string | null => {
    const last = placed.at(-1);
    if (!first) return last ?? null;
    if (first.processor === null) return null;
    const isAnothers = orders.some(({ id, processor }) => id === last && processor !== first.processor);
    return (isAnothers ? undefined : last) ?? newestOf(first.processor) ?? LOST;
  };

  const order = Object.keys(card).length > 0 || first ? orderOfCard() : null;
  const isOpen = order === null || orders.some(({ id }) => id === order);
  const others = tokens.slice(isOpen ? 1 : 0).flatMap(({ processor, token }) => {
    const own = processor === null ? null : newestOf(processor);
    return own === undefined || own === order ? [] : [tokenAlone(own, token)];
  });
  const given = { ...card, ...(first && isOpen && { PROCESSOR_TOKEN: first.token }) };
  const values = given.PROCESSOR_TOKEN === undefined ? given : { PAYMENT_CARD: {}, ...given };
  const newest = Object.keys(values).length > 0 ? [{ order, values }] : [];
  return stillHeld([...others.reverse(), ...newest], orders);
}

/** Orders as they were placed: the earlier form moved a failed one to the end. World-file orders come first. */
export const inOrderOfPlacing = (orders: readonly Order[], placed: readonly string[]): Order[] =>
  [...orders].sort((a, b) => placed.indexOf(a.id) - placed.indexOf(b.id));

const openFormer = (vault: Vault, values: Readonly<Record<string, string | undefined>>): FormerBilling =>
  Object.fromEntries(
    FORMER.flatMap((category) => {
      const sealed = values[category];
      return sealed === undefined ? [] : [[category, vault.open(category, sealed)]];
    }),
  );

async function run({ store, keyEncryptionKey }: MigrationTools): Promise<number> {
  const people = collectionOf<PersonDocument>(store.connection, PEOPLE);
  const keys = createPersonKeys(store, keyEncryptionKey);
  const ledger = createPersonLedger(store);
  const former = { $or: FORMER.map((category) => ({ [`values.${category}`]: { $exists: true } })) };
  let count = 0;
  for await (const person of people.find(former as object, store.read)) {
    const { _id, revision, values, facts } = person as PersonDocument;
    const key = (await keys.find([_id])).get(_id);
    // without the key no value can be read; the erasure of this person is under way
    if (!key) continue;
    const vault = createVault(_id, key);
    const [acts = []] = await findActs(ledger, [person as PersonDocument], { types: ['ORDER'] });
    const placed = acts.flatMap((act) => (act.type === 'ORDER' && act.status === 'OPEN' ? act.order : [])).reverse();
    const orders = inOrderOfPlacing(ordersOf(facts), placed);
    const isWhole = Array.isArray(facts.orders) && facts.orders.length === orders.length;
    const billings = attributeBillings(openFormer(vault, values as Record<string, string>), orders, placed);
    const { modifiedCount } = await people.updateOne(
      { _id, revision },
      {
        $set: {
          billings: billings.map((billing) => sealBilling(vault, billing)),
          ...(isWhole && { 'facts.orders': orders }),
        },
        $unset: Object.fromEntries(FORMER.map((category) => [`values.${category}`, ''])),
        $inc: { revision: 1 },
      } as object,
      { writeConcern: store.write },
    );
    count += modifiedCount;
  }
  return count;
}

export const attributeBillingsToOrders: Step = {
  id: 'billing-by-order-2026-12',
  says: 'Each card, token and billing address is held with the order that it was given for.',
  run,
};
