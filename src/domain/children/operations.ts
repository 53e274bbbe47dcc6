import type { DecisionTable } from '../../policy/compile.ts';
import type { Changes } from '../../subject/change.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import { sealing } from '../../subject/sealing.ts';

export const createChildOperations = (changes: Changes, { current }: DecisionTable) => ({
  /** Seals the account of somebody whom staff learned to be a child. Doing it twice changes nothing. */
  seal: (sid: SubjectId) => changes.apply(sid, (person, at) => sealing(person, current, 'STAFF', at)),
});
