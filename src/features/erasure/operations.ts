import type { Clock } from '../../base/clock.ts';
import { badInput } from '../../base/errors.ts';
import { LedgerConflictError } from '../../ledger/chain/person-chain.ts';
import type { ErasureGround } from '../../ledger/chain/person-entry.ts';
import { eachAlone } from '../../store/each-alone.ts';
import type { PersonKeys } from '../../store/keys.ts';
import type { Access } from '../../store/mongo/collections.ts';
import { createHoldings } from '../../store/mongo/repositories/holdings.ts';
import { createPeopleDue } from '../../store/mongo/repositories/people-due.ts';
import type { Changes } from '../../subject/change.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { Mailboxes } from '../../subject/mailboxes.ts';
import { ERASED, isErased, type PersonDocument } from '../../subject/model.ts';
import type { NameClaims } from '../../subject/name-claims.ts';
import type { PersonTies } from '../../subject/person-ties.ts';
import type { PublicIds } from '../../subject/public-ids.ts';
import type { Tombstones } from '../../subject/tombstones.ts';
import type { Suppressions } from '../newsletters/suppressions.ts';
import type { createConfirmations } from './confirmations.ts';
import type { ErasureNotices } from './notices.ts';

export type Erasure = ReturnType<typeof createErasure>;

/**
 * Erasing a person. It begins with one change of their document: from then on they exist for nobody, and nothing of
 * theirs is in it. The remaining steps can be repeated from the start after every interruption.
 */
export function createErasure(services: {
  readonly store: Access;
  readonly changes: Changes;
  readonly clock: Clock;
  readonly confirmations: ReturnType<typeof createConfirmations>;
  readonly keys: Pick<PersonKeys, 'destroy' | 'find'>;
  readonly mailboxes: Pick<Mailboxes, 'forget'>;
  readonly nameClaims: Pick<NameClaims, 'disown'>;
  readonly notices: Pick<ErasureNotices, 'notify'>;
  readonly personTies: Pick<PersonTies, 'endAll'>;
  readonly publicIds: Pick<PublicIds, 'forget'>;
  readonly suppressions: Pick<Suppressions, 'keep'>;
  readonly tombstones: Pick<Tombstones, 'raise'>;
}) {
  const {
    store,
    changes,
    clock,
    confirmations,
    keys,
    mailboxes,
    nameClaims,
    notices,
    personTies,
    publicIds,
    suppressions,
    tombstones,
  } = services;
  const people = createPeopleDue<PersonDocument>(store);
  const holdings = createHoldings(store);

  /** A child's account that was opened again meanwhile is left alone. */
  const begin = (sid: SubjectId, ground: ErasureGround) =>
    changes.apply(sid, async (person, at) => {
      const { deletionDueAt } = person;
      if (ground === 'CHILD' && !(deletionDueAt && deletionDueAt <= at)) return null;
      // later no record tells which mail the mailbox was unsubscribed from
      await suppressions.keep(person);
      return {
        set: { facts: ERASED, values: {}, avatarName: '', foldedName: '' },
        unset: [
          'billings',
          'consentEnds',
          'corrections',
          'deletionDueAt',
          'expiryTold',
          'mailbox',
          'openedBy',
          'restrictions',
          'retentionDueAt',
          'seal',
          'written',
        ],
        entries: [{ type: 'ERASURE', at: at.toISOString(), ground }],
      };
    });

  /** Whether the whole chain is in the ledger. One that is broken is reported, and stays in the document until it is mended. */
  const isSettled = async (person: PersonDocument): Promise<boolean> => {
    try {
      await changes.settle(person);
      return true;
    } catch (error) {
      if (error instanceof LedgerConflictError) return false;
      throw error;
    }
  };

  /** Held data goes first; the document goes last, and by then it holds nothing but the chain. */
  async function finish(person: PersonDocument): Promise<void> {
    const { _id: sid, publicId, ledger } = person;
    const at = clock.now();
    await personTies.endAll(sid, at);
    await keys.destroy(sid);
    await notices.notify(sid);
    await nameClaims.disown(publicId);
    await mailboxes.forget(sid);
    await holdings.forget(sid);
    if (!(await isSettled(person))) return;
    await tombstones.raise(sid, publicId, ledger.head, at);
    await publicIds.forget(publicId, sid);
    await people.forget(sid);
  }

  const erase = async (sid: SubjectId, ground: ErasureGround) => {
    const begun = await begin(sid, ground);
    if (begun && isErased(begun.document)) await finish(begun.document);
  };

  return {
    request: (sid: SubjectId) => confirmations.issue(sid, clock.now()),

    /**
     * @returns when it was done
     * @throws {ApiError} BAD_INPUT for anything but a confirmation of this person that is still good
     */
    async confirm(sid: SubjectId, confirmation: string): Promise<Date> {
      const now = clock.now();
      if (!confirmations.isGood(sid, confirmation, now))
        throw badInput('confirmation', 'the confirmation that `requestErasure` gave this person, before its deadline');
      await erase(sid, 'REQUEST');
      return now;
    },

    /**
     * Erases all people without a key. An erasure destroys the person's key, and the keys are restored from a newer file
     * than the data: a missing key shows that the person was erased after the data was copied.
     *
     * @returns how many people were left, and how many erased
     */
    async repeat(): Promise<{ readonly left: number; readonly erased: number }> {
      let left = 0;
      let erased = 0;
      for (let sids = await people.findIds(); sids.length > 0; sids = await people.findIds(sids.at(-1))) {
        const found = await keys.find(sids);
        const keyless = sids.filter((sid) => !found.has(sid));
        await eachAlone(keyless, (sid) => erase(sid, 'RESTORE'));
        left += found.size;
        erased += keyless.length;
      }
      return { left, erased };
    },

    /** Finishes erasures that were cut off, and erases the children that are due. */
    async sweep(): Promise<void> {
      const unfinished = await people.findOfStatus(ERASED.status);
      const due = await people.findDue(clock.now());
      await eachAlone([...unfinished, ...due], (person) =>
        isErased(person) ? finish(person) : erase(person._id, 'CHILD'),
      );
    },
  };
}
