import type { CallerClaims } from '../../src/http/signing.ts';
import { loadPolicy } from '../../src/policy/load.ts';
import { REFERENCE_BUNDLE } from '../../src/policy/reference.ts';
import { type DataCategory, idsOf, scopeWord } from '../../src/policy/vocabulary.ts';
import { type Cast, PAGE } from './data.ts';

/** One request: its caller and its operation. */
export interface Question {
  readonly caller: CallerClaims;
  readonly operationName: string;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** The measured operations: the questions that each connection asks in turn. */
export interface Operation {
  readonly name: string;
  readonly says: string;
  /** Whether asking it again has the same answer from everybody. */
  readonly repeatable: boolean;
  /** Whether it answers otherwise where nothing is enforced. */
  readonly denies: boolean;
  readonly connections: readonly (readonly Question[])[];
}

const ADDRESS = '{ street city postalCode country }';
const A = 'query A { me { id avatarName name email gender country } }';
const B = `query B { me {
  id avatarName name email gender birthDate age ageBand postalAddress ${ADDRESS} cellPhone billingAddress ${ADDRESS}
  paymentCard { brand lastFour expiry } photos { id url caption } posts { id forum text at }
  recentActivity { id kind text at } transactions { id kind good price profit at } country status
  preferences {
    imvuNewsletter developerNewsletter friendAdded friendMessage nonFriendMessage creatorNotification adTargeting gpcOptOut
  }
  consents(first: 10) { purpose action at inForce } policyAcceptances { version mode at }
  thirdPartyShares(first: 10) { recipient { name } purpose categories at } orders { id status }
  subscriptions { thread verified } relationships { active partner { clientId name } }
  socialLinks { autoPost partner { clientId name } } privacyCases { id status }
} }`;
const C = `query C($first: Int!, $after: String) { users(first: $first, after: $after) {
  edges { node {
    id avatarName name email gender birthDate age ageBand postalAddress ${ADDRESS} cellPhone billingAddress ${ADDRESS}
    paymentCard { brand lastFour } photos { id url caption }
  } }
  pageInfo { hasNextPage }
} }`;
const D = `query D($first: Int!, $after: String) { users(first: $first, after: $after) {
  edges { node {
    id name
    preferences {
      imvuNewsletter developerNewsletter friendAdded friendMessage nonFriendMessage creatorNotification adTargeting gpcOptOut
    }
    consents(first: 10) { purpose action at inForce }
    thirdPartyShares(first: 10) { recipient { name } purpose categories at }
  } }
  pageInfo { hasNextPage }
} }`;
const W =
  'mutation W($purpose: ConsentPurpose!) { withdrawConsent(purpose: $purpose) { consent { purpose action inForce } } }';
const G =
  'mutation G($purpose: ConsentPurpose!) { giveConsent(purpose: $purpose) { consent { purpose action inForce } } }';

const upTo = <Item>(count: number, item: (index: number) => Item) => Array.from({ length: count }, (_, i) => item(i));

const self = (ids: readonly string[], index: number): CallerClaims => ({
  kind: 'member',
  sub: ids[index % ids.length] as string,
});
const scoped = (categories: readonly DataCategory[]): CallerClaims => ({
  ...{ kind: 'partner', sub: 'successor', purpose: 'succession' },
  scope: categories.map(scopeWord).join(' '),
});
const { policy } = await loadPolicy(REFERENCE_BUNDLE);
export const SUCCESSOR = scoped(idsOf(policy.vocabulary.categories));
/** Half of the personal fields of C. */
const HALF = scoped(['AVATAR_NAME', 'NAME', 'EMAIL', 'GENDER', 'BIRTH_DATE', 'AGE']);
export const PRIVACY: CallerClaims = { kind: 'staff', sub: 'officer', role: 'privacy', purpose: 'privacy-request' };

/** How many people a connection asks for as themselves. */
const SELVES = 10;

/** The operations, over so many connections. */
export function createOperations(connections: number, { changing, standing }: Cast): Operation[] {
  const asSelf = (name: string, query: string) =>
    upTo(connections, (connection) =>
      upTo(SELVES, (index) => ({
        ...{ caller: self(standing.ids, connection * SELVES + index), operationName: name, query },
        variables: {},
      })),
    );
  const pages = (operationName: string, query: string, caller: CallerClaims, after: readonly string[]) =>
    upTo(connections, (connection) =>
      after.map((_, index) => ({
        ...{ caller, operationName, query },
        variables: { first: PAGE, after: after[(connection + index) % after.length] },
      })),
    );
  const consent = (connection: number, operationName: string, query: string): Question => ({
    ...{ caller: self(changing.ids, connection), operationName, query },
    variables: { purpose: 'targetedOffers' },
  });
  const reads = { repeatable: true, denies: false };
  return [
    { name: 'A', says: 'one person, five fields, as self', ...reads, connections: asSelf('A', A) },
    { name: 'B', says: 'one person, everything, as self', ...reads, connections: asSelf('B', B) },
    {
      name: 'C',
      says: `${PAGE} people, 12 personal fields each, as the successor, on record`,
      ...reads,
      connections: pages('C', C, SUCCESSOR, changing.cursors.successor),
    },
    {
      name: 'D',
      says: `${PAGE} people with preferences, 10 consents and 10 shares each, as privacy staff, on record`,
      ...reads,
      connections: pages('D', D, PRIVACY, standing.cursors.privacy),
    },
    {
      name: 'Ch',
      says: 'C with half of the personal fields denied',
      ...reads,
      denies: true,
      connections: pages('C', C, HALF, changing.cursors.successor),
    },
    {
      name: 'W',
      says: 'a consent withdrawn, and given again',
      ...{ repeatable: false, denies: false },
      connections: upTo(connections, (connection) => [consent(connection, 'W', W), consent(connection, 'G', G)]),
    },
  ];
}
