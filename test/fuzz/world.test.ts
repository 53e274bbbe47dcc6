import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { contractRulesOf } from '../../src/policy/partner-kinds.ts';
import { parseWorldText, WorldFileError, type WorldRules } from '../../src/world/schema.ts';
import { referencePolicy } from '../support/policy.ts';
import { FUZZ_TIMEOUT_MS, fuzz } from './fuzz.ts';
import { mutatedText, mutatedValue } from './mutations.ts';

const RULES: WorldRules = {
  ...contractRulesOf(referencePolicy),
  now: new Date('2026-11-24T12:00:00Z'),
  policyVersions: [referencePolicy.version],
  currentVersion: referencePolicy.version,
  purposes: referencePolicy.purposes.filter(({ use }) => use === 'CALLER').map(({ id }) => id),
  ...{ recipientAttributes: [], recipientConsents: [], processKinds: referencePolicy.processKinds.map(({ id }) => id) },
  ...{ guardianTies: new Map(), restrictions: [] },
  consentPurposes: referencePolicy.consents.map(({ id }) => id),
  vocabulary: referencePolicy.vocabulary,
  minimumAge: referencePolicy.minimumAge,
  knownPartners: new Set(),
  knownUsers: new Set(['known']),
};

const AT = '2026-01-02T03:04:05Z';
const ADDRESS = { street: 'Row 1', city: 'Emberfold', postalCode: '12345', country: 'US' };
const WORLD = {
  users: [
    {
      ...{
        id: 'u1',
        avatarName: 'Neko',
        name: 'Nora',
        email: 'neko@example.com',
        gender: 'f',
        birthDate: '1990-02-03',
      },
      ...{ country: 'US', postalAddress: ADDRESS, cellPhone: '1', billingAddress: ADDRESS },
      paymentCard: { brand: 'VISA', lastFour: '4242', expiry: '2027-09', processorToken: 't' },
      photos: [{ id: 'p', url: 'https://example.com/p', caption: 'c' }],
      posts: [{ id: 'o', forum: 'f', text: 't', at: AT }],
      recentActivity: [{ id: 'a', kind: 'k', text: 't', at: AT }],
      transactions: [{ id: 't', kind: 'SOLD', good: 'g', price: 1.5, profit: 0.5, at: AT }],
      preferences: { imvuNewsletter: true },
      consents: [{ purpose: 'targetedOffers', action: 'GIVEN', at: AT }],
      ...{ status: 'ACTIVE', gpcOptOut: false },
      acceptedPolicy: { version: referencePolicy.version, mode: 'EXPLICIT', at: AT },
      orders: [{ id: 'r', processor: 'pay', status: 'OPEN' }],
      subscriptions: [{ thread: 't', verified: true }],
      relationships: [{ partner: 'pay', active: true }],
      socialLinks: [{ partner: 'pay', autoPost: true }],
      adInteractions: [{ partner: 'pay', at: AT }],
      privacyCases: [{ id: 'c', status: 'OPEN' }],
    },
    { id: 'u2', avatarName: 'Ziggy' },
  ],
  partners: [
    {
      ...{ clientId: 'pay', name: 'Pay', kind: 'PAYMENT_PROCESSOR', jurisdiction: 'US', status: 'ACTIVE' },
      contract: { from: AT, until: '2027-01-01T00:00:00Z', purposes: ['billing'] },
    },
  ],
  successions: [{ partner: 'pay', announcedAt: AT }],
  legalProcesses: [
    {
      ...{ id: 'l', kind: 'SUBPOENA', authority: 'a', reference: 'r', subject: 'u1', categories: ['EMAIL'] },
      ...{ from: AT, until: '2027-01-01T00:00:00Z' },
    },
  ],
};

const TOKENS = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  '\\ud800',
  '\\u0000',
  'null',
  '-',
  '1e400',
  '{"__proto__":1}',
  ' ',
];
const TEXT = JSON.stringify(WORLD);

const inputs = fc.oneof(
  mutatedValue(WORLD).map((value) => JSON.stringify(value) ?? ''),
  mutatedText(fc.constant(TEXT), TOKENS),
  fc.nat({ max: 50_000 }).map((depth) => '['.repeat(depth)),
  fc.string({ unit: 'binary', maxLength: 2_000 }),
);

test('the world that is changed is a good one', () => {
  expect(parseWorldText(TEXT, RULES).users).toHaveLength(2);
});

/** The values of a text that stand in no message by chance. Keys are named in messages, cut short. */
const valuesIn = (text: string) => [...text.matchAll(/canary[\da-f]{18}(?!"\s*:)/g)].map(([value]) => value);

test(
  'any text is a world, or is refused with its faults and none of its values',
  () =>
    fuzz(inputs, (text) => {
      try {
        parseWorldText(text, RULES);
      } catch (error) {
        expect(error).toBeInstanceOf(WorldFileError);
        const { message } = error as WorldFileError;
        expect(message).not.toBe('');
        expect(valuesIn(text).filter((value) => message.includes(value))).toEqual([]);
      }
    }),
  FUZZ_TIMEOUT_MS,
);
