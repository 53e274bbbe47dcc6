import { createRemoteJWKSet } from 'jose';
import pino from 'pino';
import { systemClock } from '../../../../dist/clock.js';
import { readConfig } from '../../../../dist/config.js';
import { createPartners, recipientOf } from '../../../../dist/domain/partners/partners.js';
import { createRevocations } from '../../../../dist/domain/tokens/revocations.js';
import { createCallerAccess } from '../../../../dist/enforcement/access.js';
import { openFoundation } from '../../../../dist/foundation.js';
import { createAuthenticator } from '../../../../dist/http/authenticate.js';
import { indexFor, toQuery } from '../../../../dist/policy/filter.js';
import { partnerPseudonyms } from '../../../../dist/services.js';
import { createBlindIndex, deriveSecret } from '../../../../dist/store/derive.js';
import { createPseudonyms } from '../../../../dist/subject/identifiers.js';
import { createPeople } from '../../../../dist/subject/people.js';
import { createTombstones } from '../../../../dist/subject/tombstones.js';

const log = pino({ level: 'warn' }, pino.destination({ dest: 2, sync: false }));

/** What every peer stands on: the same database over a pool of its own, the same tokens, the same ids. */
export async function openPeer() {
  const config = readConfig(process.env);
  const foundation = await openFoundation(config, systemClock, log);
  const { store, table, sharedSecret } = foundation;
  const people = createPeople(store);
  const partners = createPartners(store);
  const { verify, identify } = createAuthenticator({
    ...config.auth,
    keys: createRemoteJWKSet(new URL(config.auth.jwksUrl)),
    algorithms: ['EdDSA'],
    clock: systemClock,
    purposes: table.callerPurposes,
    findPerson: async (publicId) => (await people.findByPublicIds([publicId]))[0] ?? null,
    findRecipient: async (clientId) => {
      const partner = await partners.find(clientId);
      return partner && recipientOf(partner);
    },
    isErased: createTombstones(store, createBlindIndex(sharedSecret)).isErased,
    isRevoked: createRevocations(store).isRevoked,
  });

  const cursors = createPseudonyms(deriveSecret(sharedSecret, 'cursors'));
  const pseudonyms = partnerPseudonyms(sharedSecret);
  const viewpoints = new Map();
  /** How a caller knows people, and whom a list finds: worked out once for each caller, as it never changes here. */
  const viewpointOf = (caller) => {
    const key = caller.kind === 'PARTNER' ? `partner ${caller.recipient.clientId}` : caller.kind;
    let viewpoint = viewpoints.get(key);
    if (!viewpoint) {
      const filter = createCallerAccess(table, caller, systemClock.now()).others.filter();
      viewpoint = {
        cursors: cursors(key),
        pseudonyms: caller.kind === 'PARTNER' ? pseudonyms(caller.recipient.clientId) : null,
        query: toQuery(filter),
        index: indexFor(filter),
      };
      viewpoints.set(key, viewpoint);
    }
    return viewpoint;
  };

  return {
    ...foundation,
    people,
    partners,
    port: config.port,
    viewpointOf,
    authenticate: async (authorization) =>
      identify(
        await verify({ headers: { get: (name) => (name === 'authorization' ? (authorization ?? null) : null) } }),
      ),
  };
}

/** Tells the harness where to ask. */
export const listening = (port) => process.stdout.write(`listening on http://127.0.0.1:${port}/graphql\n`);
