import type { Foundation } from '../gateway/foundation.ts';
import { GRAPHQL_ENDPOINT } from '../gateway/pipeline.ts';
import { createExplorerRoutes } from '../http/graphiql/explorer-routes.ts';
import { createPersonaRoutes } from '../http/graphiql/personas.ts';
import type { Signer } from '../http/signing.ts';
import { createBlindIndex } from '../store/derive.ts';
import { createPartners } from '../store/mongo/repositories/partners.ts';
import { createTieRecords } from '../store/mongo/repositories/tie-records.ts';
import { partnerPseudonyms, type SubjectId } from '../subject/identifiers.ts';
import type { PersonDocument } from '../subject/model.ts';
import { createPeople } from '../subject/people.ts';
import { createPublicIds } from '../subject/public-ids.ts';
import { createCast, type TiedMember } from './development.ts';

type People = ReturnType<typeof createPeople>;

/** The people that may be played on a development database: the two of the documentation, or any two. */
const findPlayers = async (people: People) => {
  const players = await people.findByPublicIds(['u1', 'u2']);
  if (players.length === 2) return players.sort((a, b) => a.publicId.localeCompare(b.publicId));
  return people.findFirst(2);
};

/** For each kind of tie to a person one member that holds it. */
async function findTied({ store, table }: Foundation, people: People, person: PersonDocument): Promise<TiedMember[]> {
  const kinds = table.vocabulary.ties;
  if (kinds.length === 0) return [];
  const ties = await createTieRecords(store).findOf([person._id]);
  const held = kinds.flatMap(({ id, symmetric }) => {
    const tie = ties.find(
      ({ kind, state, to }) => kind === id && state === 'CONFIRMED' && (symmetric || to === person._id),
    );
    return tie ? [{ tie: id, sid: tie.from === person._id ? tie.to : tie.from }] : [];
  });
  const members = await people.findBySids(held.map(({ sid }) => sid as SubjectId));
  return held.flatMap(({ tie, sid }) => {
    const member = members.find(({ _id }) => _id === sid);
    return member ? [{ tie, member }] : [];
  });
}

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
  const people = createPeople(store, createPublicIds(store, createBlindIndex(sharedSecret)));
  const cast = createCast({
    table,
    partners: createPartners(store),
    findPeople: () => findPlayers(people),
    findByPublicId: async (id) => (await people.findByPublicIds([id]))[0] ?? null,
    findBySid: async (sid) => (await people.findBySids([sid]))[0] ?? null,
    findTied: (person) => findTied(foundation, people, person),
    pseudonymsOf: partnerPseudonyms(sharedSecret),
  });
  return [
    createExplorerRoutes({ endpoint: GRAPHQL_ENDPOINT, table, ...reached, listPersonas: cast.first }),
    createPersonaRoutes({ cast, sign: signer.sign, clock, ...reached }),
  ];
}
