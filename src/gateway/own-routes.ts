import type { Link } from '../features/mail/links.ts';
import { mailBehind } from '../features/newsletters/operations.ts';
import type { Services } from '../graphql/context.ts';
import { json } from '../http/json.ts';
import { createLinkRoutes, type Followed } from '../http/link-pages.ts';
import { metadataPathOf, resourceMetadata } from '../http/resource-metadata.ts';
import { createRoutes } from '../http/routes.ts';
import type { Authentication } from './identification.ts';
import { GRAPHQL_ENDPOINT } from './pipeline.ts';
import type { TokenServer } from './token-server.ts';

/** The page for each outcome of a proof. */
const PROVED = { PROVEN: 'DONE', TAKEN: 'TAKEN', STALE: 'STALE' } as const;
/** The page for each outcome of verifying a subscription. */
const VERIFIED = { VERIFIED: 'DONE', LEFT: 'LEFT', STALE: 'STALE' } as const;

/** Carries out a mailed link. */
const follower =
  ({ proofs, blog, preferences }: Services) =>
  async (link: Link): Promise<Followed> => {
    switch (link.action) {
      case 'PROVE_EMAIL':
        return PROVED[await proofs.prove(link)];
      case 'VERIFY_THREAD':
        return VERIFIED[await blog.verify(link)];
      case 'FORGET_MAILBOX':
        await blog.forget(link.mailbox);
        return 'DONE';
      case 'LEAVE_THREAD':
        await blog.leave(link.subscriber, link.thread);
        return 'DONE';
      case 'SWITCH_OFF':
        await preferences.update(link.sid, { preferences: { [link.preference]: false } });
        return 'DONE';
    }
  };

/** The pages behind the links of mails. */
export const createMailedLinks = (services: Services) =>
  createLinkRoutes({
    links: services.links,
    clock: services.clock,
    mailBehind: (preference) => mailBehind(services.table, preference),
    follow: follower(services),
  });

/**
 * The fixed addresses, for probes, browsers, clients and token issuers.
 *
 * @param own  the tokens that this gateway gives to partners; null where it gives none
 * @param originOf  where the clients of a request reach this gateway
 */
export const createFixedRoutes = (
  { store, signingKeys, table: { vocabulary } }: Services,
  { issuers, jwks }: Authentication,
  own: TokenServer | null,
  originOf: (request: Request) => string,
) => {
  // the issuer of development has no address
  const servers = issuers.filter((each) => jwks === null || each === own?.issuer).map(({ issuer }) => issuer);
  const metadataOf = (path: string) => ({
    GET: async (request: Request) =>
      json(resourceMetadata({ resource: originOf(request) + path, issuers, servers, vocabulary })),
  });
  return createRoutes({
    '/health/live': { GET: async () => json({ status: 'live' }) },
    '/health/ready': {
      GET: async () =>
        (await store.ping()) ? json({ status: 'ready' }) : json({ status: 'unavailable' }, { status: 503 }),
    },
    '/.well-known/gpc.json': { GET: async () => json({ gpc: true, lastUpdate: '2026-11-24' }) },
    [metadataPathOf('')]: metadataOf(''),
    [metadataPathOf(GRAPHQL_ENDPOINT)]: metadataOf(GRAPHQL_ENDPOINT),
    '/.well-known/jwks.json': {
      GET: async () => json({ keys: [...(jwks?.keys ?? []), ...(await signingKeys.publish())] }),
    },
  });
};
