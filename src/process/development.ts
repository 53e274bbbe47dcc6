import { type Persona, VISITOR } from '../http/graphiql/personas.ts';
import { purposesOf, widestScope } from '../policy/audiences.ts';
import type { DecisionTable } from '../policy/compile.ts';
import { idsOf, staffAudience } from '../policy/vocabulary.ts';
import type { Partners } from '../store/mongo/repositories/partners.ts';
import type { Pseudonyms } from '../subject/identifiers.ts';
import type { PersonDocument } from '../subject/model.ts';

/** A member and the tie that it holds to the person of the examples. */
export interface TiedMember {
  readonly tie: string;
  readonly member: PersonDocument;
}

export interface CastOptions {
  readonly table: DecisionTable;
  readonly partners: Pick<Partners, 'findAll'>;
  /** People to speak as: the first is the person that every example is about. */
  readonly findPeople: () => Promise<readonly PersonDocument[]>;
  readonly findTied: (person: PersonDocument) => Promise<readonly TiedMember[]>;
  readonly pseudonymsOf: (clientId: string) => Pseudonyms;
}

const asMember = ({ publicId }: PersonDocument) => ({ kind: 'member' as const, sub: publicId });

const selfPersona = (person: PersonDocument): Persona => ({
  id: `self-${person.publicId}`,
  label: `The person (${person.avatarName})`,
  group: 'SELF',
  description: 'The person themself, in a client app.',
  claims: asMember(person),
});

const tiedPersona = ({ tie, member }: TiedMember): Persona => ({
  id: `member-${tie}-${member.publicId}`,
  label: `${tie} (${member.avatarName})`,
  group: 'MEMBER',
  description: `A member with the tie ${tie} to the person.`,
  claims: asMember(member),
});

const otherMemberPersona = (member: PersonDocument): Persona => ({
  id: `member-${member.publicId}`,
  label: `Another member (${member.avatarName})`,
  group: 'MEMBER',
  description: 'Somebody else who is signed in.',
  claims: asMember(member),
});

const staffPersonas = (table: DecisionTable): Persona[] =>
  idsOf(table.vocabulary.staff).flatMap((role) => {
    return purposesOf(table, staffAudience(role)).map((purpose) => ({
      id: `staff-${role}-${purpose}`,
      label: `Staff: ${role}`,
      group: 'STAFF' as const,
      description: `A member of staff, for ${purpose}.`,
      claims: { kind: 'staff' as const, sub: `${role}-1`, role, purpose },
    }));
  });

/** The callers that a developer may speak as: a visitor, a person, other members, every partner, every staff role. */
export function createCast({ table, partners, findPeople, findTied, pseudonymsOf }: CastOptions) {
  return async (): Promise<Persona[]> => {
    const [[subject, other], onRecord] = await Promise.all([findPeople(), partners.findAll()]);
    const tied = subject ? await findTied(subject) : [];
    const partnerPersonas = onRecord.flatMap((partner) =>
      (partner.contract?.purposes ?? []).map(
        (purpose): Persona => ({
          id: `partner-${partner._id}-${purpose}`,
          label: `${partner.name}: ${purpose}`,
          group: 'PARTNER',
          description: `A partner of kind ${partner.kind}, for ${purpose}.`,
          claims: {
            kind: 'partner',
            sub: partner._id,
            purpose,
            scope: widestScope(table, partner.kind, purpose).join(' '),
          },
          ...(subject && { knowsPersonAs: pseudonymsOf(partner._id).of(subject._id) }),
        }),
      ),
    );
    const people = [
      ...(subject ? [selfPersona(subject)] : []),
      ...tied.map(tiedPersona),
      ...(other ? [otherMemberPersona(other)] : []),
    ];
    return [VISITOR, ...people, ...partnerPersonas, ...staffPersonas(table)];
  };
}
