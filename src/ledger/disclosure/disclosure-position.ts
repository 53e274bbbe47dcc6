/** Where a disclosure stands: in the order of writing, then of book, document and place in the document. */
export interface DisclosurePosition {
  /** When the document that holds it was written: ISO 8601, UTC, milliseconds. */
  readonly at: string;
  readonly book: string;
  readonly n: number;
  readonly i: number;
}

/** The place of one person's part in a disclosure: the document, its entry, and the place in the entry. */
export interface DisclosurePlace extends Omit<DisclosurePosition, 'at'> {
  readonly j: number;
}

const ID = /^([0-9a-f]{32})\.(\d{1,15})\.(\d{1,3})\.(\d{1,5})$/;

/** The stable id of a disclosure: `<book>.<n>.<i>.<j>`. */
export const disclosureId = ({ book, n, i, j }: DisclosurePlace) => `${book}.${n}.${i}.${j}`;

export function parseDisclosureId(id: string): DisclosurePlace | null {
  const [, book, ...places] = ID.exec(id) ?? [];
  const [n = 0, i = 0, j = 0] = places.map(Number);
  return book === undefined ? null : { book, n, i, j };
}
