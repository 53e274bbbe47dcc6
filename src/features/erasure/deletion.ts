import { badInput } from '../../base/errors.ts';
import type { PersonEntry } from '../../ledger/chain/person-chain.ts';
import type { Policy } from '../../policy/clause.ts';
import type { DecisionTable } from '../../policy/compile.ts';
import { hasUnsettledOrder } from '../../policy/known-facts.ts';
import { categoriesWhen } from '../../policy/reveals-when.ts';
import {
  categoryNamed,
  type DataCategory,
  idsOf,
  placeOf,
  type Vocabulary,
  withDerived,
} from '../../policy/vocabulary.ts';
import type { Access } from '../../store/mongo/collections.ts';
import { createItems, POSTS, TRANSACTIONS } from '../../store/mongo/repositories/items.ts';
import { type Billing, isNeeded, withoutCategories } from '../../subject/billing.ts';
import type { Changes } from '../../subject/change.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { PersonDocument } from '../../subject/model.ts';
import { moveBetween, residenceChange } from '../../subject/new-person.ts';
import { ordersOf } from '../../subject/orders.ts';
import type { SealedValues } from '../../subject/values.ts';
import { openValues, type Vault } from '../../subject/vault.ts';
import type { ConsentRequests } from '../consents/requests.ts';
import type { ErasureNotices } from './notices.ts';

/** Categories that lie in collections of their own. */
const APART: Readonly<Partial<Record<DataCategory, string>>> = { POSTS, TRANSACTIONS };

export interface DeletionOutcome {
  readonly document: PersonDocument;
  readonly deleted: readonly DataCategory[];
  /** Categories that an unsettled order still needs. */
  readonly kept: readonly DataCategory[];
  readonly entry: PersonEntry | null;
}

/** Categories with their parts and derived ones. @throws {ApiError} BAD_INPUT for a category that has to stay */
const withParts = (vocabulary: Vocabulary, categories: readonly DataCategory[]): DataCategory[] => {
  const deletable = vocabulary.categories.filter((category) => category.delete);
  if (!categories.every((id) => deletable.some((category) => category.id === id))) {
    const expected = `some of ${idsOf(deletable).join(', ')}; an account can't be without the rest: erase it`;
    throw badInput('categories', expected);
  }
  const parts = (id: DataCategory) => idsOf(vocabulary.categories.filter(({ partOf }) => partOf === id));
  return [...new Set(categories.flatMap((id) => [...withDerived(vocabulary, id), ...parts(id)]))];
};

/** The categories that the policy reveals in order to settle a person's orders. */
const neededForOrders = (policy: Policy): ReadonlySet<DataCategory> =>
  new Set(categoriesWhen(policy, { fact: 'orderWithRecipient' }));

/** The billings that stay: each as far as an order that is not settled needs it. */
function billingsLeft(
  { facts, billings = [] }: PersonDocument,
  wanted: readonly DataCategory[],
  needed: ReadonlySet<DataCategory>,
): Billing[] {
  const orders = ordersOf(facts);
  const areReadable = Array.isArray(facts.orders) && facts.orders.length === orders.length;
  const rest = withoutCategories(
    billings,
    wanted.filter((category) => !needed.has(category)),
  );
  return withoutCategories(rest, wanted, (billing) => !areReadable || isNeeded(billing, rest, orders));
}

const countOf = (billings: readonly Billing[], category: DataCategory) =>
  billings.filter(({ values }) => category in values).length;

export type Deletion = ReturnType<typeof createDeletion>;

export function createDeletion(services: {
  readonly store: Access;
  readonly changes: Changes;
  readonly consentRequests: ConsentRequests;
  readonly notices: Pick<ErasureNotices, 'notify'>;
  readonly table: DecisionTable;
  readonly vaultOf: (sid: SubjectId) => Promise<Vault>;
}) {
  const { store, changes, consentRequests, notices, vaultOf } = services;
  const { current, vocabulary } = services.table;
  const needed = neededForOrders(current);

  const removeApart = async (sid: SubjectId, categories: readonly DataCategory[]) => {
    const names = categories.flatMap((category) => APART[category] ?? []);
    for (const name of names) await createItems(store, name).forgetAll(sid);
  };

  return {
    /**
     * Deletes categories of a person's data together with their values before corrections, and tells the partners
     * that were shown them. Data that an unsettled order needs stays until the order is settled; cards and addresses
     * of settled orders go all the same.
     *
     * @returns null where there is no such person
     * @throws {ApiError} BAD_INPUT, with nothing deleted, for a category that an account can't be without
     */
    async delete(sid: SubjectId, categories: readonly DataCategory[]): Promise<DeletionOutcome | null> {
      const wanted = withParts(vocabulary, categories);
      const vault = await vaultOf(sid);
      // data that lies apart goes first: the ledger may say that it is gone only once it is
      await removeApart(sid, wanted);
      let deleted: readonly DataCategory[] = [];
      const changed = await changes.apply(sid, (person, at, stored) => {
        const { facts, values, billings = [], corrections = [] } = person;
        const isBound = hasUnsettledOrder(facts);
        deleted = wanted.filter((category) => !isBound || !needed.has(category));
        const left = billingsLeft(person, wanted, needed);
        const isLess = wanted.some(
          (category) =>
            countOf(left, category) < countOf(billings, category) ||
            corrections.some((item) => item.category === category),
        );
        if (deleted.length === 0 && !isLess) return null;
        const isGone = (category: DataCategory) => deleted.includes(category);
        const places = deleted.map((id) => placeOf(categoryNamed(vocabulary, id) ?? { id }));
        const held = openValues(vault, values);
        const { POSTAL_ADDRESS, ...rest } = held;
        const after = places.includes('POSTAL_ADDRESS') ? rest : held;
        const residence = residenceChange(after);
        return {
          set: {
            billings: left,
            // no order needs a previous value
            corrections: isGone('CORRECTED_VALUE') ? [] : corrections.filter((item) => !wanted.includes(item.category)),
            ...residence.set,
          },
          unset: [
            ...places.filter((place) => place in (stored.values as SealedValues)).map((place) => `values.${place}`),
            ...(residence.unset ?? []),
            ...(places.includes('BIRTH_DATE') ? ['facts.bornOn'] : []),
          ],
          // a category that an order still needs in part is not gone: no recipient is told to erase it
          entries:
            deleted.length > 0
              ? [{ type: 'DELETION', at: at.toISOString(), categories: deleted, ...moveBetween(held, after) }]
              : [],
        };
      });
      if (!changed) return null;
      if (deleted.length > 0) await notices.notify(sid);
      await consentRequests.tell(changed, vault);
      return {
        document: changed.document,
        deleted,
        kept: wanted.filter((category) => !deleted.includes(category)),
        entry: changed.entries[0] ?? null,
      };
    },
  };
}
