import SchemaBuilder from '@pothos/core';
import type { Context } from './context.ts';

export type Scalars = {
  ID: { Input: string; Output: string };
  DateTime: { Input: Date; Output: Date | string };
  Date: { Input: string; Output: string };
  CountryCode: { Input: string; Output: string };
  EmailAddress: { Input: string; Output: string };
  URL: { Input: string; Output: string };
  Purpose: { Input: string; Output: string };
  ConsentPurpose: { Input: string; Output: string };
  PartnerKind: { Input: string; Output: string };
  JSONObject: { Input: never; Output: object };
};

/**
 * The object types of the schema, by name, with the values that stand behind them. A feature adds its own where it
 * enters: `declare module '../../graphql/builder.ts' { interface Objects { Photo: Photo } }`.
 */
export interface Objects {
  PageInfo: PageStanding;
}

/** Where a page of a list stands. */
export interface PageStanding {
  readonly hasNextPage: boolean;
  /** Null for an empty page. */
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}

/** The input types that several parts of the schema take. A feature adds its own in the same way. */
export interface Inputs {
  AddressInput: {
    street?: string | null | undefined;
    city?: string | null | undefined;
    postalCode?: string | null | undefined;
    country?: string | null | undefined;
  };
}

export interface SchemaTypes {
  Context: Context;
  DefaultFieldNullability: false;
  Scalars: Scalars;
  Objects: Objects;
  Inputs: Inputs;
  Interfaces: { Node: object };
}

/** A builder of its own for every schema: a module-level one would carry fields over from one gateway to the next. */
export const createBuilder = () => {
  const builder = new SchemaBuilder<SchemaTypes>({ defaultFieldNullability: false });
  builder.queryType({
    description: 'The queries. Every answer about a person is decided by the policy, for the caller of the request.',
  });
  builder.mutationType({
    description:
      'The changes that a person can make to their own record. Each change is on the ledger before it is acknowledged.',
  });
  return builder;
};

export type Builder = ReturnType<typeof createBuilder>;
