import type { Store } from '../../src/store/mongo/connection.ts';
import { partnerPseudonyms } from '../../src/subject/identifiers.ts';
import { createRandom, type Random } from '../leaks/random.ts';
import { peopleIn } from '../support/people.ts';
import { ELECTIONS } from '../support/replica-set/elections.ts';
import { openReplicaSet, type ReplicaSet } from '../support/replica-set/replica-set.ts';
import { openSetStore, type TestStore } from '../support/store.ts';
import { createWorld, KEYS, member, partner, type TestWorld } from '../support/world.ts';

/** Two gateways on one replica set, and people that act through them. */
export interface Stage {
  readonly set: ReplicaSet;
  readonly gateways: readonly [TestWorld, TestWorld];
  readonly random: Random;
  /** A person that nobody has asked about yet. */
  readonly meet: () => Person;
  readonly close: () => Promise<void>;
}

export interface Person {
  readonly caller: ReturnType<typeof member>;
  /** By which the partner asks for the person. */
  readonly partnerId: string;
  /** Set anew by each withdrawal that was acknowledged; null from the moment when a consent may be in force again. */
  withdrawn: object | null;
  /** How often the person was shown. */
  shown: number;
  /** Every mark that was acknowledged: hashes of acts, texts of posts, ids of requests that were shown something. */
  readonly marks: Set<string>;
}

/** Names that let the set tell the connections of the gateways apart. */
export const APPS = ['A', 'B'] as const;

export const READER = partner('offers', 'targeted-offers', 'email');

const worldOf = (ids: readonly string[]) => ({
  users: ids.map((id) => ({ id, avatarName: `Avatar ${id}`, email: `${id}@example.com`, country: 'US' })),
  partners: [
    {
      ...{ clientId: READER.sub, name: 'Offers', kind: 'OFFERS', jurisdiction: 'US' },
      contract: { purposes: ['targeted-offers'] },
    },
  ],
});

export interface StageOptions {
  readonly people: number;
  readonly seed: number;
  /** Makes the store that a gateway is given out of a sound one. */
  readonly storeOf?: (store: TestStore) => TestStore;
}

/** A store with writes acknowledged by one member alone, and with unproven reads. */
export const weaken = <S extends Store>(store: S): S => ({
  ...store,
  write: { w: 1, j: true },
  read: { ...store.read, readConcern: { level: 'local' } },
});

export async function openStage({ people, seed, storeOf = (store) => store }: StageOptions): Promise<Stage> {
  const ids = Array.from({ length: people }, (_, n) => `p${n}`);
  const set = await openReplicaSet({ elections: ELECTIONS });
  const stores = [await openSetStore(set, APPS[0]), await openSetStore(set, APPS[1])] as const;
  const a = await createWorld(worldOf(ids), { store: storeOf(stores[0]) });
  const b = await createWorld({}, { store: storeOf(stores[1]) });
  const pseudonyms = partnerPseudonyms(KEYS.sharedSecret)(READER.sub);
  const found = await peopleIn(a.store).findByPublicIds(ids);
  const waiting = found.map(({ _id, publicId }): Person => {
    const known = { caller: member(publicId), partnerId: pseudonyms.of(_id) };
    return { ...known, withdrawn: null, shown: 0, marks: new Set() };
  });
  return {
    set,
    gateways: [a, b],
    random: createRandom(seed),
    meet: () => {
      const person = waiting.shift();
      if (!person) throw new Error('There are no more people.');
      return person;
    },
    close: async () => {
      await Promise.all([a.close(), b.close()]);
      for (const store of stores) await store.close();
      await set.close();
    },
  };
}
