import type { OfPerson } from '../../graphql/object-ids.ts';
import type { PersonEntry } from '../../ledger/chain/person-chain.ts';
import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import type { OutgoingMail } from '../mail/operations.ts';
import { type ConsentEndSweep, createConsentEndSweep } from './ends.ts';
import { type ConsentOperations, createConsentOperations, type StandingConsent } from './operations.ts';
import { type ConsentRequest, type ConsentRequests, createConsentRequests } from './requests.ts';
import { defineConsents } from './schema.ts';

export const consents = feature({
  operations: (needs: Core & { readonly mail: OutgoingMail }) => ({
    consents: createConsentOperations(needs),
    consentRequests: createConsentRequests(needs),
    consentEnds: createConsentEndSweep(needs),
  }),
  fields: defineConsents,
  sweeps: ({ consentEnds }) => [consentEnds.sweep],
});

declare module '../../graphql/builder.ts' {
  interface Objects {
    Consent: StandingConsent;
    ConsentRequest: OfPerson<ConsentRequest>;
    LedgerEntry: PersonEntry;
  }
}

declare module '../../graphql/context.ts' {
  interface Services {
    readonly consents: ConsentOperations;
    readonly consentRequests: ConsentRequests;
    readonly consentEnds: ConsentEndSweep;
  }
}
