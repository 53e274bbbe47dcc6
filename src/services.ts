import type { createConsentOperations } from './domain/consents/operations.ts';
import type { Partners } from './domain/partners/partners.ts';
import type { createPreferenceOperations } from './domain/preferences/operations.ts';
import type { DecisionTable } from './policy/compile.ts';
import type { Pseudonyms } from './subject/identifiers.ts';

/** What the resolvers of every request share: the operations of each domain, over one store. */
export interface Services {
  readonly table: DecisionTable;
  readonly partners: Partners;
  readonly preferences: ReturnType<typeof createPreferenceOperations>;
  readonly consents: ReturnType<typeof createConsentOperations>;
  readonly pseudonymsOf: (clientId: string) => Pseudonyms;
}
