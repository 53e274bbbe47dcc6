import { type PartnerDocument, recipientOf } from '../../features/partners/recipient.ts';
import { widestScope } from '../../policy/audiences.ts';
import type { DecisionTable } from '../../policy/compile.ts';
import { contractInForce } from '../../policy/decide.ts';
import { scopeWordsOf, type Vocabulary } from '../../policy/vocabulary.ts';
import type { ClientForm } from './client-form.ts';
import { OAuthError } from './oauth-error.ts';

/** The beginning of the word of a scope that names the purpose. */
const PURPOSE = 'purpose:';

/** What a token is to be good for. */
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

/** @throws {OAuthError} `invalid_scope` */
function accessIn(form: ClientForm): Access {
  const words = [...new Set((form.get('scope') ?? '').split(' ').filter((word) => word !== ''))];
  const [purpose, another] = words.filter((word) => word.startsWith(PURPOSE));
  if (purpose === undefined || another !== undefined)
    throw new OAuthError('invalid_scope', `Expected exactly one word of the scope that begins with ${PURPOSE}`);
  return { purpose: purpose.slice(PURPOSE.length), categories: words.filter((word) => word !== purpose) };
}

/**
 * What a partner asks for, where its contract in force covers the purpose, and the policy has a clause that could show
 * each of the categories for it. Whether a person is shown is decided later, person by person.
 *
 * @throws {OAuthError} `unauthorized_client` or `invalid_scope`
 */
export function grantAccess(form: ClientForm, partner: PartnerDocument, table: DecisionTable, now: Date): Access {
  const recipient = recipientOf(partner);
  if (!contractInForce(recipient, now))
    throw new OAuthError('unauthorized_client', 'The client is suspended, or has no contract in force.');
  const access = accessIn(form);
  const { purpose, categories } = access;
  if (!table.callerPurposes.has(purpose) || !recipient.contract?.purposes.includes(purpose))
    throw new OAuthError('invalid_scope', 'The contract of the client does not cover the purpose.');
  const widest = widestScope(table, recipient.kind, purpose);
  if (!categories.every((word) => widest.includes(word)))
    throw new OAuthError('invalid_scope', 'The scope has a word that is no category which the purpose could show.');
  return access;
}
