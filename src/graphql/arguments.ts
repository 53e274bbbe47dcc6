import { badInput } from '../base/errors.ts';

/** How many items of a list are wanted: `fallback` when nothing is said, never more than `most`. */
export function countOf(argument: string, value: number | null | undefined, fallback: number, most: number): number {
  const count = value ?? fallback;
  if (count < 0 || count > most) throw badInput(argument, `a whole number from 0 to ${most}`);
  return count;
}

/** A text of 1 to `most` characters. */
export function textArgument(argument: string, value: string, most: number): string {
  if (value.trim() === '' || value.length > most) throw badInput(argument, `a text of 1 to ${most} characters`);
  return value;
}
