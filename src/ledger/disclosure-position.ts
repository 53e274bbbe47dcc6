/** Where a disclosure stands: in the order of writing, then of book, document and place in the document. */
export interface DisclosurePosition {
  /** When the document that holds it was written: ISO 8601, UTC, milliseconds. */
  readonly at: string;
  readonly book: string;
  readonly n: number;
  readonly i: number;
}

const ID = /^([0-9a-f]{32})\.(\d{1,15})\.(\d{1,3})$/;

/** The stable id of a disclosure: `<book>.<n>.<i>`. */
export const disclosureId = ({ book, n, i }: Omit<DisclosurePosition, 'at'>) => `${book}.${n}.${i}`;

export function parseDisclosureId(id: string): Omit<DisclosurePosition, 'at'> | null {
  const [, book, n, i] = ID.exec(id) ?? [];
  return book === undefined ? null : { book, n: Number(n), i: Number(i) };
}
