import { badInput, forbiddenOperation } from '../../base/errors.ts';
import { classified, PART_OF_VALUE } from '../../enforcement/classification.ts';
import { countOf, textArgument } from '../../graphql/arguments.ts';
import { occasionOf, partnerOf, staffOf } from '../../graphql/callers.ts';
import { defineConnection, type ItemPlace, newestFirst, pageOf, paging } from '../../graphql/connections.ts';
import type { Context } from '../../graphql/context.ts';
import { DENIABLE, newest, newestWanted } from '../../graphql/personal-fields.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import { NULL_ONLY_BY_ERROR } from '../../graphql/semantic-nullability.ts';
import { reveals } from '../../policy/decide.ts';
import type { Recipient } from '../../policy/facts.ts';
import { refusalToReport } from '../../policy/reporting.ts';
import type { WaitingCredit } from '../../subject/content.ts';
import { LENGTHS, textOf } from '../../subject/forms.ts';
import type { Subject } from '../../subject/subject.ts';
import { idempotencyKey, once } from '../idempotency/schema.ts';
import { type OfferDecision, type Waiting, waitsUntil } from './waiting.ts';

const MOST = { idCharacters: 128, credits: 1_000_000, listed: 100 } as const;

/** The partner that reports; one that may not is told so before anything of its report is looked at. */
function reporterOf(context: Context): Recipient {
  const { recipient, purpose } = partnerOf(context);
  const reason = refusalToReport(context.services.table, recipient, purpose, context.now);
  if (reason) throw forbiddenOperation('This token can not report completed offers.', reason);
  return recipient;
}

const creditsOf = (argument: string, value: number) => {
  if (value < 1 || value > MOST.credits) throw badInput(argument, `a whole number from 1 to ${MOST.credits}`);
  return value;
};

export function defineOffers(part: SchemaPart): void {
  defineCredits(part);
  defineReport(part);
  defineWaiting(part);
}

/** The credits of a person, as they see them. */
function defineCredits({ builder }: SchemaPart): void {
  builder.objectType('Credit', {
    description: 'Credits for an offer that the person completed on a third party’s site.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id among the credits of the person.' }),
      partner: t.field({
        type: 'Partner',
        nullable: true,
        description: 'The partner that reported it; null for a partner no longer on record.',
        resolve: ({ partner }, _args, { partners }) => partners.load(partner),
      }),
      credits: t.exposeInt('credits', { description: 'How many.' }),
      at: t.expose('at', { type: 'DateTime', description: 'When it was reported.' }),
    }),
  });

  const WaitingType = builder.objectRef<WaitingCredit>('WaitingCredit');
  builder.objectType(WaitingType, {
    description: 'Credits that may be the person’s, and wait for support. The name that was given stays with support.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id, also among the credits once it is accepted.' }),
      partner: t.field({
        type: 'Partner',
        nullable: true,
        description: 'The partner that reported it; null for a partner no longer on record.',
        resolve: ({ partner }, _args, { partners }) => partners.load(partner),
      }),
      credits: t.exposeInt('credits', { description: 'How many.' }),
      at: t.expose('at', { type: 'DateTime', description: 'When it was reported.' }),
      until: t.field({
        type: 'DateTime',
        description: 'When it is dropped, unless support decides before.',
        resolve: ({ at }) => waitsUntil(at),
      }),
    }),
  });

  builder.objectField('User', 'credits', (t) =>
    t.field({
      type: ['Credit'],
      nullable: true,
      description: `Credits for offers completed elsewhere, newest first. ${DENIABLE}`,
      extensions: classified('ACCOUNT'),
      args: newest(t),
      resolve: (subject, { first }, { content }) => {
        const { home } = subject.reveal('ACCOUNT');
        return content.credits(home(), newestWanted(first));
      },
    }),
  );

  const Pages = defineConnection(builder, 'Credit', 'Credits for an offer');
  builder.objectField('User', 'creditsConnection', (t) =>
    t.field({
      type: Pages,
      nullable: true,
      description: `The same as \`credits\`, in pages. ${DENIABLE}`,
      extensions: { ...classified('ACCOUNT'), ...NULL_ONLY_BY_ERROR },
      args: paging(t),
      resolve: (subject, args, { content, listCursors }) => {
        const { home } = subject.reveal('ACCOUNT');
        const positions = listCursors<ItemPlace>('credits', subject.sid);
        return pageOf(
          args,
          newestFirst(positions, (count, after) => content.credits(home(), count, after)),
        );
      },
    }),
  );

  builder.objectField('User', 'waitingCredits', (t) =>
    t.field({
      type: [WaitingType],
      nullable: true,
      description:
        'Credits for offers that somebody completed elsewhere with the person’s address and another name, newest ' +
        `first. Support decides whether they are the person’s. ${DENIABLE}`,
      extensions: classified('ACCOUNT'),
      args: newest(t),
      resolve: (subject, { first }, { content }) => {
        const { home } = subject.reveal('ACCOUNT');
        return content.waitingCredits(home(), newestWanted(first));
      },
    }),
  );
}

