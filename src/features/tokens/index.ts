import { HOUR } from '../../base/durations.ts';
import { createRevokedTokens, REVOKED_TOKENS_LAYOUT } from '../../store/mongo/repositories/revoked-tokens.ts';
import { type Read, shareReads } from '../../store/shared-reads.ts';
import type { Core } from '../core.ts';
import { feature } from '../feature.ts';

/** Longer than any token is taken. */
const KEPT = 25 * HOUR;

export const tokens = feature({
  operations: ({ store, clock }: Core) => {
    const revoked = createRevokedTokens(store);
    const areRevoked: Read<string, boolean> = shareReads(revoked.areRevoked);
    return {
      areRevoked,
      revokeToken: (tokenId: string) => revoked.revoke(tokenId, clock.now()),
      forgetRevoked: () => revoked.dropBefore(new Date(clock.now().getTime() - KEPT)),
    };
  },
  layout: [REVOKED_TOKENS_LAYOUT],
  sweeps: ({ forgetRevoked }) => [forgetRevoked],
});

declare module '../../graphql/context.ts' {
  interface Services {
    /** Whether each token is revoked; one command for all requests that are at the same point. */
    readonly areRevoked: Read<string, boolean>;
    /** From now on the token with this id is refused. */
    readonly revokeToken: (tokenId: string) => Promise<void>;
    /** Forgets revocations after the token itself has ended. */
    readonly forgetRevoked: () => Promise<void>;
  }
}
