import { badInput } from '../../base/errors.ts';
import type { Policy } from '../../policy/clause.ts';
import type { ConditionLeaf } from '../../policy/leaf.ts';
import { kindsWith } from '../../policy/partner-kinds.ts';
import type { Partners } from '../../store/mongo/repositories/partners.ts';
import type { PartnerDocument } from './recipient.ts';

export type Counterparts = ReturnType<typeof createCounterparts>;

/** The partners that people have to do with, by client id. */
export const createCounterparts = (partners: Pick<Partners, 'find'>, policy: Policy) => ({
  /**
   * An active partner that lets a person make a leaf hold, because a clause asks for the leaf toward its kind.
   *
   * @param argument  the one that names it
   * @throws {ApiError} BAD_INPUT for every other
   */
  async findFor(leaf: ConditionLeaf, clientId: string, argument = 'partner'): Promise<PartnerDocument> {
    const kinds = kindsWith(policy, leaf);
    const partner = await partners.find(clientId);
    if (partner?.status !== 'ACTIVE' || !kinds.has(partner.kind))
      throw badInput(argument, `the client id of an active partner of kind ${[...kinds].join(', ')}`);
    return partner;
  },

  /**
   * A partner in any state: a person can always leave a relationship that they entered.
   *
   * @throws {ApiError} BAD_INPUT for a partner that was never on record
   */
  async findOnRecord(clientId: string, argument = 'partner'): Promise<PartnerDocument> {
    const partner = await partners.find(clientId);
    if (!partner) throw badInput(argument, 'the client id of a partner on record');
    return partner;
  },
});
