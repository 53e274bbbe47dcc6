import DataLoader from 'dataloader';
import { createDeadline } from '../base/deadline.ts';
import { type CallerAccess, createCallerAccess } from '../enforcement/access.ts';
import type { Feature, LoaderRequest } from '../features/feature.ts';
import type { Context, Services } from '../graphql/context.ts';
import { createListCursors } from '../graphql/list-cursors.ts';
import { createObjectIds } from '../graphql/object-ids.ts';
import type { PersonEntry } from '../ledger/chain/person-chain.ts';
import { type CategoryMask, EVERY_CATEGORY } from '../policy/vocabulary.ts';
import { deriveSecret } from '../store/derive.ts';
import type { Caller } from '../subject/caller.ts';
import { createContentLoaders } from '../subject/content.ts';
import { createCursors } from '../subject/identifiers.ts';
import { createSubjects } from '../subject/loader.ts';
import type { PersonDocument } from '../subject/model.ts';
import { EVERY_FEATURE, type FEATURES } from './features.ts';

/** The facts about a request that are known before its document is read. */
export type Arrival = Pick<
  Context,
  'caller' | 'line' | 'now' | 'requestId' | 'origin' | 'optsOut' | 'mayStore' | 'tellAcceptance'
>;

/** The name under which callers share positions in lists. */
const audienceOf = (caller: Caller) =>
  caller.kind === 'PARTNER' ? `partner ${caller.recipient.clientId}` : caller.kind;

type LoadsOf<F> = F extends Feature<infer _Needs, infer _Gives, infer Loads> ? Loads : never;
type All<Union> = (Union extends unknown ? (each: Union) => void : never) extends (all: infer Each) => void
  ? Each
  : never;
/** The loaders of all features of the list. */
type Loads = All<LoadsOf<(typeof FEATURES)[number]>>;

/** The loaders of features, for each request. */
function createLoaders(services: Services): (request: LoaderRequest) => Loads {
  const loaders = EVERY_FEATURE.flatMap(({ loaders: create }) => create?.(services) ?? []);
  return (request) => Object.assign({}, ...loaders.map((load) => load(request)));
}

/**
 * Makes the context of each request. Plugins extend it: each member that they left open could be asked for.
 *
 * @param watchAccess  sees every decision, for a count of them
 */
export function createContexts(
  services: Services,
  sharedSecret: Buffer,
  watchAccess: (access: CallerAccess) => CallerAccess = (access) => access,
) {
  const { people, personTies, reads, table, pseudonymsOf } = services;
  const cursorsOf = createCursors(deriveSecret(sharedSecret, 'cursors'));
  const objectIdsOf = createObjectIds(deriveSecret(sharedSecret, 'object ids'));
  const listCursorsOf = createListCursors(deriveSecret(sharedSecret, 'list cursors'));
  const loadersOf = createLoaders(services);

  return (arrival: Arrival & { readonly asked?: CategoryMask }): Context => {
    const { caller, now, asked = EVERY_CATEGORY } = arrival;
    const audience = audienceOf(caller);
    const access = watchAccess(createCallerAccess(table, caller, now));
    const { ties } = access.others;
    const viewpoint = {
      ...access,
      findTies:
        caller.kind === 'MEMBER' && ties.length > 0 ? () => personTies.findCounting(caller.person._id, ties) : null,
      pseudonyms: caller.kind === 'PARTNER' ? pseudonymsOf(caller.recipient.clientId) : null,
      cursors: cursorsOf(audience),
    };
    const deadline = createDeadline();
    const own = caller.kind === 'MEMBER' ? caller.person : null;
    return {
      ...arrival,
      asked,
      deadline,
      access: viewpoint,
      subjects: createSubjects({ people, findKeys: reads.keys, asked, deadline }, viewpoint, own),
      acts: new DataLoader<PersonDocument, readonly PersonEntry[], string>(deadline.before(reads.acts), {
        cacheKeyFn: ({ _id, ledger: { head } }) => `${_id}:${head.n}`,
      }),
      content: createContentLoaders(reads.content, deadline),
      objectIds: objectIdsOf(audience),
      listCursors: listCursorsOf(audience),
      services,
      ...loadersOf({ now, deadline, audience }),
    };
  };
}

export type ContextOf = ReturnType<typeof createContexts>;
