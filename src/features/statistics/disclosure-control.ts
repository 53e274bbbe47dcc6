/** One count of a table that may be published. */
export interface Cell {
  readonly key: string;
  readonly count: number;
}

/** The cell that counts the rest of a table. */
export const OTHER = 'other';

/**
 * The largest cells of a table, with everything else in one cell more.
 *
 * @param total  of the whole table, of which `cells` has the largest at least
 */
export function largest(cells: readonly Cell[], most: number, total: number): Cell[] {
  const kept = cells
    .filter(({ key }) => key !== OTHER)
    .sort((a, b) => b.count - a.count || a.key.localeCompare(b.key))
    .slice(0, most);
  const rest = total - kept.reduce((sum, { count }) => sum + count, 0);
  return rest > 0 ? [...kept, { key: OTHER, count: rest }] : kept;
}

/**
 * Makes a table of counts safe to publish. No cell speaks of fewer than `minimum`. The hidden cells can't be computed
 * by subtracting the rest from a total that another table tells: so there is never one alone, nor fewer than
 * `minimum` altogether. Every count is rounded down to a multiple of `minimum`, so that the same table on another day
 * can't be subtracted either.
 *
 * @param cells  true counts, each of things that no other cell of the table counts
 */
export function protect(cells: readonly Cell[], minimum: number): Cell[] {
  const ascending = cells.filter(({ count }) => count > 0).sort((a, b) => a.count - b.count);
  let hidden = ascending.filter(({ count }) => count < minimum).length;
  const hiddenCount = () => ascending.slice(0, hidden).reduce((sum, { count }) => sum + count, 0);
  while (hidden > 0 && hidden < ascending.length && (hidden === 1 || hiddenCount() < minimum)) hidden += 1;
  return ascending
    .slice(hidden)
    .map(({ key, count }) => ({ key, count: Math.floor(count / minimum) * minimum }))
    .sort((a, b) => b.count - a.count || a.key.localeCompare(b.key));
}
