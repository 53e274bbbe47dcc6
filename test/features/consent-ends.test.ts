import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createServices } from '../../src/gateway/services.ts';
import { resetWorld } from '../../src/world/reset.ts';
import { createClock, DAY } from '../support/clock.ts';
import { documentsIn } from '../support/people.ts';
import { clauseOf, draftOfReference, parsePolicy } from '../support/policy.ts';
import { quiet } from '../support/store.ts';
import { createWorld, member, partner, type TestWorld } from '../support/world.ts';

/** The reference policy with one consent for each offers partner and one for all of them, both ending by themselves. */
function loaded() {
  const draft = draftOfReference();
  const common = { dpv: 'dpv:Marketing', givenBy: 'EXPRESS', endsAfterDays: 90 } as const;
  draft.consents = [
    ...draft.consents.map((consent) => (consent.id === 'targetedOffers' ? { ...consent, endsAfterDays: 90 } : consent)),
    { ...common, id: 'offersOf', per: 'RECIPIENT', description: 'Offers of this partner.' },
  ];
  for (const reveal of clauseOf(draft, 'sharing.opt-in-offers').reveals ?? [])
    reveal.when = { any: [{ recipientConsent: 'offersOf' }, { consent: 'targetedOffers' }] };
  return parsePolicy(JSON.stringify({ ...draft, version: 'offers-that-end' }), 'p.json');
}

const START = '2026-03-10T12:00:00.000Z';
const callerOf = (clientId: string) => partner(clientId, 'targeted-offers', 'name email');
const personOf = (id: string) => ({
  ...{ id, avatarName: id, name: 'Nia Ko', email: `${id}@mail.example`, country: 'US' },
});
const WORLD = {
  users: [personOf('u1'), personOf('u2')],
  partners: ['first', 'second'].map((clientId) => ({
    ...{ clientId, name: clientId, kind: 'OFFERS', jurisdiction: 'US' },
    contract: { purposes: ['targeted-offers'] },
  })),
};

const clock = createClock(START);
let world: TestWorld;
/** Another gateway over the same database. */
let other: TestWorld;
beforeAll(async () => {
  const policy = loaded();
  world = await createWorld({}, { clock, policy });
  other = await createWorld({}, { clock, policy, store: { ...world.store, drop: async () => {} } });
});
beforeEach(async () => {
  clock.set(START);
  await resetWorld(world.store);
  await world.load(WORLD);
});
afterAll(async () => {
  await other.close();
  await world.close();
});

const consent = async (id: string, purpose: string, recipient: string | null = null, act = 'giveConsent') => {
  const mutation = `mutation ($purpose: ConsentPurpose!, $recipient: ID) {
    ${act}(purpose: $purpose, recipient: $recipient) { consent { inForce } }
  }`;
  expect((await world.ask(member(id), mutation, { purpose, recipient })).errors).toEqual([]);
};
const show = async (clientId: string) => {
  const { data, errors } = await world.ask(callerOf(clientId), '{ users { edges { node { name } } } }');
  expect(errors).toEqual([]);
  return data.users.edges.length as number;
};
const sweep = () => Promise.all([world, other].map(({ gateway }) => gateway.sweep()));
/** As sweeps come by: one a day. */
const pass = async (days: number) => {
  for (let day = 0; day < days; day++) {
    clock.advance(DAY);
    await sweep();
  }
};
const mails = async (): Promise<{ readonly to: string; readonly consents?: unknown }[]> =>
  (await world.mails()).filter(({ kind }) => kind === 'CONSENTS_END').map(({ to, data }) => ({ to, ...data }));
const events = async (clientId: string) => {
  const fields = 'kind asked everything purpose categories';
  const { data } = await world.ask(callerOf(clientId), `{ partnerEvents { edges { node { ${fields} } } } }`);
  return data.partnerEvents.edges.map(({ node }: { readonly node: object }) => node);
};
const endsOnRecord = async (id: string) => {
  const person = await documentsIn(world.store).findOne({ publicId: id });
  const { connection } = world.store;
  const ledger = connection.getClient().db(connection.name).collection('person_ledger');
  return ledger.countDocuments({ sid: person?._id, type: 'CONSENT_END' } as never);
};
const HIDDEN = {
  ...{ kind: 'person.hidden', asked: 'STOP', purpose: 'targeted-offers', everything: true },
  categories: ['NAME'],
};
const END = new Date(Date.parse(START) + 90 * DAY).toISOString();

