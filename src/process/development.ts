import { type Persona, VISITOR } from '../http/graphiql/personas.ts';
import { purposesOf, widestScope } from '../policy/audiences.ts';
import type { DecisionTable } from '../policy/compile.ts';
import { idsOf, staffAudience } from '../policy/vocabulary.ts';
import type { Partners } from '../store/mongo/repositories/partners.ts';
import type { Pseudonyms } from '../subject/identifiers.ts';
import type { PersonDocument } from '../subject/model.ts';

export interface CastOptions {
  readonly table: DecisionTable;
  readonly partners: Pick<Partners, 'findAll'>;
  /** People to speak as: the first is the person that every example is about. */
  readonly findPeople: () => Promise<readonly PersonDocument[]>;
  readonly pseudonymsOf: (clientId: string) => Pseudonyms;
}

const memberPersonas = ([first, second]: readonly PersonDocument[]): Persona[] => [
  ...(first
    ? [
        {
          id: `self-${first.publicId}`,
          label: `The person (${first.avatarName})`,
          group: 'SELF' as const,
          description: 'The person themself, in a client app.',
          claims: { kind: 'member' as const, sub: first.publicId },
        },
      ]
    : []),
  ...(second
    ? [
        {
          id: `member-${second.publicId}`,
          label: `Another member (${second.avatarName})`,
          group: 'MEMBER' as const,
          description: 'Somebody else who is signed in.',
          claims: { kind: 'member' as const, sub: second.publicId },
        },
      ]
    : []),
];

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

/** The callers that a developer may speak as: a visitor, a person, another one, every partner, every staff role. */
export function createCast({ table, partners, findPeople, pseudonymsOf }: CastOptions) {
  return async (): Promise<Persona[]> => {
    const [people, onRecord] = await Promise.all([findPeople(), partners.findAll()]);
    const subject = people[0];
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
    return [VISITOR, ...memberPersonas(people), ...partnerPersonas, ...staffPersonas(table)];
  };
}
