import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { RecordStaffAct } from '../../ledger/book/audit.ts';
import type { DecisionTable } from '../../policy/compile.ts';
import type { BlindIndex } from '../../store/derive.ts';
import type { PersonKeys } from '../../store/keys.ts';
import type { Access } from '../../store/mongo/collections.ts';
import { CREDITS, createItems } from '../../store/mongo/repositories/items.ts';
import { WAITING_CREDITS } from '../../store/mongo/repositories/waiting-credits.ts';
import { type Credit, sealItem, type WaitingCredit } from '../../subject/content.ts';
import { timesOf, withoutOver } from '../../subject/expiry.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { Mailboxes } from '../../subject/mailboxes.ts';
import type { PersonDocument } from '../../subject/model.ts';
import type { People } from '../../subject/people.ts';
import { openValue, type Vault } from '../../subject/vault.ts';
import { type CompletionOptions, createCompletions } from './completions.ts';
import { isSameName } from './same-name.ts';
import { createWaiting } from './waiting.ts';

export type OfferOperations = ReturnType<typeof createOfferOperations>;

/**
 * Offers that people completed elsewhere. Credits are booked where both the address and the name that an offer site
 * reports are the person's. If only the address matches, they wait for support.
 */
export function createOfferOperations(services: {
  readonly store: Access;
  readonly mailboxes: Pick<Mailboxes, 'findHolder'>;
  readonly people: Pick<People, 'findBySids'>;
  readonly vaultOf: (sid: SubjectId) => Promise<Vault>;
  readonly keys: Pick<PersonKeys, 'find'>;
  readonly recordAct: RecordStaffAct;
  readonly blindIndex: BlindIndex;
  readonly sharedSecret: Buffer;
  readonly table: Pick<DecisionTable, 'retention'>;
  readonly clock: Clock;
  readonly log: Log;
}) {
  const { store, mailboxes, people, vaultOf, table, clock } = services;
  const credits = createItems(store, CREDITS);
  const waiting = createItems(store, WAITING_CREDITS);

  const book = (vault: Vault, sid: SubjectId, credit: Credit): Promise<void> =>
    credits.put(sealItem(vault, CREDITS, sid, credit));
  const keepWaiting = (vault: Vault, sid: SubjectId, credit: WaitingCredit): Promise<void> =>
    waiting.put(sealItem(vault, WAITING_CREDITS, sid, credit));

  /** The active person that has proven an address. */
  const findEarner = async (email: string): Promise<PersonDocument | null> => {
    const sid = await mailboxes.findHolder(email);
    const [person] = sid === null ? [] : await people.findBySids([sid]);
    return person?.facts.status === 'ACTIVE' ? person : null;
  };

  const reward: CompletionOptions['reward'] = async (reported, { report, receivedAt }) => {
    const { email, partner, credits: amount, name, isTrial } = reported;
    const earner = await findEarner(email);
    if (!earner || (isTrial && earner.facts.invented !== true)) return;
    const { _id: sid } = earner;
    const { values } = withoutOver(timesOf(table.retention, earner, clock.now()), earner);
    const vault = await vaultOf(sid);
    const credit: Credit = { id: report, at: receivedAt, partner, credits: amount };
    const known = openValue(vault, values, 'NAME');
    const isTheirs = known !== undefined && name !== undefined && isSameName(name, known);
    await (isTheirs
      ? book(vault, sid, credit)
      : keepWaiting(vault, sid, { ...credit, ...(name !== undefined && { name }) }));
  };

  const { submit, settleLeftovers, idle } = createCompletions({ ...services, reward });
  return { submit, settleLeftovers, idle, ...createWaiting({ ...services, book }) };
}
