import { type Access, collectionOf, DISCLOSURE_BOOKS } from '../collections.ts';

/** Reports to authorities, from the disclosure books. */
export function createDisclosureReports({ connection, read }: Pick<Access, 'connection' | 'read'>) {
  const books = collectionOf(connection, DISCLOSURE_BOOKS);
  return {
    /** Whether a report about a person is on record. */
    async has(sid: string, report: string): Promise<boolean> {
      const told = { 'entries.sids': sid, 'entries.report': report };
      return (await books.findOne(told, { ...read, projection: { _id: 1 } })) !== null;
    },
  };
}
