import { afterAll, beforeAll, expect, test } from 'vitest';
import { createWorld, member, partner, staff, type TestWorld } from './support/world.ts';

let world: TestWorld;
beforeAll(async () => {
  world = await createWorld({
    users: [
      {
        id: 'u1',
        avatarName: 'Neko',
        name: 'Nia Ko',
        email: 'neko@example.com',
        birthDate: '1990-02-03',
        country: 'US',
        paymentCard: { brand: 'VISA', lastFour: '4242', expiry: '2027-09', processorToken: 'tok_1' },
        posts: [{ id: 'p1', forum: 'blog', text: 'hello', at: '2020-01-01T00:00:00Z' }],
        consents: [{ purpose: 'targetedOffers', action: 'GIVEN', at: '2020-01-01T00:00:00Z' }],
        privacyCases: [{ id: 'c1' }],
      },
      { id: 'u2', avatarName: 'Ziggy' },
    ],
    partners: [
      {
        clientId: 'offers',
        name: 'Offers',
        kind: 'OFFERS',
        jurisdiction: 'US',
        contract: { purposes: ['targeted-offers'] },
      },
    ],
  });
});
afterAll(() => world.close());

test('smoke', async () => {
  const show = async (...args: Parameters<TestWorld['ask']>) => {
    const { status, data, errors } = await world.ask(...args);
    console.log(JSON.stringify({ status, data, errors }, null, 1));
  };
  await show(null, '{ user(id: "u1") { id avatarName email } }');
  await show(member('u1'), `{ me { id avatarName name email age ageBand country status paymentCard { brand expiry processorToken }
    posts { id text at } preferences { adTargeting gpcOptOut } consents { purpose action at inForce ledgerEntry { number hash } }
    policyAcceptances { version mode } partnerId(clientId: "offers") privacyCases { id status } } }`);
  await show(partner('offers', 'targeted-offers', 'name email'), '{ users { edges { cursor node { id name email gender } } pageInfo { hasNextPage endCursor } } }');
  await show(staff('privacy', 'privacy-request'), '{ user(id: "u1") { name consents { purpose } age } u2: user(id: "u2") { name } }');
  await show(member('u1'), '{ me { thirdPartyShares { recipient { clientId } purpose categories clauses { id summary } at requestId tokenId } } }');
  await show(member('u1'), 'mutation { withdrawConsent(purpose: "targetedOffers") { consent { action at inForce } ledgerEntry { number type hash } user { consents { action } } } }');
  await show(partner('offers', 'targeted-offers', 'name email'), '{ users { edges { node { id } } } }');
  await show(member('u1'), '{ explain(subject: "u1", category: EMAIL, recipient: "offers", purpose: "targeted-offers") { outcome reason clauses { clause { id } applies holds conditions { says holds of { says holds of { says holds of { says holds } } } } } } }');
  await show(member('u1'), '{ previewPreferences(give: ["targetedOffers"]) { recipient category change clauses { id } } }');
  await show(null, '{ users { edges { node { id } } } }');
  await show(partner('offers', 'advertising', 'name email'), '{ users { edges { node { id } } } user(id: "x") { id } }');
  await show(null, 'query($p: Purpose) { explain(subject: "u1", category: EMAIL, recipient: "offers", purpose: $p) { outcome } }', { p: 'secret' });
  await show(null, '{ explain(subject: "u1", category: EMAIL, recipient: "offers", purpose: "nope") { outcome } }');
  expect(true).toBe(true);
});
