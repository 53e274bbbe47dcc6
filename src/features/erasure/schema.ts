import { badInput } from '../../base/errors.ts';
import { opaque } from '../../enforcement/card-guard.ts';
import { NOTHING_PERSONAL, PART_OF_VALUE } from '../../enforcement/classification.ts';
import { notUse } from '../../enforcement/site-use.ts';
import { present } from '../../graphql/adopt.ts';
import { partnerOf, selfOf, staffOf } from '../../graphql/callers.ts';
import type { Context } from '../../graphql/context.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import type { PersonEntry } from '../../ledger/chain/person-chain.ts';
import type { DataCategory } from '../../policy/vocabulary.ts';
import type { Subject } from '../../subject/subject.ts';
import { completeNotices } from './complete-notices.ts';
import type { OverdueErasures } from './obligations.ts';
import type { ErasureNotice } from './stored-notice.ts';

interface Deleted {
  readonly user: Subject;
  readonly deleted: readonly DataCategory[];
  readonly kept: readonly DataCategory[];
  readonly entry: PersonEntry | null;
}

const recipientOf = (context: Context): string =>
  partnerOf(context, 'Notices of erasure are for the partners they speak to.').recipient.clientId;

export function defineErasure(part: SchemaPart): void {
  defineDeletion(part);
  defineErasureOfAll(part);
  defineNotices(part);
  defineObligations(part);
}

function defineDeletion({ builder, enums }: SchemaPart): void {
  const Payload = builder.objectRef<Deleted>('DeletePersonalDataPayload');
  builder.objectType(Payload, {
    description: 'The categories that were deleted, and those that are kept for now.',
    fields: (t) => ({
      user: t.expose('user', { type: 'User', description: 'The person, decided anew.' }),
      deleted: t.field({
        type: [enums.DataCategory],
        description: 'The deleted categories, with those that were a part of them or made from them.',
        resolve: ({ deleted }) => deleted,
      }),
      kept: t.field({
        type: [enums.DataCategory],
        description: 'Categories that an unsettled order still needs: delete them once it is settled.',
        resolve: ({ kept }) => kept,
      }),
      ledgerEntry: t.expose('entry', {
        type: 'LedgerEntry',
        nullable: true,
        description: 'The entry in the ledger: categories, never values. Null where everything was kept.',
      }),
    }),
  });

  builder.mutationField('deletePersonalData', (t) =>
    t.field({
      type: Payload,
      extensions: notUse(),
      description:
        'The signed-in person, of any status, deletes categories of their data, and the corrections of these ' +
        'too. Partners that were shown any of it are told to erase it.',
      args: {
        categories: t.arg({ type: [enums.DataCategory], required: true, description: 'The categories to delete.' }),
      },
      resolve: async (_root, { categories }, context) => {
        const { sid } = selfOf(context);
        const { document, ...rest } = present(await context.services.deletion.delete(sid, categories));
        return { user: await context.subjects.adopt(document), ...rest };
      },
    }),
  );
}

function defineErasureOfAll({ builder }: SchemaPart): void {
  const Request = builder.objectRef<{ readonly confirmation: string; readonly deadline: Date }>('ErasureRequest');
  builder.objectType(Request, {
    description: 'A request to be erased, which the person has yet to confirm.',
    fields: (t) => ({
      confirmation: t.exposeString('confirmation', {
        description: 'The confirmation for `eraseAccount`; good for nothing else.',
      }),
      deadline: t.expose('deadline', { type: 'DateTime', description: 'Until when it takes it.' }),
    }),
  });

  const Payload = builder.objectRef<{ readonly erasedAt: Date }>('EraseAccountPayload');
  builder.objectType(Payload, {
    description: 'The person is erased.',
    fields: (t) => ({ erasedAt: t.expose('erasedAt', { type: 'DateTime', description: 'When.' }) }),
  });

  const extensions = () => notUse();
  builder.mutationFields((t) => ({
    requestErasure: t.field({
      type: Request,
      extensions: extensions(),
      description: 'The signed-in person asks to be erased. Nothing happens until they confirm it in time.',
      resolve: (_root, _args, context) => context.services.erasure.request(selfOf(context).sid),
    }),
    eraseAccount: t.field({
      type: Payload,
      extensions: extensions(),
      description:
        'Erases the signed-in person and everything that is held of them, for good: their key is destroyed, so that ' +
        'no copy can be read, their id is never given out again, and partners that were shown anything are told to ' +
        'erase it. Their tokens are not accepted any more.',
      args: {
        confirmation: t.arg.string({
          required: true,
          description: 'The confirmation from `requestErasure`.',
          extensions: opaque(),
        }),
      },
      resolve: async (_root, { confirmation }, context) => ({
        erasedAt: await context.services.erasure.confirm(selfOf(context).sid, confirmation),
      }),
    }),
  }));
}

