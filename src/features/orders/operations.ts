import type { Clock } from '../../base/clock.ts';
import { ApiError, badInput } from '../../base/errors.ts';
import { isUnsettled } from '../../policy/known-facts.ts';
import type { Access } from '../../store/mongo/collections.ts';
import { createItems, type ItemRecord, SETTLED_ORDERS } from '../../store/mongo/repositories/items.ts';
import { type BillingValues, sealBilling, stillHeld } from '../../subject/billing.ts';
import type { Changes } from '../../subject/change.ts';
import { type Item, openItem, sealItem } from '../../subject/content.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { Change, PersonDocument } from '../../subject/model.ts';
import { type Order, ordersOf } from '../../subject/orders.ts';
import type { Vault } from '../../subject/vault.ts';
import type { Making } from '../idempotency/operations.ts';

/** The payment details of an order: the processor has the card, and gives a token for it. */
export interface Purchase {
  readonly processor: string;
  readonly values: Required<BillingValues>;
}

export interface OrderChanged {
  readonly document: PersonDocument;
  readonly order: Order;
}

/** Orders that one person can have unsettled. */
const MOST_OPEN = 100;

type Settled = Order & Item;

export type OrderOperations = ReturnType<typeof createOrderOperations>;

export function createOrderOperations(
  store: Access,
  changes: Changes,
  vaultOf: (sid: SubjectId) => Promise<Vault>,
  clock: Clock,
) {
  const settledOrders = createItems(store, SETTLED_ORDERS);
  const openSettled = (vault: Vault, item: ItemRecord) => openItem<Settled>(vault, SETTLED_ORDERS, item);

  const findSettled = async (vault: Vault, sid: SubjectId, id: string): Promise<Settled | null> => {
    const item = await settledOrders.find(sid, id);
    return item && openSettled(vault, item);
  };

  /**
   * Ends an order. The order is kept apart before it leaves the record, so that a crash in between leaves it in both
   * and never in neither. If several ends arrive at once, the first to be kept counts.
   *
   * @returns the order as it ended
   */
  async function end(sid: SubjectId, order: Order, status: 'FILLED' | 'CANCELLED') {
    const vault = await vaultOf(sid);
    const settling: Settled = { ...order, status, at: clock.now() };
    const kept = await settledOrders.keepFirst(sealItem(vault, SETTLED_ORDERS, sid, settling));
    const settled: Order = { ...order, status: openSettled(vault, kept).status };
    const changed = await changes.apply(sid, ({ facts, billings = [] }, at) => {
      const orders = ordersOf(facts);
      if (!orders.some(({ id }) => id === order.id)) return null;
      const rest = orders.filter(({ id }) => id !== order.id);
      return {
        set: { 'facts.orders': rest, billings: stillHeld(billings, rest) },
        entries: [{ type: 'ORDER', at: at.toISOString(), order: order.id, status: settled.status }],
      };
    });
    return changed && { document: changed.document, order: settled };
  }

  return {
    /**
     * Places an order. Until it is settled, its processor may see the data for billing, but only the card and the
     * addresses given with this order.
     *
     * @param person  as the request has read them
     * @returns null where there is no such person
     */
    async place(
      person: PersonDocument,
      { processor, values }: Purchase,
      { id, keyed }: Making,
    ): Promise<OrderChanged | null> {
      const { _id: sid } = person;
      const vault = await vaultOf(sid);
      const billing = sealBilling(vault, { order: id, values });
      let order: Order = { id, processor, status: 'OPEN' };
      const plan = async ({ facts, billings = [] }: PersonDocument, at: Date): Promise<Change | null> => {
        const orders = ordersOf(facts);
        const placed = orders.find((known) => known.id === id) ?? (keyed ? await findSettled(vault, sid, id) : null);
        if (placed) {
          order = placed;
          return null;
        }
        if (orders.length >= MOST_OPEN)
          throw badInput('input.processor', `no more than ${MOST_OPEN} orders that are not settled`);
        const all = [...orders, order];
        return {
          set: { 'facts.orders': all, billings: stillHeld([...billings, billing], all) },
          entries: [{ type: 'ORDER', at: at.toISOString(), order: id, status: 'OPEN' }],
        };
      };
      // the person as read may be out of date: only the stored record can say that there are too many
      const known = ordersOf(person.facts).length < MOST_OPEN ? person : null;
      const changed = await changes.apply(sid, plan, known);
      return changed && { document: changed.document, order };
    },

    /**
     * The processor reports the end of one of its own orders. A filled order is finished, and stands apart: from then
     * on it shows the processor nothing more. A second report changes nothing, and neither does a report about a
     * settled order.
     */
    async settle(
      { sid, facts }: Pick<PersonDocument, 'facts'> & { readonly sid: SubjectId },
      processor: string,
      id: string,
      status: 'FAILED' | 'FILLED',
    ): Promise<void> {
      const own = (order: Order) => order.id === id && order.processor === processor && isUnsettled(order);
      const order = ordersOf(facts).find(own);
      if (!order) return;
      if (status === 'FILLED') {
        await end(sid, order, status);
        return;
      }
      await changes.apply(sid, (person, at) => {
        const orders = ordersOf(person.facts);
        if (!orders.some((other) => own(other) && other.status !== status)) return null;
        return {
          // in its place: the order of orders tells which is the newest
          set: { 'facts.orders': orders.map((other) => (own(other) ? { ...other, status } : other)) },
          entries: [{ type: 'ORDER', at: at.toISOString(), order: id, status }],
        };
      });
    },

    /**
     * The person cancels an order: from then on its processor sees nothing because of it. Cancelling it again changes
     * nothing.
     *
     * @returns null where there is no such person
     * @throws {ApiError} BAD_INPUT where the person has no such order; CONFLICT where it is filled
     */
    async cancel(sid: SubjectId, id: string): Promise<OrderChanged | null> {
      const current = await changes.apply(sid, () => null);
      if (!current) return null;
      const { document } = current;
      const open = ordersOf(document.facts).find((order) => order.id === id);
      const settled = open ? null : await findSettled(await vaultOf(sid), sid, id);
      const ended = open ? await end(sid, open, 'CANCELLED') : settled && { document, order: settled };
      if (!ended) throw badInput('order', 'the id of an order of this person');
      if (ended.order.status === 'FILLED')
        throw new ApiError('CONFLICT', 'The order is filled: it can not be cancelled.');
      return ended;
    },
  };
}
