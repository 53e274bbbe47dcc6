import { isDeepStrictEqual } from 'node:util';
import type { Core } from '../features/core.ts';
import { isUnsettled } from '../policy/known-facts.ts';
import { createItems, itemIdOf, POSTS, SETTLED_ORDERS, TRANSACTIONS } from '../store/mongo/repositories/items.ts';
import { type Item, openItem, sealItem } from '../subject/content.ts';
import { type Homes, homeIn } from './homes.ts';
import { layOver, named } from './person.ts';
import type { WorldUser } from './schema.ts';

type WorldItem = { readonly id?: string | undefined; readonly at?: Date };

/**
 * Puts people's posts, transactions and settled orders on record, which have collections of their own.
 *
 * @returns a function of people, the homes of their data, and the ids of people that the database already held
 */
export function createContentLoader({ store, table }: Pick<Core, 'store' | 'table'>) {
  const { features } = table.vocabulary;
  return async (users: readonly WorldUser[], homes: Homes, there: ReadonlySet<string>, now: Date) => {
    const put = async (name: string, listOf: (user: WorldUser) => readonly WorldItem[]) => {
      const items = createItems(store, name);
      const given = users.flatMap((user) => {
        const home = homeIn(homes, user);
        const isThere = there.has(user.id);
        return named(listOf(user), now).map((item) => ({ ...home, isThere, item, _id: itemIdOf(home.sid, item.id) }));
      });
      // the database has no items of a new person
      const known = given.filter(({ isThere }) => isThere);
      const found = known.length > 0 ? await items.findPlaces(known) : [];
      const held = new Map(found.map((item) => [item._id, item]));
      const stated = given.flatMap(({ _id, sid, vault, item }) => {
        const sealed = held.get(_id);
        const before = sealed && openItem<Item>(vault, name, sealed);
        const after = layOver(before, { at: now, ...item }, now);
        return isDeepStrictEqual(after, before) ? [] : sealItem(vault, name, sid, after);
      });
      const news = stated.filter(({ _id }) => !held.has(_id));
      const areAdded = news.length === 0 || (await items.addAll(news));
      await items.replace(areAdded ? stated.filter(({ _id }) => held.has(_id)) : stated);
    };
    if (features.includes('posts')) await put(POSTS, ({ posts }) => posts);
    if (features.includes('transactions')) await put(TRANSACTIONS, ({ transactions }) => transactions);
    await put(SETTLED_ORDERS, ({ orders }) => orders.filter((order) => !isUnsettled(order)));
  };
}
