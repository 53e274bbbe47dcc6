import { type ASTNode, GraphQLError, Kind, type ValueNode } from 'graphql';
import { badInput } from '../base/errors.ts';
import type { DecisionTable } from '../policy/compile.ts';
import { COUNTRIES } from '../policy/countries.ts';
import { EXPECTED, isDate, parseInstant } from '../subject/calendar.ts';
import { isEmailAddress } from '../subject/email.ts';
import { webAddressOf } from '../subject/web-address.ts';
import type { Builder, Scalars } from './builder.ts';

type StringScalar = Exclude<keyof Scalars, 'ID' | 'DateTime' | 'JSONObject'>;

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

const ifSo =
  (accepts: (value: string) => boolean) =>
  (value: string): string | null =>
    accepts(value) ? value : null;

/** Scalars that are strings of a certain form. A string of another form is refused without being repeated. */
function stringScalar(
  builder: Builder,
  name: StringScalar,
  description: string,
  expected: string,
  /** The value as it is kept; null for one that is not of the form. */
  read: (value: string) => string | null,
  specifiedByURL?: string,
) {
  const parse = (value: unknown): string => {
    const kept = typeof value === 'string' ? read(value) : null;
    if (kept === null) throw badInput(name, expected);
    return kept;
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

  const instantOf = (value: unknown) => {
    const instant = typeof value === 'string' ? parseInstant(value) : null;
    if (!instant) throw badInput('DateTime', EXPECTED.instant);
    return instant;
  };
  builder.scalarType('DateTime', {
    description:
      'An instant, RFC 3339: `2014-09-12T00:00:00.000Z`. It is answered in UTC with milliseconds, and taken with `Z` or an ' +
      'offset, from the year 1900 to 2200.',
    specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339#section-5.6',
    serialize: (value) => (value instanceof Date ? value.toISOString() : value),
    parseValue: instantOf,
    parseLiteral: literal(instantOf, [Kind.STRING]),
  });
  builder.scalarType('JSONObject', {
    description: 'A whole JSON document, as an object. It is never taken as input.',
    specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc8259#section-4',
    serialize: (value) => value,
    parseValue: () => {
      throw badInput('JSONObject', 'nothing: it is never taken as input');
    },
  });
  stringScalar(
    builder,
    'Date',
    'A calendar date, RFC 3339, from the year 1900 to 2200: `1990-02-03`.',
    EXPECTED.date,
    ifSo(isDate),
    'https://www.rfc-editor.org/rfc/rfc3339#section-5.6',
  );
  stringScalar(
    builder,
    'CountryCode',
    'A country, ISO 3166-1 alpha-2: `US`.',
    'an ISO 3166-1 alpha-2 country code',
    ifSo((value) => COUNTRIES.has(value)),
    'https://www.iso.org/iso-3166-country-codes.html',
  );
  stringScalar(
    builder,
    'EmailAddress',
    'One mailbox, without a name to display: `john.smith@example.com`. Local part and domain may go beyond ASCII, but not ' +
      'to characters that control, hide or reorder text. The address is kept as it is written. Two addresses are one ' +
      'mailbox regardless of the letter case of the local part, and of A-labels or U-labels in the domain.',
    'an email address',
    ifSo(isEmailAddress),
    'https://www.rfc-editor.org/rfc/rfc6531#section-3.3',
  );
  stringScalar(
    builder,
    'URL',
    'An absolute address, http or https, without a user name or password, of at most 2,048 characters. It is kept as the ' +
      'URL Standard writes it: `HTTP://Example.com` becomes `http://example.com/`.',
    'an http(s) address of at most 2048 characters, without a user name or password',
    webAddressOf,
    'https://url.spec.whatwg.org/',
  );
  stringScalar(
    builder,
    'Purpose',
    `Why a caller asks, as the policy names it: ${listed(table.callerPurposes)}.`,
    listed(table.callerPurposes),
    ifSo((value) => table.callerPurposes.has(value)),
  );
  stringScalar(
    builder,
    'ConsentPurpose',
    `A purpose that a person can consent to, as the policy names it: ${listed(consents)}.`,
    listed(consents),
    ifSo((value) => consents.has(value)),
  );
  stringScalar(
    builder,
    'PartnerKind',
    `The kind of a third party, as the policy names it: ${listed(kinds)}.`,
    listed(kinds),
    ifSo((value) => kinds.has(value)),
  );
}
