import { type GraphQLInputType, getNullableType, isInputObjectType } from 'graphql';

/** The form that the schema expects where a value does not fit. */
export const expectedValue = (type: GraphQLInputType): string =>
  isInputObjectType(getNullableType(type))
    ? `a value of type ${type}, with every field that it requires and no other`
    : `a value of type ${type}`;
