import { opaque } from '../../enforcement/card-guard.ts';
import { countOf } from '../../graphql/arguments.ts';
import { partnerOf } from '../../graphql/callers.ts';
import type { Context } from '../../graphql/context.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import { completeNotices } from '../erasure/complete-notices.ts';
import type { PartnerEvent } from '../erasure/partner-event.ts';
import type { EventPage, PlacedEvent } from './operations.ts';

const PAGE = { usual: 20, most: 100 } as const;

const recipientOf = (context: Context): string =>
  partnerOf(context, 'Events are for the partners they speak to.').recipient.clientId;

export function definePartnerEvents({ builder, enums }: SchemaPart): void {
  const Event = builder.objectRef<PartnerEvent>('PartnerEvent');
  builder.objectType(Event, {
    description:
      'A change that concerns data that a partner was shown, or the end of its contract, with the task of the ' +
      'partner. A webhook gets the same. It never says why, and holds no value.',
    fields: (t) => ({
      id: t.exposeID('id', { description: 'The same for a webhook and in `erasureNotices`.' }),
      kind: t.exposeString('kind', {
        description:
          '`person.hidden`, `person.corrected`, `person.erase` or `contract.ended`: the `type` of the webhook’s message.',
      }),
      asked: t.field({ type: enums.Asked, description: 'The task.', resolve: ({ ask }) => ask }),
      personId: t.exposeID('personId', {
        nullable: true,
        description: 'The id by which the partner knows the person; null for `contract.ended`, which is about nobody.',
      }),
      categories: t.field({
        type: [enums.DataCategory],
        description: 'The categories concerned, of those that the partner was shown.',
        resolve: ({ categories }) => categories,
      }),
      purpose: t.expose('purpose', {
        type: 'Purpose',
        nullable: true,
        description: 'For `STOP`: the purpose that the data was shown for. Otherwise null.',
      }),
      everything: t.exposeBoolean('everything', { description: 'Whether all of the person is meant.' }),
      dueAt: t.expose('dueAt', {
        type: 'DateTime',
        nullable: true,
        description: 'For `ERASE`: when it is to be acknowledged at the latest. Otherwise null.',
      }),
      at: t.expose('at', { type: 'DateTime', description: 'When it changed.' }),
    }),
  });

  const Edge = builder.objectRef<PlacedEvent>('PartnerEventEdge');
  builder.objectType(Edge, {
    description: 'An event in a page.',
    fields: (t) => ({
      cursor: t.exposeString('cursor', { description: 'Where the event stands in the list; it tells nothing else.' }),
      node: t.field({ type: Event, description: 'The event.', resolve: ({ event }) => event }),
    }),
  });

  const Connection = builder.objectRef<EventPage>('PartnerEventConnection');
  builder.objectType(Connection, {
    description: 'A page of the events that wait for a partner.',
    fields: (t) => ({
      edges: t.field({ type: [Edge], description: 'The events of the page.', resolve: ({ events }) => events }),
      pageInfo: t.field({
        type: 'PageInfo',
        description: 'Where the page stands.',
        resolve: ({ events, hasNextPage }) => ({
          hasNextPage,
          startCursor: events.at(0)?.cursor ?? null,
          endCursor: events.at(-1)?.cursor ?? null,
        }),
      }),
    }),
  });

  builder.queryField('partnerEvents', (t) =>
    t.field({
      type: Connection,
      nullable: true,
      description:
        'The events for the calling partner about data that it was shown, in an order that stays: a later event ' +
        'stands after every cursor that was given before. An event waits until it is acknowledged; one that grows ' +
        'meanwhile stands at the end, under another id.',
      args: {
        first: t.arg.int({ description: `How many, up to ${PAGE.most}; ${PAGE.usual} where nothing is said.` }),
        after: t.arg.string({ description: 'A cursor: only later events.', extensions: opaque() }),
      },
      resolve: async (_root, { first, after }, context) => {
        const recipient = recipientOf(context);
        const count = countOf('first', first, PAGE.usual, PAGE.most);
        await completeNotices(context);
        return context.services.partnerEvents.read(recipient, after ?? null, count);
      },
    }),
  );

  builder.mutationField('acknowledgePartnerEvents', (t) =>
    t.boolean({
      description:
        'The partner says that it has carried out its events, up to a cursor of `partnerEvents`; `acknowledgeErasure` ' +
        'does so for a single one. Later events wait on. To say it again changes nothing.',
      args: {
        through: t.arg.string({
          required: true,
          description: 'The cursor of the last event that was carried out.',
          extensions: opaque(),
        }),
      },
      resolve: async (_root, { through }, context) => {
        await context.services.partnerEvents.acknowledge(recipientOf(context), through);
        return true;
      },
    }),
  );
}
