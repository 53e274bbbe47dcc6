import { randomUUID } from 'node:crypto';
import type { DataCategory } from '../policy/vocabulary.ts';
import { placeOfPrevious } from './expiry.ts';
import type { Correction, PersonDocument } from './model.ts';
import type { Vault } from './vault.ts';

/** Corrections that are kept of a person; an older one gives way, so that nobody is ever kept from another. */
const KEPT = 100;

/**
 * The history of values that others take the place of.
 *
 * @param replaced  the values until now; one that is undefined has no history
 * @returns the new corrections, and all that the document then keeps, the newest first
 */
export function correctionsOf(
  { corrections = [], written = {} }: Pick<PersonDocument, 'corrections' | 'written'>,
  vault: Vault,
  replaced: Readonly<Partial<Record<DataCategory, unknown>>>,
  at: Date,
): { readonly made: readonly Correction[]; readonly kept: readonly Correction[] } {
  const made = (Object.keys(replaced) as DataCategory[])
    .filter((category) => replaced[category] !== undefined)
    .map((category): Correction => {
      const id = randomUUID();
      const since = written[category];
      const previousValue = vault.seal(placeOfPrevious({ id }), replaced[category]);
      return { id, category, at, previousValue, ...(since && { written: since }) };
    });
  return { made, kept: [...made, ...corrections].slice(0, KEPT) };
}
