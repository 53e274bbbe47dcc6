import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import type { Proofs } from '../mailboxes/operations.ts';
import type { SocialOperations } from '../social/operations.ts';
import { createRegistration, type RegistrationOperations } from './operations.ts';
import { defineRegistration } from './schema.ts';

interface Needs extends Core {
  readonly proofs: Proofs;
  readonly social: SocialOperations;
}

export const registration = feature({
  operations: (needs: Needs) => ({ registration: createRegistration(needs) }),
  fields: defineRegistration,
});

declare module '../../graphql/context.ts' {
  interface Services {
    readonly registration: RegistrationOperations;
  }
}
