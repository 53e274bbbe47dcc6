import { DAY } from '../base/durations.ts';
import type { Policy } from './clause.ts';
import { compile, type DecisionTable } from './compile.ts';

/** The versions of a policy in time: each holds once it has stood posted for as long as it says. */

type Posted = Pick<DecisionTable, 'policies' | 'postedAt'>;

/** From when a version holds; null where it held from the start. */
export function holdsFrom({ policies, postedAt }: Posted, { version, announceDays }: Policy): Date | null {
  const [first] = policies.keys();
  const posted = postedAt.get(version);
  return version === first || announceDays === 0 || !posted ? null : new Date(posted.getTime() + announceDays * DAY);
}

/**
 * Compiles versions with the one as current that holds at an instant: of those that do, the last that was posted.
 *
 * @param policies  every version that a person may have accepted, in the order in which they were posted
 * @param newest  the last version that may become current; later ones are of gateways with a newer file
 * @throws {Error} where `newest` is not among them
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
