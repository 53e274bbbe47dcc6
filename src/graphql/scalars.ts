import { type ASTNode, GraphQLError, Kind, type ValueNode } from 'graphql';
import { badInput } from '../errors.ts';
import type { DecisionTable } from '../policy/compile.ts';
import { COUNTRIES } from '../policy/countries.ts';
import { isEmailAddress } from '../subject/email.ts';
import type { Builder, Scalars } from './builder.ts';

type StringScalar = Exclude<keyof Scalars, 'ID' | 'DateTime' | 'JSONObject'>;

const isDate = (value: string) => {
  const date = new Date(`${value}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(value);
};

const isWebAddress = (value: string) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);

/** Reads a literal of a document, so that an error tells where it stands. */
const literal =
  <Value>(parse: (value: unknown) => Value, kinds: readonly string[]) =>
  (node: ASTNode): Value => {
    try {
      return parse(kinds.includes(node.kind) ? (node as ValueNode & { readonly value: unknown }).value : undefined);
    } catch (error) {
      throw new GraphQLError('', { nodes: node, originalError: error as Error });
    }
  };

/** Scalars that are strings of a certain form. What is not of it is refused without being repeated. */
function stringScalar(
  builder: Builder,
  name: StringScalar,
  description: string,
  expected: string,
  accepts: (value: string) => boolean,
  specifiedByURL?: string,
) {
  const parse = (value: unknown): string => {
    if (typeof value !== 'string' || !accepts(value)) throw badInput(name, expected);
    return value;
  };
  builder.scalarType(name, {
    description,
    ...(specifiedByURL && { specifiedByURL }),
    serialize: (value) => value,
    parseValue: parse,
    parseLiteral: literal(parse, [Kind.STRING, Kind.ENUM]),
  });
}

/** @param table  the policy, which names the purposes, consents and partner kinds there are */
export function defineScalars(builder: Builder, table: DecisionTable): void {
  const policies = [...table.policies.values()];
  const consents = new Set(policies.flatMap((policy) => policy.consents.map(({ id }) => id)));
  const kinds = new Set(policies.flatMap((policy) => policy.partnerKinds.map(({ id }) => id)));
  const listed = (values: Iterable<string>) => `one of ${[...values].join(', ')}`;

  const parseInstant = (value: unknown) => {
    const instant = typeof value === 'string' ? new Date(value) : null;
    if (!instant || Number.isNaN(instant.getTime())) throw badInput('DateTime', 'an ISO 8601 instant');
    return instant;
  };
  builder.scalarType('DateTime', {
    description: 'An instant, ISO 8601 in UTC with milliseconds: `2014-09-12T00:00:00.000Z`.',
    serialize: (value) => (value instanceof Date ? value.toISOString() : value),
    parseValue: parseInstant,
    parseLiteral: literal(parseInstant, [Kind.STRING]),
  });
  builder.scalarType('JSONObject', {
    description: 'A whole JSON document, as an object. It is never taken as input.',
    serialize: (value) => value,
    parseValue: () => {
      throw badInput('JSONObject', 'nothing: it is never taken as input');
    },
  });
  stringScalar(builder, 'Date', 'A calendar date, ISO 8601: `1990-02-03`.', 'a date such as 1990-02-03', isDate);
  stringScalar(
    builder,
    'CountryCode',
    'A country, ISO 3166-1 alpha-2: `US`.',
    'an ISO 3166-1 alpha-2 country code',
    (value) => COUNTRIES.has(value),
  );
  stringScalar(
    builder,
    'EmailAddress',
    'One mailbox, without a name to display: `john.smith@example.com`. Local part and domain may go beyond ASCII, but not ' +
      'to characters that control, hide or reorder text. The address is kept as it is written. Two addresses are one ' +
      'mailbox whatever the letter case of the local part, and whether the domain is in A-labels or U-labels.',
    'an email address',
    isEmailAddress,
    'https://www.rfc-editor.org/rfc/rfc6531#section-3.3',
  );
  stringScalar(builder, 'URL', 'An absolute address, http or https.', 'an http(s) address', isWebAddress);
  stringScalar(
    builder,
    'Purpose',
    `Why a caller asks, as the policy names it: ${listed(table.callerPurposes)}.`,
    listed(table.callerPurposes),
    (value) => table.callerPurposes.has(value),
  );
  stringScalar(
    builder,
    'ConsentPurpose',
    `What a person can consent to, as the policy names it: ${listed(consents)}.`,
    listed(consents),
    (value) => consents.has(value),
  );
  stringScalar(
    builder,
    'PartnerKind',
    `What a third party does, as the policy names it: ${listed(kinds)}.`,
    listed(kinds),
    (value) => kinds.has(value),
  );
}
