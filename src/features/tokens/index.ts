import { createRevokedTokens } from '../../store/mongo/repositories/revoked-tokens.ts';
import { type Read, shareReads } from '../../store/shared-reads.ts';
import type { Core } from '../core.ts';
import { feature } from '../feature.ts';

export const tokens = feature({
  operations: ({ store }: Core) => {
    const areRevoked: Read<string, boolean> = shareReads(createRevokedTokens(store).areRevoked);
    return { areRevoked };
  },
});

declare module '../../graphql/context.ts' {
  interface Services {
    /** Whether each token is revoked; one command for all requests that are at the same point. */
    readonly areRevoked: Read<string, boolean>;
  }
}
