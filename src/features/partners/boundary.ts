import type { Policy } from '../../policy/clause.ts';
import type { PartnerDocument } from './recipient.ts';

/** Tells the person how far the policy governs data that an audience is shown. */
export const boundaryWithin = ({ title }: Policy) =>
  `Nothing leaves us here: the ${title} governs all use of the data.`;

/** @param partner  null for one no longer on record */
export function boundaryWithPartner(
  { title }: Policy,
  partner: Pick<PartnerDocument, 'name' | 'policyUrl'> | null,
): string {
  const owner = partner?.name ?? 'this recipient';
  const where = partner?.policyUrl ? `: ${partner.policyUrl}` : ', which is not on record here.';
  return `The ${title} governs the data that we show, and ends there. Data that ${owner} collects on sites of its own is under its own policy${where}`;
}

export const boundaryWithAuthority = ({ title }: Policy, authority: string) =>
  `The ${title} governs the data that we show, and ends there. The law that ${authority} acts by governs its use.`;
