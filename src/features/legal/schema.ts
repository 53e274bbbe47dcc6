import { badInput, forbiddenOperation } from '../../base/errors.ts';
import { occasionOf, staffOf } from '../../graphql/callers.ts';
import type { Context } from '../../graphql/context.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import { clausesServedBy } from '../../policy/clause.ts';
import { processKindsOf } from '../../policy/vocabularies.ts';
import { type DataCategory, maskOf, NO_CATEGORIES } from '../../policy/vocabulary.ts';
import { LENGTHS, textOf } from '../../subject/forms.ts';
import { idempotencyKey, once } from '../idempotency/schema.ts';

/** A process can't show a category that no clause lets legal staff disclose. */
function requireDisclosable({ access }: Context, argument: string, categories: readonly DataCategory[]): void {
  if ((maskOf(categories) & ~access.others.reach) !== NO_CATEGORIES)
    throw badInput(argument, 'categories that the policy lets legal staff disclose');
}

export function defineLegal({ builder, current, policies, enums }: SchemaPart): void {
  const Kind = builder.enumType('LegalProcessKind', {
    description: 'The ground of a legal process.',
    values: Object.fromEntries(processKindsOf(current, policies).map(({ id, says }) => [id, { description: says }])),
  });

  const LegalProcessInput = builder.inputType('LegalProcessInput', {
    description: 'A legal process: it lets categories of a person be read for an authority, for a time.',
    fields: (t) => ({
      kind: t.field({ type: Kind, required: true, description: 'The ground.' }),
      authority: t.string({ required: true, description: 'The authority, as the person will read it.' }),
      reference: t.string({ required: true, description: 'The authority’s own reference.' }),
      subject: t.id({
        required: true,
        description: 'The person’s id. The answer does not tell whether it is anybody’s.',
      }),
      categories: t.field({
        type: [enums.DataCategory],
        required: true,
        description:
          'Exactly the categories that it allows. The policy has to let legal staff disclose each of them under a process.',
      }),
      from: t.field({ type: 'DateTime', description: 'From when it is in force; at once where nothing is said.' }),
      until: t.field({ type: 'DateTime', required: true, description: 'Until when.' }),
      notBefore: t.field({
        type: 'DateTime',
        description: 'From when the person may know of disclosures under it; at once where nothing is said.',
      }),
    }),
  });

  builder.mutationFields((t) => ({
    openLegalProcess: t.id({
      description: 'Legal staff open a legal process. Answers its id, for any subject.',
      args: {
        input: t.arg({ type: LegalProcessInput, required: true, description: 'The process.' }),
        ...idempotencyKey(t.arg),
      },
      resolve: (_root, args, context, info) => {
        staffOf(context, 'enterLegalProcesses');
        const { input } = args;
        requireDisclosable(context, 'input.categories', input.categories);
        const process = {
          ...input,
          authority: textOf('input.authority', input.authority, LENGTHS.line),
          reference: textOf('input.reference', input.reference, LENGTHS.line),
          until: input.until as Date,
          notBefore: (input.notBefore as Date | null | undefined) ?? null,
        };
        return once(context, info, args, (making) => {
          const from = (input.from as Date | null | undefined) ?? making.at;
          return context.services.legal.open({ ...process, from }, making);
        });
      },
    }),
    endLegalProcess: t.boolean({
      description:
        'Legal staff end a legal process: from now on nothing may be read under it. Ending it twice is no error.',
      args: { id: t.arg.id({ required: true, description: 'The id of the process.' }) },
      resolve: async (_root, { id }, context) => {
        staffOf(context, 'enterLegalProcesses');
        await context.services.legal.end(id);
        return true;
      },
    }),
    reportActivity: t.id({
      description:
        'Legal staff put on record that suspicious or illegal activity was reported to the authority of a process in ' +
        'force, and which categories of the person’s data went along. Answers an id, never values.',
      args: {
        process: t.arg.id({ required: true, description: 'The legal process it is reported under.' }),
        categories: t.arg({
          type: [enums.DataCategory],
          required: true,
          description: 'The categories that were disclosed; the process must name them.',
        }),
        ...idempotencyKey(t.arg),
      },
      resolve: (_root, args, context, info) => {
        const occasion = occasionOf(context, 'enterLegalProcesses');
        const { process, categories } = args;
        const { current } = context.services.table;
        const clauses = clausesServedBy(current, 'Mutation.reportActivity');
        if (clauses.length === 0)
          throw forbiddenOperation('No clause of the policy lets activity be reported.', 'NO_CLAUSE');
        requireDisclosable(context, 'categories', categories);
        const grounds = { clauses, policyVersion: current.version };
        return once(context, info, args, (making) =>
          context.services.legal.report({ process, categories }, occasion, grounds, making),
        );
      },
    }),
  }));
}
