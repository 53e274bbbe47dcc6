import { isUnsettled } from '../policy/known-facts.ts';
import { categoryNamed, type DataCategory, type Vocabulary } from '../policy/vocabulary.ts';
import type { Order } from './orders.ts';
import type { Address } from './values.ts';
import type { Vault } from './vault.ts';

/** The billing data of one order, by data category. At rest each value is sealed for itself. */
export interface BillingValues {
  /** Present with any data of a card, but empty for a card with only a token. */
  readonly PAYMENT_CARD?: { readonly brand?: string; readonly lastFour?: string };
  /** `YYYY-MM`. */
  readonly CARD_EXPIRY?: string;
  /** The token that the processor gave for the card. */
  readonly PROCESSOR_TOKEN?: string;
  readonly BILLING_ADDRESS?: Address;
}
export type BillingCategory = keyof BillingValues;

export const BILLING_CATEGORIES = [
  'BILLING_ADDRESS',
  'PAYMENT_CARD',
  'CARD_EXPIRY',
  'PROCESSOR_TOKEN',
] as const satisfies readonly (BillingCategory & DataCategory)[];

export const isBillingCategory = (category: string): category is BillingCategory =>
  (BILLING_CATEGORIES as readonly string[]).includes(category);

/** Whether addresses that bills go to are among the words of a company. */
export const holdsBillingAddresses = (vocabulary: Vocabulary): boolean =>
  categoryNamed(vocabulary, 'BILLING_ADDRESS')?.heldBy !== undefined;

export type SealedBillingValues = Partial<Record<BillingCategory, string>>;

/** A card with its token, an address, or both, as they were given once. */
export interface Billing<Values extends Partial<Record<BillingCategory, unknown>> = SealedBillingValues> {
  /**
   * The order that they were given for; they may be shown to its processor alone. Null if they were given for none, as
   * in a world file: they serve every order that has none of its own.
   */
  readonly order: string | null;
  readonly values: Values;
}

/** The category that tells whether a value of another is held: of a card, the card. */
const markOf = (category: BillingCategory) => (category === 'BILLING_ADDRESS' ? category : 'PAYMENT_CARD');

type AnyBilling = Billing<Partial<Record<BillingCategory, unknown>>>;

const holds = ({ values }: AnyBilling, category: BillingCategory) => values[markOf(category)] !== undefined;

/** The place of the newest card, or of the newest address. Later values stand later, even if clocks disagree. */
export const newestGiven = <B extends AnyBilling>(billings: readonly B[], category: BillingCategory): B | undefined =>
  billings.findLast((billing) => holds(billing, category));

/** The billing data of an order: values given for it, or else values given for no order. */
export const billingOf = <B extends AnyBilling>(
  billings: readonly B[],
  order: string,
  category: BillingCategory,
): B | undefined =>
  billings.find((billing) => billing.order === order) ??
  billings.findLast((billing) => billing.order === null && holds(billing, category));

const only = <B extends AnyBilling>(billing: B, keeps: (category: BillingCategory) => boolean): B[] => {
  const values = Object.entries(billing.values).filter(([category]) => keeps(category as BillingCategory));
  return values.length === 0 ? [] : [{ ...billing, values: Object.fromEntries(values) }];
};

/** Whether an order that is not settled is billed with it. */
export function isNeeded({ order }: AnyBilling, billings: readonly AnyBilling[], orders: readonly Order[]): boolean {
  const unsettled = orders.filter(isUnsettled);
  if (order !== null) return unsettled.some(({ id }) => id === order);
  const owners = new Set(billings.map((billing) => billing.order));
  return unsettled.some(({ id }) => !owners.has(id));
}

/**
 * Billing data that still has a purpose: the data of unsettled orders, and the newest card and address, which are the
 * person's own to see and to delete. The token of a settled order serves nobody any more.
 */
export const stillHeld = <B extends AnyBilling>(billings: readonly B[], orders: readonly Order[]): B[] =>
  billings.flatMap((billing) =>
    isNeeded(billing, billings, orders)
      ? [billing]
      : only(
          billing,
          (category) =>
            newestGiven(billings, category) === billing && (billing.order === null || category !== 'PROCESSOR_TOKEN'),
        ),
  );

/** The billings without some categories, but for those that stay as they are. */
export const withoutCategories = <B extends AnyBilling>(
  billings: readonly B[],
  categories: readonly string[],
  isKept: (billing: B) => boolean = () => false,
): B[] =>
  billings.flatMap((billing) =>
    isKept(billing) ? [billing] : only(billing, (category) => !categories.includes(category)),
  );

/** A place that no other value of the person has, so that a value sealed for one order opens for no other. */
const placeOf = (order: string | null, category: BillingCategory) =>
  order === null ? `billing/${category}` : `billing of ${order}/${category}`;

export const sealBilling = (vault: Vault, { order, values }: Billing<BillingValues>): Billing => ({
  order,
  values: Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([category, value]) => [category, vault.seal(placeOf(order, category as BillingCategory), value)]),
  ),
});

/** One value; undefined where none is held. */
export const openBilled = <C extends BillingCategory>(
  vault: Vault,
  { order, values }: Billing,
  category: C,
): BillingValues[C] | undefined => {
  const sealed = values[category];
  return sealed === undefined ? undefined : (vault.open(placeOf(order, category), sealed) as BillingValues[C]);
};

export const openBilling = (vault: Vault, billing: Billing): Billing<BillingValues> => ({
  order: billing.order,
  values: Object.fromEntries(
    (Object.keys(billing.values) as BillingCategory[]).map((category) => [
      category,
      openBilled(vault, billing, category),
    ]),
  ),
});

/** Replaces the newest address; if there is none, the address serves the orders without one of their own. */
export function withAddress(vault: Vault, billings: readonly Billing[], address: Address): Billing[] {
  const newest = newestGiven(billings, 'BILLING_ADDRESS');
  const sealed = sealBilling(vault, { order: newest?.order ?? null, values: { BILLING_ADDRESS: address } });
  return newest
    ? billings.map((billing) =>
        billing === newest ? { ...billing, values: { ...billing.values, ...sealed.values } } : billing,
      )
    : [...billings, sealed];
}
