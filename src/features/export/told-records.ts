import type { PersonEntry } from '../../ledger/chain/person-chain.ts';
import type { Disclosure } from '../../ledger/disclosure/disclosure.ts';
import type { Policy } from '../../policy/clause.ts';
import { LEGAL_BASIS_TERMS, termsOf } from './dpv-terms.ts';

/** An entry of the ledger without the internal id; those that it carries along are told where they belong. */
export const toldEntry = ({ _id: _place, sid: _sid, ...entry }: PersonEntry) =>
  entry.type === 'MEND' ? { ...entry, displaced: entry.displaced.map(({ n }) => n) } : entry;

/** A disclosure as one person is told of it, in the terms of a policy. */
export const toldDisclosure = (
  { vocabulary, purposes, clauses }: Policy,
  { sid: _sid, position: _position, hash: _hash, ...disclosure }: Disclosure,
) => ({
  '@type': 'dpv:Disclose',
  ...disclosure,
  'dpv:hasPersonalData': disclosure.categories.map(termsOf(vocabulary)),
  'dpv:hasPurpose': purposes.find(({ id }) => id === disclosure.purpose)?.dpv,
  'dpv:hasLegalBasis': clauses
    .filter(({ id }) => disclosure.clauses.includes(id))
    .map(({ legalBasis }) => LEGAL_BASIS_TERMS[legalBasis]),
});
