import type { JSONWebKeySet } from 'jose';
import { recipientOf } from '../features/partners/recipient.ts';
import { heedsSignals } from '../features/preferences/operations.ts';
import type { Services } from '../graphql/context.ts';
import { createAuthenticator, type TokenIssuer } from '../http/authenticate.ts';
import { PROOF_KEPT } from '../http/dpop.ts';
import type { Caller } from '../subject/caller.ts';

/** The tokens that count. */
export interface Authentication {
  readonly issuers: readonly TokenIssuer[];
  /** The public keys of tokens that this gateway signs itself; null where others do. */
  readonly jwks: JSONWebKeySet | null;
}

/** A proof counts once, over all gateways. */
export const PROOF = { of: 'DPoP proof', most: 1, withinMs: PROOF_KEPT };

interface IdentificationOptions {
  readonly issuers: readonly TokenIssuer[];
  readonly hints: boolean;
  readonly originOf: (request: Request) => string;
}

/** Finds the holder of a token among the people and partners on record now. */
export const createIdentification = (
  { reads, readPartners, areRevoked, allowances, tombstones, table, clock }: Services,
  options: IdentificationOptions,
) =>
  createAuthenticator({
    ...options,
    clock,
    vocabulary: table.vocabulary,
    purposes: table.callerPurposes,
    findPerson: async (publicId) => (await reads.persons([publicId]))[0] ?? null,
    findPartner: async (clientId) => {
      const [partner] = await readPartners([clientId]);
      if (!partner) return null;
      return { recipient: recipientOf(partner), dpopBoundAccessTokens: partner.dpopBoundAccessTokens === true };
    },
    isErased: tombstones.isErased,
    isRevoked: async (tokenId) => (await areRevoked([tokenId]))[0] !== false,
    takeProof: (name) => allowances.take(PROOF, name),
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
