import { z } from 'zod';

/** The types of receipts, as their header names them: of an act of the person, and of a disclosure. */
export const RECEIPT_TYPES = ['consent-receipt+jwt', 'disclosure-receipt+jwt'] as const;
export type ReceiptType = (typeof RECEIPT_TYPES)[number];

/** The end of the year 9999, in seconds since the epoch. */
const LATEST = 253_402_300_799;

const texts = z.array(z.string());

/** The claims that both types of receipts share, in a JSON Web Token. */
export const ReceiptClaims = z.looseObject({
  /** Where the gateway that signed it is reached. */
  iss: z.string(),
  /** When it was signed, in seconds since the epoch. */
  iat: z.int().min(0).max(LATEST),
  /** The public id of the person. */
  sub: z.string(),
  /** The publisher of the policy. */
  controller: z.string(),
  /** When the act was done or the data was shown: ISO 8601, UTC. */
  at: z.string(),
  /** The kind of act, `SHARE` for a disclosure. */
  act: z.string(),
  /**
   * The version of the policy that the person had accepted, or that the data was shown under; null where there was
   * none.
   */
  policyVersion: z.string().nullable(),
  /** Ids of clauses that let it be shown, or that the act bears on. */
  clauses: texts,
  categories: texts,
  purposes: texts,
  /** The client id of a partner, or the name of an authority; null for an act that is about none. */
  recipient: z.string().nullable(),
  /** The place in the chain that holds the record, and the SHA-256 hash of the link there. */
  chain: z.object({ place: z.string(), hash: z.string(), previous: z.string().optional() }),
  /** The whole record, without the chain. */
  record: z.record(z.string(), z.unknown()),
});

/** The claims without those that the signing adds. */
export type Receipt = Omit<z.output<typeof ReceiptClaims>, 'iss' | 'iat'>;
