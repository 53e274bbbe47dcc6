import { trace } from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DisclosureEntry } from '../../src/ledger/disclosure/disclosure.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { createWorld, member, partner, staff, type TestWorld } from '../support/world.ts';

/** Stands in every value and every name that a request or a record holds. */
const CANARY = 'canary';
const told = (text: string) => `${CANARY} ${text}`;

const spans = new InMemorySpanExporter();
let world: TestWorld;
let off: TestWorld;
beforeAll(async () => {
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] }));
  world = await createWorld(
    {
      users: [
        {
          id: `${CANARY}-person`,
          avatarName: told('avatar'),
          name: told('name'),
          email: `${CANARY}@mail.example`,
          gender: told('gender'),
          country: 'US',
          cellPhone: told('phone'),
          consents: [{ purpose: 'targetedOffers', action: 'GIVEN', at: '2020-01-01T00:00:00Z' }],
          privacyCases: [{ id: `${CANARY}-case`, status: 'OPEN' }],
        },
        { id: `${CANARY}-nobody`, avatarName: told('other'), country: 'US' },
      ],
      partners: [
        {
          ...{ clientId: `${CANARY}-offers`, name: told('offers'), kind: 'OFFERS', jurisdiction: 'US' },
          contract: { purposes: ['targeted-offers'] },
        },
      ],
    },
    { observed: true },
  );
  off = await createWorld({}, { store: world.store });

  const offers = partner(`${CANARY}-offers`, 'targeted-offers', 'name email');
  await world.ask(offers, '{ users(first: 5) { edges { node { id name gender } } } }');
  await world.ask(member(`${CANARY}-person`), '{ me { name email cellPhone } }');
  await world.ask(
    member(`${CANARY}-person`),
    'mutation { withdrawConsent(purpose: "targetedOffers") { user { id } } }',
  );
  await world.ask(staff('privacy', 'privacy-request'), `{ user(id: "${CANARY}-nobody") { id } }`);
  await world.ask(null, `{ user(avatarName: "${told('avatar')}") { avatarName email } }`);
  await world.ask(null, '{ users { edges { node { id } } } }');
  await world.ask(null, `query ${CANARY} { ${CANARY}(id: "${CANARY}") }`);
});
afterAll(async () => {
  await off.close();
  await world.close();
  trace.disable();
});

const metricsOf = async ({ gateway }: TestWorld) => {
  const response = await gateway.fetch(new Request('http://gateway.test/metrics'));
  return { status: response.status, text: await response.text() };
};

/** The value of a series; 0 where there is none. */
const countIn = (text: string, series: string) =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.slice(series.length + 1) ?? 0,
  );

describe('with metrics on', () => {
  test.each([
    ['assent_decisions_total{audience="OFFERS",outcome="SOMETHING"}', 1],
    ['assent_decisions_total{audience="STAFF_PRIVACY",outcome="NOTHING"}', 1],
    ['assent_disclosures_total{recipient_kind="PARTNER",purpose="targeted-offers"}', 1],
    ['assent_denials_total{category="GENDER",reason="MISSING_SCOPE"}', 1],
    ['assent_denials_total{category="EMAIL",reason="NO_CLAUSE"}', 1],
    ['assent_denials_total{category="",reason="NOT_PERMITTED"}', 1],
    ['assent_operation_duration_seconds_count{operation="query",caller="PARTNER",outcome="partial"}', 1],
    ['assent_operation_duration_seconds_count{operation="query",caller="MEMBER",outcome="complete"}', 1],
    ['assent_operation_duration_seconds_count{operation="mutation",caller="MEMBER",outcome="complete"}', 1],
    ['assent_store_command_duration_seconds_count{command="findAndModify",outcome="succeeded"}', 1],
  ])('%s is %i', async (series, value) => {
    const { status, text } = await metricsOf(world);
    expect(status).toBe(200);
    expect(countIn(text, series)).toBe(value);
  });

  test('a disclosure that could not be put on record is none', async () => {
    const failing = { record: () => Promise.reject(new Error('not written')), close: async () => {} };
    const metrics = createMetrics(world.store);
    const { disclosures } = metrics.watchBooks({ disclosures: failing, audit: failing });
    const entry = { recipientKind: 'PARTNER', purpose: 'targeted-offers' } as DisclosureEntry;
    await expect(disclosures.record([entry])).rejects.toThrow('not written');
    const text = await (await metrics.route(new Request('http://gateway.test/metrics')))?.text();
    expect(text).toContain('assent_disclosures_total');
    expect(text).not.toContain('targeted-offers');
  });
});

test('with metrics off there is no such route', async () => {
  expect((await metricsOf(off)).status).toBe(404);
});

test('each operation that is executed is a span, which says how the policy knows its caller', () => {
  const attributes = spans.getFinishedSpans().map((span) => span.attributes);
  expect(attributes).toHaveLength(6);
  expect(attributes).toContainEqual({
    'assent.caller': 'PARTNER',
    'assent.audience': 'OFFERS',
    'assent.purpose': 'targeted-offers',
    'assent.request.id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    'assent.errors': 1,
  });
});

test('neither metrics nor traces hold anything of anyone', async () => {
  const { text } = await metricsOf(world);
  const people = await world.store.connection.getClient().db(world.store.connection.name).collection('people');
  const sids = (await people.find({}).toArray()).map(({ _id }) => String(_id));
  const traced = JSON.stringify(
    spans.getFinishedSpans().map(({ name, attributes, events, status }) => ({ name, attributes, events, status })),
  );
  expect(traced).not.toBe('[]');
  for (const output of [text, traced])
    for (const personal of [CANARY, ...sids]) expect(output.toLowerCase()).not.toContain(personal.toLowerCase());
});
