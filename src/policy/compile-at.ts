import { DAY } from '../base/durations.ts';
import type { Policy } from './clause.ts';
import { compile, type DecisionTable } from './compile.ts';

/** The versions of a policy in time: each holds when its time of announcement is over. */

type Posted = Pick<DecisionTable, 'policies' | 'postedAt'>;

/** The time from which a version holds; null if it held from the start. */
export function holdsFrom({ policies, postedAt }: Posted, { version, announceDays }: Policy): Date | null {
  const [first] = policies.keys();
  const posted = postedAt.get(version);
  return version === first || announceDays === 0 || !posted ? null : new Date(posted.getTime() + announceDays * DAY);
}

/**
 * Compiles versions for an instant. The current one is the last posted version that holds at that instant.
 *
 * @param policies  every version that a person may have accepted, in the order of their posting
 * @param newest  the last version that may become current; gateways with a newer file have posted any later ones
 * @throws {Error} if `newest` is not among them
 */
export function compileAt(
  policies: readonly Policy[],
  newest: string,
  postedAt: ReadonlyMap<string, Date>,
  now: Date,
): DecisionTable {
  const posted = { policies: new Map(policies.map((policy) => [policy.version, policy])), postedAt };
  const candidates = policies.slice(0, policies.findIndex(({ version }) => version === newest) + 1);
  const starts = candidates.map((policy) => holdsFrom(posted, policy)?.getTime() ?? Number.NEGATIVE_INFINITY);
  const place = starts.findLastIndex((start) => start <= now.getTime());
  const waiting = starts.slice(place + 1);
  const table = compile(policies, candidates[place]?.version ?? newest, postedAt);
  if (waiting.length === 0) return table;
  const from = new Date(Math.min(...waiting));
  return { ...table, next: { from, table: () => compileAt(policies, newest, postedAt, from) } };
}
