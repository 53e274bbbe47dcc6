import { type Cast, type Persona, VISITOR } from '../http/graphiql/personas.ts';
import { purposesOf, widestScope } from '../policy/audiences.ts';
import type { DecisionTable } from '../policy/compile.ts';
import { idsOf, staffAudience } from '../policy/vocabulary.ts';
import type { PartnerRecord, Partners } from '../store/mongo/repositories/partners.ts';
import type { Pseudonyms, SubjectId } from '../subject/identifiers.ts';
import type { PersonDocument } from '../subject/model.ts';

/** A member and the tie that it holds to the person of the examples. */
export interface TiedMember {
  readonly tie: string;
  readonly member: PersonDocument;
}

export interface CastOptions {
  readonly table: DecisionTable;
  readonly partners: Pick<Partners, 'find' | 'findAll' | 'findFirst'>;
  /** People to speak as: the first is the person that every example is about. */
  readonly findPeople: () => Promise<readonly PersonDocument[]>;
  readonly findByPublicId: (id: string) => Promise<PersonDocument | null>;
  readonly findBySid: (sid: SubjectId) => Promise<PersonDocument | null>;
  readonly findTied: (person: PersonDocument) => Promise<readonly TiedMember[]>;
  readonly pseudonymsOf: (clientId: string) => Pseudonyms;
}

const asMember = ({ publicId }: PersonDocument) => ({ kind: 'member' as const, sub: publicId });

const selfPersona = (person: PersonDocument): Persona => ({
  id: `self-${person.publicId}`,
  label: `The person (${person.avatarName})`,
  group: 'SELF',
  description: 'The person themself, in a client app.',
  audience: 'MEMBER',
  claims: asMember(person),
});

const tiedPersona = ({ tie, member }: TiedMember): Persona => ({
  id: `member-${tie}-${member.publicId}`,
  label: `${tie} (${member.avatarName})`,
  group: 'MEMBER',
  description: `A member with the tie ${tie} to the person.`,
  audience: 'MEMBER',
  claims: asMember(member),
});

const otherMemberPersona = (member: PersonDocument): Persona => ({
  id: `member-${member.publicId}`,
  label: `Another member (${member.avatarName})`,
  group: 'MEMBER',
  description: 'Another signed-in person.',
  audience: 'MEMBER',
  claims: asMember(member),
});

const staffPersonas = (table: DecisionTable): Persona[] =>
  idsOf(table.vocabulary.staff).flatMap((role) => {
    return purposesOf(table, staffAudience(role)).map((purpose) => ({
      id: `staff-${role}-${purpose}`,
      label: `Staff: ${role}`,
      group: 'STAFF' as const,
      description: `A member of staff, for ${purpose}.`,
      audience: staffAudience(role),
      claims: { kind: 'staff' as const, sub: `${role}-1`, role, purpose },
    }));
  });

/** How many partners a page begins with: the others are searched for. */
const FIRST_PARTNERS = 20;
/** How many callers a search finds at most. */
const MOST_FOUND = 50;

const PARTNER_PREFIX = 'partner-';
const partnerIdOf = (clientId: string, purpose: string) => `${PARTNER_PREFIX}${clientId}-${purpose}`;

const wordsOf = (text: string) => text.toLowerCase().split(/\s+/).filter(Boolean);

const matches = ({ id, label, description }: Persona, words: readonly string[]) => {
  const told = `${id} ${label} ${description}`.toLowerCase();
  return words.every((word) => told.includes(word));
};

/** The callers that a developer may speak as: a visitor, a person, other members, every partner, every staff role. */
export function createCast(options: CastOptions): Cast {
  const { table, partners, findPeople, findTied, pseudonymsOf } = options;

  const personasOf = (partner: PartnerRecord, subject: PersonDocument | undefined): Persona[] =>
    (partner.contract?.purposes ?? []).map((purpose) => ({
      id: partnerIdOf(partner._id, purpose),
      label: `${partner.name}: ${purpose}`,
      group: 'PARTNER',
      description: `A partner of kind ${partner.kind}, for ${purpose}.`,
      audience: partner.kind,
      claims: {
        kind: 'partner',
        sub: partner._id,
        purpose,
        scope: widestScope(table, partner.kind, purpose).join(' '),
      },
      ...(subject && { knowsPersonAs: pseudonymsOf(partner._id).of(subject._id) }),
    }));

  const listWith = async (partnersOnRecord: Promise<readonly PartnerRecord[]>): Promise<Persona[]> => {
    const [[subject, other], onRecord] = await Promise.all([findPeople(), partnersOnRecord]);
    const tied = subject ? await findTied(subject) : [];
    const people = [
      ...(subject ? [selfPersona(subject)] : []),
      ...tied.map(tiedPersona),
      ...(other ? [otherMemberPersona(other)] : []),
    ];
    const ofPartners = onRecord.flatMap((partner) => personasOf(partner, subject));
    return [VISITOR, ...people, ...ofPartners, ...staffPersonas(table)];
  };

  /** The partners that an id may stand for: client ids and purposes both have dashes in them. */
  const partnersMeant = async (id: string): Promise<PartnerRecord[]> => {
    if (!id.startsWith(PARTNER_PREFIX)) return [];
    const clientIds = [...table.callerPurposes]
      .filter((purpose) => id.endsWith(`-${purpose}`))
      .map((purpose) => id.slice(PARTNER_PREFIX.length, -purpose.length - 1));
    const found = await Promise.all(clientIds.map((clientId) => partners.find(clientId)));
    return found.filter((partner) => partner !== null);
  };

  return {
    first: () => listWith(partners.findFirst(FIRST_PARTNERS)),
    search: async (text) => {
      const words = wordsOf(text);
      return (await listWith(partners.findAll())).filter((persona) => matches(persona, words)).slice(0, MOST_FOUND);
    },
    find: async (id) => (await listWith(partnersMeant(id))).find((persona) => persona.id === id) ?? null,
    personKnownTo: async ({ claims }, id) => {
      const sid = claims?.kind === 'partner' ? pseudonymsOf(claims.sub).open(id) : null;
      const person = sid === null ? await options.findByPublicId(id) : await options.findBySid(sid);
      return person && asMember(person);
    },
  };
}
