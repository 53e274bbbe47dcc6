import type { Clock } from '../../base/clock.ts';
import type { DecisionTable } from '../../policy/compile.ts';
import { createAccess } from '../../policy/decide.ts';
import type { Facts } from '../../policy/facts.ts';
import { type CategoryMask, NO_CATEGORIES } from '../../policy/vocabulary.ts';
import type { Partners } from '../../store/mongo/repositories/partners.ts';
import { partnerAudience } from '../explanations/every-audience.ts';

/** Gives the categories that the policy shows a recipient for a purpose now, of a person with these facts. */
export type ShownTo = (recipient: string, purpose: string) => (facts: Facts) => CategoryMask;

/** Reads the recipients in one command. A partner that is gone is shown nothing. */
export const createShownTo =
  (partners: Pick<Partners, 'findAll'>, table: DecisionTable, clock: Clock) =>
  async (recipients: readonly string[]): Promise<ShownTo> => {
    const found = recipients.length > 0 ? await partners.findAll(recipients) : [];
    const known = new Map(found.map((partner) => [partner._id, partner]));
    return (recipient, purpose) => {
      const partner = known.get(recipient);
      const access = partner && createAccess(table, partnerAudience(partner, purpose), clock.now());
      return (facts) => access?.decide(facts).mask ?? NO_CATEGORIES;
    };
  };
