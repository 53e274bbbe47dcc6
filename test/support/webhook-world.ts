import type { Programs } from './programs-over-world.ts';
import { partner } from './world.ts';

const PAGE = 100;
const SET_WEBHOOK = 'mutation ($url: URL!) { setWebhook(url: $url) { webhook { url } } }';
const READ = `query ($after: String) { users(first: ${PAGE}, after: $after) { edges { cursor node { id name } } } }`;

/** A person withdraws the consent by which the partners of this world see them. */
export const WITHDRAW = 'mutation { withdrawConsent(purpose: "targetedOffers") { ledgerEntry { hash } } }';

/** People with a consent to offers, and partners that see them by it. */
export const webhookWorld = (ids: readonly string[], clientIds: readonly string[]) => ({
  users: ids.map((id) => ({
    ...{ id, avatarName: `Avatar ${id}`, name: 'Nia Ko', email: `${id}@mail.example`, country: 'US' },
    consents: [{ purpose: 'targetedOffers', action: 'GIVEN', at: '2020-01-01T00:00:00Z' }],
  })),
  partners: clientIds.map((clientId) => ({
    ...{ clientId, name: clientId, kind: 'OFFERS', jurisdiction: 'US' },
    contract: { purposes: ['targeted-offers'] },
  })),
});

/** A partner sets its webhook, and is shown everybody. @param people  how many there are */
export async function listen({ token, insist }: Programs, clientId: string, url: string, people: number) {
  const caller = await token(partner(clientId, 'targeted-offers', 'name'));
  await insist(caller, SET_WEBHOOK, { url });
  for (let after: string | undefined, read = 0; read < people; read += PAGE) {
    const edges: { cursor: string }[] = (await insist(caller, READ, { after })).users.edges;
    after = edges.at(-1)?.cursor;
  }
}
