import pino from 'pino';
import { systemClock } from '../../../../dist/base/clock.js';
import { createCallerAccess } from '../../../../dist/enforcement/access.js';
import { openFoundation } from '../../../../dist/gateway/foundation.js';
import { readConfig } from '../../../../dist/process/config.js';
import { createBlindIndex, deriveSecret } from '../../../../dist/store/derive.js';
import { hintFor, toQuery } from '../../../../dist/store/mongo/fact-query.js';
import { createPartners } from '../../../../dist/store/mongo/repositories/partners.js';
import { createCursors, partnerPseudonyms } from '../../../../dist/subject/identifiers.js';
import { createPeople } from '../../../../dist/subject/people.js';
import { createPublicIds } from '../../../../dist/subject/public-ids.js';
import { createAuthenticator } from './authenticate.js';

const log = pino({ level: 'warn' }, pino.destination({ dest: 2, sync: false }));

/** The base of every peer: the same database over a pool of its own, the same tokens, the same ids. */
export async function openPeer() {
  const config = readConfig(process.env);
  const foundation = await openFoundation(config, systemClock, log);
  const { store, table, sharedSecret } = foundation;
  const people = createPeople(store, createPublicIds(store, createBlindIndex(sharedSecret)));
  const partners = createPartners(store);
  const authenticate = createAuthenticator({ ...foundation, ...config.auth, people, partners });

  const cursors = createCursors(deriveSecret(sharedSecret, 'cursors'));
  const pseudonyms = partnerPseudonyms(sharedSecret);
  const viewpoints = new Map();
  /**
   * How a caller knows people, and the people that a list finds: worked out once for each caller, as it never changes
   * here.
   */
  const viewpointOf = (caller) => {
    const key = caller.kind === 'PARTNER' ? `partner ${caller.recipient.clientId}` : caller.kind;
    let viewpoint = viewpoints.get(key);
    if (!viewpoint) {
      const filter = createCallerAccess(table, caller, systemClock.now()).others.filter();
      viewpoint = {
        cursors: cursors(key),
        pseudonyms: caller.kind === 'PARTNER' ? pseudonyms(caller.recipient.clientId) : null,
        filter,
        query: toQuery(filter),
        hint: hintFor(filter),
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
    authenticate,
  };
}

/** Tells the harness where to ask. */
export const listening = (port) => process.stdout.write(`listening on http://127.0.0.1:${port}/graphql\n`);
