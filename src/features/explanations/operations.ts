import { badInput } from '../../base/errors.ts';
import type { DecisionTable } from '../../policy/compile.ts';
import { type Audience, createAccess, withEveryTie } from '../../policy/decide.ts';
import { type Explanation, explain } from '../../policy/explain.ts';
import type { Facts } from '../../policy/facts.ts';
import { type Difference, preview } from '../../policy/preview.ts';
import { type DataCategory, firstPartyAudiences } from '../../policy/vocabulary.ts';
import type { Partners } from '../../store/mongo/repositories/partners.ts';
import { withConsents } from '../consents/operations.ts';
import { withoutSecretProcesses } from '../legal/operations.ts';
import type { PartnerDocument } from '../partners/recipient.ts';
import { afterUse } from '../policy-versions/operations.ts';
import { type PreferenceChanges, withPreferences } from '../preferences/operations.ts';
import { everyAudience, ownAudience, partnerAudience } from './every-audience.ts';

/** Why a recipient may or may not see a category of a person. */
export interface Question {
  readonly category: DataCategory;
  /** A partner's client id, or the name of one of our own callers. */
  readonly recipient: string;
  readonly purpose: string | null;
}

/** An explanation, with the partner that it is about; null for callers of our own. */
export type ExplanationOf = Explanation & { readonly partner: PartnerDocument | null };

/** One thing that a change would show to somebody, or hide; the partner is null for callers of our own. */
export type PreferenceEffect = Difference & { readonly partner: PartnerDocument | null };

/** A change of a person's choices that is tried, and not made. */
export interface Trial {
  readonly changes: PreferenceChanges;
  readonly give: readonly string[];
  readonly withdraw: readonly string[];
  /** Whether the change is use of the site, which accepts the current version of the policy along with it. */
  readonly isUse: boolean;
}

/** How a request finds a partner. */
type FindPartner = (clientId: string) => Promise<PartnerDocument | null>;

export type ExplanationOperations = ReturnType<typeof createExplanationOperations>;

/** The reasoning of the engine that decides, over the facts of one person. */
export function createExplanationOperations({
  table,
  partners,
}: {
  readonly table: DecisionTable;
  readonly partners: Pick<Partners, 'findAll'>;
}) {
  /** The audience that a question names. */
  async function audienceNamed({ recipient, purpose }: Question, findPartner: FindPartner): Promise<Audience> {
    const own = firstPartyAudiences(table.vocabulary);
    if (own.includes(recipient)) return ownAudience(recipient, purpose);
    const partner = await findPartner(recipient);
    if (!partner) throw badInput('recipient', `a partner’s client id or one of ${own.join(', ')}`);
    return partnerAudience(partner, purpose);
  }

  return {
    /** @throws {ApiError} BAD_INPUT where the recipient is nobody that the policy knows */
    async explain(facts: Facts, question: Question, now: Date, findPartner: FindPartner): Promise<ExplanationOf> {
      const audience = await audienceNamed(question, findPartner);
      const { recipient } = audience;
      const access = createAccess(table, audience, now);
      return {
        // a member has every tie here: the answer speaks of members in general
        ...explain(access, withEveryTie(access, withoutSecretProcesses(facts, now)), question.category),
        partner: recipient && (await findPartner(recipient.clientId)),
      };
    },

    /** The categories that the change would show to each audience, and those that it would hide. */
    async preview(facts: Facts, { changes, give, withdraw, isUse }: Trial, at: Date): Promise<PreferenceEffect[]> {
      const acts = Object.fromEntries([
        ...give.map((purpose) => [purpose, { given: true, at }] as const),
        ...withdraw.map((purpose) => [purpose, { given: false, at }] as const),
      ]);
      const before = isUse ? afterUse(facts, table) : facts;
      const after = withConsents(withPreferences(before, changes), acts);
      const onRecord = await partners.findAll();
      const accesses = everyAudience(table, onRecord).map((audience) => createAccess(table, audience, at));
      // a member has every tie here as well
      const ties = { ties: accesses.flatMap((access) => access.ties) };
      return preview(accesses, withEveryTie(ties, facts), withEveryTie(ties, after)).map((difference) => ({
        ...difference,
        partner: onRecord.find(({ _id }) => _id === difference.access.audience.recipient?.clientId) ?? null,
      }));
    },
  };
}
