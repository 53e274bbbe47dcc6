import { inject } from 'vitest';

/**
 * The address of the engine for the tests of this file. Files are spread over the engines of the run: an engine keeps the
 * files of a dropped database open until it ends, and a system limits how many a process may have open.
 */
export function mongoUri(): string {
  const uris = inject('mongoUris');
  return uris[Number(process.env.VITEST_POOL_ID ?? 0) % uris.length] as string;
}
