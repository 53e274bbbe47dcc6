import { countOf } from '../../graphql/arguments.ts';
import { partnerOf } from '../../graphql/callers.ts';
import type { Context } from '../../graphql/context.ts';
import { OBJECT_ID } from '../../graphql/object-ids.ts';
import type { SchemaPart } from '../../graphql/schema-part.ts';
import { type DeliveryRecord, MOST_DELIVERIES, type WebhookRecord } from '../../store/mongo/repositories/webhooks.ts';
import type { SecretWebhook } from './operations.ts';
import type { Outcome } from './retries.ts';

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  DELIVERED: 'The receiver took it, with a status of 200 to 299.',
  GONE: 'The receiver said 410: the webhook is disabled.',
  REFUSED: 'The receiver answered with another status. Redirects are not followed.',
  TIMED_OUT: 'No answer came within 10 seconds.',
  UNREACHABLE: 'There was no connection, or no certificate that is trusted for the host.',
  ADDRESS_REFUSED: 'The host resolves to an address that is not public.',
};

const recipientOf = (context: Context): string =>
  partnerOf(context, 'Webhooks are for the partners that set them.').recipient.clientId;

export function defineWebhooks({ builder }: SchemaPart): void {
  const Because = builder.enumType('WebhookDisabledReason', {
    description: 'Why nothing is sent to a webhook any more.',
    values: {
      GONE: { description: 'The receiver said 410.' },
      FAILING: { description: 'Nothing was delivered for three days.' },
    },
  });
  const OutcomeType = builder.enumType('WebhookOutcome', {
    description: 'The outcome of an attempt.',
    values: Object.fromEntries(
      Object.entries(OUTCOMES).map(([outcome, description]) => [outcome, { description }]),
    ) as Record<Outcome, { description: string }>,
  });

  const WebhookType = builder.objectRef<WebhookRecord>('Webhook');
  builder.objectType(WebhookType, {
    description:
      'Where notices are sent to a partner, after the Standard Webhooks specification. A message that arrived is not ' +
      'acknowledged by that: its notice waits for `acknowledgeErasure`.',
    fields: (t) => ({
      id: t.id({
        description: OBJECT_ID,
        resolve: ({ _id }, _args, { objectIds }) => objectIds('Webhook', _id),
      }),
      url: t.expose('url', { type: 'URL', description: 'The address.' }),
      setAt: t.expose('setAt', { type: 'DateTime', description: 'When it was set.' }),
      publicKey: t.string({
        description: 'The key that verifies signatures of `v1a`: `whpk_` and an Ed25519 key in base64.',
        resolve: (webhook, _args, { services }) => services.webhooks.publicKeyOf(webhook),
      }),
      lastDeliveredAt: t.expose('lastDeliveredAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When a message last arrived; null where none has.',
      }),
      pending: t.int({
        description: 'How many notices are yet to be delivered and not given up; 10,000 stands for more.',
        resolve: ({ _id }, _args, { services }) => services.webhooks.countPending(_id),
      }),
      failingSince: t.expose('failingSince', {
        type: 'DateTime',
        nullable: true,
        description: 'Since when every attempt has failed; null where the last one did not.',
      }),
      disabledAt: t.expose('disabledAt', {
        type: 'DateTime',
        nullable: true,
        description: 'When it was disabled. Notices wait for `erasureNotices`, or for `setWebhook`.',
      }),
      disabledBecause: t.field({
        type: Because,
        nullable: true,
        description: 'Why it was disabled.',
        resolve: ({ disabledBecause }) => disabledBecause,
      }),
    }),
  });

  const Delivery = builder.objectRef<DeliveryRecord>('WebhookDelivery');
  builder.objectType(Delivery, {
    description: 'One attempt at sending a notice to a webhook.',
    fields: (t) => ({
      id: t.id({
        description: OBJECT_ID,
        resolve: ({ event, attempt, at }, _args, { objectIds }) =>
          objectIds('WebhookDelivery', event, attempt, at.toISOString()),
      }),
      at: t.expose('at', { type: 'DateTime', description: 'When it began.' }),
      type: t.exposeString('type', { description: 'The type of the message: `person.erase` for instance.' }),
      event: t.exposeID('event', { description: 'The id of the notice as it stood, which `webhook-id` says as well.' }),
      attempt: t.exposeInt('attempt', { description: 'Which attempt it was at this message; 1 is the first.' }),
      outcome: t.field({
        type: OutcomeType,
        description: 'The outcome.',
        resolve: ({ outcome }) => outcome as Outcome,
      }),
      status: t.exposeInt('status', { nullable: true, description: 'The status of the answer; null without one.' }),
      milliseconds: t.exposeInt('milliseconds', { description: 'How long it took.' }),
    }),
  });

  const Secret = builder.objectRef<SecretWebhook>('WebhookSecretPayload');
  builder.objectType(Secret, {
    description: 'A webhook with a new secret. The secret is told here, and never again.',
    fields: (t) => ({
      webhook: t.field({ type: WebhookType, description: 'The webhook.', resolve: ({ webhook }) => webhook }),
      secret: t.exposeString('secret', {
        description: 'The secret that verifies signatures of `v1`: `whsec_` and 32 bytes in base64.',
      }),
    }),
  });

  builder.queryFields((t) => ({
    webhook: t.field({
      type: WebhookType,
      nullable: true,
      description: 'The webhook of the calling partner; null where it has none.',
      resolve: (_root, _args, context) => context.services.webhooks.find(recipientOf(context)),
    }),
    webhookDeliveries: t.field({
      type: [Delivery],
      description: `The latest attempts at the webhook of the calling partner, the newest first; ${MOST_DELIVERIES} are kept.`,
      args: { first: t.arg.int({ description: `How many, 0 to ${MOST_DELIVERIES}; 20 where nothing is said.` }) },
      resolve: async (_root, { first }, context) => {
        const webhook = await context.services.webhooks.find(recipientOf(context));
        const count = countOf('first', first, 20, MOST_DELIVERIES);
        return [...(webhook?.deliveries ?? [])].reverse().slice(0, count);
      },
    }),
  }));

  builder.mutationFields((t) => ({
    setWebhook: t.field({
      type: Secret,
      description:
        'The partner says where notices are to be sent from now on, those that wait too, in the place of any address ' +
        'before. The webhook has keys of its own. 100 times a day.',
      args: {
        url: t.arg({
          type: 'URL',
          required: true,
          description: 'A public https address, with port 443 or 1024 and more, without user name or password.',
        }),
      },
      resolve: (_root, { url }, context) => context.services.webhooks.set(recipientOf(context), url),
    }),
    rotateWebhookSecret: t.field({
      type: Secret,
      description:
        'The partner has a new secret made for its webhook. One that is replaced signs as well for 24 hours. 5 times a day.',
      resolve: (_root, _args, context) => context.services.webhooks.rotate(recipientOf(context)),
    }),
    removeWebhook: t.boolean({
      description: 'Nothing is sent to the partner any more. False where it had no webhook.',
      resolve: (_root, _args, context) => context.services.webhooks.remove(recipientOf(context)),
    }),
    redeliver: t.boolean({
      description: 'A notice that waits is sent to the partner’s webhook once more, under the same id. 1,000 a day.',
      args: { id: t.arg.id({ required: true, description: 'The id of a notice as it stands now.' }) },
      resolve: async (_root, { id }, context) => {
        await context.services.webhooks.redeliver(recipientOf(context), id);
        return true;
      },
    }),
  }));
}
