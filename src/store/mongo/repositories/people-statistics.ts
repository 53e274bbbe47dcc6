import { type Access, collectionOf, PEOPLE } from '../collections.ts';

/** The people with these internal ids and a status; whole documents. */
export function createPeopleStatistics<Person extends { readonly _id: string }>({
  connection,
  read,
}: Pick<Access, 'connection' | 'read'>) {
  const people = collectionOf<{ readonly _id: string }>(connection, PEOPLE);
  return {
    findOfStatus: (sids: readonly string[], status: string): Promise<Person[]> =>
      people.find<Person>({ _id: { $in: [...sids] }, 'facts.status': status }, read).toArray(),
  };
}
