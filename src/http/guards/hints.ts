import { type GraphQLError, type GraphQLInputType, getNullableType, isEnumType } from 'graphql';

// Hints for developers, never given in production: the name that is wrong, and the nearest ones that are right. A hint
// repeats names of GraphQL's form only: no value, and no other text that a client put in the place of a name.

const NAME = String.raw`\w{1,64}`;
const MEANT = String.raw` Did you mean "\w+"(?:, "\w+")*(?:,? or "\w+")?\?`;
const UNKNOWN_FIELD = new RegExp(String.raw`^Field "${NAME}" is not defined by type "\w+"\.(?:${MEANT})?$`);
const MISSING_FIELD = /^Field "(?:\w+\.)?\w+" of required type "[\w![\]]+" was not provided\.$/;

/** Longer ones hold names that nobody would write by mistake. */
const LONGEST = 400;

/** GraphQL's own words for a fault of a document, which repeat names of it; null for a fault that is too long to tell. */
export const ownWords = ({ message }: GraphQLError): string | null => (message.length <= LONGEST ? message : null);

/** GraphQL's own words for a field of an input that is not there or that lacks; empty for a fault of any other kind. */
export const fieldHint = ({ message }: GraphQLError): string =>
  UNKNOWN_FIELD.test(message) || MISSING_FIELD.test(message) ? ` ${message}` : '';

/** A hint with the values of an enum; empty for any other type. */
export const enumHint = (type: GraphQLInputType): string => {
  const nullable = getNullableType(type);
  if (!isEnumType(nullable)) return '';
  return ` One of ${nullable
    .getValues()
    .map(({ name }) => name)
    .join(', ')}.`;
};

const IS_NAME = new RegExp(`^${NAME}$`);
const MOST_NAMES = 5;

/** A hint with the variables that were sent but not declared: one may have been meant for a missing one. */
export const variableHint = (sent: readonly string[], declared: ReadonlySet<string>): string => {
  const strays = sent.filter((name) => !declared.has(name) && IS_NAME.test(name)).slice(0, MOST_NAMES);
  return strays.length === 0 ? '' : ` Sent, but not declared: ${strays.map((name) => `"${name}"`).join(', ')}.`;
};
