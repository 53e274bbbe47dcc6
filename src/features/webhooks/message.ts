import { createHmac, createPrivateKey, createPublicKey, sign as signBytes } from 'node:crypto';
import { deriveSecret } from '../../store/derive.ts';
import type { WebhookRecord } from '../../store/mongo/repositories/webhooks.ts';
import type { PartnerEvent } from '../erasure/partner-event.ts';

// Messages as the Standard Webhooks specification has them.
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md

/** The body of a message. */
export function bodyOf({ kind, id, ask, personId, categories, purpose, everything, dueAt, at }: PartnerEvent): string {
  return JSON.stringify({
    type: kind,
    timestamp: at,
    data: { id, asked: ask, personId, categories, purpose, everything, dueAt },
  });
}

/** Names the keys of one webhook, without storing anything of them. */
export interface KeyNames {
  /** The client id of the partner. */
  readonly recipient: string;
  /** A random name of the pair of keys of `v1a`. */
  readonly keyId: string;
  /** A random name of each secret of `v1` that signs now. */
  readonly secretIds: readonly string[];
}

/** The secrets that sign at a time, the newest first. */
export const secretsAt = ({ secrets }: Pick<WebhookRecord, 'secrets'>, at: Date): WebhookRecord['secrets'] =>
  secrets.filter(({ until }) => until === null || at < until);

/** Names the keys that sign to a webhook at a time. */
export const keyNamesOf = (webhook: WebhookRecord, at: Date): KeyNames => ({
  recipient: webhook._id,
  keyId: webhook.keyId,
  secretIds: secretsAt(webhook, at).map(({ id }) => id),
});

/** Before the 32 bytes of a private key of Ed25519, as PKCS #8 in DER. @see RFC 8410, 7 */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * The keys that sign messages. They are derived from the shared secret and random names, so that the database holds
 * none of them.
 *
 * @param sharedSecret  32 bytes that every gateway on the same database shares
 */
export function createWebhookKeys(sharedSecret: Buffer) {
  const secretOf = (recipient: string, id: string) => deriveSecret(sharedSecret, `webhook secret ${recipient} ${id}`);
  const privateKeyOf = (recipient: string, id: string) => {
    const seed = deriveSecret(sharedSecret, `webhook key ${recipient} ${id}`);
    return createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, seed]), format: 'der', type: 'pkcs8' });
  };

  return {
    /** `whsec_` and 32 bytes in base64. */
    secretText: (recipient: string, id: string): string => `whsec_${secretOf(recipient, id).toString('base64')}`,

    /** `whpk_` and 32 bytes in base64. */
    publicKeyText(recipient: string, id: string): string {
      const { x = '' } = createPublicKey(privateKeyOf(recipient, id)).export({ format: 'jwk' });
      return `whpk_${Buffer.from(x, 'base64url').toString('base64')}`;
    },

    /**
     * The headers of one attempt.
     *
     * @param id  the same for each attempt at the same message. It may hold a dot, since nobody else chooses it
     * @param at  the time of the attempt
     */
    headersFor({ recipient, keyId, secretIds }: KeyNames, id: string, at: Date, body: string) {
      const timestamp = String(Math.floor(at.getTime() / 1_000));
      const signed = Buffer.from(`${id}.${timestamp}.${body}`);
      const symmetric = secretIds.map(
        (secretId) => `v1,${createHmac('sha256', secretOf(recipient, secretId)).update(signed).digest('base64')}`,
      );
      const asymmetric = `v1a,${signBytes(null, signed, privateKeyOf(recipient, keyId)).toString('base64')}`;
      return {
        'content-type': 'application/json',
        'user-agent': 'assent',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': [...symmetric, asymmetric].join(' '),
      };
    },
  };
}

export type WebhookKeys = ReturnType<typeof createWebhookKeys>;
