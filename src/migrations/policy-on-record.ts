import { loadPolicy } from '../policy/load.ts';
import { REFERENCE_BUNDLE } from '../policy/reference.ts';
import { createPolicyRecords } from '../store/mongo/repositories/policies.ts';
import type { Step } from './step.ts';

/** The unreleased content of the reference policy: SHA-256 of its canonical JSON. */
const UNRELEASED = '089e5e7058e06c44edbe0783431e579f837985f23875a160bed065f2dad2c661';

/** Replaces this exact content only: a version that a company wrote itself never changes. */
export const replacePolicyOnRecord: Step = {
  id: 'reference-policy-2026-12',
  says: 'The reference policy 2014-09-12, which had not been released, is on record with its new content.',
  run: async ({ store }) => {
    const { policy, canonical, hash } = await loadPolicy(REFERENCE_BUNDLE);
    const unreleased = { _id: policy.version, hash: UNRELEASED };
    return Number(await createPolicyRecords(store).edit(unreleased, { canonical, hash }));
  },
};
