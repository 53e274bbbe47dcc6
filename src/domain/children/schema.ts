import { forbiddenOperation } from '../../errors.ts';
import type { Context } from '../../graphql/context.ts';
import type { SchemaPart } from '../../graphql/refs.ts';
import { serves } from '../../policy/serves.ts';
import type { Subject } from '../../subject/subject.ts';

/** Privacy staff, for the purpose that lets them see whom they act on. */
const requirePrivacyStaff = ({ caller, access }: Context): void => {
  const isPrivacyStaff = caller.kind === 'STAFF' && caller.role === 'privacy';
  const refusal = isPrivacyStaff ? access.others.refusal() : 'NOT_PERMITTED';
  if (refusal) throw forbiddenOperation('Only privacy staff at work on a case can do this.', refusal);
};

export function defineChildren({ builder, refs }: SchemaPart): void {
  const Payload = builder.objectRef<{ readonly user: Subject; readonly deletionDueAt: Date | null }>(
    'SealChildPayload',
  );
  builder.objectType(Payload, {
    description: 'The account is sealed.',
    fields: (t) => ({
      user: t.expose('user', { type: refs.User, description: 'The person, decided anew.' }),
      deletionDueAt: t.expose('deletionDueAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When everything that is held of them is deleted.',
      }),
    }),
  });

  builder.mutationField('sealChild', (t) =>
    t.field({
      type: Payload,
      nullable: true,
      extensions: serves('children.age-limit'),
      description:
        'Privacy staff, at work on an open case of the person, seals the account of somebody who turned out to be a ' +
        'child, at once, and queues everything for deletion. Null for a person whom they may not see.',
      args: { user: t.arg.id({ required: true, description: 'The id of the person.' }) },
      resolve: async (_root, { user: id }, context) => {
        requirePrivacyStaff(context);
        const subject = await context.subjects.find(id);
        const changed = subject && (await context.services.children.seal(subject.sid));
        if (!changed) return null;
        const { document } = changed;
        return { user: await context.subjects.adopt(document), deletionDueAt: document.deletionDueAt ?? null };
      },
    }),
  );
}
