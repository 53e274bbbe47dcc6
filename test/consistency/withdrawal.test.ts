import { expect, test } from 'vitest';
import { type GatewayProcess, openCluster } from '../support/processes.ts';
import { roundsOf } from '../support/rounds.ts';
import { member, partner } from '../support/world.ts';

const ROUNDS = roundsOf(1_000, 200);
const LANES = 5;
const ROUNDS_PER_REVEAL = 5;

const idOf = (round: number) => `u${round}`;
const WORLD = {
  users: Array.from({ length: ROUNDS }, (_, round) => ({
    id: idOf(round),
    avatarName: `Avatar ${round}`,
    email: 'person@example.com',
    country: 'US',
  })),
  partners: [
    {
      clientId: 'offers',
      name: 'Offers',
      kind: 'OFFERS',
      jurisdiction: 'US',
      contract: { purposes: ['targeted-offers'] },
    },
  ],
};

const GIVE = 'mutation { giveConsent(purpose: "targetedOffers") { consent { inForce } } }';
const WITHDRAW = 'mutation { withdrawConsent(purpose: "targetedOffers") { consent { inForce } } }';
const READ = 'query ($id: ID!) { user(id: $id) { email } }';

test(`a withdrawal governs the next read through another process: denied, ${ROUNDS} times out of ${ROUNDS}`, {
  timeout: 240_000,
}, async () => {
  const cluster = await openCluster(WORLD);
  try {
    const [a, b] = cluster.gateways as readonly [GatewayProcess, GatewayProcess];
    const reader = await cluster.token(partner('offers', 'targeted-offers', 'email'));
    const read = (round: number) => b.ask(reader, READ, { id: cluster.partnerId('offers', idOf(round)) });
    const tally = { denied: 0, revealed: 0, inTheSameMillisecond: 0 };

    const play = async (round: number) => {
      const person = await cluster.token(member(idOf(round)));
      await a.ask(person, GIVE);
      if (round % ROUNDS_PER_REVEAL === 0)
        tally.revealed += Number((await read(round)).data.user?.email === 'person@example.com');
      const withdrawn = await a.ask(person, WITHDRAW);
      const acknowledgedAt = Date.now();
      const answer = read(round);
      tally.inTheSameMillisecond += Number(Date.now() === acknowledgedAt);
      expect(withdrawn.data.withdrawConsent.consent.inForce).toBe(false);
      const { data, errors } = await answer;
      expect({ data, errors }).toEqual({ data: { user: null }, errors: [] });
      tally.denied += 1;
    };
    const lane = async (first: number) => {
      for (let round = first; round < ROUNDS; round += LANES) await play(round);
    };
    await Promise.all(Array.from({ length: LANES }, (_, first) => lane(first)));

    expect(tally).toMatchObject({ denied: ROUNDS, revealed: ROUNDS / ROUNDS_PER_REVEAL });
    expect(tally.inTheSameMillisecond).toBeGreaterThan(0);
    console.log(`${tally.inTheSameMillisecond} of ${ROUNDS} reads began in the millisecond of the acknowledgement`);
  } finally {
    await cluster.close();
  }
});
