import { badInput } from '../../base/errors.ts';
import { notUse } from '../../enforcement/site-use.ts';
import { adopt, present } from '../../graphql/adopt.ts';
import { activeSelfOf, selfOf } from '../../graphql/callers.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import { createAccess } from '../../policy/decide.ts';
import type { DataCategory } from '../../policy/vocabulary.ts';
import { addressOf, LENGTHS, textOf } from '../../subject/forms.ts';
import type { Subject } from '../../subject/subject.ts';
import { everyAudience } from '../explanations/every-audience.ts';

interface Left {
  readonly user: Subject;
  readonly removed: readonly DataCategory[];
  readonly removable: readonly DataCategory[];
}

export function definePrograms({ builder, enums }: SchemaPart): void {
  const Payload = builder.objectRef<Left>('LeaveProgramPayload');
  builder.objectType(Payload, {
    description: 'A program that was left.',
    fields: (t) => ({
      user: t.expose('user', { type: 'User', description: 'The person, decided anew.' }),
      deleted: t.field({
        type: [enums.DataCategory],
        description: 'The deleted categories.',
        resolve: ({ removed }) => removed,
      }),
      offeredForDeletion: t.field({
        type: [enums.DataCategory],
        description: 'Categories collected for the program alone and still held: leave again with `deleteCollected`.',
        resolve: ({ removable }) => removable,
      }),
    }),
  });

  builder.mutationFields((t) => ({
    joinCreatorNotification: t.field({
      type: 'User',
      description: 'The signed-in person joins the creator notification program, with an address, a number, or both.',
      args: {
        postalAddress: t.arg({ type: 'AddressInput', description: 'Where notices go by post.' }),
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
        return adopt(context, changed);
      },
    }),
    leaveCreatorNotification: t.field({
      type: Payload,
      description:
        'The signed-in person leaves the creator notification program: nothing more is shown because of it. Data ' +
        'collected for it alone is deleted where they want that, unless a clause needs it for somebody else.',
      extensions: notUse(),
      args: {
        deleteCollected: t.arg.boolean({ description: 'Whether to delete data collected for the program alone.' }),
      },
      resolve: async (_root, { deleteCollected }, context) => {
        const { sid } = selfOf(context);
        const { table, partners, programs } = context.services;
        const others = everyAudience(table, await partners.findAll()).filter(({ recipient }) => recipient !== null);
        const accesses = others.map((audience) => createAccess(table, audience, context.now));
        const left = await programs.leave(sid, deleteCollected === true, accesses);
        const { removed, removable } = present(left);
        return { removed, removable, user: await adopt(context, left) };
      },
    }),
  }));
}