describe('a consent that ends by itself', () => {
  test('is told to the person before, and to each partner that was shown something by it after, once', async () => {
    await consent('u1', 'targetedOffers');
    expect([await show('first'), await show('second')]).toEqual([1, 1]);
    await pass(82);
    expect(await mails()).toEqual([]);
    await pass(1);
    const told = { to: 'u1@mail.example', consents: [{ purpose: 'targetedOffers', endsAt: END }] };
    expect(await mails()).toEqual([told]);
    await pass(6);
    expect([await show('first'), await events('first')]).toEqual([1, []]);
    await pass(3);
    expect(await mails()).toEqual([told]);
    for (const clientId of ['first', 'second']) expect(await events(clientId)).toEqual([HIDDEN]);
    expect(await endsOnRecord('u1')).toBe(1);
    expect(await endsOnRecord('u2')).toBe(0);
  });

  test('for one partner is told to that partner alone', async () => {
    await consent('u1', 'offersOf', 'first');
    expect([await show('first'), await show('second')]).toEqual([1, 0]);
    await pass(91);
    expect(await events('first')).toEqual([HIDDEN]);
    expect(await events('second')).toEqual([]);
  });

  test('is told in one mail with others that end soon', async () => {
    await consent('u1', 'offersOf', 'first');
    clock.advance(DAY);
    await consent('u1', 'offersOf', 'second');
    await pass(90);
    const told = (await mails()).map(({ consents }) =>
      (consents as { readonly recipient: string }[]).map((one) => one.recipient),
    );
    expect(told).toEqual([['first', 'second']]);
  });

  test('and that is given anew in time is told to nobody but the person, before each end', async () => {
    await consent('u1', 'targetedOffers');
    await show('first');
    await pass(84);
    await consent('u1', 'targetedOffers');
    await pass(84);
    expect(await mails()).toHaveLength(2);
    expect([await events('first'), await show('first'), await endsOnRecord('u1')]).toEqual([[], 1, 0]);
  });

  test('and that is withdrawn before is told by the withdrawal alone', async () => {
    await consent('u1', 'targetedOffers');
    await show('first');
    await consent('u1', 'targetedOffers', null, 'withdrawConsent');
    await pass(91);
    expect([await mails(), await events('first'), await endsOnRecord('u1')]).toEqual([[], [HIDDEN], 0]);
  });

  test('keeps another clause that still shows the person to a partner', async () => {
    await consent('u1', 'targetedOffers');
    await show('first');
    clock.advance(30 * DAY);
    await consent('u1', 'offersOf', 'first');
    await pass(61);
    expect([await events('first'), await show('first')]).toEqual([[], 1]);
    expect(await endsOnRecord('u1')).toBe(1);
  });

  test('and that was given before its end was followed is found when a gateway starts', async () => {
    await consent('u1', 'targetedOffers');
    await consent('u2', 'offersOf', 'first');
    await show('first');
    await documentsIn(world.store).updateMany({}, { $unset: { consentEnds: '' } });
    clock.advance(90 * DAY);
    const options = { store: world.store, table: world.table, clock, log: quiet };
    const secrets = { sharedSecret: Buffer.alloc(32, 7), keyEncryptionKey: Buffer.alloc(32, 9) };
    await createServices({ ...options, ...secrets }).consentEnds.sweep();
    await sweep();
    expect([await endsOnRecord('u1'), await endsOnRecord('u2')]).toEqual([1, 1]);
    expect(await events('first')).toEqual([HIDDEN, HIDDEN]);
  });

  test('of an account that is closed meanwhile is not mailed', async () => {
    await consent('u1', 'targetedOffers');
    expect((await world.ask(member('u1'), 'mutation { refusePolicy { user { id } } }')).errors).toEqual([]);
    await pass(91);
    expect(await mails()).toEqual([]);
  });
});
