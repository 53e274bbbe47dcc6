import type { Changes } from '../../subject/change.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import { relationshipsOf, tieWith, withTie } from '../../subject/ties.ts';
import type { Counterparts } from '../partners/counterparts.ts';

export type RelationshipOperations = ReturnType<typeof createRelationshipOperations>;

export const createRelationshipOperations = (changes: Changes, counterparts: Counterparts) => {
  const set = (sid: SubjectId, partner: string, active: boolean) =>
    changes.apply(sid, ({ facts }, at) => {
      const known = relationshipsOf(facts);
      if ((tieWith(known, partner)?.active ?? false) === active) return null;
      return {
        set: { 'facts.relationships': withTie(known, { partner, active }) },
        entries: [{ type: 'RELATIONSHIP', at: at.toISOString(), partner, action: active ? 'ENTERED' : 'LEFT' }],
      };
    });

  return {
    /**
     * Enters a relationship, which lets the partner see the categories that the policy names until the person leaves
     * it.
     *
     * @returns null where there is no such person
     * @throws {ApiError} BAD_INPUT unless people have relationships with the partner
     */
    async enter(sid: SubjectId, clientId: string) {
      const { _id } = await counterparts.findFor({ fact: 'relationshipWithRecipient' }, clientId);
      return set(sid, _id, true);
    },

    /** Leaves a relationship. If the person never entered it, nothing changes. */
    async leave(sid: SubjectId, clientId: string) {
      const { _id } = await counterparts.findOnRecord(clientId);
      return set(sid, _id, false);
    },
  };
};
