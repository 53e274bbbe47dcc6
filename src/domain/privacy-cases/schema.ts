import { notUse } from '../../enforcement/site-use.ts';
import { countOf, textArgument } from '../../graphql/arguments.ts';
import type { SchemaPart } from '../../graphql/refs.ts';
import { selfOf } from '../../graphql/self.ts';
import { staffOf } from '../../graphql/staff.ts';
import { serves } from '../../policy/serves.ts';
import type { Subject } from '../../subject/subject.ts';
import type { CaseText, QueuedCase } from './operations.ts';

interface CaseInQueue extends QueuedCase {
  readonly text: CaseText | null;
  readonly subject: Subject | null;
  readonly overdue: boolean;
}

const MOST = 100;
const LONGEST = 10_000;

export function definePrivacyCases({ builder, refs }: SchemaPart): void {
  const InQueue = builder.objectRef<CaseInQueue>('QueuedPrivacyCase');
  builder.objectType(InQueue, {
    description: 'A case that waits for the privacy officer.',
    fields: (t) => ({
      id: t.exposeID('id', { description: 'Its id.' }),
      openedAt: t.expose('openedAt', { type: 'DateTime', nullable: true, description: 'Since when it waits.' }),
      dueAt: t.expose('dueAt', { type: 'DateTime', nullable: true, description: 'By when it is to be answered.' }),
      overdue: t.exposeBoolean('overdue', { description: 'Whether it should have been answered already.' }),
      user: t.field({
        type: refs.User,
        nullable: true,
        description: 'The person it is about; null where a guardian asks about somebody who is not here.',
        resolve: ({ subject }) => subject,
      }),
      message: t.string({
        nullable: true,
        description: 'What was asked; null where nothing was written down.',
        resolve: ({ text }) => text?.message,
      }),
      contact: t.string({
        nullable: true,
        description: 'Where to answer somebody without an account.',
        resolve: ({ text }) => text?.contact,
      }),
    }),
  });

  builder.queryFields((t) => ({
    privacyCaseQueue: t.field({
      type: [InQueue],
      description: 'The open cases, the next due first. For privacy staff.',
      extensions: serves('contact.privacy-officer'),
      args: { first: t.arg.int({ description: `How many, up to ${MOST}.` }) },
      resolve: async (_root, { first }, context) => {
        staffOf(context, 'privacy');
        const { privacyCases } = context.services;
        const cases = await privacyCases.findOpen(countOf('first', first, MOST, MOST));
        const texts = await privacyCases.findTexts(cases.map(({ id }) => id));
        return Promise.all(
          cases.map(async (open): Promise<CaseInQueue> => {
            const subject = open.person && (await context.subjects.find(open.person.publicId));
            // What was written is part of the person's own record, and reading it is on the audit log.
            subject?.reveal('ACCOUNT');
            const overdue = open.dueAt !== undefined && open.dueAt <= context.now;
            return { ...open, subject, overdue, text: texts.get(open.id) ?? null };
          }),
        );
      },
    }),
  }));

  builder.mutationFields((t) => ({
    openPrivacyCase: t.field({
      type: refs.User,
      description: 'The signed-in person asks the privacy officer something. It is answered by the day it is due.',
      extensions: { ...notUse(), ...serves('contact.privacy-officer', 'blog.unsubscribe') },
      args: { message: t.arg.string({ required: true, description: 'The question, up to 10,000 characters.' }) },
      resolve: async (_root, { message }, context) => {
        const { sid } = selfOf(context);
        const text = { message: textArgument('message', message, LONGEST) };
        const changed = await context.services.privacyCases.open(sid, text);
        if (!changed) throw new Error('The person who was read a moment ago is gone.');
        return context.subjects.adopt(changed.document);
      },
    }),
    openGuardianCase: t.boolean({
      description:
        'A parent or guardian asks the privacy officer about a child, without an account. The answer does not tell ' +
        'whether the child has one.',
      extensions: { ...notUse(), ...serves('children.guardians') },
      args: {
        child: t.arg.string({ required: true, description: 'The avatar name that the child is thought to use.' }),
        contact: t.arg({ type: 'EmailAddress', required: true, description: 'Where to answer.' }),
        message: t.arg.string({ required: true, description: 'The question, up to 10,000 characters.' }),
      },
      resolve: async (_root, { child, contact, message }, { services }) => {
        const text = { message: textArgument('message', message, LONGEST), contact };
        await services.privacyCases.openForGuardian(textArgument('child', child, 200), text);
        return true;
      },
    }),
    closePrivacyCase: t.boolean({
      description: 'Privacy staff close a case, and with it their sight of the person. Closing it twice is no error.',
      extensions: serves('contact.privacy-officer'),
      args: { id: t.arg.id({ required: true, description: 'The id of the case.' }) },
      resolve: async (_root, { id }, context) => {
        staffOf(context, 'privacy');
        await context.services.privacyCases.close(id);
        return true;
      },
    }),
  }));
}
