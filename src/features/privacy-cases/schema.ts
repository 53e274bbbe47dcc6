import { badInput } from '../../base/errors.ts';
import { opaque } from '../../enforcement/card-guard.ts';
import { PART_OF_VALUE } from '../../enforcement/classification.ts';
import { notUse } from '../../enforcement/site-use.ts';
import { adopt } from '../../graphql/adopt.ts';
import { countOf, textArgument } from '../../graphql/arguments.ts';
import { occasionOf, selfOf, staffOf } from '../../graphql/callers.ts';
import type { Context } from '../../graphql/context.ts';
import { DENIABLE, fromAccount } from '../../graphql/personal-fields.ts';
import { handleWords } from '../../graphql/policy-words.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import { NULL_ONLY_BY_ERROR } from '../../graphql/semantic-nullability.ts';
import type { Subject } from '../../subject/subject.ts';
import { idempotencyKey, once } from '../idempotency/schema.ts';
import { CASE_KINDS, type CaseKind, MOST_OPEN, toldCases } from './cases.ts';
import { GUARDIAN_LIMITS } from './operations.ts';
import type { WaitingCase } from './queue.ts';

interface CaseInQueue extends WaitingCase {
  readonly subject: Subject | null;
  readonly overdue: boolean;
}

interface CasePage {
  readonly cases: readonly CaseInQueue[];
  readonly hasNextPage: boolean;
}

const MOST = 100;
const PAGE = 20;
const LONGEST = 10_000;

const KIND_DESCRIPTIONS: Record<CaseKind, string> = {
  SUBJECT: 'The person’s own.',
  GUARDIAN_VERIFIED: 'A guardian’s, verified by staff.',
  GUARDIAN_UNVERIFIED: 'A guardian’s that nobody has verified. It opens no record.',
  FINDING: 'A finding of a member of privacy staff about a child. Another member has yet to confirm it.',
};

/** Cases as the caller may see them: that of a person out of the caller's sight has no texts. */
const shown = (cases: readonly WaitingCase[], { subjects, now }: Context): Promise<CaseInQueue[]> =>
  Promise.all(
    cases.map(async (open): Promise<CaseInQueue> => {
      const subject = open.sid === null ? null : await subjects.findBySid(open.sid);
      // The texts are part of the person's own record, and reading them is on the audit log.
      subject?.reveal('ACCOUNT');
      const text = open.sid === null || subject ? open.text : null;
      return { ...open, subject, text, overdue: open.dueAt !== undefined && open.dueAt <= now };
    }),
  );

export function definePrivacyCases(part: SchemaPart): void {
  defineUserFields(part);
  defineQueue(part);
  defineOpening(part);
  defineHandling(part);
}

