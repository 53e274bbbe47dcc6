import { notUse } from '../../enforcement/site-use.ts';
import { selfOf } from '../../graphql/callers.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';

export function defineExport({ builder }: SchemaPart): void {
  builder.mutationField('requestExport', (t) =>
    t.field({
      type: 'JSONObject',
      extensions: notUse(),
      description:
        'All data about the signed-in person, of any status: one JSON-LD document in the terms of ' +
        'the W3C Data Privacy Vocabulary, with their ledger, the disclosures to third parties, their corrections, and ' +
        'their consents as records of ISO/IEC TS 27560.',
      resolve: async (_root, _args, context) => {
        const subject = await context.subjects.adopt(selfOf(context).person);
        return context.services.exportOf(subject, context.now);
      },
    }),
  );
}
