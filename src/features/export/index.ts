import type { createDisclosureView } from '../../ledger/disclosure/disclosure.ts';
import type { Core } from '../core.ts';
import { feature } from '../feature.ts';
import type { CaseTexts } from '../privacy-cases/texts.ts';
import { createExport } from './operations.ts';
import { defineExport } from './schema.ts';

interface Needs extends Core {
  readonly disclosureView: ReturnType<typeof createDisclosureView>;
  readonly caseTexts: CaseTexts;
}

type ExportOf = ReturnType<typeof createExport>;

export const dataExport = feature({
  operations: ({ disclosureView: disclosures, ...needs }: Needs) => ({
    exportOf: createExport({ ...needs, disclosures }),
  }),
  fields: defineExport,
});

declare module '../../graphql/context.ts' {
  interface Services {
    readonly exportOf: ExportOf;
  }
}