function defineQueue({ builder, vocabulary }: SchemaPart): void {
  const Kind = builder.enumType('PrivacyCaseKind', {
    description: 'The source of a privacy case.',
    values: Object.fromEntries(CASE_KINDS.map((kind) => [kind, { description: KIND_DESCRIPTIONS[kind] }])) as Record<
      CaseKind,
      { description: string }
    >,
  });
  const InQueue = builder.objectRef<CaseInQueue>('QueuedPrivacyCase');
  builder.objectType(InQueue, {
    description: 'A case that waits for the privacy officer.',
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id.' }),
      kind: t.field({ type: Kind, description: 'Its source.', resolve: ({ kind }) => kind }),
      openedAt: t.expose('openedAt', { type: 'DateTime', nullable: true, description: 'Since when it waits.' }),
      dueAt: t.expose('dueAt', { type: 'DateTime', nullable: true, description: 'By when it is to be answered.' }),
      overdue: t.exposeBoolean('overdue', { description: 'Whether it should have been answered already.' }),
      user: t.field({
        type: 'User',
        nullable: true,
        description:
          'The person that has the case on record. Null for an unverified guardian’s case and for a finding, whether ' +
          'or not there is such an account; null for a verified guardian’s where there is none.',
        resolve: ({ subject }) => subject,
      }),
      child: t.string({
        nullable: true,
        description:
          `The child: the ${handleWords(vocabulary)} that the guardian gave, or the id that the finding names. Null for a person’s ` +
          'own case.',
        resolve: ({ text }) => text?.child,
      }),
      message: t.string({
        nullable: true,
        description: 'The question, or the observation; null where none was written down.',
        resolve: ({ text }) => text?.message,
      }),
      contact: t.string({
        nullable: true,
        description: 'Where to answer a guardian.',
        resolve: ({ text }) => text?.contact,
      }),
      proof: t.string({
        nullable: true,
        description: 'The guardian’s proof, as staff put it down; null until then.',
        resolve: ({ text }) => text?.proof,
      }),
    }),
  });

  const Edge = builder.objectRef<CaseInQueue>('QueuedPrivacyCaseEdge');
  builder.objectType(Edge, {
    description: 'A case in a page.',
    fields: (t) => ({
      cursor: t.string({
        description: 'Where the case stands in the list; it tells nothing else.',
        resolve: ({ position }, _args, { caseCursors }) => caseCursors.of(position),
      }),
      node: t.field({ type: InQueue, description: 'The case.', resolve: (queued) => queued }),
    }),
  });
  const Connection = builder.objectRef<CasePage>('QueuedPrivacyCaseConnection');
  builder.objectType(Connection, {
    description: 'A page of the cases that wait for the privacy officer.',
    fields: (t) => ({
      edges: t.field({ type: [Edge], description: 'The cases of the page.', resolve: ({ cases }) => cases }),
      pageInfo: t.field({
        type: 'PageInfo',
        description: 'Where the page stands.',
        resolve: ({ cases, hasNextPage }, _args, { caseCursors }) => {
          const cursorAt = (index: number) => {
            const found = cases.at(index);
            return found ? caseCursors.of(found.position) : null;
          };
          return { hasNextPage, startCursor: cursorAt(0), endCursor: cursorAt(-1) };
        },
      }),
    }),
  });

  builder.queryFields((t) => ({
    privacyCaseQueue: t.field({
      type: [InQueue],
      description:
        'The open cases: first those of people, of verified guardians and of staff, then those of unverified guardians; ' +
        'of each the next due first. For privacy staff. `privacyCases` has them in pages.',
      args: { first: t.arg.int({ description: `How many, up to ${MOST}.` }) },
      resolve: async (_root, { first }, context) => {
        staffOf(context, 'answerPrivacyCases');
        const limit = countOf('first', first, MOST, MOST);
        const { cases } = await context.services.privacyCaseQueue.find(CASE_KINDS, null, limit);
        return shown(cases, context);
      },
    }),
    privacyCases: t.field({
      type: Connection,
      nullable: true,
      description: 'The open cases in the order of `privacyCaseQueue`, a page at a time. For privacy staff.',
      extensions: NULL_ONLY_BY_ERROR,
      args: {
        first: t.arg.int({ description: `How many, up to ${MOST}; ${PAGE} where nothing is said.` }),
        after: t.arg.string({ description: 'The `endCursor` of the page before.', extensions: opaque() }),
        kinds: t.arg({ type: [Kind], description: 'Only cases of these kinds; of all where nothing is said.' }),
      },
      resolve: async (_root, { first, after, kinds }, context) => {
        staffOf(context, 'answerPrivacyCases');
        const position = after == null ? null : context.caseCursors.open(after);
        if (after != null && position === null) throw badInput('after', 'a cursor of this list');
        const limit = countOf('first', first, PAGE, MOST);
        const page = await context.services.privacyCaseQueue.find(kinds ?? CASE_KINDS, position, limit);
        return { cases: await shown(page.cases, context), hasNextPage: page.hasNextPage };
      },
    }),
  }));

  builder.objectField('PrivacyCase', 'kind', (t) =>
    t.field({
      type: Kind,
      description: 'Its source.',
      resolve: ({ from }) => (from === 'GUARDIAN' ? 'GUARDIAN_VERIFIED' : 'SUBJECT'),
    }),
  );
}

