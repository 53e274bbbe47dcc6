import DataLoader from 'dataloader';
import type { Deadline } from '../base/deadline.ts';
import type { Access } from '../policy/decide.ts';
import { reveals } from '../policy/decide.ts';
import type { Facts } from '../policy/facts.ts';
import { and, type Filter } from '../policy/filter.ts';
import { type CategoryMask, categoryWith, NO_CATEGORIES } from '../policy/vocabulary.ts';
import type { Read } from '../store/shared-reads.ts';
import type { Means } from './holdings.ts';
import type { Cursors, Pseudonyms, SubjectId } from './identifiers.ts';
import type { PersonDocument } from './model.ts';
import { fold } from './names.ts';
import type { People } from './people.ts';
import { pathsBeyond, sealedIn } from './readers.ts';
import { Subject } from './subject.ts';
import { createVault, type Vault } from './vault.ts';

/** How one caller knows people: the decision that holds toward each person, and the ids that the caller is shown. */
export interface Viewpoint {
  readonly toward: (sid: SubjectId) => Access;
  readonly others: Access;
  /**
   * Reads the caller's ties to other people, one command, and adds them to the facts of a person. Null where no
   * decision asks for ties.
   */
  readonly findTies: (() => Promise<(document: Pick<PersonDocument, '_id' | 'facts'>) => Facts>) | null;
  /** The caller's own names for people; null where the caller uses the ids that members do. */
  readonly pseudonyms: Pseudonyms | null;
  /** Positions in lists, which tell nothing to anyone but this caller. */
  readonly cursors: Cursors;
}

export interface SubjectPage {
  readonly subjects: readonly Subject[];
  readonly hasNextPage: boolean;
}

export type Subjects = ReturnType<typeof createSubjects>;

interface SubjectOptions {
  readonly people: People;
  readonly findKeys: Read<SubjectId, Buffer | null>;
  /** The only categories that the request could reveal. */
  readonly asked: CategoryMask;
  readonly deadline: Deadline;
}

const NOTHING_UNREAD: Means['unread'] = new Set();

/**
 * The people of one request. Each is loaded and decided once; for a caller that may see nothing of a person, the person
 * does not exist.
 *
 * @param known  a person that the request has already read: the caller's own record
 */
