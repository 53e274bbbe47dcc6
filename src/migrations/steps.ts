import { attributeBillingsToOrders } from './billings.ts';
import { boundStorage } from './bounded-storage.ts';
import { markFollowerMailboxes } from './follower-mailboxes.ts';
import { setGuardiansApart } from './guardian-cases.ts';
import { tellKindsOfProcesses } from './kinds-of-processes.ts';
import { setPublicIdsApart } from './mark-public-ids.ts';
import { foldNamesAndMarkMailboxes } from './names-and-mailboxes.ts';
import { nameWhatNoticesAsk } from './notices-ask.ts';
import { orderNoticesByPosition } from './notices-by-position.ts';
import { tellSinceWhenNoticesWait } from './notices-since.ts';
import { replacePolicyOnRecord } from './policy-on-record.ts';
import { nameSeals } from './seals.ts';
import type { Step } from './step.ts';
import { recordVocabularies } from './vocabulary-on-record.ts';

/** Every change of the stored form so far, in the order of their runs. */
export const STEPS: readonly Step[] = [
  replacePolicyOnRecord,
  setGuardiansApart,
  nameSeals,
  orderNoticesByPosition,
  foldNamesAndMarkMailboxes,
  boundStorage,
  attributeBillingsToOrders,
  markFollowerMailboxes,
  nameWhatNoticesAsk,
  setPublicIdsApart,
  recordVocabularies,
  tellKindsOfProcesses,
  tellSinceWhenNoticesWait,
];
