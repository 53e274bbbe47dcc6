import { z } from 'zod';
import { parseJson } from '../../base/parse-json.ts';
import { type PartnerDocument, recipientOf } from '../../features/partners/recipient.ts';
import { widestScope } from '../../policy/audiences.ts';
import type { DecisionTable } from '../../policy/compile.ts';
import { contractInForce } from '../../policy/decide.ts';
import { scopeWordsOf, type Vocabulary } from '../../policy/vocabulary.ts';
import type { ClientForm } from './client-form.ts';
import { OAuthError } from './oauth-error.ts';

/** The beginning of the word of a scope that names the purpose. */
const PURPOSE = 'purpose:';

/** The purpose and categories that a token is to be good for. */
export interface Access {
  readonly purpose: string;
  /** The words of its categories. */
  readonly categories: readonly string[];
}

/** The words that a scope may have. */
export const wordsOfScope = (vocabulary: Vocabulary, purposes: Iterable<string>): readonly string[] => [
  ...scopeWordsOf(vocabulary),
  ...[...purposes].map((purpose) => PURPOSE + purpose),
];

/** An access, as a scope says it. */
export const scopeOfAccess = ({ purpose, categories }: Access): string => [...categories, PURPOSE + purpose].join(' ');

/** The type of the details that say an access in the place of a scope (RFC 9396). */
export const DETAILS_TYPE = 'assent';

const Details = z.tuple([
  z.strictObject({ type: z.literal(DETAILS_TYPE), purpose: z.string(), categories: z.array(z.string()).max(100) }),
]);

/** An access, as the details of an authorization say it. */
export const detailsOfAccess = ({ purpose, categories }: Access): z.output<typeof Details> => [
  { type: DETAILS_TYPE, purpose, categories: [...categories] },
];

/** The access that a client asks for, and the error of a client that may not have it. */
interface Asking {
  readonly error: 'invalid_scope' | 'invalid_authorization_details';
  /** Null where it can't be read. */
  readonly access: Access | null;
}

function inScope(scope: string): Asking {
  const words = [...new Set(scope.split(' ').filter((word) => word !== ''))];
  const [purpose, another] = words.filter((word) => word.startsWith(PURPOSE));
  const isClear = purpose !== undefined && another === undefined;
  const categories = words.filter((word) => word !== purpose);
  return { error: 'invalid_scope', access: isClear ? { purpose: purpose.slice(PURPOSE.length), categories } : null };
}

function inDetails(text: string): Asking {
  const { data } = Details.safeParse(parseJson(text));
  const access = data && { purpose: data[0].purpose, categories: [...new Set(data[0].categories)] };
  return { error: 'invalid_authorization_details', access: access ?? null };
}

/** @throws {OAuthError} `invalid_request` where both are there, so that none is left out in silence */
function askingIn(form: ClientForm): Asking {
  const [scope, details] = [form.get('scope'), form.get('authorization_details')];
  if (scope !== undefined && details !== undefined)
    throw new OAuthError('invalid_request', 'Expected scope or authorization_details, not both.');
  return details === undefined ? inScope(scope ?? '') : inDetails(details);
}

/**
 * The access that a partner asks for, where its contract in force covers the purpose, and the policy has a clause that
 * could show each of the categories for it. Each person is decided later, one by one.
 *
 * @throws {OAuthError} `unauthorized_client`, or `invalid_scope` or `invalid_authorization_details`
 */
export function grantAccess(form: ClientForm, partner: PartnerDocument, table: DecisionTable, now: Date): Access {
  const recipient = recipientOf(partner);
  if (!contractInForce(recipient, now))
    throw new OAuthError('unauthorized_client', 'The client is suspended, or has no contract in force.');
  const { error, access } = askingIn(form);
  if (!access) throw new OAuthError(error, 'Expected categories, and exactly one purpose.');
  const { purpose, categories } = access;
  if (!table.callerPurposes.has(purpose) || !recipient.contract?.purposes.includes(purpose))
    throw new OAuthError(error, 'The contract of the client does not cover the purpose.');
  const widest = widestScope(table, recipient.kind, purpose);
  if (!categories.every((word) => widest.includes(word)))
    throw new OAuthError(error, 'The policy shows nothing for the purpose by one of the words.');
  return access;
}