/** The report of a completed offer by the site that had it. */
function defineReport({ builder }: SchemaPart): void {
  const OfferCompletionInput = builder.inputType('OfferCompletionInput', {
    description: 'That somebody completed an offer.',
    fields: (t) => ({
      completionId: t.id({
        required: true,
        description: 'The partner’s own id of the completion. One that was used before changes nothing.',
      }),
      name: t.string({
        required: true,
        description:
          'The name that was given there, up to 200 characters. It has to be the person’s, as the address has.',
      }),
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
        'never whether there is such a person, nor the outcome.',
      args: {
        input: t.arg({ type: OfferCompletionInput, required: true, description: 'The completion.' }),
        ...idempotencyKey(t.arg),
      },
      resolve: async (_root, args, context, info) => {
        const { clientId, contract } = reporterOf(context);
        const { input } = args;
        const completion = {
          completionId: textArgument('input.completionId', input.completionId, MOST.idCharacters),
          name: textOf('input.name', input.name, LENGTHS.line),
          email: input.email,
          credits: creditsOf('input.credits', input.credits),
          ...(contract?.mode === 'TEST' && { isTrial: true as const }),
        };
        await once(context, info, args, async ({ made }) => {
          if (!made) await context.services.offers.submit(clientId, completion);
        });
        return { received: true as const };
      },
    }),
  }));
}

/** Credits for offers that were completed under another name than the person's, for support to decide on. */
function defineWaiting({ builder }: SchemaPart): void {
  const Completion = builder.objectRef<Waiting & { readonly subject: Subject }>('WaitingOfferCompletion');
  builder.objectType(Completion, {
    description:
      'A completed offer with the address of a person and another name. Support finds out whether it is theirs.',
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id.' }),
      user: t.field({
        type: 'User',
        description: 'The person that has the address.',
        resolve: ({ subject }) => subject,
      }),
      name: t.string({
        nullable: true,
        description: 'The name that was given on the site; null where an earlier version did not keep it.',
        resolve: ({ subject, name }) => {
          // it is there to be compared with the person's, and the audit log has it as such
          subject.reveal('NAME');
          return name;
        },
      }),
      partner: t.field({
        type: 'Partner',
        nullable: true,
        description: 'The partner that reported it; null for a partner no longer on record.',
        resolve: ({ partner }, _args, { partners }) => partners.load(partner),
      }),
      credits: t.exposeInt('credits', { description: 'How many credits it is worth.' }),
      at: t.expose('at', { type: 'DateTime', description: 'When it was reported.' }),
      until: t.expose('until', {
        type: 'DateTime',
        description: 'When it is dropped, 30 days after it was reported, unless it was decided before.',
      }),
    }),
  });

  builder.queryField('waitingOfferCompletions', (t) =>
    t.field({
      type: [Completion],
      description: 'The completed offers that wait for a decision, the oldest first. For support staff.',
      args: { first: t.arg.int({ description: `How many, up to ${MOST.listed}.` }) },
      resolve: async (_root, { first }, context) => {
        staffOf(context, 'settleCredits');
        const limit = countOf('first', first, MOST.listed, MOST.listed);
        const shown: (Waiting & { readonly subject: Subject })[] = [];
        for await (const page of context.services.offers.waiting(limit)) {
          const seen = await Promise.all(page.map(async (one) => ({ one, subject: await seenBy(context, one) })));
          shown.push(...seen.flatMap(({ one, subject }) => (subject ? [{ ...one, subject }] : [])));
          if (shown.length >= limit) break;
        }
        return shown.slice(0, limit);
      },
    }),
  );

  const decision = (outcome: OfferDecision, description: string) =>
    builder.mutationField(`${outcome === 'ACCEPTED' ? 'accept' : 'refuse'}OfferCompletion`, (t) =>
      t.boolean({
        description,
        args: { id: t.arg.id({ required: true, description: 'The id of a completed offer that waits.' }) },
        resolve: async (_root, { id }, context) => {
          const occasion = occasionOf(context, 'settleCredits');
          const waiting = await context.services.offers.findOne(id);
          if (!waiting || !(await seenBy(context, waiting))) return false;
          return context.services.offers.decide(waiting, outcome, occasion);
        },
      }),
    );
  decision(
    'ACCEPTED',
    'Support staff find that a completed offer is the person’s: its credits are booked, and the audit log has it. ' +
      'False where it does not wait any more.',
  );
  decision(
    'REFUSED',
    'Support staff find that a completed offer is not the person’s: it is dropped, and the audit log has it. False ' +
      'where it does not wait any more.',
  );
}

/** The person, where support may see the name to compare; null otherwise, as if nothing waited. */
async function seenBy(context: Context, { person }: Waiting): Promise<Subject | null> {
  const subject = await context.subjects.findBySid(person._id);
  return subject && reveals(subject.decision, 'NAME') ? subject : null;
}
