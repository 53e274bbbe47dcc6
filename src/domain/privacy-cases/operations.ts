import { randomUUID } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { badInput } from '../../errors.ts';
import { collectionOf } from '../../ledger/collections.ts';
import type { Policy } from '../../policy/clause.ts';
import type { Facts } from '../../policy/facts.ts';
import { openBytes, sealBytes } from '../../store/aead.ts';
import type { Store } from '../../store/connection.ts';
import { deriveSecret } from '../../store/derive.ts';
import type { PersonKeys } from '../../store/keys.ts';
import type { Changes } from '../../subject/change.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import { type PersonDocument, personModel } from '../../subject/model.ts';
import type { People } from '../../subject/people.ts';
import { createVault, type Vault } from '../../subject/vault.ts';

/** A case as it stands in the person's record. */
export interface PrivacyCase {
  readonly id: string;
  readonly status: 'OPEN' | 'CLOSED';
  /** Who opened it; left out for the person themself. */
  readonly from?: 'GUARDIAN';
  /** Left out where the record does not know. */
  readonly openedAt?: Date;
  readonly dueAt?: Date;
}

/** What was written when a case was opened, and how to answer whoever has no account. */
export interface CaseText {
  readonly message: string;
  readonly contact?: string;
}

/** A case of a guardian about a child who has no account here, as far as anyone can tell. */
interface GuardianCase extends PrivacyCase {
  readonly _id: string;
}

export interface QueuedCase extends PrivacyCase {
  /** Null for a case of a guardian that is about nobody here. */
  readonly person: PersonDocument | null;
}

interface SealedText {
  readonly _id: string;
  /** Whom it is about; null for nobody here. */
  readonly sid: SubjectId | null;
  readonly sealed: string;
}

export const CASE_TEXTS = 'privacy_case_texts';

const DAY = 86_400_000;
/** Cases that one person's record can hold. */
const MOST_CASES = 200;
const LAST = Number.MAX_SAFE_INTEGER;

const casesOf = ({ privacyCases }: Facts) => (Array.isArray(privacyCases) ? (privacyCases as PrivacyCase[]) : []);

export interface PrivacyCaseOptions {
  readonly store: Pick<Store, 'connection' | 'read' | 'write'>;
  readonly people: Pick<People, 'findByAvatarNames'>;
  readonly changes: Changes;
  readonly keys: Pick<PersonKeys, 'find'>;
  readonly vaultOf: (sid: SubjectId) => Promise<Vault>;
  readonly sharedSecret: Buffer;
  readonly policy: Policy;
  readonly clock: Clock;
}

