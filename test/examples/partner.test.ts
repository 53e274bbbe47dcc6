import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect } from '../../examples/partner/connect.js';
import { createCopy } from '../../examples/partner/copy.js';
import { createReceiver } from '../../examples/partner/receiver.js';
import { createHttpServer, type HttpServer } from '../../src/http/server.ts';
import { createClientKey } from '../support/clients.ts';
import { until } from '../support/engines.ts';
import { openTestStore, type TestStore } from '../support/store.ts';
import { createWorld, member, type TestWorld } from '../support/world.ts';

const key = createClientKey();
const WORLD = {
  users: ['u1', 'u2'].map((id) => ({
    ...{ id, avatarName: `Neko ${id}`, name: `Nia ${id}`, country: 'US' },
    consents: [{ purpose: 'targetedOffers', action: 'GIVEN', at: '2020-01-01T00:00:00Z' }],
  })),
  partners: [
    {
      ...{ clientId: 'copyist', name: 'Copyist', kind: 'OFFERS', jurisdiction: 'US' },
      ...{ contract: { purposes: ['targeted-offers'] }, jwks: { keys: [{ ...key.jwk, alg: 'ES256' }] } },
    },
  ],
};

let store: TestStore;
let world: TestWorld;
let server: HttpServer;
let gateway: string;
const hooks = createServer();

beforeAll(async () => {
  store = await openTestStore();
  server = createHttpServer((request, arrival) => world.gateway.fetch(request, arrival));
  gateway = `http://127.0.0.1:${await server.listen(0, '127.0.0.1')}`;
  world = await createWorld(WORLD, { store, ownIssuer: gateway, reach: { loopback: true } });
  hooks.listen(0, '127.0.0.1');
  await once(hooks, 'listening');
});
afterAll(async () => {
  hooks.close();
  hooks.closeAllConnections();
  await server.drain({ delay: 0, limit: 1_000 });
  await world.close();
  await store.drop();
});

test('a copy by tokens of the gateway follows each genuine message, and no other', async () => {
  const scope = 'name email gender birth-date postal-address purpose:targeted-offers';
  const client = await connect({ gateway, clientId: 'copyist', key: key.secret, scope });
  const copy = createCopy({ client });
  const names = () => [...copy.people.values()].map(({ name }: { readonly name: string }) => name).sort();
  await copy.list();
  expect(names()).toEqual(['Nia u1', 'Nia u2']);

  const url = `http://127.0.0.1:${(hooks.address() as AddressInfo).port}/`;
  const set = await client.mutate<{ readonly setWebhook: { readonly secret: string } }>(
    `mutation ($url: URL!) { setWebhook(url: $url) { secret } }`,
    { url },
  );
  let polls = 0;
  const poll = () => {
    polls += 1;
    return copy.poll();
  };
  hooks.on('request', createReceiver(set.data?.setWebhook.secret, poll).listeners('request')[0] as () => void);
  expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(400);
  expect(polls).toBe(0);

  await world.ask(member('u1'), 'mutation { withdrawConsent(purpose: "targetedOffers") { user { id } } }');
  await world.gateway.sweep();
  await until(() => copy.people.size === 1);
  expect(names()).toEqual(['Nia u2']);
});
