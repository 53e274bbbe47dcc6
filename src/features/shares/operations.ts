import DataLoader from 'dataloader';
import type { Deadline } from '../../base/deadline.ts';
import type { createDisclosureView, Disclosure, DisclosurePosition } from '../../ledger/disclosure/disclosure.ts';
import type { SubjectId } from '../../subject/identifiers.ts';

/** The newest `first` shares of a person, or those before a position. */
export interface ShareRequest {
  readonly sid: SubjectId;
  readonly first: number;
  readonly before: DisclosurePosition | null;
}

export type ShareLoader = DataLoader<ShareRequest, readonly Disclosure[], string>;

/**
 * The people in one command for the newest shares: beyond 200 the database would sort the shares of all, without
 * their index.
 */
const MOST_PEOPLE = 100;

const keyOf = ({ sid, first, before }: ShareRequest) => JSON.stringify([sid, first, before]);

/** At most two commands for the newest shares of a hundred people; a page that goes on from a position has its own. */
export function createShareLoader(
  view: ReturnType<typeof createDisclosureView>,
  now: Date,
  deadline: Deadline,
): ShareLoader {
  const load = async (requests: readonly ShareRequest[], before: DisclosurePosition | null) => {
    const limitPerPerson = Math.max(...requests.map(({ first }) => first));
    const sids = requests.map(({ sid }) => sid);
    const found = await view.find(sids, { limitPerPerson, now, ...(before && { before }) });
    return requests.map(({ sid, first }) => (found.get(sid) ?? []).slice(0, first));
  };
  return new DataLoader(
    deadline.before(async (requests) => {
      const newest = requests.filter(({ before }) => before === null);
      const pages = await Promise.all([
        ...(newest.length > 0 ? [load(newest, null)] : []),
        ...requests.filter(({ before }) => before !== null).map((request) => load([request], request.before)),
      ]);
      const asked = [...newest, ...requests.filter(({ before }) => before !== null)];
      const found = pages.flat();
      const byKey = new Map(asked.map((request, index) => [keyOf(request), found[index] ?? []]));
      return requests.map((request) => byKey.get(keyOf(request)) ?? []);
    }),
    { cacheKeyFn: keyOf, maxBatchSize: MOST_PEOPLE },
  );
}