export function createSubjects(
  { people, findKeys, asked, deadline }: SubjectOptions,
  viewpoint: Viewpoint,
  known: PersonDocument | null,
) {
  const { pseudonyms, others, toward, findTies } = viewpoint;
  const subjects = new Map<SubjectId, Subject>();
  // of everybody but the caller: the caller's own record comes with the request
  const unread = pathsBeyond(others.vocabulary, others.reach & asked);
  const whole = new WeakSet<PersonDocument>(known ? [known] : []);

  /** Read once for the request, and begun with the first look-up of another person, whether or not it finds somebody. */
  let ties: ReturnType<NonNullable<typeof findTies>> | null = null;
  const beginTies = () => {
    ties ??= findTies && deadline.before(findTies)();
    return ties;
  };
  const withTies = async (document: PersonDocument): Promise<Facts> => {
    const read = await beginTies();
    return read ? read(document) : document.facts;
  };
  /** At once where no decision asks for a tie: a page has a turn for each person less. */
  const factsFor = (document: PersonDocument, access: Access): Facts | Promise<Facts> =>
    access.ties.length > 0 ? withTies(document) : document.facts;

  const idOf = ({ _id, publicId }: PersonDocument) => (pseudonyms ? pseudonyms.of(_id) : publicId);
  const vaults = new DataLoader<SubjectId, Vault | null>(
    deadline.before(async (sids) => {
      const keys = await findKeys(sids);
      return keys.map((key, index) => key && createVault(sids[index] as SubjectId, key));
    }),
  );

  /**
   * The key is fetched only if a sealed value is asked for and may be shown. A caller that may be shown nothing finds
   * nobody.
   */
  const subjectOf = async (
    document: PersonDocument,
    access: Access = toward(document._id),
  ): Promise<Subject | null> => {
    const seen = subjects.get(document._id);
    if (seen) return seen;
    const facts = factsFor(document, access);
    const decision = access.decide(facts instanceof Promise ? await facts : facts);
    if (decision.mask === NO_CATEGORIES) return null;
    const isSealed = (decision.mask & asked & sealedIn(access.vocabulary)) !== NO_CATEGORIES;
    const vault = isSealed ? await vaults.load(document._id) : null;
    const means = { vault, unread: whole.has(document) ? NOTHING_UNREAD : unread };
    const subject = subjects.get(document._id) ?? new Subject(document, idOf(document), access, decision, means);
    subjects.set(document._id, subject);
    return subject;
  };

  const sidsByPublicId = new DataLoader<string, SubjectId>(deadline.before(people.sidsOf));
  const documents = new DataLoader<SubjectId, PersonDocument | null>(
    deadline.before(async (sids) => {
      const [found] = await Promise.all([people.findBySids(sids, unread), beginTies()]);
      const bySid = new Map(found.map((document) => [document._id, document]));
      return sids.map((sid) => bySid.get(sid) ?? null);
    }),
  );
  const hold = (document: PersonDocument) => {
    sidsByPublicId.clear(document.publicId).prime(document.publicId, document._id);
    documents.clear(document._id).prime(document._id, document);
  };
  if (known) hold(known);

  const findBySid = async (sid: SubjectId): Promise<Subject | null> => {
    const document = await documents.load(sid);
    return document && subjectOf(document);
  };

  const byAvatarName = new DataLoader<string, Subject | null>(
    deadline.before(async (names) => {
      const [matches] = await Promise.all([people.findByAvatarNames(names, unread), beginTies()]);
      const found = matches.map((document) => (document._id === known?._id ? known : document));
      const subjects = await Promise.all(found.map(subjectNamed));
      const named = found.flatMap(({ avatarName, foldedName }, index) => {
        const subject = subjects[index];
        return subject ? [{ avatarName, foldedName, subject }] : [];
      });
      return names.map((name) => {
        const folded = fold(name);
        const spelled = named.find(({ avatarName }) => avatarName === name);
        return (spelled ?? named.find(({ foldedName }) => foldedName === folded))?.subject ?? null;
      });
    }),
  );
  /** Only a caller that may see the name finds a person by it: otherwise a look-up would tell the name. */
  const subjectNamed = async (document: PersonDocument): Promise<Subject | null> => {
    const handle = categoryWith(others.vocabulary, 'handle');
    const access = toward(document._id);
    if (!handle || !reveals(access.decide(await factsFor(document, access)), handle.id)) return null;
    const subject = await subjectOf(document);
    subject?.reveal(handle.id);
    return subject;
  };

  /** A person decided anew, after a change. Null where the change takes them out of the caller's sight. */
  const renew = (document: PersonDocument, access?: Access): Promise<Subject | null> => {
    subjects.delete(document._id);
    whole.add(document);
    hold(document);
    return subjectOf(document, access);
  };

  return {
    /** @param id  any string; only an id that this caller was shown finds anyone */
    async find(id: string): Promise<Subject | null> {
      const sid = pseudonyms ? pseudonyms.open(id) : await sidsByPublicId.load(id);
      return sid === null ? null : findBySid(sid);
    },

    /** For ids that the gateway has from its own records. */
    findBySid,

    findByAvatarName: (name: string) => byAvatarName.load(name),

    renew,

    /**
     * The caller's own record, also after a change.
     *
     * @param access of a person without a record when the request began; otherwise the caller's
     */
    async adopt(document: PersonDocument, access?: Access): Promise<Subject> {
      const subject = await renew(document, access);
      if (!subject) throw new Error('A person may always see themself; the policy says otherwise.');
      return subject;
    },

    /**
     * A page of people, in an order without meaning. The policy reveals something of each of them to the caller.
     *
     * @param among  only these people
     */
    async page(first: number, after: SubjectId | null, among: Filter = true): Promise<SubjectPage> {
      const filter = and([among, others.filter()]);
      const found = await people.findPage(filter, { after, limit: first + 1 }, unread);
      const shown = await Promise.all(found.slice(0, first).map((document) => subjectOf(document)));
      return { subjects: shown.filter((subject) => subject !== null), hasNextPage: found.length > first };
    },

    /** A tie of the caller has changed. Their ties are read again before anybody else is decided. */
    forgetTies(): void {
      ties = null;
      subjects.clear();
    },

    cursorOf: (subject: Subject) => viewpoint.cursors.of(subject.sid),
    positionOf: (cursor: string) => viewpoint.cursors.open(cursor),

    /** All people found for this caller so far. */
    handedOut: (): readonly Subject[] => [...subjects.values()],
  };
}
