import { randomUUID } from 'node:crypto';
import type { Clock } from '../../base/clock.ts';
import { DAY } from '../../base/durations.ts';
import { ApiError, badInput, raceLost, rateLimited } from '../../base/errors.ts';
import { outboundUrlOf, type Reach } from '../../base/public-address.ts';
import type { Allowances } from '../../store/allowances.ts';
import type { NoticePushes } from '../../store/mongo/repositories/notice-pushes.ts';
import type { WebhookRecord, WebhookRecords } from '../../store/mongo/repositories/webhooks.ts';
import { readNoticeId, type StoredNotice } from '../erasure/stored-notice.ts';
import type { Dispatcher } from './dispatcher.ts';
import { secretsAt, type WebhookKeys } from './message.ts';

/** A webhook with the secret of it, which is told once. */
export interface SecretWebhook {
  readonly webhook: WebhookRecord;
  readonly secret: string;
}

/** How long a secret that was replaced signs as well, in milliseconds. */
const ROTATION = DAY;

/** A partner chooses where the gateway sends: neither an address nor a message may be had again and again. */
const SET_A_DAY = { of: 'setting webhooks', most: 100, withinMs: DAY };
/** So few that the signatures of all secrets find room in one header. */
const ROTATED_A_DAY = { of: 'rotating webhooks', most: 5, withinMs: DAY };
const REDELIVERED_A_DAY = { of: 'redelivery', most: 1_000, withinMs: DAY };

const none = () =>
  new ApiError('CONFLICT', 'This partner has no webhook that is enabled: set one with `setWebhook`, and try again.');

export type Webhooks = ReturnType<typeof createWebhooks>;

/** The webhook of a partner, as the partner sets it. */
export function createWebhooks(services: {
  readonly webhooks: WebhookRecords;
  readonly pushes: NoticePushes<StoredNotice>;
  readonly dispatcher: Dispatcher;
  readonly keys: WebhookKeys;
  readonly allowances: Pick<Allowances, 'take'>;
  readonly clock: Clock;
  readonly reach: Reach;
}) {
  const { webhooks, pushes, dispatcher, keys, allowances, clock, reach } = services;

  const withSecret = (webhook: WebhookRecord): SecretWebhook => ({
    webhook,
    secret: keys.secretText(webhook._id, webhook.secrets[0]?.id ?? ''),
  });

  return {
    find: webhooks.find,
    countPending: pushes.countOpen,

    /** `whpk_...` */
    publicKeyOf: ({ _id, keyId }: WebhookRecord): string => keys.publicKeyText(_id, keyId),

    /**
     * Puts a webhook in the place of any before, with keys of its own, and begins to send to it.
     *
     * @throws {ApiError} BAD_INPUT for an address that the gateway sends nothing to
     */
    async set(recipient: string, address: string): Promise<SecretWebhook> {
      const url = outboundUrlOf(address, reach);
      if (!url)
        throw badInput('url', 'a public https address, with port 443 or 1024 and more, without user name or password');
      if (!(await allowances.take(SET_A_DAY, recipient))) throw rateLimited('Too many webhooks were set today.');
      const webhook = await webhooks.set({
        ...{ _id: recipient, url: url.href, setAt: clock.now(), keyId: randomUUID() },
        secrets: [{ id: randomUUID(), until: null }],
      });
      await pushes.beginAnew(recipient);
      await dispatcher.wake([recipient]);
      return withSecret(webhook);
    },

    /**
     * If the answer with a secret was lost, the partner can ask for another: the secrets that it knows stay valid for
     * their time.
     */
    async rotate(recipient: string): Promise<SecretWebhook> {
      const webhook = await webhooks.find(recipient);
      if (!webhook) throw none();
      if (!(await allowances.take(ROTATED_A_DAY, recipient))) throw rateLimited('Too many secrets were made today.');
      const now = clock.now();
      const until = new Date(now.getTime() + ROTATION);
      const before = secretsAt(webhook, now).map((secret) => ({ ...secret, until: secret.until ?? until }));
      const changed = await webhooks.changeSecrets(webhook, [{ id: randomUUID(), until: null }, ...before]);
      if (!changed) throw raceLost();
      return withSecret(changed);
    },

    /** @returns false where there was none */
    remove: webhooks.remove,

    /**
     * Sends a notice once more.
     *
     * @throws {ApiError} BAD_INPUT where the partner has no such notice that waits; CONFLICT where it has no webhook
     */
    async redeliver(recipient: string, id: string): Promise<void> {
      if ((await webhooks.findEnabled([recipient])).length === 0) throw none();
      if (!(await allowances.take(REDELIVERED_A_DAY, recipient)))
        throw rateLimited('Too many notices were sent again today.');
      const named = readNoticeId(id);
      if (!named || !(await pushes.sendAgain({ ...named, recipient })))
        throw badInput('id', 'the id of a notice of this partner that waits, as it stands now');
      await dispatcher.wake([recipient]);
    },
  };
}
