import { createPersonLedger } from '../ledger/chain/person-chain.ts';
import { createPersonKeys } from '../store/keys.ts';
import { collectionOf, PEOPLE } from '../store/mongo/collections.ts';
import { findActs } from '../subject/acts.ts';
import { type Billing, type BillingValues, sealBilling, stillHeld } from '../subject/billing.ts';
import type { PersonDocument } from '../subject/model.ts';
import { newestOrderWith, type Order, ordersOf } from '../subject/orders.ts';
import { createVault, type Vault } from '../subject/vault.ts';
import type { MigrationTools, Step } from './step.ts';

/** What a person's orders were billed with, as it was held before: one card and address, and a token for each processor. */
export interface FormerBilling extends Omit<BillingValues, 'PROCESSOR_TOKEN'> {
  /** The newest first. The processor is null where a world file gave the token. */
  readonly PROCESSOR_TOKEN?: readonly { readonly processor: string | null; readonly token: string }[];
}

const FORMER = ['BILLING_ADDRESS', 'PAYMENT_CARD', 'CARD_EXPIRY', 'PROCESSOR_TOKEN'] as const;

/** Names an order that nobody knows, so that what was given for it is shown to no processor. */
const LOST = '';

/** A card of which nothing but the token is known. */
const tokenAlone = (order: string | null, token: string): Billing<BillingValues> => ({
  order,
  values: { PAYMENT_CARD: {}, PROCESSOR_TOKEN: token },
});

/**
 * Tells which order each value was given for. The card and the address were given with the order that was placed last,
 * and the first token with them. Of any other token no more is known than whose it is: it goes to the newest order of
 * its processor, and alone. What a world file gave is for no order in particular.
 *
 * @param orders  those that are not settled
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

/** Orders as they were placed; one that failed was moved to the end before. Those of a world file come first. */
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
    // of somebody whose key is destroyed nothing can be read, and erasing them will be finished
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
