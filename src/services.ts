import type { Clock } from './clock.ts';
import { createConsentOperations } from './domain/consents/operations.ts';
import { createLegalOperations } from './domain/legal/operations.ts';
import { createOutgoingMail } from './domain/mail/outgoing.ts';
import { createPartners } from './domain/partners/partners.ts';
import { createPhotoOperations } from './domain/photos/operations.ts';
import { createPolicyOperations } from './domain/policy-versions/operations.ts';
import { createPostOperations } from './domain/posts/operations.ts';
import { createPreferenceOperations } from './domain/preferences/operations.ts';
import { createSuccessionOperations } from './domain/succession/operations.ts';
import { createAuditBook } from './ledger/audit.ts';
import { createDisclosureBook } from './ledger/disclosure.ts';
import { createPersonLedger } from './ledger/person-chain.ts';
import type { DecisionTable } from './policy/compile.ts';
import type { Store } from './store/connection.ts';
import { createBlindIndex, deriveSecret } from './store/derive.ts';
import { createPersonKeys } from './store/keys.ts';
import type { Log } from './store/log.ts';
import { createChanges } from './subject/change.ts';
import { createPseudonyms } from './subject/identifiers.ts';
import { createPeople } from './subject/people.ts';
import { createTombstones } from './subject/tombstones.ts';
import { createVaultFinder } from './subject/vault.ts';

export interface ServiceOptions {
  readonly store: Store;
  readonly table: DecisionTable;
  readonly clock: Clock;
  readonly log: Log;
  /** The key that wraps the key of every person. */
  readonly keyEncryptionKey: Buffer;
  /** Shared by every gateway on the same database; every other secret is derived from it. */
  readonly sharedSecret: Buffer;
}

/** What the resolvers of every request share: the operations of each domain, over one store. */
export type Services = ReturnType<typeof createServices>;

/** The ids by which each partner knows people. */
export const partnerPseudonyms = (sharedSecret: Buffer) => {
  const pseudonyms = createPseudonyms(deriveSecret(sharedSecret, 'pseudonyms'));
  return (clientId: string) => pseudonyms(`partner ${clientId}`);
};

export function createServices({ store, table, clock, log, keyEncryptionKey, sharedSecret }: ServiceOptions) {
  const keys = createPersonKeys(store, keyEncryptionKey);
  const ledger = createPersonLedger(store);
  const changes = createChanges({ store, ledger, clock, log });
  const vaultOf = createVaultFinder(keys);
  const blindIndex = createBlindIndex(sharedSecret);
  const people = createPeople(store);
  const partners = createPartners(store);
  const books = {
    disclosures: createDisclosureBook({ ...store, clock, log }),
    audit: createAuditBook({ ...store, clock, log }),
  };
  return {
    store,
    table,
    clock,
    ledger,
    changes,
    blindIndex,
    books,
    people,
    keys,
    vaultOf,
    tombstones: createTombstones(store, blindIndex),
    mail: createOutgoingMail(store, sharedSecret),
    partners,
    preferences: createPreferenceOperations(changes, ledger),
    consents: createConsentOperations(changes, ledger, clock),
    policies: createPolicyOperations(changes, table),
    photos: createPhotoOperations(changes, vaultOf),
    posts: createPostOperations(store, vaultOf, clock),
    legal: createLegalOperations({ store, people, changes, books, clock }),
    successions: createSuccessionOperations({ store, partners, table, clock }),
    pseudonymsOf: partnerPseudonyms(sharedSecret),
  };
}
