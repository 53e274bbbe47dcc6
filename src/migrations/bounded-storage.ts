import { UNVERIFIED_FOR } from '../features/blog/operations.ts';
import { pageName } from '../features/statistics/page-name.ts';
import { isAdded } from '../store/mongo/duplicate-key.ts';
import { BLOG_FOLLOWERS } from '../store/mongo/repositories/blog-followers.ts';
import { TALLIES, type TallyRecord } from '../store/mongo/repositories/daily-tallies.ts';
import { SNAPSHOTS } from '../store/mongo/repositories/statistics-snapshots.ts';
import type { MigrationTools, Step } from './step.ts';

type Stored = MigrationTools['store'];

const databaseOf = ({ connection }: Stored) => connection.getClient().db(connection.name);

/** A tally during the merge: `merged` is the key of the last page that was added to it. */
type Merging = TallyRecord & { readonly merged?: string };

/**
 * Adds the visits of each page to the tally of its shape, in the order of ids. After an interrupted run only the first
 * page that is left may have been added already.
 */
async function namePages(store: Stored): Promise<number> {
  const tallies = databaseOf(store).collection<Merging>(TALLIES);
  const settings = { writeConcern: store.write };
  let changed = 0;
  for await (const { _id, count } of tallies.find({ '_id.table': 'PAGES' } as never, {
    ...store.read,
    sort: { _id: 1 },
  })) {
    const { day, table, key } = _id;
    const name = pageName(key);
    // the cell for the rest is no path: it has no slash
    if (name === key || !key.startsWith('/')) continue;
    await isAdded(
      tallies.updateOne(
        { _id: { day, table, key: name }, merged: { $ne: key } },
        { $inc: { count }, $set: { merged: key } },
        { ...settings, upsert: true },
      ),
    );
    await tallies.deleteOne({ _id }, settings);
    changed += 1;
  }
  await tallies.updateMany({ merged: { $exists: true } }, { $unset: { merged: 1 } }, settings);
  return changed;
}

/** Bounds the storage that visitors can fill: pages have shapes, tables one document, followers a time to answer. */
export const boundStorage: Step = {
  id: 'bounded-storage-2026-12',
  says: 'Pages are counted by the shape of their paths, and followers that never answered have a day to be forgotten.',
  run: async ({ store, clock }) => {
    const settings = { writeConcern: store.write };
    const named = await namePages(store);
    // the gateway builds the snapshots again from the tallies
    const { deletedCount } = await databaseOf(store)
      .collection(SNAPSHOTS)
      .deleteMany({ _id: { $type: 'string' } } as never, settings);
    const { modifiedCount } = await databaseOf(store)
      .collection(BLOG_FOLLOWERS)
      .updateMany(
        { verified: false, expiresAt: { $exists: false } },
        { $set: { expiresAt: new Date(clock.now().getTime() + UNVERIFIED_FOR) } },
        settings,
      );
    return named + deletedCount + modifiedCount;
  },
};
