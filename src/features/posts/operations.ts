import { DAY } from '../../base/durations.ts';
import type { Retention } from '../../policy/retention.ts';
import type { Allowance } from '../../store/allowances.ts';
import type { Access } from '../../store/mongo/collections.ts';
import { createItems, POSTS } from '../../store/mongo/repositories/items.ts';
import type { Changed, Changes } from '../../subject/change.ts';
import { type Post, sealItem } from '../../subject/content.ts';
import { openAllLeft, timesOf } from '../../subject/expiry.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { PersonDocument } from '../../subject/model.ts';
import type { Vault } from '../../subject/vault.ts';
import type { Making } from '../idempotency/operations.ts';
import { type ContactData, findContactData } from './contact-data.ts';

/** Posts of one person in a day, over all gateways: more than anybody writes, and less than fills a disk. */
export const POSTS_A_DAY = { of: 'posts of a person', most: 1_000, withinMs: DAY } satisfies Allowance;

export interface Submitted {
  readonly post: Post;
  /** The kinds of the writer's own contact data that the text seems to hold. */
  readonly warnings: readonly ContactData[];
}

export type PostOperations = ReturnType<typeof createPostOperations>;

export const createPostOperations = (
  store: Access,
  vaultOf: (sid: SubjectId) => Promise<Vault>,
  changes: Pick<Changes, 'apply'>,
  retention: Retention,
) => {
  const posts = createItems(store, POSTS);
  return {
    /** Puts a post where other members read it, and warns of contact data in it. */
    async submit(
      person: PersonDocument,
      { forum, text }: { forum: string; text: string },
      { id, at, keyed, made }: Making,
    ): Promise<Submitted> {
      const { _id: sid } = person;
      const vault = await vaultOf(sid);
      const post = { id, forum, text, at };
      const isTaken = !made && !(await posts.add(sealItem(vault, POSTS, sid, post)));
      if (isTaken && !keyed) throw new Error('A new post was given an id that is taken.');
      return { post, warnings: findContactData(text, openAllLeft(timesOf(retention, person, at), vault, person)) };
    },

    /**
     * Takes posts back, and puts that on record once they are gone. A post that is gone already is no error, and is on
     * record as well: a call that was cut off may come again.
     *
     * @returns null where there is no such person
     */
    async remove(sid: SubjectId, ids: readonly string[]): Promise<Changed | null> {
      const count = await posts.forget(sid, ids);
      return changes.apply(sid, (_person, at) =>
        ids.length === 0 ? null : { entries: [{ type: 'POSTS_REMOVED', at: at.toISOString(), count }] },
      );
    },
  };
};
