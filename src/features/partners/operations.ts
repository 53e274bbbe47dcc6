import type { Clock } from '../../base/clock.ts';
import { badInput, raceLost } from '../../base/errors.ts';
import { parseJson } from '../../base/parse-json.ts';
import type { Reach } from '../../base/public-address.ts';
import { purposesOf } from '../../policy/audiences.ts';
import type { Policy } from '../../policy/clause.ts';
import type { DecisionTable } from '../../policy/compile.ts';
import { contractRulesOf, isPromotionFor } from '../../policy/partner-kinds.ts';
import { firstPartyAudiences, idsOf, type Vocabulary } from '../../policy/vocabulary.ts';
import type { Partners } from '../../store/mongo/repositories/partners.ts';
import type { Counterparts } from './counterparts.ts';
import { KEY_ADDRESS, keyAddressOf, readKeySet } from './key-set.ts';
import type { PartnerDocument } from './recipient.ts';

/** A partner as staff enter it. */
export interface PartnerEntry
  extends Pick<PartnerDocument, 'name' | 'kind' | 'jurisdiction' | 'dpopBoundAccessTokens'> {
  readonly clientId: string;
  readonly policyUrl: string;
}

/** Keys as staff enter them: one of the two, or neither for none. */
interface KeysEntry {
  /** A JSON Web Key Set as text. */
  readonly jwks: string | null;
  /** The address of one. */
  readonly jwksUri: string | null;
}

type Contract = NonNullable<PartnerDocument['contract']>;

const CLIENT_ID = /^[\w-]{1,64}$/;

const wordOf = (name: string) => name.toUpperCase().replaceAll(/[^\p{L}\p{N}]+/gu, '');

/** Words that stand for somebody else wherever recipients and callers are told, and names that every object has. */
const systemWords = (vocabulary: Vocabulary): readonly string[] =>
  [
    ...firstPartyAudiences(vocabulary),
    ...idsOf(vocabulary.staff),
    ...['PARTNER', 'STAFF', 'AUTHORITY', 'PERSON', 'GUARDIAN', 'SYSTEM', 'ANONYMOUS', 'EVERYBODY', 'NOBODY', 'UNKNOWN'],
    ...Object.getOwnPropertyNames(Object.prototype),
  ].map(wordOf);

/** @throws {ApiError} BAD_INPUT for a name by which a reader would take the partner for something else */
function requireOwnName(
  argument: string,
  name: string,
  { partnerKinds, vocabulary }: Pick<Policy, 'partnerKinds' | 'vocabulary'>,
): void {
  const word = wordOf(name);
  if ([...systemWords(vocabulary), ...idsOf(partnerKinds).map(wordOf)].includes(word))
    throw badInput(argument, 'a name of the partner’s own: this one is a word of the system');
}

const isSecureUrl = (url: string) => new URL(url).protocol === 'https:';

/** @throws {ApiError} BAD_INPUT */
function keysIn(jwks: string): NonNullable<PartnerDocument['keys']> {
  const read = readKeySet(parseJson(jwks));
  if ('keys' in read) return read.keys;
  throw badInput(['jwks', ...read.path].join('.'), read.expected);
}

export type PartnerOperations = ReturnType<typeof createPartnerOperations>;

/** Partners and their contracts, as staff put them on record. An entry governs every read that starts afterwards. */
export function createPartnerOperations({
  partners,
  counterparts,
  table,
  reach,
  clock,
}: {
  readonly partners: Pick<Partners, 'enter' | 'change'>;
  readonly counterparts: Pick<Counterparts, 'findOnRecord'>;
  readonly table: DecisionTable;
  readonly reach: Reach;
  readonly clock: Clock;
}) {
  const policy = table.current;
  const isPromotion = isPromotionFor(contractRulesOf(policy));

  const change = async (
    partner: PartnerDocument,
    fields: Partial<Pick<PartnerDocument, 'contract' | 'contractEndedAt' | 'status' | 'keys' | 'jwksUri'>>,
  ): Promise<PartnerDocument> => {
    const changed = await partners.change(partner, fields);
    if (!changed) throw raceLost();
    return changed;
  };

  return {
    /**
     * Puts a partner on record, without a contract, or changes its record. The kind of a partner never changes, so
     * that no contract comes to stand for another kind of partner.
     */
    async enter({ clientId, ...fields }: PartnerEntry): Promise<PartnerDocument> {
      if (!CLIENT_ID.test(clientId)) throw badInput('input.clientId', '1 to 64 characters of A-Z, a-z, 0-9, _ and -');
      requireOwnName('input.clientId', clientId, { ...policy, partnerKinds: [] });
      requireOwnName('input.name', fields.name, policy);
      if (!policy.partnerKinds.some(({ id }) => id === fields.kind))
        throw badInput('input.kind', 'a kind of partner of the current policy');
      if (!isSecureUrl(fields.policyUrl)) throw badInput('input.policyUrl', 'an https address');
      const { kind, ...rest } = fields;
      const entered = await partners.enter({ _id: clientId, kind }, rest, { status: 'ACTIVE' });
      if (!entered) throw badInput('input.kind', 'the kind that the partner has on record');
      return entered;
    },

    /**
     * Puts a contract on file in place of the one before, or none.
     *
     * @throws {ApiError} BAD_INPUT for a contract without a purpose, a promotional purpose of a service provider, and a
     *   purpose for which no clause reveals anything to partners of the kind
     */
    async setContract(clientId: string, contract: Contract | null): Promise<PartnerDocument> {
      const partner = await counterparts.findOnRecord(clientId);
      if (contract?.from && contract.until && contract.from >= contract.until)
        throw badInput('contract.until', 'a time after `from`');
      if (contract?.purposes.length === 0) throw badInput('contract.purposes', 'at least one purpose, or no contract');
      const promotional = contract?.purposes.findIndex((purpose) => isPromotion(partner.kind, purpose)) ?? -1;
      if (promotional >= 0)
        throw badInput(`contract.purposes.${promotional}`, 'no promotional purpose for a service provider');
      const served = purposesOf(table, partner.kind);
      const idle = contract?.purposes.findIndex((purpose) => !served.includes(purpose)) ?? -1;
      if (idle >= 0)
        throw badInput(`contract.purposes.${idle}`, `a purpose for which the policy shows this kind of partner data`);
      const { contractEndedAt = null } = partner;
      const endedAt = partner.contract ? clock.now() : contractEndedAt;
      return change(partner, { contract, contractEndedAt: contract ? null : endedAt });
    },

    /**
     * Puts the public keys of a partner on record, or the address that has them, or none, in place of those before.
     * From the next request for a token on, they alone count.
     *
     * @throws {ApiError} BAD_INPUT if the value is not a set of public keys that can sign here, if the address is not
     *   asked here, and if both are given
     */
    async setKeys(clientId: string, { jwks, jwksUri }: KeysEntry): Promise<PartnerDocument> {
      if (jwks !== null && jwksUri !== null) throw badInput('jwksUri', 'either `jwks` or `jwksUri`');
      const url = jwksUri === null ? null : keyAddressOf(jwksUri, reach);
      if (jwksUri !== null && url === null) throw badInput('jwksUri', KEY_ADDRESS);
      const partner = await counterparts.findOnRecord(clientId);
      return change(partner, { keys: jwks === null ? [] : keysIn(jwks), jwksUri: url });
    },

    /** From now on none of its tokens is accepted, or its tokens are accepted again. */
    async setStatus(clientId: string, status: PartnerDocument['status']): Promise<PartnerDocument> {
      return change(await counterparts.findOnRecord(clientId), { status });
    },
  };
}
