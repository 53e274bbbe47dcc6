import { badInput } from '../base/errors.ts';
import { isOldEnough, lastMonth } from './age.ts';
import { isOnOneLine, isVisible } from './text.ts';
import type { Address } from './values.ts';

/** The most characters that a value may have. */
export const LENGTHS = { word: 32, line: 200, text: 10_000 } as const;

const EARLIEST_YEAR = 1900;

/** Text on one line, without the space around it, with something visible in it. */
export function textOf(argument: string, value: string, most: number): string {
  const text = value.trim();
  if (text.length > most || !isOnOneLine(text) || !isVisible(text))
    throw badInput(argument, `text of 1 to ${most} characters on one line, not all of them invisible`);
  return text;
}

/** The date of birth of a person who may have an account, and lives in a country that they may leave open. */
export function birthDateOf(argument: string, value: string, minimumAge: number, at: Date, country?: string): string {
  if (!isOldEnough(value, minimumAge, at, country))
    throw badInput(argument, `the date of birth of a person of at least ${minimumAge} years`);
  return lifelikeDateOf(argument, value, at);
}

/** A date on which a living person may have been born. */
export function lifelikeDateOf(argument: string, value: string, at: Date): string {
  if (value < `${EARLIEST_YEAR}-01-01` || value > at.toISOString().slice(0, 10))
    throw badInput(argument, `a date from the year ${EARLIEST_YEAR} until today`);
  return value;
}

/** The month in which a card expires, `YYYY-MM`, that has not ended everywhere on Earth. */
export function expiryOf(argument: string, value: string, at: Date): string {
  if (!/^\d{4}-(?:0[1-9]|1[0-2])$/.test(value) || value < lastMonth(at))
    throw badInput(argument, 'a month, YYYY-MM, that is not over');
  return value;
}

export type AddressInput = { readonly [Part in keyof Address]?: string | null | undefined };

/** An address with the parts that are given; at least one. */
export function addressOf(argument: string, input: AddressInput): Address {
  const part = (name: keyof Address, most: number) => {
    const value = input[name];
    return value == null ? {} : { [name]: textOf(`${argument}.${name}`, value, most) };
  };
  const address: Address = {
    ...part('street', LENGTHS.line),
    ...part('city', LENGTHS.line),
    ...part('postalCode', LENGTHS.word),
    ...part('country', LENGTHS.word),
  };
  if (Object.keys(address).length === 0) throw badInput(argument, 'at least one part of an address');
  return address;
}
