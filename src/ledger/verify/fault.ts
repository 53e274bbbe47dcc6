import { type ChainFault, FAULTS, type FaultKind } from './chain-check.ts';

/** The first bad entry of one chain, and its kind of fault. */
export interface Fault {
  readonly collection: string;
  /** `<sid>:<n>` in a person's chain, `<book>.<n>` in a book. */
  readonly entry: string;
  readonly kind: FaultKind;
  readonly reason: string;
}

export const faultAt = (collection: string, entry: string, { kind }: Pick<ChainFault, 'kind'>): Fault => ({
  collection,
  entry,
  kind,
  reason: FAULTS[kind],
});

/** An entry by which a broken chain was mended: it names the entries that are set aside. */
export type Mended = Pick<Fault, 'collection' | 'entry'>;

/** How much was looked at. */
export interface Checked {
  /** People and erased people. */
  readonly people: number;
  /** Entries of people's chains. */
  readonly entries: number;
  readonly books: number;
  /** Documents of books. */
  readonly documents: number;
  readonly disclosures: number;
  readonly audits: number;
}

/** Where a check reports to while it goes on. */
export interface Findings {
  count(what: keyof Checked, by?: number): void;
  report(fault: Fault): void;
  reportMend(mended: Mended): void;
}