/** Questions and requests to the privacy officer, each with the day by which it is to be answered. */
export function createPrivacyCaseOperations({
  store,
  people,
  changes,
  keys,
  vaultOf,
  sharedSecret,
  policy,
  clock,
}: PrivacyCaseOptions) {
  const { connection, read, write } = store;
  const key = deriveSecret(sharedSecret, 'privacy cases');
  const database = connection.getClient().db(connection.name);
  const texts = collectionOf<SealedText>(connection, CASE_TEXTS);
  const guardians = database.collection<GuardianCase>('guardian_cases');
  const model = personModel(connection);
  const placeOf = (id: string) => `privacy case ${id}`;

  /** Under the key of whom it is about, if anybody: what is written of a person can be read for as long as they are here. */
  const keepText = async (id: string, sid: SubjectId | null, text: CaseText) => {
    const sealed =
      sid === null
        ? sealBytes(key, placeOf(id), Buffer.from(JSON.stringify(text)))
        : (await vaultOf(sid)).seal(placeOf(id), text);
    await texts.insertOne({ _id: id, sid, sealed }, { writeConcern: write });
  };

  const openText = ({ _id, sealed, sid }: SealedText, dataKeys: ReadonlyMap<SubjectId, Buffer>): CaseText[] => {
    if (sid === null) return [JSON.parse(openBytes(key, placeOf(_id), sealed).toString())];
    const dataKey = dataKeys.get(sid);
    return dataKey ? [createVault(sid, dataKey).open(placeOf(_id), sealed) as CaseText] : [];
  };

  const newCase = (): PrivacyCase & { openedAt: Date; dueAt: Date } => {
    const openedAt = clock.now();
    const dueAt = new Date(openedAt.getTime() + policy.privacyCaseDays * DAY);
    return { id: randomUUID(), status: 'OPEN', openedAt, dueAt };
  };

  const entryOf = ({ id, from }: PrivacyCase, status: PrivacyCase['status'], at: Date) =>
    ({ type: 'PRIVACY_CASE', at: at.toISOString(), case: id, status, from: from ?? 'PERSON' }) as const;

  /** Nothing is recorded where the record is full. */
  const record = (sid: SubjectId, opened: PrivacyCase) =>
    changes.apply(sid, ({ facts }, at) => {
      const cases = casesOf(facts);
      if (cases.length >= MOST_CASES) return null;
      return { set: { 'facts.privacyCases': [...cases, opened] }, entries: [entryOf(opened, 'OPEN', at)] };
    });

  return {
    /** The person asks the privacy officer something. */
    async open(sid: SubjectId, text: CaseText) {
      const opened = newCase();
      await keepText(opened.id, sid, text);
      const changed = await record(sid, opened);
      if (changed?.entries.length === 0) throw badInput('message', `no more than ${MOST_CASES} cases of one person`);
      return changed;
    },

    /**
     * A parent or guardian asks about a child, without an account and without learning whether the child has one: the
     * same is done and answered in either case.
     */
    async openForGuardian(child: string, text: CaseText): Promise<void> {
      const opened = { ...newCase(), from: 'GUARDIAN' as const };
      const [person] = await people.findByAvatarNames([child]);
      await keepText(opened.id, person?._id ?? null, text);
      const changed = person && (await record(person._id, opened));
      if (!changed || changed.entries.length === 0)
        await guardians.insertOne({ _id: opened.id, ...opened }, { writeConcern: write });
    },

    /** Closes a case. Closing it twice changes nothing. */
    async close(id: string): Promise<void> {
      const closed = await guardians.updateOne({ _id: id }, { $set: { status: 'CLOSED' } }, { writeConcern: write });
      if (closed.matchedCount > 0) return;
      const person = await model.findOne({ 'facts.privacyCases.id': id }, { _id: 1 }, { ...read, lean: true }).exec();
      if (!person) throw badInput('id', 'the id of a privacy case');
      await changes.apply(person._id, ({ facts }, at) => {
        const cases = casesOf(facts);
        const open = cases.find((known) => known.id === id && known.status === 'OPEN');
        if (!open) return null;
        return {
          set: {
            'facts.privacyCases': cases.map((known) => (known.id === id ? { ...known, status: 'CLOSED' } : known)),
          },
          entries: [entryOf(open, 'CLOSED', at)],
        };
      });
    },

    /** The open cases of whoever they are about, by the day on which they are due. */
    async findOpen(limit: number): Promise<QueuedCase[]> {
      const isOpen = { $elemMatch: { status: 'OPEN' } };
      const options = { ...read, sort: { 'facts.privacyCases.dueAt': 1 } as const, limit, lean: true };
      const [persons, strangers] = await Promise.all([
        model.find({ 'facts.privacyCases': isOpen }, null, options).exec() as Promise<PersonDocument[]>,
        guardians.find({ status: 'OPEN' }, { ...read, sort: { dueAt: 1 }, limit }).toArray(),
      ]);
      const ofPersons = persons.flatMap((person) =>
        casesOf(person.facts)
          .filter(({ status }) => status === 'OPEN')
          .map((known): QueuedCase => ({ ...known, person })),
      );
      const ofStrangers = strangers.map(({ _id, ...known }): QueuedCase => ({ ...known, person: null }));
      return [...ofPersons, ...ofStrangers]
        .sort((a, b) => (a.dueAt?.getTime() ?? LAST) - (b.dueAt?.getTime() ?? LAST))
        .slice(0, limit);
    },

    /** What was written when cases were opened, in one command. */
    async findTexts(ids: readonly string[]): Promise<Map<string, CaseText>> {
      const found = await texts.find({ _id: { $in: [...ids] } }, read).toArray();
      const dataKeys = await keys.find([...new Set(found.flatMap(({ sid }) => sid ?? []))]);
      return new Map(found.flatMap((sealed) => openText(sealed, dataKeys).map((text) => [sealed._id, text] as const)));
    },
  };
}