function defineOpening({ builder, vocabulary }: SchemaPart): void {
  const { address, child: ofChild } = GUARDIAN_LIMITS;
  builder.mutationFields((t) => ({
    openPrivacyCase: t.field({
      type: 'User',
      description:
        'The signed-in person, of any status, asks the privacy officer something. It is answered by the day it ' +
        `is due. Up to ${MOST_OPEN} of their own cases can be open.`,
      extensions: notUse(),
      args: {
        message: t.arg.string({ required: true, description: 'The question, up to 10,000 characters.' }),
        ...idempotencyKey(t.arg),
      },
      resolve: async (_root, args, context, info) => {
        const { sid } = selfOf(context);
        const { privacyCases } = context.services;
        const message = textArgument('message', args.message, LONGEST);
        const changed = await once(context, info, args, (making) => privacyCases.open(sid, message, making));
        return adopt(context, changed);
      },
    }),
    openGuardianCase: t.boolean({
      description:
        'A parent or guardian asks the privacy officer about a child, without an account. Staff sees the question, and ' +
        'nothing of the child until it has verified the guardian. The answer does not tell whether the child has an ' +
        `account. In 24 hours ${address.most} are kept from one address and ${ofChild.most} about one child; one request ` +
        'and one network have limits too. Beyond a limit nothing is kept, and the answer is the same.',
      extensions: notUse(),
      args: {
        child: t.arg.string({
          required: true,
          description: `The ${handleWords(vocabulary)} that the child is thought to use.`,
        }),
        contact: t.arg({ type: 'EmailAddress', required: true, description: 'Where to answer.' }),
        message: t.arg.string({ required: true, description: 'The question, up to 10,000 characters.' }),
        ...idempotencyKey(t.arg),
      },
      resolve: async (_root, args, context, info) => {
        const { privacyCases } = context.services;
        const child = textArgument('child', args.child, 200);
        const text = { message: textArgument('message', args.message, LONGEST), contact: args.contact };
        if (await context.mayStore('GUARDIAN_CASE'))
          await once(context, info, args, (making) => privacyCases.openForGuardian(child, text, making));
        return true;
      },
    }),
  }));
}

function defineHandling({ builder }: SchemaPart): void {
  builder.mutationFields((t) => ({
    verifyGuardianCase: t.boolean({
      description:
        'Privacy staff has verified the guardian of a case. The case goes into the record of the child, opens it to ' +
        'privacy staff, and lets them seal the account. The child is told, unless the account is sealed; the audit log ' +
        'has the member of staff. The answer does not tell whether the child has an account. Verifying twice changes ' +
        'nothing.',
      args: {
        id: t.arg.id({ required: true, description: 'The id of the case.' }),
        proof: t.arg.string({
          required: true,
          description: 'The proof that the guardian showed, in words, up to 10,000 characters.',
        }),
      },
      resolve: async (_root, { id, proof }, context) => {
        const occasion = occasionOf(context, 'answerPrivacyCases');
        await context.services.privacyCases.verify(id, textArgument('proof', proof, LONGEST), occasion);
        return true;
      },
    }),
    closePrivacyCase: t.boolean({
      description:
        'Privacy staff close a case of any kind, and with it their sight of the person. The texts of a finding, and of ' +
        'a guardian’s case that is in nobody’s record, are forgotten. Closing a case twice is no error.',
      args: { id: t.arg.id({ required: true, description: 'The id of the case.' }) },
      resolve: async (_root, { id }, context) => {
        staffOf(context, 'answerPrivacyCases');
        await context.services.privacyCases.close(id);
        return true;
      },
    }),
  }));
}

/** The fields of `User` that belong to this feature, and their types. */
function defineUserFields({ builder }: SchemaPart): void {
  builder.objectType('PrivacyCase', {
    description: 'A case with the privacy officer.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id.' }),
      openedAt: t.expose('openedAt', { type: 'DateTime', nullable: true, description: 'When it was opened.' }),
      dueAt: t.expose('dueAt', { type: 'DateTime', nullable: true, description: 'By when it is to be answered.' }),
      status: t.field({
        type: builder.enumType('PrivacyCaseStatus', {
          description: 'Where a case stands.',
          values: { OPEN: { description: 'Being worked on.' }, CLOSED: { description: 'Done.' } },
        }),
        description: 'Where it stands.',
        resolve: ({ status }) => status,
      }),
    }),
  });
  builder.objectFields('User', (t) => ({
    privacyCases: t.field({
      type: ['PrivacyCase'],
      description:
        'Cases that the person opened with the privacy officer, and those of verified guardians. Of the closed ' +
        `ones, the latest. ${DENIABLE}`,
      ...fromAccount(({ facts }) => toldCases(facts)),
    }),
  }));
}
