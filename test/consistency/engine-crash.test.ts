import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createPersonLedger, mergeOutbox } from '../../src/ledger/chain/person-chain.ts';
import { createDisclosureView } from '../../src/ledger/disclosure/disclosure.ts';
import { verify } from '../../src/ledger/verify/verify.ts';
import { collectionOf, PEOPLE } from '../../src/store/mongo/collections.ts';
import type { PersonDocument } from '../../src/subject/model.ts';
import { crash, until } from '../support/engines.ts';
import { type GatewayProcess, openCluster } from '../support/processes.ts';
import { roundsOf } from '../support/rounds.ts';
import { member, partner } from '../support/world.ts';

const CLIENTS = 8;
const ROUNDS = roundsOf(5, 2);
const ACTS_PER_ROUND = 40;
const idOf = (client: number) => `u${client}`;
const WORLD = {
  users: Array.from({ length: CLIENTS }, (_, client) => ({
    id: idOf(client),
    avatarName: `Avatar ${client}`,
    email: 'person@example.com',
    country: 'US',
  })),
  partners: [
    {
      clientId: 'mail',
      name: 'Mail',
      kind: 'EMAIL_PROVIDER',
      jurisdiction: 'US',
      contract: { purposes: ['service-notice'] },
    },
  ],
};
const act = (give: boolean) =>
  `mutation { ${give ? 'giveConsent' : 'withdrawConsent'}(purpose: "targetedOffers") { ledgerEntry { number hash } } }`;
const sizeOf = (collections: readonly { readonly size: number }[]) =>
  collections.reduce((sum, { size }) => sum + size, 0);
const READ = 'query ($id: ID!) { user(id: $id) { email } }';

test(`kill -9 of the engine, ${ROUNDS} rounds under eight writers: nothing acknowledged is lost, nothing is there twice`, {
  timeout: 240_000,
}, async () => {
  const cluster = await openCluster(WORLD, { ownEngine: true });
  try {
    const [a, b] = cluster.gateways as readonly [GatewayProcess, GatewayProcess];
    const acknowledged = Array.from({ length: CLIENTS }, () => new Map<number, string>());
    const shown = Array.from({ length: CLIENTS }, () => new Set<string>());
    const outages: unknown[] = [];
    let running = true;

    const client = async (index: number) => {
      const gateway = index % 2 === 0 ? a : b;
      const person = await cluster.token(member(idOf(index)));
      const mailer = await cluster.token(partner('mail', 'service-notice', 'email'));
      const id = cluster.partnerId('mail', idOf(index));
      for (let give = true; running; give = !give) {
        const answers = [await gateway.ask(person, act(give)), await gateway.ask(mailer, READ, { id })];
        for (const { status, data, errors } of answers)
          if (status !== 200) outages.push({ status, data, code: errors[0]?.extensions.code });
        const entry = Object.values<{ ledgerEntry: { number: number; hash: string } }>(answers[0]?.data ?? {})[0]
          ?.ledgerEntry;
        if (entry) acknowledged[index]?.set(entry.number, entry.hash);
        if (answers[1]?.data?.user?.email) shown[index]?.add(answers[1].headers.get('x-request-id') ?? '');
      }
    };
    const clients = Array.from({ length: CLIENTS }, (_, index) => client(index));
    for (let round = 1; round <= ROUNDS; round++) {
      await until(
        () => sizeOf(acknowledged) > round * ACTS_PER_ROUND && sizeOf(shown) > round * ACTS_PER_ROUND,
        60_000,
      );
      await sleep(Math.random() * 800);
      await crash(cluster.dataDir);
      await until(async () => (await a.get('/health/ready')).status === 200, 60_000);
    }
    await sleep(500);
    running = false;
    await Promise.all(clients);

    // each failed request was answered 503 without data, by gateways that never had to be started again
    expect(outages).toEqual(outages.map(() => ({ status: 503, data: undefined, code: 'UNAVAILABLE' })));
    expect([a.isRunning(), b.isRunning()]).toEqual([true, true]);
    await cluster.stopGateways();

    const { store } = cluster;
    const ledger = createPersonLedger(store);
    const view = createDisclosureView(store);
    const counts = { consents: 0, disclosures: 0 };
    for (let index = 0; index < CLIENTS; index++) {
      const sid = cluster.sidOf(idOf(index));
      const person = await collectionOf<PersonDocument>(store.connection, PEOPLE).findOne({ _id: sid });
      const book = (await ledger.find([sid])).get(sid) ?? [];
      const chain = mergeOutbox(book, person?.ledger.outbox ?? []);
      expect(new Set(chain.map(({ n }) => n)).size).toBe(chain.length);
      for (const [n, hash] of acknowledged[index] ?? []) {
        expect(chain.filter((entry) => entry.n === n && entry.hash === hash)).toHaveLength(1);
        counts.consents += 1;
      }
      const disclosed = (await view.find([sid], { limitPerPerson: 100_000, now: new Date() })).get(sid) ?? [];
      const requests = disclosed.map(({ requestId }) => requestId);
      expect(new Set(requests).size).toBe(requests.length);
      for (const request of shown[index] ?? []) {
        expect(requests).toContain(request);
        counts.disclosures += 1;
      }
    }
    expect(counts).toEqual({ consents: sizeOf(acknowledged), disclosures: sizeOf(shown) });
    expect((await verify(store)).faults).toEqual([]);
    console.log(
      `${counts.consents} consents and ${counts.disclosures} disclosures acknowledged, ${outages.length} answers of an outage`,
    );
  } finally {
    await cluster.close();
  }
});
