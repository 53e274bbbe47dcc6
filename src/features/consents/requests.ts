import type { Clock } from '../../base/clock.ts';
import type { Policy } from '../../policy/clause.ts';
import type { DecisionTable } from '../../policy/compile.ts';
import type { Facts } from '../../policy/facts.ts';
import { unansweredConsents } from '../../subject/acceptance.ts';
import type { Changed } from '../../subject/change.ts';
import { openValue, type Vault } from '../../subject/vault.ts';
import type { OutgoingMail } from '../mail/operations.ts';

/** A consent that a person is asked for, as the policy they accepted describes it. */
export type ConsentRequest = Policy['consents'][number];

/**
 * The consents that the policy asks of the person where they reside. Giving or declining one ends the question, and so
 * does a move away. The answer follows from the facts, so that nothing has to be kept. An account that is closed to use
 * is asked nothing.
 */
export function consentsRequestedOf({ policies }: DecisionTable, facts: Facts): ConsentRequest[] {
  const policy = policies.get(facts.acceptedVersion as string);
  if (!policy || facts.status !== 'ACTIVE') return [];
  const unanswered = unansweredConsents(policy, facts);
  return policy.consents.filter(({ id }) => unanswered.includes(id));
}

export type ConsentRequests = ReturnType<typeof createConsentRequests>;

export const createConsentRequests = (services: {
  readonly clock: Clock;
  readonly mail: Pick<OutgoingMail, 'queue'>;
  readonly table: DecisionTable;
}) => ({
  /** Mails the person that something is asked for since this change. An address that is not proven gets nothing. */
  async tell({ before, document }: Changed, vault: Vault): Promise<void> {
    const { clock, mail, table } = services;
    const known = consentsRequestedOf(table, before.facts).map(({ id }) => id);
    const consents = consentsRequestedOf(table, document.facts)
      .map(({ id }) => id)
      .filter((id) => !known.includes(id));
    const to = openValue(vault, document.values, 'EMAIL');
    if (consents.length === 0 || to === undefined) return;
    const home = { sid: document._id, vault };
    await mail.queue({ to, kind: 'CONSENT_REQUESTED', data: { consents } }, clock.now(), home);
  },
});
