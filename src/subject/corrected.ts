import { randomUUID } from 'node:crypto';
import type { DataCategory } from '../policy/vocabulary.ts';
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
  { corrections = [] }: Pick<PersonDocument, 'corrections'>,
  vault: Vault,
  replaced: Readonly<Partial<Record<DataCategory, unknown>>>,
  at: Date,
): { readonly made: readonly Correction[]; readonly kept: readonly Correction[] } {
  const made = (Object.keys(replaced) as DataCategory[])
    .filter((category) => replaced[category] !== undefined)
    .map((category): Correction => {
      const id = randomUUID();
      return { id, category, at, previousValue: vault.seal(`CORRECTED_VALUE/${id}`, replaced[category]) };
    });
  return { made, kept: [...made, ...corrections].slice(0, KEPT) };
}
