import type { Clock } from '../../base/clock.ts';
import { ApiError, badInput } from '../../base/errors.ts';
import type { RecordStaffAct, StaffOccasion } from '../../ledger/book/audit.ts';
import type { Access } from '../../store/mongo/collections.ts';
import { createPeopleRestricted, type RequestPlace } from '../../store/mongo/repositories/people-restricted.ts';
import { openText, sealText } from '../../store/sealed-text.ts';
import type { Changed, Changes } from '../../subject/change.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import type { Change, PersonDocument, Restriction } from '../../subject/model.ts';
import type { People } from '../../subject/people.ts';
import { isRestricting, restrictionChange, restrictionsOf } from '../../subject/restrictions.ts';
import type { Making } from '../idempotency/operations.ts';

/** The decision of staff on a request. */
export type RestrictionDecision = Extract<Restriction['state'], 'AGREED' | 'DECLINED'>;

/** A request that waits for staff. */
export interface RestrictionRequest {
  /** Names the request. It can't be forged, and tells nothing. */
  readonly id: string;
  readonly sid: SubjectId;
  readonly purpose: string;
  readonly requestedAt: Date;
}

const PLACE = 'restriction request';

const NO_REQUEST = 'the id of a request from `restrictionRequests`';

const restrictionFor = (person: PersonDocument, asked: string): Restriction | undefined =>
  restrictionsOf(person).find(({ purpose }) => purpose === asked);

export type RestrictionOperations = ReturnType<typeof createRestrictionOperations>;

export function createRestrictionOperations(services: {
  readonly store: Access;
  readonly changes: Pick<Changes, 'apply'>;
  readonly people: Pick<People, 'findBySids'>;
  readonly clock: Clock;
  readonly recordAct: RecordStaffAct;
  /** 32 bytes that every gateway on the same database shares. */
  readonly secret: Buffer;
}) {
  const { store, changes, people, clock, recordAct, secret } = services;
  const records = createPeopleRestricted(store);

  const idOf = ({ requestedAt, sid, purpose }: RequestPlace) =>
    sealText(secret, PLACE, [requestedAt.getTime(), sid, purpose]);

  /** @throws {ApiError} BAD_INPUT for a text that is no id of a request */
  function placeOf(argument: string, id: string): RequestPlace {
    const place = openText(secret, PLACE, id) as readonly [number, SubjectId, string] | null;
    if (!place) throw badInput(argument, NO_REQUEST);
    const [requestedAt, sid, purpose] = place;
    return { requestedAt: new Date(requestedAt), sid, purpose };
  }

  /** The decision on a request; null where it stands already. */
  const deciding =
    ({ purpose, requestedAt }: RequestPlace, decision: RestrictionDecision) =>
    (person: PersonDocument, at: Date): Change | null => {
      const known = restrictionFor(person, purpose);
      const isMeant = known?.requestedAt.getTime() === requestedAt.getTime();
      if (isMeant && known.state === decision) return null;
      if (!isMeant || known.state !== 'REQUESTED')
        throw new ApiError('CONFLICT', 'The request does not wait any more: it was decided, or the person ended it.');
      return restrictionChange(person, { ...known, state: decision, at });
    };

  return {
    /**
     * The person asks that their data is not used for a purpose. That holds at once. While such a request waits, or was
     * agreed to, asking again changes nothing.
     *
     * @returns null where there is no such person
     */
    request: (sid: SubjectId, purpose: string, { made }: Pick<Making, 'made'>): Promise<Changed | null> =>
      changes.apply(sid, (person, at) => {
        const known = restrictionFor(person, purpose);
        if (made || (known && isRestricting(known))) return null;
        return restrictionChange(person, { purpose, state: 'REQUESTED', requestedAt: at, at });
      }),

    /**
     * The person ends a restriction, so that their data may be used for the purpose again. If none holds, nothing
     * changes.
     *
     * @returns null where there is no such person
     */
    end: (sid: SubjectId, purpose: string): Promise<Changed | null> =>
      changes.apply(sid, (person, at) => {
        const known = restrictionFor(person, purpose);
        return known && isRestricting(known) ? restrictionChange(person, { ...known, state: 'ENDED', at }) : null;
      }),

    /**
     * Agrees to a request, or declines it: then it does not hold any more. Deciding alike twice changes nothing.
     *
     * @throws {ApiError} BAD_INPUT for anything but a request, CONFLICT for one that does not wait any more
     */
    async decide(id: string, decision: RestrictionDecision, occasion: StaffOccasion): Promise<void> {
      const place = placeOf('id', id);
      const plan = deciding(place, decision);
      const [person] = await people.findBySids([place.sid]);
      if (!person) throw badInput('id', NO_REQUEST);
      if (plan(person, clock.now()) === null) return;
      const act = decision === 'AGREED' ? 'RESTRICTION_AGREED' : 'RESTRICTION_DECLINED';
      await recordAct(occasion, { act, sids: [place.sid], case: place.purpose });
      await changes.apply(place.sid, plan, person);
    },

    /**
     * Requests that wait for staff, the oldest first.
     *
     * @param after  the id of the last one before
     * @throws {ApiError} BAD_INPUT for anything but such an id
     */
    async findWaiting(after: string | null, limit: number): Promise<RestrictionRequest[]> {
      const found = await records.findRequests(after === null ? null : placeOf('after', after), limit);
      return found.map((place) => ({ ...place, id: idOf(place) }));
    },
  };
}