function defineNotices({ builder, enums }: SchemaPart): void {
  const Notice = builder.objectRef<ErasureNotice>('ErasureNotice');
  builder.objectType(Notice, {
    description:
      'A task for a partner about data that it was shown, since the person took something back or corrected it. ' +
      'It never says why.',
    fields: (t) => ({
      id: t.exposeID('id', { description: 'The id for `acknowledgeErasure`.' }),
      asked: t.field({ type: enums.Asked, description: 'The task.', resolve: ({ ask }) => ask }),
      personId: t.exposeID('personId', { description: 'The id by which the partner knows the person.' }),
      categories: t.field({
        type: [enums.DataCategory],
        description: 'The categories concerned, of those that the partner was shown.',
        resolve: ({ categories }) => categories,
      }),
      purpose: t.expose('purpose', {
        type: 'Purpose',
        nullable: true,
        description:
          'For `STOP`: the purpose that the data was shown for and is no longer to be used for. Otherwise null.',
      }),
      everything: t.exposeBoolean('everything', {
        description:
          'Whether all of the person is meant. With `ERASE`, the person is gone: all that is kept under this id is to be ' +
          'erased, the id too. With `STOP`, nothing of the person is shown for the purpose any more.',
      }),
      at: t.expose('at', {
        type: 'DateTime',
        description: 'When the person did it. Data that the partner was shown after that is not meant.',
      }),
    }),
  });

  builder.queryField('erasureNotices', (t) =>
    t.field({
      type: [Notice],
      description:
        'The open tasks of the calling partner about data that it was shown, the oldest first, 100 at most: after ' +
        'erasures and deletions, after single things were removed or corrected, and after the person ended the ' +
        'permission to show the data. Each disclosure that is on record at the time of the call counts.',
      resolve: async (_root, _args, context) => {
        const recipient = recipientOf(context);
        await completeNotices(context);
        return context.services.erasureNotices.findPending(recipient);
      },
    }),
  );
  builder.mutationField('acknowledgeErasure', (t) =>
    t.boolean({
      description: 'The partner says that it has carried out a notice.',
      args: { id: t.arg.id({ required: true, description: 'The id of a notice.' }) },
      resolve: async (_root, { id }, context) => {
        if (!(await context.services.erasureNotices.acknowledge(recipientOf(context), id)))
          throw badInput('id', 'the id of a notice of this partner, as it stands now');
        return true;
      },
    }),
  );
}

function defineObligations({ builder, enums }: SchemaPart): void {
  builder.objectType('AskedErasure', {
    description: 'Data of a person that a recipient was asked to erase, and has not said to have erased.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      categories: t.field({
        type: [enums.DataCategory],
        description: 'The categories of data.',
        resolve: ({ categories }) => categories,
      }),
      askedAt: t.expose('askedAt', { type: 'DateTime', description: 'Since when it is asked.' }),
      dueAt: t.expose('dueAt', { type: 'DateTime', description: 'When it is to be done at the latest.' }),
      overdue: t.boolean({
        description: 'Whether that time is over.',
        resolve: ({ dueAt }, _args, { now }) => dueAt <= now,
      }),
    }),
  });

  const Overdue = builder.objectRef<OverdueErasures>('OverdueErasures');
  builder.objectType(Overdue, {
    description: 'The erasures that one partner was asked for and has not acknowledged in time.',
    extensions: NOTHING_PERSONAL,
    fields: (t) => ({
      partner: t.field({
        type: 'Partner',
        nullable: true,
        description: 'The partner; null for one that is no longer on record.',
        resolve: ({ recipient }, _args, { partners }) => partners.load(recipient),
      }),
      people: t.exposeInt('people', { description: 'Of how many people.' }),
      oldestDueAt: t.expose('oldestDueAt', { type: 'DateTime', description: 'When the first of them was due.' }),
    }),
  });

  builder.queryField('overdueErasures', (t) =>
    t.field({
      type: [Overdue],
      description: 'The partners that have not acknowledged erasures in time. For privacy staff. It names no person.',
      resolve: (_root, _args, context) => {
        staffOf(context, 'answerPrivacyCases');
        return context.services.obligations.findOverdue();
      },
    }),
  );
}
