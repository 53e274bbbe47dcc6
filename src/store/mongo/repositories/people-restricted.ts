import { type Access, collectionOf, PEOPLE } from '../collections.ts';
import { placesAfter } from '../places-after.ts';

/** The place of a request for a restriction in the queue. */
export interface RequestPlace {
  readonly requestedAt: Date;
  readonly sid: string;
  readonly purpose: string;
}

/** Finds people with pending requests, for companies with restrictions. */
export const RESTRICTIONS_INDEX = { key: { 'restrictions.state': 1 }, sparse: true } as const;

/** Searches of people by the restrictions in their records. */
export function createPeopleRestricted({ connection, read }: Pick<Access, 'connection' | 'read'>) {
  const people = collectionOf<{ readonly _id: string }>(connection, PEOPLE);

  return {
    /** The pending requests, the oldest first, in one command for any number of people. */
    findRequests: (after: RequestPlace | null, limit: number): Promise<RequestPlace[]> =>
      people
        .aggregate<RequestPlace>(
          [
            { $match: { 'restrictions.state': 'REQUESTED' } },
            { $unwind: '$restrictions' },
            { $match: { 'restrictions.state': 'REQUESTED' } },
            {
              $project: {
                _id: 0,
                requestedAt: '$restrictions.requestedAt',
                sid: '$_id',
                purpose: '$restrictions.purpose',
              },
            },
            {
              $match: after
                ? placesAfter([
                    ['requestedAt', after.requestedAt],
                    ['sid', after.sid],
                    ['purpose', after.purpose],
                  ])
                : {},
            },
            { $sort: { requestedAt: 1, sid: 1, purpose: 1 } },
            { $limit: limit },
          ],
          read,
        )
        .toArray(),
  };
}
