import type { RecordStaffAct } from '../../ledger/book/audit.ts';
import { deriveSecret } from '../../store/derive.ts';
import { CHILD_REPORTS_LAYOUT } from '../../store/mongo/repositories/child-reports.ts';
import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import type { OutgoingMail } from '../mail/operations.ts';
import { type CaseCursors, createCaseCursors } from './case-cursors.ts';
import type { PrivacyCase } from './cases.ts';
import { createPrivacyCaseOperations, type PrivacyCaseOperations } from './operations.ts';
import { createQueue, type Queue } from './queue.ts';
import { type ChildReports, createChildReports } from './reports.ts';
import { definePrivacyCases } from './schema.ts';
import { type CaseTexts, createCaseTexts } from './texts.ts';

interface Needs extends Core {
  readonly mail: OutgoingMail;
  readonly recordAct: RecordStaffAct;
}

export const privacyCases = feature({
  operations: (needs: Needs) => {
    const { store, sharedSecret, keys, blindIndex, table } = needs;
    const childReports = createChildReports(store, sharedSecret);
    const caseTexts = createCaseTexts(store, keys, blindIndex);
    return {
      childReports,
      caseTexts,
      privacyCases: createPrivacyCaseOperations({
        ...needs,
        policy: table.current,
        reports: childReports,
        texts: caseTexts,
      }),
      privacyCaseQueue: createQueue(store, childReports, caseTexts),
    };
  },
  fields: definePrivacyCases,
  loaders: ({ sharedSecret }) => {
    const cursorsOf = createCaseCursors(deriveSecret(sharedSecret, 'privacy case cursors'));
    return ({ audience }) => ({ caseCursors: cursorsOf(audience) });
  },
  layout: [CHILD_REPORTS_LAYOUT],
});

declare module '../../graphql/builder.ts' {
  interface Objects {
    PrivacyCase: PrivacyCase;
  }
}

declare module '../../graphql/context.ts' {
  interface Services {
    readonly childReports: ChildReports;
    readonly caseTexts: CaseTexts;
    readonly privacyCases: PrivacyCaseOperations;
    readonly privacyCaseQueue: Queue;
  }
  interface Context {
    readonly caseCursors: CaseCursors;
  }
}
