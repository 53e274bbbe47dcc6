import type { DecisionTable } from '../../policy/compile.ts';
import type { Audience } from '../../policy/decide.ts';
import { EVERY_CATEGORY, firstPartyAudiences } from '../../policy/vocabulary.ts';
import { type PartnerDocument, recipientOf } from '../partners/recipient.ts';

/** One of our own callers, by name. */
export const ownAudience = (name: string, purpose: string | null): Audience => ({
  name,
  purpose,
  recipient: null,
  scope: EVERY_CATEGORY,
});

/** A partner with a token for every category. */
export const partnerAudience = (partner: PartnerDocument, purpose: string | null): Audience => ({
  name: partner.kind,
  purpose,
  recipient: recipientOf(partner),
  scope: EVERY_CATEGORY,
});

/** Every audience to which the policy could reveal something, with each purpose that it could state. */
export function everyAudience(table: DecisionTable, partners: readonly PartnerDocument[]): Audience[] {
  const own = firstPartyAudiences(table.vocabulary).flatMap((name) => {
    const rulings = table.all.get(name) ?? [];
    const purposes = new Set<string | null>(rulings.flatMap(({ purposes }) => [...(purposes ?? [null])]));
    return [...purposes].map((purpose) => ownAudience(name, purpose));
  });
  const third = partners.flatMap((partner) =>
    (partner.contract?.purposes ?? []).map((purpose) => partnerAudience(partner, purpose)),
  );
  return [...own, ...third];
}
