import { categoriesIn } from '../../../../dist/policy/vocabulary.js';

const CLAUSES = { PARTNER: ['sharing.successor'], STAFF: ['contact.privacy-officer'] };

/** The disclosures of one response, durable before it leaves: one document for each response. */
export function createRecorder({ store: { connection, write }, table }) {
  const collection = connection.getClient().db(connection.name).collection('peer_disclosures');
  return async (caller, people, now, requestId) => {
    if (caller.kind === 'MEMBER' || people.length === 0) return;
    const at = now.toISOString();
    const entries = people.map(({ _id, shown }) => ({
      sid: _id,
      recipient: caller.kind === 'PARTNER' ? caller.recipient.clientId : caller.role,
      purpose: caller.purpose,
      clauses: CLAUSES[caller.kind],
      categories: categoriesIn(table.vocabulary, shown),
      policyVersion: '2014-09-12',
      at,
      requestId,
      tokenId: caller.tokenId,
    }));
    await collection.insertOne({ at, entries }, { writeConcern: write });
  };
}
