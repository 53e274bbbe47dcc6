import { createHaystack } from './haystack.ts';
import { needlesOf } from './needles.ts';
import type { Random } from './random.ts';

/** Letters that are no hexadecimal digits, so that no id, hash or cursor looks like a canary by chance. */
const LETTERS = 'ghjkmnpqrstvwxyz';
const MARK_LENGTH = 16;

/** A value that stands in one place alone: wherever else it turns up, it came from there. */
export interface Canary {
  /** Its owner. */
  readonly of: string;
  readonly what: string;
}

export interface Sighting extends Canary {
  /** How it was written: raw, base64, sha256 in hex ... */
  readonly form: string;
}

export type Canaries = ReturnType<typeof createCanaries>;

export function createCanaries(random: Random) {
  const haystack = createHaystack<Sighting>();
  const numbers = new Set<number>();
  let count = 0;

  const hide = (canary: Canary, mark: string, value: string, whole = false) => {
    count += 1;
    const sightings = new Map<string, Sighting>();
    for (const { text, form } of needlesOf(mark, value, { whole })) {
      const sighting = sightings.get(form) ?? { ...canary, form };
      sightings.set(form, sighting);
      haystack.add(text, sighting);
    }
  };

  const unused = (most: number) => {
    let number = random.below(most);
    while (numbers.has(number)) number = random.below(most);
    numbers.add(number);
    return number;
  };

  return {
    /** @param shape  puts the rest of the value around the letters that give it away */
    text(canary: Canary, shape = (mark: string) => mark): string {
      const mark = Array.from({ length: MARK_LENGTH }, () => random.pick([...LETTERS])).join('');
      const value = shape(mark);
      hide(canary, mark, value);
      return value;
    },
    /** An id that was given to it. */
    id(canary: Canary, id: string): string {
      hide(canary, id, id);
      return id;
    },
    /** A date of this and the following 49 years. */
    date(canary: Canary, year: number): string {
      const day = new Date(Date.UTC(year, 0, 1 + unused(50 * 365))).toISOString().slice(0, 10);
      hide(canary, day, day, true);
      return day;
    },
    /** An instant of the year after another one, to the millisecond. */
    instant(canary: Canary, after: Date): string {
      const instant = new Date(after.getTime() + unused(365 * 86_400) * 1_000 + 137).toISOString();
      hide(canary, instant, instant, true);
      return instant;
    },
    month(canary: Canary): string {
      const number = unused(60 * 12);
      const month = `${2040 + Math.floor(number / 12)}-${String(1 + (number % 12)).padStart(2, '0')}`;
      hide(canary, month, `"${month}"`, true);
      return month;
    },
    fourDigits(canary: Canary): string {
      const digits = String(1_000 + unused(9_000));
      hide(canary, digits, `"${digits}"`, true);
      return digits;
    },
    integer(canary: Canary): number {
      const integer = 1_000_000_007 + 10 * unused(90_000_000);
      hide(canary, String(integer), String(integer), true);
      return integer;
    },
    amount(canary: Canary): number {
      const amount = (10_000_001 + 10 * unused(9_000_000)) / 10_000;
      hide(canary, String(amount), String(amount), true);
      return amount;
    },

    find: haystack.find,
    get count() {
      return count;
    },
  };
}
