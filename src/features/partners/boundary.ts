import type { Policy } from '../../policy/clause.ts';
import type { PartnerDocument } from './recipient.ts';

/** Tells the person how far the policy governs data that an audience is shown. */
export const boundaryWithin = ({ title }: Policy) =>
  `Nothing leaves us here: the ${title} governs all that becomes of it.`;

/** @param partner  null for one no longer on record */
export function boundaryWithPartner(
  { title }: Policy,
  partner: Pick<PartnerDocument, 'name' | 'policyUrl'> | null,
): string {
  const whose = partner
    ? `${partner.name} collects on sites of its own`
    : 'this recipient collects on sites of its own';
  const where = partner?.policyUrl ? `: ${partner.policyUrl}` : ', which is not on record here.';
  return `The ${title} governs what we show, and ends there. What ${whose} is under its own policy${where}`;
}

export const boundaryWithAuthority = ({ title }: Policy, authority: string) =>
  `The ${title} governs what we show, and ends there. What ${authority} does with it is under the law it acts by.`;
