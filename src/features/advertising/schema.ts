import { classified, PART_OF_VALUE } from '../../enforcement/classification.ts';
import { adopt } from '../../graphql/adopt.ts';
import { activeSelfOf } from '../../graphql/callers.ts';
import { OBJECT_ID, type OfPerson, ofPerson } from '../../graphql/object-ids.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import { type AdInteraction, adInteractionsOf } from '../../subject/ties.ts';

export function defineAdvertising({ builder }: SchemaPart): void {
  const AdInteractionType = builder.objectRef<OfPerson<AdInteraction>>('AdInteraction');
  builder.objectType(AdInteractionType, {
    description:
      'That a person interacted with an advertisement. The advertisement itself is not held, nor the person’s acts there.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      id: t.id({
        description: OBJECT_ID,
        resolve: ({ sid, partner }, _args, { objectIds }) => objectIds('AdInteraction', sid, partner),
      }),
      partner: t.field({
        type: 'Partner',
        nullable: true,
        description: 'The advertiser; null for one no longer on record.',
        resolve: ({ partner }, _args, { partners }) => partners.load(partner),
      }),
      at: t.expose('at', { type: 'DateTime', description: 'When first.' }),
    }),
  });

  builder.objectField('User', 'adInteractions', (t) =>
    t.field({
      type: [AdInteractionType],
      nullable: true,
      description:
        'Advertisers with an advertisement that the person interacted with. Null with `FORBIDDEN` where the policy denies it.',
      extensions: classified('ACCOUNT'),
      resolve: (subject) => {
        const { person } = subject.reveal('ACCOUNT');
        return ofPerson(person, adInteractionsOf(person.facts));
      },
    }),
  );

  builder.mutationFields((t) => ({
    recordAdInteraction: t.field({
      type: 'User',
      description:
        'The signed-in person interacted with an advertisement. That it was this advertiser’s, and when first, is all ' +
        'that is taken: nothing that the advertisement or the advertiser’s cookies and beacons hold.',
      args: { partner: t.arg.id({ required: true, description: 'The client id of the advertiser.' }) },
      resolve: async (_root, { partner }, context) => {
        const { sid } = activeSelfOf(context);
        return adopt(context, await context.services.advertising.recordInteraction(sid, partner));
      },
    }),
  }));
}
