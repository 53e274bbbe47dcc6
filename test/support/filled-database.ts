import type { Clock } from '../../src/base/clock.ts';
import { type Foundation, openFoundation } from '../../src/gateway/foundation.ts';
import { type CallerClaims, openSigner } from '../../src/http/signing.ts';
import { readConfig } from '../../src/process/config.ts';
import { collectionOf, PEOPLE } from '../../src/store/mongo/collections.ts';
import { partnerPseudonyms, type SubjectId } from '../../src/subject/identifiers.ts';
import type { PersonDocument } from '../../src/subject/model.ts';
import { createWorldLoader } from '../../src/world/load-world.ts';
import { parseWorld } from '../../src/world/schema.ts';
import { quiet } from './store.ts';

const HOUR = 3_600_000;

/** A fresh database that holds a world, for gateways in processes of their own, with a store of the test's own. */
export interface FilledDatabase extends Foundation {
  /** Signs as the gateways expect it, for an hour. */
  readonly token: (claims: CallerClaims) => Promise<string>;
  /** The internal ids of the people, by their public ids. */
  readonly sids: ReadonlyMap<string, SubjectId>;
  /** The id by which a partner knows a person. */
  readonly partnerId: (clientId: string, sid: SubjectId) => string;
}

/** @param env  of the gateways, with their DATA_DIR */
export async function fillDatabase(
  world: unknown,
  env: Readonly<Record<string, string>>,
  clock: Clock | null = null,
): Promise<FilledDatabase> {
  const config = readConfig(env);
  const foundation = await openFoundation(config, clock, quiet);
  await foundation.recordPolicy();
  const loader = createWorldLoader({ ...foundation, log: quiet });
  await loader.load(parseWorld(world, await loader.rules()));
  const people = await collectionOf<PersonDocument>(foundation.store.connection, PEOPLE).find().toArray();
  const signer = await openSigner(config.dataDir, config.auth);
  const pseudonymsOf = partnerPseudonyms(foundation.sharedSecret);
  return {
    ...foundation,
    token: (claims) => {
      const now = foundation.clock.now();
      return signer.sign(claims, now, new Date(now.getTime() + HOUR));
    },
    sids: new Map(people.map(({ publicId, _id }) => [publicId, _id])),
    partnerId: (clientId, sid) => pseudonymsOf(clientId).of(sid),
  };
}
