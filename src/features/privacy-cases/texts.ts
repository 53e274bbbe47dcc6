import { collectionOf } from '../../ledger/collections.ts';
import type { BlindIndex } from '../../store/derive.ts';
import type { PersonKeys } from '../../store/keys.ts';
import type { Store } from '../../store/mongo/connection.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import { createVault, type Vault } from '../../subject/vault.ts';
import type { CaseText, PrivacyCase } from './cases.ts';

interface SealedText {
  readonly _id: string;
  readonly sid: SubjectId;
  readonly sealed: string;
}

export const CASE_TEXTS = 'privacy_case_texts';

/** A case in the record of a person. */
export interface CaseOf {
  readonly sid: SubjectId;
  readonly id: string;
  readonly from: PrivacyCase['from'];
}

/** Marks a guardian's case about a person: its id is one of its kind in that person's record alone. */
export const guardianMark = (blindIndex: BlindIndex, sid: SubjectId, id: string): string =>
  blindIndex('guardian case', `${sid} ${id}`);

/** The texts of cases in people's records, each under the key of its person: nobody can read them once that is gone. */
export function createCaseTexts(
  { connection, read, write }: Pick<Store, 'connection' | 'read' | 'write'>,
  keys: Pick<PersonKeys, 'find'>,
  blindIndex: BlindIndex,
) {
  const collection = collectionOf<SealedText>(connection, CASE_TEXTS);
  const settings = { writeConcern: write };
  const placeOf = (mark: string) => `privacy case ${mark}`;
  const markOf = ({ sid, id, from }: CaseOf) => (from === 'GUARDIAN' ? guardianMark(blindIndex, sid, id) : id);

  return {
    /** Keeping it again keeps the newer text. */
    async keep(of: CaseOf, vault: Vault, text: CaseText): Promise<void> {
      const _id = markOf(of);
      const document = { sid: of.sid, sealed: vault.seal(placeOf(_id), text) };
      await collection.updateOne({ _id }, { $set: document }, { ...settings, upsert: true });
    },

    async remove(of: CaseOf): Promise<void> {
      await collection.deleteOne({ _id: markOf(of), sid: of.sid }, settings);
    },

    /** The texts of these cases, in their order; null for one that has none. */
    async find(cases: readonly CaseOf[]): Promise<(CaseText | null)[]> {
      const found = await collection.find({ _id: { $in: cases.map(markOf) } }, read).toArray();
      const byMark = new Map(found.map((text) => [text._id, text]));
      const dataKeys = await keys.find([...new Set(found.map(({ sid }) => sid))]);
      return cases.map((of) => {
        const mark = markOf(of);
        const text = byMark.get(mark);
        const key = dataKeys.get(of.sid);
        return text && key && text.sid === of.sid
          ? (createVault(of.sid, key).open(placeOf(mark), text.sealed) as CaseText)
          : null;
      });
    },
  };
}

export type CaseTexts = ReturnType<typeof createCaseTexts>;
