import { badInput } from '../../base/errors.ts';
import { opaque } from '../../enforcement/card-guard.ts';
import { PART_OF_VALUE } from '../../enforcement/classification.ts';
import { notUse } from '../../enforcement/site-use.ts';
import { adopt } from '../../graphql/adopt.ts';
import { countOf } from '../../graphql/arguments.ts';
import { activeSelfOf, occasionOf, selfOf, staffOf } from '../../graphql/callers.ts';
import type { Context } from '../../graphql/context.ts';
import { OBJECT_ID, ofPerson } from '../../graphql/object-ids.ts';
import { DENIABLE, fromAccount } from '../../graphql/personal-fields.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import type { Restriction } from '../../subject/model.ts';
import { restrictionsOf } from '../../subject/restrictions.ts';
import { idempotencyKey, once } from '../idempotency/schema.ts';
import type { RestrictionDecision } from './operations.ts';

const MOST = 100;
const PAGE = 20;

const STATES: Readonly<Record<Restriction['state'], { readonly description: string }>> = {
  REQUESTED: { description: 'It waits for staff, and holds meanwhile.' },
  AGREED: { description: 'Staff agreed to it, and it holds.' },
  DECLINED: { description: 'Staff declined it, and it does not hold. The person may ask again.' },
  ENDED: { description: 'The person ended it.' },
};

const DECISIONS: Readonly<Record<RestrictionDecision, { readonly description: string }>> = {
  AGREED: { description: 'Agrees: it goes on to hold.' },
  DECLINED: { description: 'Declines: it does not hold any more.' },
};

export function defineRestrictions(part: SchemaPart): void {
  defineUserFields(part);
  defineOwn(part);
  defineHandling(part);
}

/** @throws {ApiError} BAD_INPUT for a purpose that no condition asks about */
function restrictable({ services: { table } }: Pick<Context, 'services'>, purpose: string): string {
  if (!table.asksRestrictions.includes(purpose))
    throw badInput('purpose', `one of ${table.asksRestrictions.join(', ')}`);
  return purpose;
}

function defineOwn({ builder }: SchemaPart): void {
  builder.mutationFields((t) => ({
    requestRestriction: t.field({
      type: 'User',
      extensions: notUse(),
      description:
        'The signed-in person, of any status, asks that their data is not used for a purpose. Once answered, it ' +
        'governs every read that starts afterwards, until staff declines it or the person ends it. Partners that were ' +
        'shown data because it did not hold are told to use it no more. While one holds, asking again changes nothing.',
      args: {
        purpose: t.arg({
          type: 'Purpose',
          required: true,
          description: 'The purpose: one that the policy lets people restrict.',
        }),
        ...idempotencyKey(t.arg),
      },
      resolve: async (_root, args, context, info) => {
        const { sid } = selfOf(context);
        const purpose = restrictable(context, args.purpose);
        const { restrictions } = context.services;
        return adopt(context, await once(context, info, args, (making) => restrictions.request(sid, purpose, making)));
      },
    }),
    endRestriction: t.field({
      type: 'User',
      description:
        'The signed-in person ends a restriction, requested or agreed to: their data may be used for the purpose again, ' +
        'as far as the policy says. Where none holds, nothing changes.',
      args: { purpose: t.arg({ type: 'Purpose', required: true, description: 'The purpose.' }) },
      resolve: async (_root, { purpose }, context) =>
        adopt(context, await context.services.restrictions.end(activeSelfOf(context).sid, purpose)),
    }),
  }));
}

function defineHandling({ builder }: SchemaPart): void {
  builder.objectType('RestrictionRequest', {
    description: 'A request of a person that waits for staff: not to use their data for a purpose.',
    fields: (t) => ({
      id: t.exposeID('id', {
        description: 'For `decideRestriction`, and for `after`. Each answer has another one, and each stays good.',
      }),
      purpose: t.expose('purpose', { type: 'Purpose', description: 'The purpose.' }),
      requestedAt: t.expose('requestedAt', { type: 'DateTime', description: 'Since when it waits.' }),
      user: t.field({
        type: 'User',
        nullable: true,
        description: 'The person; null where the policy lets the caller see nothing of them.',
        resolve: ({ sid }, _args, { subjects }) => subjects.findBySid(sid),
      }),
    }),
  });

  const Decision = builder.enumType('RestrictionDecision', {
    description: 'The decision of staff on a request.',
    values: DECISIONS,
  });

  builder.queryFields((t) => ({
    restrictionRequests: t.field({
      type: ['RestrictionRequest'],
      description: 'Requests for restrictions that wait, the oldest first. For staff with the power to decide them.',
      args: {
        first: t.arg.int({ description: `How many, up to ${MOST}; ${PAGE} where nothing is said.` }),
        after: t.arg.id({ description: 'The `id` of the last request of the page before.', extensions: opaque() }),
      },
      resolve: (_root, { first, after }, context) => {
        staffOf(context, 'decideRestrictions');
        return context.services.restrictions.findWaiting(after ?? null, countOf('first', first, PAGE, MOST));
      },
    }),
  }));

  builder.mutationFields((t) => ({
    decideRestriction: t.boolean({
      description:
        'Staff with the power to decide restrictions agrees to a request, or declines it. The person sees it in their ' +
        'record; the audit log has the member of staff. Deciding alike twice changes nothing. A request that was decided ' +
        'otherwise, or ended, is a `CONFLICT`.',
      args: {
        id: t.arg.id({ required: true, description: 'The id of the request.', extensions: opaque() }),
        decision: t.arg({ type: Decision, required: true, description: 'The decision.' }),
      },
      resolve: async (_root, { id, decision }, context) => {
        await context.services.restrictions.decide(id, decision, occasionOf(context, 'decideRestrictions'));
        return true;
      },
    }),
  }));
}

/** The fields of `User` that belong to this feature, and their types. */
function defineUserFields({ builder }: SchemaPart): void {
  builder.objectType('Restriction', {
    description: 'A purpose for which the person asked not to have their data used.',
    extensions: PART_OF_VALUE,
    fields: (t) => ({
      id: t.id({
        description: OBJECT_ID,
        resolve: ({ sid, purpose }, _args, { objectIds }) => objectIds('Restriction', sid, purpose),
      }),
      purpose: t.expose('purpose', { type: 'Purpose', description: 'The purpose that their data is not used for.' }),
      state: t.field({
        type: builder.enumType('RestrictionState', { description: 'Where a restriction stands.', values: STATES }),
        description: 'Where it stands.',
        resolve: ({ state }) => state,
      }),
      requestedAt: t.expose('requestedAt', { type: 'DateTime', description: 'When the person asked for it.' }),
      at: t.expose('at', { type: 'DateTime', description: 'Since when it stands so.' }),
    }),
  });
  builder.objectFields('User', (t) => ({
    restrictions: t.field({
      type: ['Restriction'],
      description:
        'The person’s requests not to use their data: the latest restriction for each purpose. Earlier ones are ' +
        `in their ledger. ${DENIABLE}`,
      ...fromAccount((person) => ofPerson(person, restrictionsOf(person))),
    }),
  }));
}
