import { randomUUID } from 'node:crypto';
import type { Allowances } from '../../store/allowances.ts';
import type { PersonKeys } from '../../store/keys.ts';
import type { Access } from '../../store/mongo/collections.ts';
import { createMailRecords } from '../../store/mongo/repositories/outgoing-mail.ts';
import type { Home } from '../../subject/new-person.ts';
import { createSharedVault, findVaults } from '../../subject/vault.ts';
import { createCoolDowns, type Mail } from './cool-downs.ts';

export type OutgoingMail = ReturnType<typeof createOutgoingMail>;

/**
 * Mail on its way out: the mailbox learns its content, the caller does not. Mail is sealed at rest, addresses above
 * all: under the key of the person that caused it, if they have an account. It is gone once it is sent, and with the
 * person.
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
  const ofStrangers = createSharedVault(secret, 'outgoing mail');
  const waiting = createMailRecords(store);
  const placeOf = (id: string) => `mail ${id}`;

  return {
    /**
     * Queues a mail, unless its address had one of this kind within the cool-down. The caller is not told, and the database
     * gets the same commands either way. Where the cool-down can't be read, nothing is queued.
     *
     * @param sender the person that caused the mail; null if they have no account
     * @param mailbox  a mark of the address, by which mail that waits can be forgotten
     */
    async queue(mail: Mail, queuedAt: Date, sender: Home | null, mailbox?: string): Promise<void> {
      const isKept = await mayGo(mail);
      const _id = randomUUID();
      const sealed = (sender?.vault ?? ofStrangers).seal(placeOf(_id), mail);
      await waiting.queue({ _id, sid: sender?.sid ?? null, ...(mailbox && { mailbox }), queuedAt, sealed }, isKept);
    },

    /** The oldest messages, for a mailer. */
    async findNext(limit: number): Promise<(Mail & { readonly id: string })[]> {
      const found = await waiting.findOldest(limit);
      const vaults = await findVaults(
        keys,
        found.flatMap(({ sid }) => sid ?? []),
      );
      return found.flatMap(({ _id: id, sid, sealed }) => {
        const vault = sid === null ? ofStrangers : vaults.get(sid);
        return vault ? [{ id, ...(vault.open(placeOf(id), sealed) as Mail) }] : [];
      });
    },

    /** Forgets the mail that waits for a mailbox. */
    forget: (mailbox: string): Promise<void> => waiting.forgetMailbox(mailbox),

    markSent: (id: string): Promise<void> => waiting.forget(id),
  };
}
