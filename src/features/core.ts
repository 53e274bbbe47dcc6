import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Reach } from '../base/public-address.ts';
import { createSignal } from '../base/signal.ts';
import { createPersonLedger } from '../ledger/chain/person-chain.ts';
import type { DecisionTable } from '../policy/compile.ts';
import { guardianTies } from '../policy/guardians.ts';
import { createAllowances } from '../store/allowances.ts';
import { createBlindIndex } from '../store/derive.ts';
import { createPersonKeys } from '../store/keys.ts';
import type { Store } from '../store/mongo/connection.ts';
import { createSigningKeys } from '../store/signing-keys.ts';
import { createChanges } from '../subject/change.ts';
import { partnerPseudonyms } from '../subject/identifiers.ts';
import { createMailboxes } from '../subject/mailboxes.ts';
import { createNameClaims } from '../subject/name-claims.ts';
import { createPersonOpener } from '../subject/open-person.ts';
import { createPeople } from '../subject/people.ts';
import { createPersonTies } from '../subject/person-ties.ts';
import { createPublicIds } from '../subject/public-ids.ts';
import { createPersonReads } from '../subject/reads.ts';
import { createTombstones } from '../subject/tombstones.ts';
import { createVaultFinder } from '../subject/vault.ts';

export interface CoreOptions {
  readonly store: Store;
  readonly table: DecisionTable;
  readonly clock: Clock;
  readonly log: Log;
  /** The key that wraps the key of every person. */
  readonly keyEncryptionKey: Buffer;
  /** Shared by every gateway on the same database; every other secret is derived from it. */
  readonly sharedSecret: Buffer;
  /** Where it may send to besides public addresses: nowhere else where it is left out. */
  readonly reach?: Reach;
  /** Told each time that a person's chain turns out to be broken. */
  readonly onBreak?: () => void;
}

/** The ground of every feature: people, their keys and their ledger. */
export type Core = ReturnType<typeof createCore>;

export function createCore(options: CoreOptions) {
  const { store, table, clock, log, keyEncryptionKey, sharedSecret, reach = { loopback: false }, onBreak } = options;
  const keys = createPersonKeys(store, keyEncryptionKey);
  const ledger = createPersonLedger(store);
  const blindIndex = createBlindIndex(sharedSecret);
  const publicIds = createPublicIds(store, blindIndex);
  const people = createPeople(store, publicIds);
  const vaultOf = createVaultFinder(keys);
  const takenBack = createSignal<void>();
  const changes = createChanges({
    store,
    ledger,
    clock,
    log,
    kept: table,
    policies: table.policies,
    onTakenBack: takenBack.tell,
    ...(onBreak && { onBreak }),
  });
  return {
    store,
    table,
    clock,
    log,
    sharedSecret,
    reach,
    keys,
    signingKeys: createSigningKeys(store, keyEncryptionKey),
    ledger,
    blindIndex,
    publicIds,
    people,
    vaultOf,
    changes,
    takenBack,
    personTies: createPersonTies({
      ...{ store, blindIndex, changes, ledger, people },
      vocabulary: table.vocabulary,
      guarding: guardianTies(table.policies.values()),
    }),
    allowances: createAllowances(store, blindIndex, clock),
    nameClaims: createNameClaims(store, blindIndex),
    mailboxes: createMailboxes(store, blindIndex),
    openPerson: createPersonOpener(people, vaultOf),
    reads: createPersonReads({ store, people, keys, ledger }),
    tombstones: createTombstones(store, blindIndex),
    pseudonymsOf: partnerPseudonyms(sharedSecret),
  };
}

declare module '../graphql/context.ts' {
  interface Services extends Core {}
}
