import type { CaseText } from '../features/privacy-cases/cases.ts';
import { createChildReports, type NewReport } from '../features/privacy-cases/reports.ts';
import { createPersonLedger, type PersonEntry } from '../ledger/chain/person-chain.ts';
import { openBytes } from '../store/aead.ts';
import { deriveSecret } from '../store/derive.ts';
import { createPersonKeys } from '../store/keys.ts';
import { collectionOf, PEOPLE } from '../store/mongo/collections.ts';
import type { Store } from '../store/mongo/connection.ts';
import { findActs } from '../subject/acts.ts';
import type { PersonDocument } from '../subject/model.ts';
import { createVault } from '../subject/vault.ts';
import type { MigrationTools, Step } from './step.ts';

/** A case of the earlier form: a case that the person opened does not name its source. */
interface EarlierCase {
  readonly id: string;
  readonly status: 'OPEN' | 'CLOSED';
  readonly from?: string;
  readonly verified?: boolean;
  readonly openedAt?: Date;
  readonly dueAt?: Date;
}

interface EarlierText {
  readonly _id: string;
  readonly sid: string | null;
  readonly sealed: string;
}

const CASES = 'facts.privacyCases';
const placeOf = (id: string) => `privacy case ${id}`;

const reportFrom = ({ id, status, openedAt, dueAt }: EarlierCase, text: CaseText): NewReport => ({
  ...{ _id: id, case: id, kind: 'GUARDIAN_UNVERIFIED', status, text },
  ...(openedAt && { openedAt }),
  ...(dueAt && { dueAt }),
});

/** Whether an unverified guardian opened a case, by the record or by the ledger. */
export const isHearsay = ({ id, from, verified }: EarlierCase, acts: readonly PersonEntry[]): boolean =>
  from === 'GUARDIAN'
    ? verified !== true
    : from === undefined &&
      acts.some((act) => act.type === 'PRIVACY_CASE' && act.case === id && act.from === 'GUARDIAN');

const textsOf = ({ connection }: Pick<Store, 'connection'>) =>
  collectionOf<EarlierText>(connection, 'privacy_case_texts');

/** Moves the cases about children without an account. */
async function moveStrangers({ store, sharedSecret }: MigrationTools): Promise<number> {
  const cases = collectionOf<EarlierCase & { _id: string }>(store.connection, 'guardian_cases');
  const texts = textsOf(store);
  const reports = createChildReports(store, sharedSecret);
  const key = deriveSecret(sharedSecret, 'privacy cases');
  const settings = { writeConcern: store.write };
  let changed = 0;
  for await (const { _id, ...earlier } of cases.find({}, store.read)) {
    const text = await texts.findOne({ _id, sid: null }, store.read);
    const written: CaseText = text ? JSON.parse(openBytes(key, placeOf(_id), text.sealed).toString()) : {};
    await reports.add(reportFrom({ ...earlier, id: _id }, written));
    await cases.deleteOne({ _id }, settings);
    changed += 1;
  }
  // also texts of cases that never came on record
  await texts.deleteMany({ sid: null }, settings);
  return changed;
}

/** Moves the cases out of people's records. */
async function moveFromRecords({ store, sharedSecret, keyEncryptionKey }: MigrationTools): Promise<number> {
  const people = collectionOf<PersonDocument>(store.connection, PEOPLE);
  const texts = textsOf(store);
  const reports = createChildReports(store, sharedSecret);
  const keys = createPersonKeys(store, keyEncryptionKey);
  const ledger = createPersonLedger(store);
  const settings = { writeConcern: store.write };

  async function move(person: PersonDocument): Promise<void> {
    const { _id: sid, avatarName: child, facts, revision } = person;
    const [acts = []] = await findActs(ledger, [person], { types: ['PRIVACY_CASE'] });
    const cases = facts.privacyCases as readonly EarlierCase[];
    const key = (await keys.find([sid])).get(sid);
    for (const earlier of cases.filter((known) => isHearsay(known, acts))) {
      const text = key && (await texts.findOne({ _id: earlier.id, sid }, store.read));
      const written = text ? (createVault(sid, key).open(placeOf(earlier.id), text.sealed) as CaseText) : {};
      await reports.add(reportFrom(earlier, { ...written, child }));
      await texts.deleteOne({ _id: earlier.id, sid }, settings);
    }
    const own = cases.filter((known) => !isHearsay(known, acts)).map((known) => ({ from: 'SUBJECT', ...known }));
    await people.updateOne(
      { _id: sid, revision },
      { $set: { [CASES]: own }, $inc: { revision: 1 } } as never,
      settings,
    );
  }

  const isEarlier = { $or: [{ from: { $exists: false } }, { from: 'GUARDIAN', verified: { $ne: true } }] };
  let changed = 0;
  for await (const person of people.find({ [CASES]: { $type: 'array', $elemMatch: isEarlier } }, store.read)) {
    await move(person);
    changed += 1;
  }
  return changed;
}

/** Each case names its source. No person's record holds the case of an unverified guardian. */
export const setGuardiansApart: Step = {
  id: 'guardian-cases-2026-12',
  says: 'Privacy cases name their source; cases of guardians stand apart from the records of people.',
  run: async (tools) => (await moveStrangers(tools)) + (await moveFromRecords(tools)),
};
