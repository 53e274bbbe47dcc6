import type { Clock } from '../../base/clock.ts';
import { type DecisionTable, measuresOf } from '../../policy/compile.ts';
import { createAccess } from '../../policy/decide.ts';
import type { Facts } from '../../policy/facts.ts';
import { differingCountries } from '../../policy/regions.ts';
import { type CategoryMask, NO_CATEGORIES } from '../../policy/vocabulary.ts';
import type { Partners } from '../../store/mongo/repositories/partners.ts';
import { ANYWHERE } from '../../subject/retraction.ts';
import { partnerAudience } from '../explanations/every-audience.ts';

/** Gives the categories that the policy shows a recipient for a purpose now, of a person with these facts. */
export type ShownTo = (recipient: string, purpose: string) => (facts: Facts) => CategoryMask;

/** Reads the recipients in one command. A partner that is gone is shown nothing. */
export const createShownTo = (partners: Pick<Partners, 'findAll'>, table: DecisionTable, clock: Clock) => {
  const countries = differingCountries([...table.policies.values()].map(measuresOf));
  return async (recipients: readonly string[]): Promise<ShownTo> => {
    const found = recipients.length > 0 ? await partners.findAll(recipients) : [];
    const known = new Map(found.map((partner) => [partner._id, partner]));
    return (recipient, purpose) => {
      const partner = known.get(recipient);
      const access = partner && createAccess(table, partnerAudience(partner, purpose), clock.now());
      const shown = (facts: Facts) => access?.decide(facts).mask ?? NO_CATEGORIES;
      return (facts) =>
        facts.residence === ANYWHERE
          ? countries.reduce((all, residence) => all | shown({ ...facts, residence }), NO_CATEGORIES)
          : shown(facts);
    };
  };
};
