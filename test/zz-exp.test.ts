import { execute, parse, validate } from 'graphql';
import { normalizedExecutor } from '@graphql-tools/executor';
import { expect, test } from 'vitest';
import { createWorld, member, partner, staff } from './support/world.ts';

test('x', async () => {
  const world = await createWorld({
    users: Array.from({ length: 100 }, (_, i) => ({ id: `u${i}`, avatarName: `A${i}`, name: 'N', email: 'a@b.cd', gender: 'x', birthDate: '1990-01-01', country: 'US',
      consents: [{ purpose: 'targetedOffers', action: 'GIVEN', at: '2020-01-01T00:00:00Z' }] })),
    partners: [{ clientId: 'o', name: 'O', kind: 'OFFERS', jurisdiction: 'US', contract: { purposes: ['targeted-offers'] } }],
  });
  const who = partner('o', 'targeted-offers', 'name email gender');
  console.log(JSON.stringify((await world.ask(who, '{ users(first: 1) { edges { node { id postalAddress { city } name email birthDate gender } } } policy { version } }'))));
  for (const q of ['{ users(first: 100) { edges { node { id name email gender } } } }', '{ users(first: 100) { edges { node { id name avatarName email gender birthDate} } } }']) {
    for (let r = 0; r < 3; r++) {
      const t = performance.now();
      for (let i = 0; i < 50; i++) await world.ask(who, q);
      console.log(q.length, ((performance.now() - t) / 50).toFixed(2), 'ms');
    }
  }
  await world.close();
}, 60000);
