import { randomUUID } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { badInput } from '../../errors.ts';
import type { Policy } from '../../policy/clause.ts';
import type { Facts } from '../../policy/facts.ts';
import { openBytes, sealBytes } from '../../store/aead.ts';
import type { Store } from '../../store/connection.ts';
import { deriveSecret } from '../../store/derive.ts';
import type { Changes } from '../../subject/change.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import { type PersonDocument, personModel } from '../../subject/model.ts';
import type { People } from '../../subject/people.ts';

/** A case as it stands in the person's record. */
export interface PrivacyCase {
  readonly id: string;
  readonly status: 'OPEN' | 'CLOSED';
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
  readonly from: 'PERSON' | 'GUARDIAN';
  /** Null for a case of a guardian that is about nobody here. */
  readonly person: PersonDocument | null;
}

const DAY = 86_400_000;
/** Cases that one person's record can hold. */
const MOST_CASES = 200;
const LAST = Number.MAX_SAFE_INTEGER;

const casesOf = ({ privacyCases }: Facts) => (Array.isArray(privacyCases) ? (privacyCases as PrivacyCase[]) : []);

export interface PrivacyCaseOptions {
  readonly store: Pick<Store, 'connection' | 'read' | 'write'>;
  readonly people: Pick<People, 'findByAvatarNames'>;
  readonly changes: Changes;
  readonly sharedSecret: Buffer;
  readonly policy: Policy;
  readonly clock: Clock;
}

/** Questions and requests to the privacy officer, each with the day by which it is to be answered. */
export function createPrivacyCaseOperations({
  store,
  people,
  changes,
  sharedSecret,
  policy,
  clock,
}: PrivacyCaseOptions) {
  const { connection, read, write } = store;
  const key = deriveSecret(sharedSecret, 'privacy cases');
  const database = connection.getClient().db(connection.name);
  const texts = database.collection<{ _id: string; sealed: string }>('privacy_case_texts');
  const guardians = database.collection<GuardianCase>('guardian_cases');
  const model = personModel(connection);
  const placeOf = (id: string) => `privacy case ${id}`;

  const keepText = async (id: string, text: CaseText) => {
    const sealed = sealBytes(key, placeOf(id), Buffer.from(JSON.stringify(text)));
    await texts.insertOne({ _id: id, sealed }, { writeConcern: write });
  };

  const newCase = (): PrivacyCase & { openedAt: Date; dueAt: Date } => {
    const openedAt = clock.now();
    const dueAt = new Date(openedAt.getTime() + policy.privacyCaseDays * DAY);
    return { id: randomUUID(), status: 'OPEN', openedAt, dueAt };
  };

  const record = (sid: SubjectId, opened: PrivacyCase, from: 'PERSON' | 'GUARDIAN') =>
    changes.apply(sid, ({ facts }, at) => {
      const cases = casesOf(facts);
      if (cases.length >= MOST_CASES) throw badInput('message', `no more than ${MOST_CASES} cases of one person`);
      return {
        set: { 'facts.privacyCases': [...cases, opened] },
        entries: [{ type: 'PRIVACY_CASE', at: at.toISOString(), case: opened.id, status: 'OPEN', from }],
      };
    });

  return {
    /** The person asks the privacy officer something. */
    async open(sid: SubjectId, text: CaseText) {
      const opened = newCase();
      await keepText(opened.id, text);
      return record(sid, opened, 'PERSON');
    },

    /**
     * A parent or guardian asks about a child, without an account and without learning whether the child has one: the
     * same is done and answered in either case.
     */
    async openForGuardian(child: string, text: CaseText): Promise<void> {
      const opened = newCase();
      await keepText(opened.id, text);
      const [person] = await people.findByAvatarNames([child]);
      if (person) await record(person._id, opened, 'GUARDIAN');
      else await guardians.insertOne({ _id: opened.id, ...opened }, { writeConcern: write });
    },

    /** Closes a case. Closing it twice changes nothing. */
    async close(id: string): Promise<void> {
      const closed = await guardians.updateOne({ _id: id }, { $set: { status: 'CLOSED' } }, { writeConcern: write });
      if (closed.matchedCount > 0) return;
      const person = await model.findOne({ 'facts.privacyCases.id': id }, { _id: 1 }, { ...read, lean: true }).exec();
      if (!person) throw badInput('id', 'the id of a privacy case');
      await changes.apply(person._id, ({ facts }, at) => {
        const cases = casesOf(facts);
        if (!cases.some((known) => known.id === id && known.status === 'OPEN')) return null;
        return {
          set: {
            'facts.privacyCases': cases.map((known) => (known.id === id ? { ...known, status: 'CLOSED' } : known)),
          },
          entries: [{ type: 'PRIVACY_CASE', at: at.toISOString(), case: id, status: 'CLOSED', from: 'PERSON' }],
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
          .map((known): QueuedCase => ({ ...known, from: 'PERSON', person })),
      );
      const ofStrangers = strangers.map(
        ({ _id, ...known }): QueuedCase => ({ ...known, from: 'GUARDIAN', person: null }),
      );
      return [...ofPersons, ...ofStrangers]
        .sort((a, b) => (a.dueAt?.getTime() ?? LAST) - (b.dueAt?.getTime() ?? LAST))
        .slice(0, limit);
    },

    /** Forgets what was written when cases were opened. */
    async forgetTexts(ids: readonly string[]): Promise<void> {
      await texts.deleteMany({ _id: { $in: [...ids] } }, { writeConcern: write });
    },

    /** What was written when cases were opened, in one command. */
    async findTexts(ids: readonly string[]): Promise<Map<string, CaseText>> {
      const found = await texts.find({ _id: { $in: [...ids] } }, read).toArray();
      return new Map(
        found.map(({ _id, sealed }) => [_id, JSON.parse(openBytes(key, placeOf(_id), sealed).toString()) as CaseText]),
      );
    },
  };
}
