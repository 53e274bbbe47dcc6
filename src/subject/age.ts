import { dateEverywhere, latestBirth } from '../base/birthdays.ts';

/** Whole years between a `YYYY-MM-DD` date and the calendar date of an instant, both UTC; null for no such date. */
export function ageOn(birthDate: string, at: Date): number | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(birthDate);
  if (!match) return null;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  const hadBirthday = at.getUTCMonth() + 1 > month || (at.getUTCMonth() + 1 === month && at.getUTCDate() >= day);
  const age = at.getUTCFullYear() - year - (hadBirthday ? 0 : 1);
  return age >= 0 ? age : null;
}

/** A locale of ECMA-402 with its zones: an accessor at first, a method since. */
interface ZonedLocale {
  readonly timeZones?: readonly string[] | undefined;
  getTimeZones?(): readonly string[] | undefined;
}

function zonesOf(country: string): readonly string[] {
  const locale = new Intl.Locale('und', { region: country }) as ZonedLocale;
  return locale.getTimeZones?.() ?? locale.timeZones ?? [];
}

/** The calendar date, as midnight UTC, of the last place of a country to reach it; of the whole Earth for none. */
function lastDate(country: string | undefined, at: Date): Date {
  const dates = (country === undefined ? [] : zonesOf(country)).map((timeZone) =>
    new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(at),
  );
  const [earliest] = dates.sort();
  return earliest === undefined ? dateEverywhere(at) : new Date(`${earliest}T00:00:00Z`);
}

/** The calendar month, `YYYY-MM`, that it is at the last place on Earth to reach it: no earlier one goes on anywhere. */
export const lastMonth = (at: Date): string => dateEverywhere(at).toISOString().slice(0, 7);

/**
 * Whether a person has come of an age. A birthday counts once it has begun in every zone of the country where they
 * live; if that is unknown, everywhere on Earth, at noon UTC. A text that is no date, or a date in the future, is of no
 * age.
 *
 * @param country  ISO 3166-1 alpha-2, as they say
 */
export const isOldEnough = (birthDate: string, minimumAge: number, at: Date, country?: string): boolean =>
  new Date(`${birthDate}T00:00:00Z`) <= latestBirth(minimumAge, lastDate(country, at));

export const firstOfMonth = (at: Date) => new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1));

export const AGE_BANDS = {
  AGE_13_17: 13,
  AGE_18_24: 18,
  AGE_25_34: 25,
  AGE_35_49: 35,
  AGE_50_PLUS: 50,
} as const;
export type AgeBand = keyof typeof AGE_BANDS;

/** Null below the youngest band. */
export const ageBandOf = (age: number): AgeBand | null =>
  (Object.keys(AGE_BANDS) as AgeBand[]).findLast((band) => age >= AGE_BANDS[band]) ?? null;
