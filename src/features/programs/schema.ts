import { badInput } from '../../base/errors.ts';
import { notUse } from '../../enforcement/site-use.ts';
import type { SchemaPart } from '../../graphql/refs.ts';
import { activeSelfOf, selfOf } from '../../graphql/self.ts';
import { createAccess } from '../../policy/decide.ts';
import { serves } from '../../policy/serves.ts';
import type { DataCategory } from '../../policy/vocabulary.ts';
import { addressOf, LENGTHS, textOf } from '../../subject/forms.ts';
import type { Subject } from '../../subject/subject.ts';
import { everyAudience } from '../explanations/audiences.ts';

interface Left {
  readonly user: Subject;
  readonly removed: readonly DataCategory[];
  readonly removable: readonly DataCategory[];
}

export function definePrograms({ builder, refs, vocabulary }: SchemaPart): void {
  const Payload = builder.objectRef<Left>('LeaveProgramPayload');
  builder.objectType(Payload, {
    description: 'A program that was left.',
    fields: (t) => ({
      user: t.expose('user', { type: refs.User, description: 'The person, decided anew.' }),
      deleted: t.field({
        type: [vocabulary.DataCategory],
        description: 'What was deleted.',
        resolve: ({ removed }) => removed,
      }),
      offeredForDeletion: t.field({
        type: [vocabulary.DataCategory],
        description: 'What was collected for the program alone and is still held: leave again with `deleteCollected`.',
        resolve: ({ removable }) => removable,
      }),
    }),
  });

  builder.mutationFields((t) => ({
    joinCreatorNotification: t.field({
      type: refs.User,
      description: 'The signed-in person joins the creator notification program, with an address, a number, or both.',
      extensions: serves('programs.creator-notification'),
      args: {
        postalAddress: t.arg({ type: refs.AddressInput, description: 'Where notices go by post.' }),
        cellPhone: t.arg.string({ description: 'Where notices go by phone.' }),
      },
      resolve: async (_root, { postalAddress, cellPhone }, context) => {
        const { sid } = activeSelfOf(context);
        if (postalAddress == null && cellPhone == null)
          throw badInput('postalAddress', 'a postal address, a cellPhone, or both');
        const changed = await context.services.programs.join(sid, {
          ...(postalAddress != null && { POSTAL_ADDRESS: addressOf('postalAddress', postalAddress) }),
          ...(cellPhone != null && { CELL_PHONE: textOf('cellPhone', cellPhone, LENGTHS.word) }),
        });
        if (!changed) throw new Error('The person who was read a moment ago is gone.');
        return context.subjects.adopt(changed.document);
      },
    }),
    leaveCreatorNotification: t.field({
      type: Payload,
      description:
        'The signed-in person leaves the creator notification program: nothing more is shown because of it. What was ' +
        'collected for it alone is deleted where they want that, unless a clause needs it for somebody else.',
      extensions: { ...notUse(), ...serves('programs.creator-notification') },
      args: {
        deleteCollected: t.arg.boolean({ description: 'Whether to delete what was collected for the program alone.' }),
      },
      resolve: async (_root, { deleteCollected }, context) => {
        const { sid } = selfOf(context);
        const { table, partners, programs } = context.services;
        const others = everyAudience(table, await partners.findAll()).filter(({ recipient }) => recipient !== null);
        const accesses = others.map((audience) => createAccess(table, audience, context.now));
        const left = await programs.leave(sid, deleteCollected === true, accesses);
        if (!left) throw new Error('The person who was read a moment ago is gone.');
        const { removed, removable } = left;
        return { removed, removable, user: await context.subjects.adopt(left.document) };
      },
    }),
  }));
}
