import { randomUUID } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { badInput } from '../../errors.ts';
import type { Facts } from '../../policy/facts.ts';
import type { Store } from '../../store/connection.ts';
import type { Changes } from '../../subject/change.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { PersonalValues } from '../../subject/model.ts';
import { openValue, sealValues, type Vault } from '../../subject/vault.ts';
import { contentCollection, FILLED_ORDERS, type Order, sealItem } from '../content/content.ts';

/** What a person orders with: the processor has the card, and gives a token for it. */
export interface Purchase {
  readonly processor: string;
  readonly token: string;
  readonly values: Pick<PersonalValues, 'PAYMENT_CARD' | 'CARD_EXPIRY' | 'BILLING_ADDRESS'>;
}

/** Orders that one person can have unsettled. */
const MOST_OPEN = 100;

const ordersOf = ({ orders }: Facts) => (Array.isArray(orders) ? (orders as Order[]) : []);

export function createOrderOperations(
  { connection, write }: Pick<Store, 'connection' | 'write'>,
  changes: Changes,
  vaultOf: (sid: SubjectId) => Promise<Vault>,
  clock: Clock,
) {
  return {
    /** Places an order: until it is filled, its processor may see what billing needs. */
    async place(sid: SubjectId, { processor, token, values }: Purchase) {
      const vault = await vaultOf(sid);
      const order: Order = { id: randomUUID(), processor, status: 'OPEN' };
      const changed = await changes.apply(sid, ({ facts, values: held }, at) => {
        const orders = ordersOf(facts);
        if (orders.length >= MOST_OPEN)
          throw badInput('input.processor', `no more than ${MOST_OPEN} orders that are not filled`);
        const others =
          openValue(vault, held, 'PROCESSOR_TOKEN')?.filter((other) => other.processor !== processor) ?? [];
        const given = { ...values, PROCESSOR_TOKEN: [{ processor, token }, ...others] };
        const sealed = Object.entries(sealValues(vault, given)).map(([category, value]) => [
          `values.${category}`,
          value,
        ]);
        return {
          set: { 'facts.orders': [...orders, order], ...Object.fromEntries(sealed) },
          entries: [{ type: 'ORDER', at: at.toISOString(), order: order.id, status: 'OPEN' }],
        };
      });
      return changed && { ...changed, order };
    },

    /**
     * The processor says what became of an order of its own. A filled order is finished, and stands apart: from then on
     * the processor sees nothing more because of it. Saying it again changes nothing.
     */
    async settle(
      sid: SubjectId,
      known: Facts,
      processor: string,
      id: string,
      status: 'FAILED' | 'FILLED',
    ): Promise<void> {
      const own = (order: Order) => order.id === id && order.processor === processor;
      const order = ordersOf(known).find(own);
      if (!order) return;
      // Kept apart before it leaves the record: a crash in between leaves it in both, never in neither.
      if (status === 'FILLED') {
        const finished = { ...order, status, at: clock.now() };
        const item = sealItem(await vaultOf(sid), FILLED_ORDERS, sid, finished);
        const replacing = { upsert: true, writeConcern: write };
        await contentCollection(connection, FILLED_ORDERS).replaceOne({ _id: item._id, sid }, item, replacing);
      }
      await changes.apply(sid, ({ facts }, at) => {
        const orders = ordersOf(facts);
        if (!orders.some((other) => own(other) && other.status !== status)) return null;
        const rest = orders.filter((other) => !own(other));
        return {
          set: { 'facts.orders': status === 'FILLED' ? rest : [...rest, { ...order, status }] },
          entries: [{ type: 'ORDER', at: at.toISOString(), order: id, status }],
        };
      });
    },
  };
}
