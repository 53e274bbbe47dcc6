import type { CallerClaims } from '../../src/http/signing.ts';
import type { TestWorld } from './world.ts';

/** The ids of a person at partners. */
export async function partnerIdsOf(world: TestWorld, self: CallerClaims, clientIds: readonly string[]) {
  const fields = clientIds.map((clientId, index) => `id${index}: partnerId(clientId: "${clientId}")`);
  const { data } = await world.ask(self, `{ me { ${fields.join(' ')} } }`);
  return Object.values<string>(data.me);
}

/**
 * The notices that wait for a partner about one person. The filter by person is needed, since notices about people of
 * earlier tests may still come in the background.
 */
export async function noticesAbout(
  world: TestWorld,
  partner: CallerClaims,
  personIds: readonly string[],
  fields: string,
) {
  const { data } = await world.ask(partner, `{ erasureNotices { personId ${fields} } }`);
  return data.erasureNotices.filter((notice: { readonly personId: string }) => personIds.includes(notice.personId));
}
