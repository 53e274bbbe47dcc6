import type { Changes } from '../../subject/change.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import { adInteractionsOf, tieWith, withTie } from '../../subject/ties.ts';
import type { Counterparts } from '../partners/counterparts.ts';

export type AdvertisingOperations = ReturnType<typeof createAdvertisingOperations>;

export const createAdvertisingOperations = (changes: Changes, counterparts: Counterparts) => ({
  /**
   * Records that a person interacted with an advertisement: the advertiser and the time, and nothing else. The first
   * time is kept.
   *
   * @returns null where there is no such person
   * @throws {ApiError} BAD_INPUT unless the partner is an advertiser
   */
  async recordInteraction(sid: SubjectId, clientId: string) {
    const { _id: partner } = await counterparts.findFor({ fact: 'interactionWithRecipient' }, clientId);
    return changes.apply(sid, ({ facts }, at) => {
      const known = adInteractionsOf(facts);
      const first = tieWith(known, partner);
      if (first && first.at <= at) return null;
      return {
        set: { 'facts.adInteractions': withTie(known, { partner, at }) },
        entries: [{ type: 'AD_INTERACTION', at: at.toISOString(), partner }],
      };
    });
  },
});
