import { maskOfCategories, revealsOf } from '../../policy/clause.ts';
import type { DecisionTable } from '../../policy/compile.ts';
import { leavesOf } from '../../policy/condition.ts';
import { categoryWith, idsOf, isIn, type Preference } from '../../policy/vocabulary.ts';
import type { BlindIndex } from '../../store/derive.ts';
import type { Access } from '../../store/mongo/collections.ts';
import { createSuppressionRecords } from '../../store/mongo/repositories/suppressions.ts';
import type { PersonDocument } from '../../subject/model.ts';
import { isOn } from '../preferences/operations.ts';

export type Suppressions = ReturnType<typeof createSuppressions>;

/**
 * The lists that include an account from the start: switched on by default, and the policy shows an address only
 * while they are on.
 */
export function listsByDefault({ policies, current, vocabulary }: DecisionTable): Preference[] {
  const mailbox = categoryWith(vocabulary, 'mailbox')?.id ?? '';
  const named = [...policies.values()]
    .flatMap((policy) => revealsOf(policy).filter((reveal) => isIn(maskOfCategories(policy, reveal), mailbox)))
    .flatMap(({ when }) => [...leavesOf(when)])
    .flatMap(({ leaf, negated }) => ('preference' in leaf && !negated ? [leaf.preference] : []));
  return idsOf(vocabulary.preferences).filter(
    (name) => named.includes(name) && current.defaults.preferences[name] === true,
  );
}

/**
 * An unsubscribed mailbox stays unsubscribed when its account is erased or takes another address: the next account that
 * proves the mailbox begins off these lists, and its owner can switch them on. Threads need no mark, since each is
 * verified by the mailbox anew. Only an account that has proven a mailbox leaves or meets a mark, so that nobody learns
 * from one whether an address is known.
 */
export function createSuppressions(store: Access, blindIndex: BlindIndex, table: DecisionTable) {
  const records = createSuppressionRecords(store);
  const lists = listsByDefault(table);
  const markOf = (mailbox: string) => blindIndex('suppressed mailbox', mailbox);

  return {
    /** Keeps the lists that the proven mailbox of an account has left, in place of those kept before. */
    async keep({ mailbox, facts }: Pick<PersonDocument, 'mailbox' | 'facts'>): Promise<void> {
      if (!mailbox?.proven) return;
      const off = lists.filter((name) => !isOn(facts, name));
      const _id = markOf(mailbox.mark);
      await (off.length === 0 ? records.forget(_id) : records.keep({ _id, off }));
    },

    /**
     * The lists that the owner of a mailbox left, and has not subscribed to anew.
     *
     * @param mailbox  its mark, as documents of people have it
     */
    async find(mailbox: string): Promise<readonly Preference[]> {
      const found = await records.find(markOf(mailbox));
      return found?.off ?? [];
    },
  };
}
