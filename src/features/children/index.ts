import type { RecordStaffAct } from '../../ledger/book/audit.ts';
import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import type { ChildReports } from '../privacy-cases/reports.ts';
import { createFindings, type Findings } from './findings.ts';
import { type ChildOperations, createChildOperations } from './operations.ts';
import { defineChildren } from './schema.ts';

interface Needs extends Core {
  readonly childReports: ChildReports;
  readonly recordAct: RecordStaffAct;
}

export const children = feature({
  operations: (needs: Needs) => {
    const policy = needs.table.current;
    return {
      children: createChildOperations({ ...needs, policy }),
      findings: createFindings({ ...needs, policy, reports: needs.childReports }),
    };
  },
  fields: defineChildren,
});

declare module '../../graphql/context.ts' {
  interface Services {
    readonly children: ChildOperations;
    readonly findings: Findings;
  }
}
