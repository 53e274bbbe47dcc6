import type { Foundation } from '../gateway/foundation.ts';
import { GRAPHQL_ENDPOINT } from '../gateway/pipeline.ts';
import { createExplorerRoutes } from '../http/graphiql/explorer-routes.ts';
import { createPersonaRoutes } from '../http/graphiql/personas.ts';
import type { Signer } from '../http/signing.ts';
import { createBlindIndex } from '../store/derive.ts';
import { createPartners } from '../store/mongo/repositories/partners.ts';
import { partnerPseudonyms } from '../subject/identifiers.ts';
import { createPeople } from '../subject/people.ts';
import { createPublicIds } from '../subject/public-ids.ts';
import { createCast } from './development.ts';

/** The people that may be played on a development database: the two of the documentation, or any two. */
const findPlayers =
  ({ store, sharedSecret }: Foundation) =>
  async () => {
    const people = createPeople(store, createPublicIds(store, createBlindIndex(sharedSecret)));
    const players = await people.findByPublicIds(['u1', 'u2']);
    if (players.length === 2) return players.sort((a, b) => a.publicId.localeCompare(b.publicId));
    return people.findFirst(2);
  };

/**
 * The routes of GraphiQL.
 *
 * @param signer  signs for the callers that a developer may speak as; null where nobody may be played
 */
export function createExplorer(
  foundation: Foundation,
  signer: Signer | null,
  reached: { readonly publicUrl?: string },
): ((request: Request) => Promise<Response | null>)[] {
  const { store, clock, table, sharedSecret } = foundation;
  if (!signer) return [createExplorerRoutes({ endpoint: GRAPHQL_ENDPOINT, table, ...reached })];
  const listPersonas = createCast({
    table,
    partners: createPartners(store),
    findPeople: findPlayers(foundation),
    pseudonymsOf: partnerPseudonyms(sharedSecret),
  });
  return [
    createExplorerRoutes({ endpoint: GRAPHQL_ENDPOINT, table, ...reached, listPersonas }),
    createPersonaRoutes({ listPersonas, sign: signer.sign, clock, ...reached }),
  ];
}
