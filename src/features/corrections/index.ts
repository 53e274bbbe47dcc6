import type { ConsentRequests } from '../consents/requests.ts';
import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import type { Proofs } from '../mailboxes/operations.ts';
import type { Suppressions } from '../newsletters/suppressions.ts';
import { type CorrectionOperations, createCorrections } from './operations.ts';
import { type CorrectionPart, defineCorrections } from './schema.ts';

interface Needs extends Core {
  readonly consentRequests: ConsentRequests;
  readonly proofs: Proofs;
  readonly suppressions: Suppressions;
}

export const corrections = feature({
  operations: (needs: Needs) => ({ corrections: createCorrections(needs) }),
  fields: defineCorrections,
});

declare module '../../graphql/builder.ts' {
  interface Objects {
    Correction: CorrectionPart;
  }
}

declare module '../../graphql/context.ts' {
  interface Services {
    readonly corrections: CorrectionOperations;
  }
}
