import { afterEach, describe, expect, test } from 'vitest';
import { ClassificationError } from '../../src/enforcement/classification.ts';
import { createEnforcedSchema } from '../../src/gateway/schema.ts';
import type { Policy } from '../../src/policy/clause.ts';
import { compile } from '../../src/policy/compile.ts';
import { createAccess, reveals } from '../../src/policy/decide.ts';
import type { Facts } from '../../src/policy/facts.ts';
import { type Line, linesOf } from '../../src/policy/lines.ts';
import { matrixOf } from '../../src/policy/matrix.ts';
import { EVERY_CATEGORY, isIn } from '../../src/policy/vocabulary.ts';
import { draftOfReference, parsePolicy, referencePolicy } from '../support/policy.ts';
import { DATA_CATEGORIES, FIRST_PARTY_AUDIENCES, PREFERENCES } from '../support/words.ts';
import { createWorld, partner, type TestWorld } from '../support/world.ts';

const NOW = new Date('2026-03-01T12:00:00.000Z');
const LONG_AGO = new Date('2020-01-01T00:00:00.000Z');
const EVER = new Date('9999-01-01T00:00:00.000Z');
const TO = { partner: 'anybody', processor: 'anybody' };

/** A person with every fact that a condition could ask for. */
const WILLING: Facts = {
  status: 'ACTIVE',
  acceptedVersion: referencePolicy.version,
  residence: 'US',
  preferences: Object.fromEntries(PREFERENCES.map((name) => [name, true])),
  consents: Object.fromEntries(referencePolicy.consents.map(({ id }) => [id, { given: true, at: LONG_AGO }])),
  standingOptOut: false,
  orders: [{ ...TO, status: 'OPEN' }],
  subscriptions: [{ thread: 't', verified: true }],
  relationships: [{ ...TO, active: true }],
  socialLinks: [{ ...TO, autoPost: true }],
  adInteractions: [{ ...TO, at: LONG_AGO }],
  privacyCases: [{ id: 'c', status: 'OPEN', from: 'SUBJECT' }],
  legalProcesses: [{ id: 'l', authority: 'A', categories: [...DATA_CATEGORIES], from: LONG_AGO, until: EVER }],
};

/** The caller has everything a caller can have: a contract, every category in scope, a notice that has run. */
const accessOf = (policy: Policy, recipient: string, purpose: string | null) => {
  const third = {
    clientId: 'anybody',
    kind: recipient,
    active: true,
    jurisdiction: 'US',
    contract: { from: null, until: null, purposes: purpose === null ? [] : [purpose] },
    successionAnnouncedAt: LONG_AGO,
  };
  const caller = FIRST_PARTY_AUDIENCES.includes(recipient) ? null : third;
  const audience = { name: recipient, purpose, recipient: caller, scope: EVERY_CATEGORY };
  return createAccess(compile([policy], policy.version), audience, NOW);
};

const without = (...ids: readonly string[]) => {
  const draft = draftOfReference();
  draft.clauses = draft.clauses.filter(({ id }) => !ids.includes(id));
  for (const clause of draft.clauses) if (clause.conflict && ids.includes(clause.conflict.with)) delete clause.conflict;
  return parsePolicy(JSON.stringify(draft), 'without');
};

const isSame = (line: Line, other: Line) => line.recipient === other.recipient && line.purpose === other.purpose;
const lines = linesOf(referencePolicy);
/** Every category that one clause alone reveals to somebody. */
const alone = lines.flatMap((line) =>
  DATA_CATEGORIES.filter((category) => isIn(line.mask, category))
    .filter((category) =>
      lines.every((other) => !isSame(line, other) || other.clause.id === line.clause.id || !isIn(other.mask, category)),
    )
    .map((category) => ({ clause: line.clause.id, recipient: line.recipient, purpose: line.purpose, category })),
);

let world: TestWorld | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

