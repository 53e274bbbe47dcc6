import type { ConsentRequests } from '../consents/requests.ts';
import type { Core } from '../core.ts';
import type { ErasureNotices } from '../erasure/notices.ts';
import { feature } from '../feature.ts';
import { createProgramOperations, type ProgramOperations } from './operations.ts';
import { definePrograms } from './schema.ts';

interface Needs extends Core {
  readonly consentRequests: ConsentRequests;
  readonly erasureNotices: ErasureNotices;
}

export const programs = feature({
  optional: 'programs',
  operations: ({ changes, vaultOf, erasureNotices, consentRequests }: Needs) => ({
    programs: createProgramOperations(changes, vaultOf, erasureNotices, consentRequests),
  }),
  fields: definePrograms,
});

declare module '../../graphql/context.ts' {
  interface Services {
    readonly programs: ProgramOperations;
  }
}
