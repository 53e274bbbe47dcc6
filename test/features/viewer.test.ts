import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CallerClaims } from '../../src/http/signing.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

const NOW = new Date('2026-03-10T12:00:00Z');
const CONTRACT = { purposes: ['targeted-offers'], until: '2026-04-01T00:00:00Z' };
const OFFERS = { kind: 'OFFERS', jurisdiction: 'US' };

let world: TestWorld;
beforeAll(async () => {
  world = await createWorld(
    {
      users: [{ id: 'u1', name: 'Una Page', avatarName: 'Una', email: 'una@example.com', country: 'US' }],
      partners: [
        { ...OFFERS, clientId: 'offerly', name: 'Offerly', contract: CONTRACT },
        { ...OFFERS, clientId: 'late', name: 'Late', contract: { ...CONTRACT, until: '2026-03-01T00:00:00Z' } },
        { ...OFFERS, clientId: 'bare', name: 'Bare' },
      ],
    },
    { clock: { now: () => NOW } },
  );
});
afterAll(() => world?.close());

const ask = async (caller: CallerClaims | null, fields: string) =>
  (await world.ask(caller, `{ viewer { ${fields} } }`)).data.viewer;

const offerly = (scope: string, purpose = 'targeted-offers') => partner('offerly', purpose, scope);

describe('viewer', () => {
  test.each([
    { name: 'a visitor', caller: null, kind: 'VISITOR', role: null, purpose: null, scope: null },
    { name: 'a person', caller: member('u1'), kind: 'MEMBER', role: null, purpose: null, scope: null },
    {
      ...{ name: 'a partner', caller: offerly('email name'), kind: 'PARTNER', role: null },
      ...{ purpose: 'targeted-offers', scope: ['NAME', 'EMAIL'] },
    },
    {
      ...{ name: 'staff', caller: staff('support', 'customer-support'), kind: 'STAFF', role: 'support' },
      ...{ purpose: 'customer-support', scope: null },
    },
  ])('tells $name the content of its token', async ({ caller, name: _, ...told }) => {
    const found = await ask(caller, 'kind role purpose scope');
    expect({ ...found, scope: found.scope && [...found.scope].sort() }).toEqual({
      ...told,
      scope: told.scope && [...told.scope].sort(),
    });
  });

  test.each([
    {
      clientId: 'offerly',
      contract: { until: '2026-04-01T00:00:00.000Z', inForce: true, purposes: ['targeted-offers'] },
    },
    {
      clientId: 'late',
      contract: { until: '2026-03-01T00:00:00.000Z', inForce: false, purposes: ['targeted-offers'] },
    },
    { clientId: 'bare', contract: null },
  ])('tells the partner $clientId of its contract', async ({ clientId, contract }) =>
    expect(
      await ask(
        partner(clientId, 'targeted-offers', 'email'),
        'partner { clientId } contract { until inForce purposes }',
      ),
    ).toEqual({ partner: { clientId }, contract }));

  test.each([
    { name: 'a category that it may see', caller: offerly('email'), reason: null },
    { name: 'the scope', caller: offerly('name'), reason: 'MISSING_SCOPE' },
    { name: 'the purpose', caller: offerly('email', 'billing'), reason: 'WRONG_PURPOSE' },
    {
      ...{ name: 'a contract that has ended', reason: 'CONTRACT_NOT_IN_FORCE' },
      caller: partner('late', 'targeted-offers', 'email'),
    },
    { name: 'a visitor', caller: null, reason: 'NO_CLAUSE' },
  ])('tells why a category is not shown: $name', async ({ caller, reason }) => {
    const { categories } = await ask(caller, 'categories { category visible reason }');
    expect(categories.find(({ category }: { category: string }) => category === 'EMAIL')).toEqual({
      ...{ category: 'EMAIL', visible: reason === null, reason },
    });
  });
});

test('each answer tells the rest of the limit of requests', async () => {
  const limited = await createWorld({}, { guards: { rates: { caller: 20, partner: 20 } } });
  try {
    const { headers } = await limited.ask(null, '{ viewer { kind } }');
    expect([headers.get('ratelimit-policy'), headers.get('ratelimit')]).toEqual([
      '"caller";q=20;w=1',
      '"caller";r=19;t=1',
    ]);
  } finally {
    await limited.close();
  }
});
