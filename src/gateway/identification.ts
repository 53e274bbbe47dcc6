import type { JSONWebKeySet, JWTVerifyGetKey } from 'jose';
import { recipientOf } from '../features/partners/recipient.ts';
import { heedsSignals } from '../features/preferences/operations.ts';
import type { Services } from '../graphql/context.ts';
import { createAuthenticator } from '../http/authenticate.ts';
import type { Caller } from '../subject/caller.ts';

/** The tokens that count. */
export interface Authentication {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: JWTVerifyGetKey;
  readonly algorithms: readonly string[];
  /** The public keys of tokens that this gateway signs itself; null where others do. */
  readonly jwks: JSONWebKeySet | null;
}

/** Finds the holder of a token among the people and partners on record now. */
export const createIdentification = (
  { reads, readPartners, areRevoked, tombstones, table, clock }: Services,
  auth: Authentication,
  hints: boolean,
) =>
  createAuthenticator({
    ...auth,
    clock,
    vocabulary: table.vocabulary,
    purposes: table.callerPurposes,
    hints,
    findPerson: async (publicId) => (await reads.persons([publicId]))[0] ?? null,
    findRecipient: async (clientId) => {
      const [partner] = await readPartners([clientId]);
      return partner ? recipientOf(partner) : null;
    },
    isErased: tombstones.isErased,
    isRevoked: async (tokenId) => (await areRevoked([tokenId]))[0] !== false,
  });

/** Whether the browser sends its opt-out signal. A header that was sent twice stands here once, with both values. */
export const signalsOptOut = ({ headers }: Request): boolean =>
  headers
    .get('sec-gpc')
    ?.split(',')
    .some((value) => value.trim() === '1') === true;

/** A browser's opt-out signal counts on the person's own request, from then on. */
export const heed =
  ({ preferences }: Services) =>
  async (caller: Caller, request: Request): Promise<Caller> => {
    if (caller.kind !== 'MEMBER' || !signalsOptOut(request)) return caller;
    if (!heedsSignals(caller.person.facts)) return caller;
    const { person } = caller;
    const outcome = await preferences.update(person._id, { preferences: {}, standingOptOut: true }, person);
    return outcome ? { kind: 'MEMBER', person: outcome.document } : caller;
  };
