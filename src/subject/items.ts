import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { openValue, type Vault } from './vault.ts';

/** Items of the lists that people hold. */

/** The most items of a list. Lists are kept in the person's document, which must not grow without end. */
export const MOST_ITEMS = 500;

/** The most items that one call puts into a list. */
export const MOST_GIVEN = 100;

/** 128 bits. */
const ID_BYTES = 16;

/**
 * The id of an item among those of its list. It follows from the content, which every caller that sees the id sees as well, so that
 * an item has one however it came there.
 */
export const idOfItem = (item: unknown): string =>
  createHash('sha256')
    .update(canonicalize(item) ?? '')
    .digest()
    .subarray(0, ID_BYTES)
    .toString('base64url');

/** The items of a list as they are held; none where nothing is. */
export function heldItems(
  vault: Vault,
  { values }: { readonly values: Parameters<typeof openValue>[1] },
  place: string,
): readonly unknown[] {
  const held = openValue(vault, values, place);
  return Array.isArray(held) ? held : [];
}
