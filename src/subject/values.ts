export interface Address {
  readonly street?: string;
  readonly city?: string;
  readonly postalCode?: string;
  readonly country?: string;
}
export interface Photo {
  readonly id: string;
  readonly url?: string;
  readonly caption?: string;
}
export interface Activity {
  readonly id: string;
  readonly kind?: string;
  readonly text?: string;
  /** ISO 8601, UTC, milliseconds. */
  readonly at: string;
}

/**
 * The held values of a person, by the place of the data category, except the billing data of orders. At rest each value
 * is sealed for itself.
 */
export interface PersonalValues {
  readonly NAME?: string;
  /** The address that the person has proven: a link was mailed there and followed. */
  readonly EMAIL?: string;
  /** The address that the person gave, until then. Nothing is mailed, credited or shown to partners by it. */
  readonly UNPROVEN_EMAIL?: string;
  readonly GENDER?: string;
  /** `YYYY-MM-DD`. */
  readonly BIRTH_DATE?: string;
  readonly POSTAL_ADDRESS?: Address;
  readonly CELL_PHONE?: string;
  readonly PHOTOS?: readonly Photo[];
  readonly ACTIVITY?: readonly Activity[];
  /** The part of the person's own privacy record that no decision needs. */
  readonly ACCOUNT?: { readonly country?: string };
  /** Categories that the vocabulary alone knows. */
  readonly [place: string]: unknown;
}

/** The address that a person gave, proven or not. */
export const givenEmail = ({ EMAIL, UNPROVEN_EMAIL }: PersonalValues): string | undefined => EMAIL ?? UNPROVEN_EMAIL;

/** Personal values as they lie in the database. */
export type SealedValues = Readonly<Partial<Record<string, string>>>;
