import { setTimeout as sleep } from 'node:timers/promises';
import { raceLost } from '../../base/errors.ts';
import type { Signal } from '../../base/signal.ts';
import type { Received } from '../../ledger/disclosure/recipients.ts';
import { idsOf, type Vocabulary } from '../../policy/vocabulary.ts';
import type { BlindIndex } from '../../store/derive.ts';
import type { createNoticeRecords } from '../../store/mongo/repositories/erasure-notices.ts';
import type { Pseudonyms, SubjectId } from '../../subject/identifiers.ts';
import { grow } from './due.ts';
import { duesOf, stopsOf } from './dues.ts';
import type { Retractions } from './find-retractions.ts';
import type { ShownTo } from './shown-to.ts';
import { createNoticeId, type StoredNotice } from './stored-notice.ts';

/** Attempts at writing notices that other gateways write at the same time. */
const ATTEMPTS = 30;

export interface PlacingOptions {
  readonly records: Pick<ReturnType<typeof createNoticeRecords<StoredNotice>>, 'find' | 'put'>;
  readonly blindIndex: BlindIndex;
  readonly vocabulary: Vocabulary;
  readonly pseudonymsOf: (clientId: string) => Pseudonyms;
  readonly findShownTo: (recipients: readonly string[]) => Promise<ShownTo>;
  /** Told of the recipients of notices that were put in place. */
  readonly noticesPlaced: Pick<Signal<readonly string[]>, 'tell'>;
}

/** Puts in place every notice that the retractions of people make due, of the data that partners were shown of them. */
export function createNoticePlacer(options: PlacingOptions) {
  const { records, blindIndex, vocabulary, pseudonymsOf, findShownTo, noticesPlaced } = options;
  const order = idsOf(vocabulary.categories);
  const idOf = createNoticeId(blindIndex);

  return async (
    all: ReadonlyMap<SubjectId, Retractions>,
    received: ReadonlyMap<SubjectId, readonly Received[]>,
  ): Promise<void> => {
    const recipients = new Set(
      [...received.values()].flatMap((ofPerson) => ofPerson.map(({ recipient }) => recipient)),
    );
    const isDecided = [...all.values()].some((retractions) => stopsOf(retractions).length > 0);
    const shownTo = await findShownTo(isDecided ? [...recipients] : []);
    const due = [...all].flatMap(([sid, retractions]) =>
      duesOf(received.get(sid) ?? [], retractions, shownTo).map((one) => ({ ...one, sid, _id: idOf(sid, one) })),
    );
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const known = await records.find(due.map(({ _id }) => _id));
      const byId = new Map(known.map((notice) => [notice._id, notice]));
      const wanted = due.flatMap(({ _id, sid, recipient, ask, purpose, counts, acts }) => {
        const before = byId.get(_id) ?? null;
        const state = grow(before, counts, acts, order);
        if (!state) return [];
        const personId = pseudonymsOf(recipient).of(sid);
        return [{ before, notice: { _id, recipient, ask, purpose, personId, ...state } }];
      });
      const isPut = await records.put(wanted);
      if (wanted.length > 0) noticesPlaced.tell([...new Set(wanted.map(({ notice }) => notice.recipient))]);
      if (isPut) return;
      await sleep(Math.random() * 4 * (attempt + 1));
    }
    throw raceLost();
  };
}
