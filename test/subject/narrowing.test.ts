import { describe, expect, test } from 'vitest';
import type { PersonEntryBody } from '../../src/ledger/chain/person-chain.ts';
import { narrows } from '../../src/subject/narrowing.ts';

const at = '2026-03-01T12:00:00.000Z';
const hash = '0'.repeat(64);
const consent = { type: 'CONSENT', at, purpose: 'p', policyVersion: 'v', expression: 'EXPRESS' } as const;
const privacyCase = { type: 'PRIVACY_CASE', at, case: 'c', from: 'PERSON' } as const;
const preferences = { type: 'PREFERENCES', at, source: 'PERSON' } as const;
const restriction = { type: 'RESTRICTION', at, purpose: 'p' } as const;
const link = {
  type: 'SOCIAL_CONNECTION',
  at,
  partner: 'x',
  takenIn: [],
  policyVersion: 'v',
  expression: 'EXPRESS',
} as const;

const NARROWING: Record<string, PersonEntryBody> = {
  'switches off': { ...preferences, changes: { adTargeting: false, friendAdded: false } },
  'a consent withdrawn': { ...consent, action: 'WITHDRAWN' },
  'a refusal': { type: 'REFUSAL', at, version: 'v' },
  'a case closed': { ...privacyCase, status: 'CLOSED' },
  'an order filled': { type: 'ORDER', at, order: 'o', status: 'FILLED' },
  'an order cancelled': { type: 'ORDER', at, order: 'o', status: 'CANCELLED' },
  'a thread fewer': { type: 'SUBSCRIPTIONS', at, count: 1 },
  'photos removed': { type: 'PHOTOS_REMOVED', at, count: 1 },
  'items of a list removed': { type: 'ITEMS_REMOVED', at, category: 'POSTS', count: 1 },
  'an opt-out': { type: 'OPT_OUT', at, signal: 'GPC', standing: true },
  'data deleted': { type: 'DELETION', at, categories: ['GENDER'] },
  'a time that is over': { type: 'EXPIRY', at, categories: ['GENDER'] },
  'an account sealed': { type: 'SEALING', at, learnedBy: 'STAFF' },
  'a relationship left': { type: 'RELATIONSHIP', at, partner: 'x', action: 'LEFT' },
  'a link ended': { type: 'SOCIAL_DISCONNECTION', at, partner: 'x', by: 'PARTNER' },
  'posting off': { type: 'AUTO_POST', at, partner: 'x', on: false },
  'a restriction requested': { ...restriction, action: 'REQUESTED' },
  'a restriction agreed to': { ...restriction, action: 'AGREED' },
  'an erasure': { type: 'ERASURE', at, ground: 'REQUEST' },
  'a mend': { type: 'MEND', at, fork: { from: 1, n: 1, hash }, head: { n: 1, hash }, displaced: [] },
};
const WIDENING: Record<string, PersonEntryBody> = {
  'a switch on': { ...preferences, changes: { adTargeting: true } },
  'a switch on among others off': { ...preferences, changes: { adTargeting: false, friendAdded: true } },
  'a consent given': { ...consent, action: 'GIVEN' },
  'an acceptance': { type: 'ACCEPTANCE', at, version: 'v', mode: 'EXPLICIT' },
  'a case opened': { ...privacyCase, status: 'OPEN' },
  'an order placed': { type: 'ORDER', at, order: 'o', status: 'OPEN' },
  'an order failed': { type: 'ORDER', at, order: 'o', status: 'FAILED' },
  'as many threads, one of them verified': { type: 'SUBSCRIPTIONS', at, count: 2 },
  'a thread more': { type: 'SUBSCRIPTIONS', at, count: 3 },
  'a photo added': { type: 'PHOTO_ADDED', at, count: 1 },
  'an item of a list added': { type: 'ITEM_ADDED', at, category: 'POSTS' },
  'a value that staff wrote': { type: 'WRITE', at, role: 'support', categories: ['GENDER'], replaced: [] },
  'an activity': { type: 'ACTIVITY_ADDED', at, count: 1 },
  'an opt-out cleared': { type: 'OPT_OUT', at, signal: 'GPC', standing: false },
  'a seal lifted': { type: 'UNSEALING', at, by: 'STAFF' },
  'a correction': { type: 'CORRECTION', at, categories: ['GENDER'] },
  'a proof of an address': { type: 'EMAIL_PROOF', at },
  'an interaction': { type: 'AD_INTERACTION', at, partner: 'x' },
  'a relationship entered': { type: 'RELATIONSHIP', at, partner: 'x', action: 'ENTERED' },
  'a link made': { ...link, autoPost: false },
  'a restriction declined': { ...restriction, action: 'DECLINED' },
  'a restriction ended': { ...restriction, action: 'ENDED' },
  'posting on': { type: 'AUTO_POST', at, partner: 'x', on: true },
};
const before = { subscriptions: [{ thread: 'a' }, { thread: 'b' }] };
const [withdrawn, given] = [NARROWING['a consent withdrawn'], WIDENING['a consent given']] as [
  PersonEntryBody,
  PersonEntryBody,
];

describe('the effect of an act on the sight of others', () => {
  test.each(Object.entries(NARROWING))('%s narrows it', (_, entry) => {
    expect(narrows([entry], before)).toBe(true);
  });

  test.each(Object.entries(WIDENING))('%s widens it', (_, entry) => {
    expect(narrows([entry], before)).toBe(false);
  });

  test('several acts at once narrow it if each of them does', () => {
    expect(narrows([withdrawn, withdrawn], before)).toBe(true);
    expect(narrows([withdrawn, given], before)).toBe(false);
  });

  test('an act that closes an account narrows it, even beside a widening one', () => {
    for (const name of ['a refusal', 'an account sealed', 'an erasure'])
      expect(narrows([WIDENING['a correction'] as PersonEntryBody, NARROWING[name] as PersonEntryBody], before)).toBe(
        true,
      );
  });

  test('an unreadable record of threads is no sign that one was left', () => {
    expect(narrows([{ type: 'SUBSCRIPTIONS', at, count: 0 }], {})).toBe(false);
  });
});
