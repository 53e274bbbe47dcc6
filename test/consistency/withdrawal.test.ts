import { expect, test } from 'vitest';
import { openCluster } from '../support/processes.ts';
import { member, partner } from '../support/world.ts';

const ROUNDS = 1_000;
const ROUNDS_PER_REVEAL = 5;

const EMAIL = 'person@example.com';
const idOf = (round: number) => `u${round}`;
const offers = (clientId: string) => ({
  clientId,
  name: clientId,
  kind: 'OFFERS',
  jurisdiction: 'US',
  contract: { purposes: ['targeted-offers'] },
});
const RECIPIENTS = ['offers-1', 'offers-2', 'offers-3'];
const WORLD = {
  users: Array.from({ length: ROUNDS }, (_, round) => ({
    id: idOf(round),
    avatarName: `Avatar ${round}`,
    email: EMAIL,
    country: 'US',
  })),
  partners: RECIPIENTS.map(offers),
};

const GIVE = 'mutation { giveConsent(purpose: "targetedOffers") { ledgerEntry { at } } }';
const WITHDRAW = 'mutation { withdrawConsent(purpose: "targetedOffers") { ledgerEntry { at } } }';

/** Every way to somebody, with what it answers about somebody who does not exist for the caller. */
const READS = [
  { query: 'query ($id: ID!) { user(id: $id) { id email } }', nobody: { user: null } },
  { query: 'query ($id: ID!) { node(id: $id) { id ... on User { email } } }', nobody: { node: null } },
  { query: '{ users { edges { node { id email } } } }', nobody: { users: { edges: [] } } },
];

test.each([
  { name: 'the clock of the system', standsAt: undefined, sameMillisecond: 0 },
  { name: 'a clock that stands still', standsAt: new Date(), sameMillisecond: ROUNDS },
])('a withdrawal governs the next read through another process, by $name', { timeout: 120_000 }, async ({ standsAt, sameMillisecond }, ) => {
  const cluster = await openCluster(WORLD, standsAt ? { standsAt } : {});
  try {
    const [a, b] = cluster.gateways;
    const readers = await Promise.all(
      RECIPIENTS.map((clientId) => cluster.token(partner(clientId, 'targeted-offers', 'email'))),
    );
    const people = await Promise.all(WORLD.users.map(({ id }) => cluster.token(member(id))));
    const denied = [], revealed = [];
    let sentInMillisecondOfAck = 0, sentInMs = 0;
    const start = performance.now();
    const t = { give: 0, withdraw: 0, read: 0 };
    for (const [round, person] of people.entries()) {
      const i = round % 3;
      const read = READS[round % READS.length]!;
      const read1 = () => b!.ask(readers[i]!, read.query, { id: cluster.partnerId(RECIPIENTS[i]!, idOf(round)) });
      let s = performance.now();
      const g = await a!.ask(person, GIVE);
      t.give += performance.now() - s;
      if (round % ROUNDS_PER_REVEAL === 0) revealed.push(await read1());
      s = performance.now();
      const w = await a!.ask(person, WITHDRAW);
      t.withdraw += performance.now() - s;
      const ack = Date.now();
      s = performance.now();
      const promise = read1();
      const sent = Date.now();
      const answer = await promise;
      t.read += performance.now() - s;
      expect(answer).toMatchObject({ status: 200, data: read.nobody, errors: [] });
      sentInMs += Number(sent === Date.parse(w.data.withdrawConsent.ledgerEntry.at));
      sentInMillisecondOfAck += Number(sent === ack);
      denied.push(answer);
    }
    console.log(performance.now() - start, t, { sentInMs, sentInMillisecondOfAck }, denied.length, JSON.stringify(revealed.slice(0, 3).map((r) => [r.data, r.errors])), sameMillisecond);
  } finally {
    await cluster.close();
  }
});
