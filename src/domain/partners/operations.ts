import { ApiError, badInput } from '../../errors.ts';
import { isDuplicateKey } from '../../ledger/duplicate-key.ts';
import type { Policy } from '../../policy/clause.ts';
import { contractRulesOf, isPromotionFor } from '../../policy/partner-kinds.ts';
import type { Store } from '../../store/connection.ts';
import type { Counterparts } from './counterparts.ts';
import type { PartnerDocument, Partners } from './partners.ts';

/** A partner as staff enter it. */
export interface PartnerEntry extends Pick<PartnerDocument, 'name' | 'kind' | 'jurisdiction'> {
  readonly clientId: string;
  readonly policyUrl: string;
}

type Contract = NonNullable<PartnerDocument['contract']>;

const CLIENT_ID = /^[\w-]{1,64}$/;

const isSecureUrl = (url: string) => URL.canParse(url) && new URL(url).protocol === 'https:';

/** Partners and their contracts, as staff put them on record. What is entered governs every read that starts afterwards. */
export function createPartnerOperations(
  { write }: Pick<Store, 'write'>,
  { model }: Pick<Partners, 'model'>,
  counterparts: Pick<Counterparts, 'findOnRecord'>,
  policy: Policy,
) {
  const isPromotion = isPromotionFor(contractRulesOf(policy));

  const settings = { returnDocument: 'after', lean: true, writeConcern: write } as const;

  const change = async ({ _id, kind }: PartnerDocument, fields: Partial<PartnerDocument>): Promise<PartnerDocument> => {
    const changed = await model.findOneAndUpdate({ _id, kind }, { $set: fields }, settings).exec();
    if (!changed) throw new ApiError('CONFLICT', 'Others changed the same record at the same time. Try again.');
    return changed as PartnerDocument;
  };

  return {
    /**
     * Puts a partner on record, without a contract, or changes what is on record of it. Its kind stays what it is, so
     * that no contract comes to stand for another kind of partner.
     */
    async enter({ clientId, ...fields }: PartnerEntry): Promise<PartnerDocument> {
      if (!CLIENT_ID.test(clientId)) throw badInput('input.clientId', '1 to 64 characters of A-Z, a-z, 0-9, _ and -');
      if (!policy.partnerKinds.some(({ id }) => id === fields.kind))
        throw badInput('input.kind', 'a kind of partner of the current policy');
      if (!isSecureUrl(fields.policyUrl)) throw badInput('input.policyUrl', 'an https address');
      try {
        const { kind, ...rest } = fields;
        const entered = await model
          .findOneAndUpdate(
            { _id: clientId, kind },
            { $set: rest, $setOnInsert: { status: 'ACTIVE' } },
            { ...settings, upsert: true },
          )
          .exec();
        return entered as PartnerDocument;
      } catch (error) {
        if (isDuplicateKey(error)) throw badInput('input.kind', 'the kind that the partner has on record');
        throw error;
      }
    },

    /**
     * Puts a contract on file in place of the one before, or none.
     *
     * @throws {ApiError} BAD_INPUT for a promotional purpose of a service provider
     */
    async setContract(clientId: string, contract: Contract | null): Promise<PartnerDocument> {
      const partner = await counterparts.findOnRecord(clientId);
      if (contract?.from && contract.until && contract.from >= contract.until)
        throw badInput('contract.until', 'a time after `from`');
      const promotional = contract?.purposes.findIndex((purpose) => isPromotion(partner.kind, purpose)) ?? -1;
      if (promotional >= 0)
        throw badInput(`contract.purposes.${promotional}`, 'no promotional purpose for a service provider');
      return change(partner, { contract });
    },

    /** From now on none of its tokens is accepted, or its tokens are accepted again. */
    async setStatus(clientId: string, status: PartnerDocument['status']): Promise<PartnerDocument> {
      return change(await counterparts.findOnRecord(clientId), { status });
    },
  };
}
