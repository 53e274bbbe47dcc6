/** Whole years between a `YYYY-MM-DD` date and the calendar date of an instant, both UTC; null for no such date. */
export function ageOn(birthDate: string, at: Date): number | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(birthDate);
  if (!match) return null;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  const hadBirthday = at.getUTCMonth() + 1 > month || (at.getUTCMonth() + 1 === month && at.getUTCDate() >= day);
  const age = at.getUTCFullYear() - year - (hadBirthday ? 0 : 1);
  return age >= 0 ? age : null;
}

const HOUR = 3_600_000;
/** The zone in which a day begins last, in hours behind UTC. */
const LAST_ZONE = 12;

/**
 * Whether a person has come of an age, wherever they live: a birthday counts once it has begun everywhere on Earth,
 * at noon UTC. What is no date, or lies in the future, is of no age.
 */
export const isOldEnough = (birthDate: string, minimumAge: number, at: Date): boolean =>
  (ageOn(birthDate, new Date(at.getTime() - LAST_ZONE * HOUR)) ?? -1) >= minimumAge;

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