describe('sharing.only-as-stated: without a clause a category is shown to nobody', () => {
  test.each(
    [...new Set(alone.map(({ clause }) => clause))].map((clause) => ({
      clause,
      cells: alone.filter((cell) => cell.clause === clause),
    })),
  )('without $clause nobody sees the categories that it alone states, even if all else holds', ({ clause, cells }) => {
    const { policy } = without(clause);
    for (const { recipient, purpose, category } of cells) {
      expect(reveals(accessOf(referencePolicy, recipient, purpose).decide(WILLING), category)).toBe(true);
      expect(reveals(accessOf(policy, recipient, purpose).decide(WILLING), category)).toBe(false);
    }
  });

  test('every clause that reveals anything is among these', () => {
    const revealing = referencePolicy.clauses.filter(({ reveals }) =>
      reveals.some(({ categories }) => !Array.isArray(categories) || categories.length > 0),
    );
    expect([...new Set(alone.map(({ clause }) => clause))]).toEqual(revealing.map(({ id }) => id));
  });

  test('a recipient with a purpose that the policy does not give it sees nothing even of the most willing person', () => {
    const stated = new Set(matrixOf(referencePolicy).map(({ recipient, purpose }) => `${recipient} ${purpose}`));
    const purposes = [null, ...referencePolicy.purposes.map(({ id }) => id)];
    const recipients = [...FIRST_PARTY_AUDIENCES, ...referencePolicy.partnerKinds.map(({ id }) => id), 'STRANGER'];
    const others = recipients.flatMap((recipient) =>
      purposes
        .filter((purpose) => !stated.has(`${recipient} ${purpose}`) && !stated.has(`${recipient} null`))
        .map((purpose) => [recipient, purpose] as const),
    );
    expect(others.length).toBeGreaterThan(300);
    for (const [recipient, purpose] of others)
      expect([recipient, purpose, accessOf(referencePolicy, recipient, purpose).decide(WILLING).mask]).toEqual([
        recipient,
        purpose,
        0n,
      ]);
  });

  test.each([
    { clause: 'sharing.opt-in-offers', kind: 'OFFERS', purpose: 'targeted-offers', reason: 'NO_CLAUSE' },
    { clause: 'sharing.service-providers', kind: 'EMAIL_PROVIDER', purpose: 'service-notice', reason: 'WRONG_PURPOSE' },
  ])('a gateway whose policy lacks $clause answers $kind with $reason', async ({ clause, kind, purpose, reason }) => {
    const contract = { purposes: [purpose] };
    const consents = [{ purpose: 'targetedOffers', action: 'GIVEN', at: '2020-01-01T00:00:00Z' }];
    const WORLD = {
      users: [{ id: 'u1', avatarName: 'Neko', name: 'Nia Ko', email: 'neko@example.com', country: 'US', consents }],
      partners: [{ clientId: 'p', name: 'P', kind, jurisdiction: 'US', contract }],
    };
    const list = (of: TestWorld) =>
      of.ask(partner('p', purpose, 'name email'), '{ users { edges { node { name } } } }');
    world = await createWorld(WORLD);
    expect((await list(world)).data.users.edges).toEqual([{ node: { name: 'Nia Ko' } }]);
    await world.close();
    world = await createWorld(WORLD, { policy: without(clause) });
    const { data, errors } = await list(world);
    expect(data).toEqual({ users: null });
    expect(errors.map(({ extensions }) => extensions)).toEqual([{ code: 'FORBIDDEN', reason }]);
  });

  test('a field that no clause covers stops the server from starting', () => {
    const { policy } = without('purchases.billing');
    expect(() => createEnforcedSchema(compile([policy], policy.version))).toThrow(ClassificationError);
    expect(() => createEnforcedSchema(compile([policy], policy.version))).toThrow(
      'PaymentCard.processorToken shows PROCESSOR_TOKEN, which no clause of the policy covers.',
    );
  });
});
