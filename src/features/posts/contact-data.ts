import { givenEmail, type PersonalValues } from '../../subject/values.ts';

/** The kinds of contact data that a text seems to hold about its writer. */
export type ContactData = 'EMAIL' | 'CELL_PHONE' | 'NAME' | 'POSTAL_ADDRESS';

const EMAIL = /[^\s@<>()]+@[^\s@<>()]+\.[^\s@<>()]+/;
/** Nine digits and more, as telephone numbers are grouped. */
const PHONE = /(?<![\w.])\+?\d(?:[\s().-]{0,3}\d){8,14}(?!\w)/;

const letters = (text: string) =>
  text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
const digits = (text: string) => text.replaceAll(/\D/g, '');

/**
 * Finds text that looks like the writer's own contact data: addresses and numbers of any form, and values from the
 * writer's record. It is a guess that warns; it decides nothing.
 */
export function findContactData(text: string, own: PersonalValues): ContactData[] {
  const words = ` ${letters(text)} `;
  const says = (value: string | undefined) => {
    const wanted = value === undefined ? '' : letters(value);
    return wanted.length >= 3 && words.includes(` ${wanted} `);
  };
  const phone = own.CELL_PHONE === undefined ? '' : digits(own.CELL_PHONE);
  return [
    ...(EMAIL.test(text) || says(givenEmail(own)) ? (['EMAIL'] as const) : []),
    ...(PHONE.test(text) || (phone.length >= 6 && digits(text).includes(phone)) ? (['CELL_PHONE'] as const) : []),
    ...(says(own.NAME) ? (['NAME'] as const) : []),
    ...(says(own.POSTAL_ADDRESS?.street) || says(own.POSTAL_ADDRESS?.postalCode) ? (['POSTAL_ADDRESS'] as const) : []),
  ];
}
