import { classified, PART_OF_VALUE } from '../../enforcement/classification.ts';
import { badInput, forbiddenOperation } from '../../errors.ts';
import { countOf, textArgument } from '../../graphql/arguments.ts';
import type { Context } from '../../graphql/context.ts';
import { partnerOf } from '../../graphql/partner.ts';
import type { SchemaPart } from '../../graphql/refs.ts';
import { refusalToReport } from '../../policy/reporting.ts';
import { serves } from '../../policy/serves.ts';
import { LENGTHS, textOf } from '../../subject/forms.ts';
import type { Credit } from '../content/content.ts';

const MOST = { idCharacters: 128, credits: 1_000_000, listed: 100 } as const;

/** The partner that reports; one that may not is told so before anything of its report is looked at. */
function reporterOf(context: Context): string {
  const { recipient, purpose } = partnerOf(context);
  const reason = refusalToReport(context.services.table, recipient, purpose, context.now);
  if (reason) throw forbiddenOperation('This token can not report completed offers.', reason);
  return recipient.clientId;
}

const creditsOf = (argument: string, value: number) => {
  if (value < 1 || value > MOST.credits) throw badInput(argument, `a whole number from 1 to ${MOST.credits}`);
  return value;
};

export function defineOffers({ builder, refs }: SchemaPart): void {
  const CreditType = builder.objectRef<Credit>('Credit');
  builder.objectType(CreditType, {
    description: 'Credits for an offer that the person completed on a third party’s site.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id among the credits of the person.' }),
      partner: t.field({
        type: refs.Partner,
        nullable: true,
        description: 'Who reported it; null for a partner no longer on record.',
        resolve: ({ partner }, _args, { partners }) => partners.load(partner),
      }),
      credits: t.exposeInt('credits', { description: 'How many.' }),
      at: t.expose('at', { type: 'DateTime', description: 'When it was reported.' }),
    }),
  });

  builder.objectField(refs.User, 'credits', (t) =>
    t.field({
      type: [CreditType],
      nullable: true,
      description:
        'Credits for offers completed elsewhere, newest first. Null with `FORBIDDEN` where the policy denies it.',
      extensions: classified('ACCOUNT'),
      args: { first: t.arg.int({ description: `How many of the newest are wanted, up to ${MOST.listed}.` }) },
      resolve: (subject, { first }, { content }) => {
        const { home } = subject.reveal('ACCOUNT');
        const limit = countOf('first', first, MOST.listed, MOST.listed);
        return content.credits(home(), limit);
      },
    }),
  );

  const OfferCompletionInput = builder.inputType('OfferCompletionInput', {
    description: 'That somebody completed an offer.',
    fields: (t) => ({
      completionId: t.id({
        required: true,
        description: 'The partner’s own id of the completion. One that was used before changes nothing.',
      }),
      name: t.string({ required: true, description: 'The name that was given there. It is not kept.' }),
      email: t.field({ type: 'EmailAddress', required: true, description: 'The address that was given there.' }),
      credits: t.int({ required: true, description: 'How many credits it is worth.' }),
    }),
  });

  const Payload = builder.objectRef<{ readonly received: true }>('SubmitOfferCompletionPayload');
  builder.objectType(Payload, {
    description: 'All that an offer site is told.',
    fields: (t) => ({ received: t.exposeBoolean('received', { description: 'Always true.' }) }),
  });

  builder.mutationFields((t) => ({
    submitOfferCompletion: t.field({
      type: Payload,
      description:
        'An offer site reports a completed offer, for the credits to be given. It is told that the report was received, ' +
        'never whether there is such a person.',
      extensions: serves('offers.inbound'),
      args: { input: t.arg({ type: OfferCompletionInput, required: true, description: 'The completion.' }) },
      resolve: async (_root, { input }, context) => {
        const partner = reporterOf(context);
        textOf('input.name', input.name, LENGTHS.line);
        await context.services.offers.submit(partner, {
          completionId: textArgument('input.completionId', input.completionId, MOST.idCharacters),
          email: input.email,
          credits: creditsOf('input.credits', input.credits),
        });
        return { received: true as const };
      },
    }),
  }));
}
