import { type Access, collectionOf, PEOPLE } from '../collections.ts';
import { placesAfter } from '../places-after.ts';

/** Where a request for a restriction stands among all that wait. */
export interface RequestPlace {
  readonly requestedAt: Date;
  readonly sid: string;
  readonly purpose: string;
}

/** Finds people whose requests wait, where a company has restrictions. */
export const RESTRICTIONS_INDEX = { key: { 'restrictions.state': 1 }, sparse: true } as const;

/** Searches of people by the restrictions in their records. */
export function createPeopleRestricted({ connection, read }: Pick<Access, 'connection' | 'read'>) {
  const people = collectionOf<{ readonly _id: string }>(connection, PEOPLE);

  return {
    /** The requests that wait, the oldest first: one command, however many people have them. */
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
