import { COUNTRIES } from './countries.ts';
import type { Measures, Region } from './facts.ts';

/** Null: no country is on that side. */
interface Sides {
  readonly inside: ReadonlySet<string> | null;
  readonly outside: ReadonlySet<string> | null;
}

const sidesBy = new WeakMap<Region, Sides>();

const divide = (region: Region): Sides => {
  const side = (isInside: boolean) => {
    const countries = [...COUNTRIES].filter((country) => region.has(country) === isInside);
    return countries.length > 0 ? new Set(countries) : null;
  };
  return { inside: side(true), outside: side(false) };
};

/** The countries of a region, and all others. The sets are made once for each region. */
export function sidesOf(region: Region): Sides {
  const known = sidesBy.get(region);
  if (known) return known;
  const sides = divide(region);
  sidesBy.set(region, sides);
  return sides;
}

/** Sample countries: one for each combination of regions that hold a country. */
export const differingCountries = (measures: readonly Measures[]): string[] => {
  const regions = measures.flatMap(({ transferRegion, regions }) => [transferRegion, ...regions.values()]);
  const heldBy = (country: string) => regions.map((region) => region.has(country)).join();
  return [...new Map([...COUNTRIES].map((country) => [heldBy(country), country])).values()];
};
