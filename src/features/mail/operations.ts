import { randomUUID } from 'node:crypto';
import { openBytes, sealBytes } from '../../store/aead.ts';
import type { Allowances } from '../../store/allowances.ts';
import { deriveSecret } from '../../store/derive.ts';
import type { PersonKeys } from '../../store/keys.ts';
import type { Access } from '../../store/mongo/collections.ts';
import { createMailRecords, type MailRecord } from '../../store/mongo/repositories/outgoing-mail.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { Home } from '../../subject/new-person.ts';
import { createVault } from '../../subject/vault.ts';
import { createCoolDowns, type Mail } from './cool-downs.ts';

export type OutgoingMail = ReturnType<typeof createOutgoingMail>;

/**
 * Mail on its way out: what a mailbox is told and a caller is not. Sealed at rest, addresses above all: under the key of
 * the person whose doing it is, where they have an account. Gone once sent, and with the person.
 *
 * @param secret  32 bytes that every gateway on the same database shares
 */
export function createOutgoingMail(
  store: Access,
  secret: Buffer,
  keys: Pick<PersonKeys, 'find'>,
  allowances: Pick<Allowances, 'take'>,
) {
  const mayGo = createCoolDowns(allowances);
  const key = deriveSecret(secret, 'outgoing mail');
  const waiting = createMailRecords(store);
  const placeOf = (id: string) => `mail ${id}`;

  const open = ({ _id, sid, sealed }: MailRecord, dataKeys: ReadonlyMap<SubjectId, Buffer>): Mail[] => {
    if (sid === null) return [JSON.parse(openBytes(key, placeOf(_id), sealed).toString())];
    const dataKey = dataKeys.get(sid);
    return dataKey ? [createVault(sid, dataKey).open(placeOf(_id), sealed) as Mail] : [];
  };

  return {
    /**
     * Queues a mail, unless its address had one of this kind within the cool-down. The caller is not told, and the database
     * gets the same commands either way. Where the cool-down can't be read, nothing is queued.
     *
     * @param sender  the person whose doing it is; null for nobody who has an account
     * @param mailbox  a mark of the address, by which mail that waits can be forgotten
     */
    async queue(mail: Mail, queuedAt: Date, sender: Home | null, mailbox?: string): Promise<void> {
      const isKept = await mayGo(mail);
      const _id = randomUUID();
      const sealed = sender
        ? sender.vault.seal(placeOf(_id), mail)
        : sealBytes(key, placeOf(_id), Buffer.from(JSON.stringify(mail)));
      await waiting.queue({ _id, sid: sender?.sid ?? null, ...(mailbox && { mailbox }), queuedAt, sealed }, isKept);
    },

    /** The oldest messages, for a mailer. */
    async findNext(limit: number): Promise<(Mail & { readonly id: string })[]> {
      const found = await waiting.findOldest(limit);
      const dataKeys = await keys.find([...new Set(found.flatMap(({ sid }) => sid ?? []))]);
      return found.flatMap((sealed) => open(sealed, dataKeys).map((mail) => ({ id: sealed._id, ...mail })));
    },

    /** Forgets what waits for a mailbox. */
    forget: (mailbox: string): Promise<void> => waiting.forgetMailbox(mailbox),

    markSent: (id: string): Promise<void> => waiting.forget(id),
  };
}
