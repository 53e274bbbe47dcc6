import type { BlindIndex } from '../../store/derive.ts';
import type { PersonKeys } from '../../store/keys.ts';
import type { Access } from '../../store/mongo/collections.ts';
import { createCaseTextRecords } from '../../store/mongo/repositories/case-texts.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import { findVaults, type Vault } from '../../subject/vault.ts';
import type { CaseText, PrivacyCase } from './cases.ts';

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
export function createCaseTexts(store: Access, keys: Pick<PersonKeys, 'find'>, blindIndex: BlindIndex) {
  const records = createCaseTextRecords(store);
  const placeOf = (mark: string) => `privacy case ${mark}`;
  const markOf = ({ sid, id, from }: CaseOf) => (from === 'GUARDIAN' ? guardianMark(blindIndex, sid, id) : id);

  return {
    /** Keeping it again keeps the newer text. */
    async keep(of: CaseOf, vault: Vault, text: CaseText): Promise<void> {
      const _id = markOf(of);
      await records.keep({ _id, sid: of.sid, sealed: vault.seal(placeOf(_id), text) });
    },

    remove: (of: CaseOf): Promise<void> => records.forget(markOf(of), of.sid),

    /** The texts of these cases, in their order; null for one that has none. */
    async find(cases: readonly CaseOf[]): Promise<(CaseText | null)[]> {
      const found = await records.find(cases.map(markOf));
      const byMark = new Map(found.map((text) => [text._id, text]));
      const vaults = await findVaults(
        keys,
        found.map(({ sid }) => sid),
      );
      return cases.map((of) => {
        const mark = markOf(of);
        const text = byMark.get(mark);
        const vault = vaults.get(of.sid);
        return text && vault && text.sid === of.sid ? (vault.open(placeOf(mark), text.sealed) as CaseText) : null;
      });
    },
  };
}

export type CaseTexts = ReturnType<typeof createCaseTexts>;
