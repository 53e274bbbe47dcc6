import { randomUUID } from 'node:crypto';
import { openBytes, sealBytes } from '../../store/aead.ts';
import type { Store } from '../../store/connection.ts';
import { deriveSecret } from '../../store/derive.ts';

/** A message that a mailer has yet to send. What it says is made from `kind` and `data`, in the mailer's own words. */
export interface Mail {
  readonly to: string;
  /** Which message it is, e.g. `VERIFY_SUBSCRIPTION`. */
  readonly kind: string;
  readonly data: Readonly<Record<string, unknown>>;
}

interface SealedMail {
  readonly _id: string;
  readonly queuedAt: Date;
  readonly sealed: string;
}

export type OutgoingMail = ReturnType<typeof createOutgoingMail>;

/**
 * Mail on its way out: what a mailbox is told and a caller is not. Sealed at rest, addresses above all; gone once sent.
 *
 * @param secret  32 bytes that every gateway on the same database shares
 */
export function createOutgoingMail(
  { connection, read, write }: Pick<Store, 'connection' | 'read' | 'write'>,
  secret: Buffer,
) {
  const key = deriveSecret(secret, 'outgoing mail');
  const collection = connection.getClient().db(connection.name).collection<SealedMail>('outgoing_mail');
  return {
    async queue(mail: Mail, queuedAt: Date): Promise<void> {
      const _id = randomUUID();
      const sealed = sealBytes(key, `mail ${_id}`, Buffer.from(JSON.stringify(mail)));
      await collection.insertOne({ _id, queuedAt, sealed }, { writeConcern: write });
    },

    /** The oldest messages, for a mailer. */
    async findNext(limit: number): Promise<(Mail & { readonly id: string })[]> {
      const found = await collection.find({}, { ...read, sort: { queuedAt: 1, _id: 1 }, limit }).toArray();
      return found.map(({ _id, sealed }) => ({
        id: _id,
        ...(JSON.parse(openBytes(key, `mail ${_id}`, sealed).toString()) as Mail),
      }));
    },

    async markSent(id: string): Promise<void> {
      await collection.deleteOne({ _id: id }, { writeConcern: write });
    },
  };
}
