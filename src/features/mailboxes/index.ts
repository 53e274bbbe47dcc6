import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import type { Links } from '../mail/links.ts';
import type { OutgoingMail } from '../mail/operations.ts';
import type { Suppressions } from '../newsletters/suppressions.ts';
import { createProofs, type Proofs } from './operations.ts';
import { defineMailboxes } from './schema.ts';

interface Needs extends Core {
  readonly links: Links;
  readonly mail: OutgoingMail;
  readonly suppressions: Suppressions;
}

export const mailboxes = feature({
  operations: (needs: Needs) => ({ proofs: createProofs(needs) }),
  fields: defineMailboxes,
});

declare module '../../graphql/context.ts' {
  interface Services {
    readonly proofs: Proofs;
  }
}
