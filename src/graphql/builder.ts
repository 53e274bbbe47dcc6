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

export interface SchemaTypes {
  Context: Context;
  DefaultFieldNullability: false;
  Scalars: Scalars;
}

/** A builder of its own for every schema: a module-level one would carry fields over from one gateway to the next. */
export const createBuilder = () => {
  const builder = new SchemaBuilder<SchemaTypes>({ defaultFieldNullability: false });
  builder.queryType({
    description:
      'What can be asked. Every answer about a person is decided by the policy, for the caller of the request.',
  });
  builder.mutationType({
    description:
      'What a person can change about their own record. Each change is on the ledger before it is acknowledged.',
  });
  return builder;
};

export type Builder = ReturnType<typeof createBuilder>;
