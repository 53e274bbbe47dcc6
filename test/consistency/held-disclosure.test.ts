import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DISCLOSURE_BOOKS } from '../../src/store/mongo/collections.ts';
import { until } from '../support/engines.ts';
import { type Cluster, type GatewayProcess, openCluster } from '../support/processes.ts';
import { createRelay } from '../support/relay.ts';
import { type Answer, member, partner } from '../support/world.ts';

// A gateway is held up in the middle of a response, while the person deletes the data in that response by way of
// another gateway. The partner is told all the same, however late the disclosure comes to be on record.

const WORLD = {
  users: ['warm', 'deleted', 'erased', 'deleted-2'].map((id) => ({
    ...{ id, avatarName: id, email: `${id}@mail.example`, gender: 'female', country: 'US' },
    consents: [{ purpose: 'targetedOffers', action: 'GIVEN', at: '2020-01-01T00:00:00Z' }],
  })),
  partners: [
    {
      ...{ clientId: 'offers', name: 'Offers', kind: 'OFFERS', jurisdiction: 'US' },
      contract: { purposes: ['targeted-offers'] },
    },
  ],
};
const READ = 'query ($id: ID!) { user(id: $id) { gender } }';
const NOTICES = '{ erasureNotices { id personId categories everything } }';

/** How the command that writes a book's document begins, in BSON. */
const INSERT = Buffer.from(`\x02insert\0\x11\0\0\0${DISCLOSURE_BOOKS}\0`);

const relay = createRelay();
let cluster: Cluster<readonly GatewayProcess[]>;
let near: GatewayProcess;
let far: GatewayProcess;
let offers: string;
beforeAll(async () => {
  await relay.mend();
  cluster = await openCluster(WORLD, { relay });
  [near, far] = cluster.gateways as [GatewayProcess, GatewayProcess];
  offers = await cluster.token(partner('offers', 'targeted-offers', 'gender'));
}, 120_000);
afterAll(async () => {
  relay.release();
  await cluster.close();
  await relay.cut();
});

const collection = (name: string) =>
  cluster.store.connection.getClient().db(cluster.store.connection.name).collection(name);
const id = (of: string) => cluster.partnerId('offers', of);
const read = (gateway: GatewayProcess, of: string) => gateway.ask(offers, READ, { id: id(of) });
const noticesOf = async (of: string) =>
  (await near.ask(offers, NOTICES)).data.erasureNotices.filter(
    ({ personId }: { personId: string }) => personId === id(of),
  );
const pending = (of: string) => collection('erasure_notices').countDocuments({ personId: id(of), pending: true });
const good = ({ data, errors }: Answer) => {
  expect(errors).toEqual([]);
  return data;
};

const remove = async (of: string) => {
  const person = await cluster.token(member(of));
  if (of.startsWith('deleted'))
    return good(await near.ask(person, 'mutation { deletePersonalData(categories: [GENDER]) { deleted } }'));
  const { requestErasure } = good(await near.ask(person, 'mutation { requestErasure { confirmation } }'));
  const erase = 'mutation ($confirmation: String!) { eraseAccount(confirmation: $confirmation) { erasedAt } }';
  return good(await near.ask(person, erase, requestErasure));
};
const told = (of: string) => ({
  id: expect.any(String),
  personId: id(of),
  categories: ['GENDER'],
  everything: of.startsWith('erased'),
});

/** The far gateway has read the person, and is held before it can put the disclosure on record. */
async function holdRecord(of: string) {
  // its book is open
  good(await read(far, 'warm'));
  const held = relay.holdAt(INSERT);
  const answer = read(far, of);
  const { pass } = await held;
  return { answer, pass };
}

describe('rights.deletion: a disclosure that comes to be on record after the deletion is told', () => {
  test.each(['deleted', 'erased'])('by the gateway that was held, once it goes on: %s', async (of) => {
    const { answer, pass } = await holdRecord(of);
    await remove(of);
    expect(await noticesOf(of)).toEqual([]);
    pass();
    relay.release();
    await answer;
    await until(async () => (await pending(of)) === 1);
    expect(await noticesOf(of)).toEqual([told(of)]);
  });

  test('by any other gateway, where the one that showed it was killed right after it was on record', async () => {
    const { answer, pass } = await holdRecord('deleted-2');
    await remove('deleted-2');
    pass();
    // all that the gateway asks after this is held back, so that it can't look for deletions
    expect(good(await answer)).toEqual({ user: { gender: 'female' } });
    process.kill(far.pid, 'SIGKILL');
    expect(await pending('deleted-2')).toBe(0);
    expect(await noticesOf('deleted-2')).toEqual([told('deleted-2')]);
  });
});
