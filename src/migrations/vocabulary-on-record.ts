import { loadPolicy, parsePolicy } from '../policy/load.ts';
import { REFERENCE_BUNDLE } from '../policy/reference.ts';
import { createPolicyRecords } from '../store/mongo/repositories/policies.ts';
import type { Step } from './step.ts';

/** In the earlier form every policy used the vocabulary of the reference policy. */
export const recordVocabularies: Step = {
  id: 'vocabularies-on-record',
  says: 'Every version of the policy on record holds its vocabulary.',
  run: async ({ store }) => {
    const reference = JSON.parse((await loadPolicy(REFERENCE_BUNDLE)).canonical);
    const records = createPolicyRecords(store);
    let changed = 0;
    for (const record of await records.findAll()) {
      const source = JSON.parse(record.canonical);
      if (source.vocabulary !== undefined) continue;
      const text = JSON.stringify({ ...source, vocabulary: reference.vocabulary });
      const { canonical, hash } = parsePolicy(text, `policy version ${record._id} on record`);
      changed += Number(await records.edit(record, { canonical, hash }));
    }
    return changed;
  },
};
