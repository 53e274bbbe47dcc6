import { describe, expect, test } from 'vitest';
import { compile } from '../../src/policy/compile.ts';
import type { Recipient } from '../../src/policy/facts.ts';
import type { FactName } from '../../src/policy/known-facts.ts';
import { contractRulesOf, isPromotionFor, kindsWith } from '../../src/policy/partner-kinds.ts';
import { refusalToReport } from '../../src/policy/reporting.ts';
import { type Draft, referencePolicy, revise } from '../support/policy.ts';

const without = (id: string) => (draft: Draft) => {
  draft.clauses = draft.clauses.filter((clause) => clause.id !== id);
};

describe('the kinds of partner that people have to do with', () => {
  test.each([
    { fact: 'interactionWithRecipient', kind: 'ADVERTISER', clause: 'ads.interaction' },
    { fact: 'relationshipWithRecipient', kind: 'CO_BRANDED', clause: 'cobranded.share' },
    { fact: 'autoPostToRecipient', kind: 'SOCIAL', clause: 'social.activity' },
  ] satisfies {
    fact: FactName;
    kind: string;
    clause: string;
  }[])('$fact comes about with $kind, and with nobody once $clause is gone', ({ fact, kind, clause }) => {
    expect([...kindsWith(referencePolicy, { fact })]).toEqual([kind]);
    expect([...kindsWith(revise(without(clause)), { fact })]).toEqual([]);
  });

  test('they have the names that the policy gives them', () => {
    const renamed = revise((draft) => {
      for (const kind of draft.partnerKinds) if (kind.id === 'SOCIAL') kind.id = 'NETWORK';
      for (const { reveals } of draft.clauses)
        for (const reveal of reveals ?? []) if (reveal.to === 'SOCIAL') reveal.to = 'NETWORK';
    });
    expect([...kindsWith(renamed, { fact: 'autoPostToRecipient' })]).toEqual(['NETWORK']);
  });

  test('a purpose is a promotion only where it is promotional and the kind works for us', () => {
    const isPromotion = isPromotionFor(contractRulesOf(referencePolicy));
    expect(isPromotion('EMAIL_PROVIDER', 'advertising')).toBe(true);
    expect(isPromotion('EMAIL_PROVIDER', 'service-notice')).toBe(false);
    expect(isPromotion('ADVERTISER', 'advertising')).toBe(false);
    expect(isPromotion('NO_SUCH_KIND', 'advertising')).toBe(false);
  });
});

describe('a partner may report', () => {
  const NOW = new Date('2026-03-01T12:00:00Z');
  const recipient = (kind: string): Recipient => ({
    clientId: 'wall',
    kind,
    active: true,
    jurisdiction: 'US',
    contract: { from: null, until: null, purposes: ['offer-completion', 'targeted-offers'] },
    successionAnnouncedAt: null,
  });
  const refusal = (kind: string, purpose: string, policy = referencePolicy) =>
    refusalToReport(compile([policy], policy.version), recipient(kind), purpose, NOW);

  test('only if a clause shows its kind nothing for the purpose, and only while that clause stands', () => {
    expect(refusal('OFFER_WALL', 'offer-completion')).toBeNull();
    expect(refusal('OFFER_WALL', 'targeted-offers')).toBe('WRONG_PURPOSE');
    expect(refusal('OFFERS', 'targeted-offers')).toBe('NO_CLAUSE');
    expect(refusal('OFFER_WALL', 'offer-completion', revise(without('offers.inbound')))).toBe('NO_CLAUSE');
  });

  test('not because an older version of the policy let it', () => {
    const current = revise((draft) => {
      without('offers.inbound')(draft);
      draft.version = 'next';
    });
    const table = compile([referencePolicy, current], 'next');
    expect(refusalToReport(table, recipient('OFFER_WALL'), 'offer-completion', NOW)).toBe('NO_CLAUSE');
  });

  test.each([
    { name: 'suspended', change: { active: false } },
    { name: 'without a contract', change: { contract: null } },
  ])('a partner that is $name reports nothing', ({ change }) => {
    const table = compile([referencePolicy], referencePolicy.version);
    const changed = { ...recipient('OFFER_WALL'), ...change };
    expect(refusalToReport(table, changed, 'offer-completion', NOW)).toBe('CONTRACT_NOT_IN_FORCE');
  });
});
