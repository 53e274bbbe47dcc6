import { createRemoteJWKSet } from 'jose';

/**
 * The keys of an identity provider, which may change at any time: a key that is not known yet is asked for, at most
 * every few seconds; one that was taken away is forgotten within minutes.
 */
export const openRemoteKeys = (url: string) =>
  createRemoteJWKSet(new URL(url), { cooldownDuration: 5_000, cacheMaxAge: 300_000, timeoutDuration: 5_000 });
