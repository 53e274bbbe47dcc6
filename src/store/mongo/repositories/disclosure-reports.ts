import { type Access, collectionOf, DISCLOSURE_BOOKS } from '../collections.ts';

/** Reports to authorities, as the disclosure books tell of them. */
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
