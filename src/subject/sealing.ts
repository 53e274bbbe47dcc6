import { HOUR } from '../base/durations.ts';
import type { Policy } from '../policy/clause.ts';
import type { Change, PersonDocument, Seal, SealGround } from './model.ts';

const isSealed = ({ facts }: PersonDocument) => facts.status === 'SEALED';

/** Whether the time of deletion is still to come, or there is none. */
const isInGrace = ({ deletionDueAt }: PersonDocument, at: Date) => deletionDueAt === undefined || at < deletionDueAt;

/** The status that a seal took the place of. If no status is known, the account was in use. */
const statusBefore = (person: PersonDocument): Seal['was'] =>
  (isSealed(person) ? person.seal?.was : person.facts.status) === 'REFUSED' ? 'REFUSED' : 'ACTIVE';

/**
 * Seals a child's account at once, and queues all of it for deletion. A seal that rests on the person's own word becomes
 * one of staff where staff seals as well; any other stays as it is.
 *
 * @returns null where nothing changes
 */
export function sealing(
  person: PersonDocument,
  { childDeletionHours }: Policy,
  by: SealGround,
  at: Date,
): Change | null {
  const { deletionDueAt, seal } = person;
  const isQueued = isSealed(person) && deletionDueAt !== undefined;
  if (isQueued && (by === 'CORRECTION' || (seal !== undefined && seal.by !== 'CORRECTION'))) return null;
  const isTheirsToLift = by === 'CORRECTION' && seal === undefined && !isSealed(person);
  return {
    set: {
      'facts.status': 'SEALED',
      deletionDueAt: isQueued ? deletionDueAt : new Date(at.getTime() + childDeletionHours * HOUR),
      seal: { by, was: statusBefore(person), isTheirsToLift } satisfies Seal,
    },
    entries: [{ type: 'SEALING', at: at.toISOString(), learnedBy: by }],
  };
}

/** Whether the person's own word, another birth date, can lift the seal of their account now. */
export const canLift = (person: PersonDocument, at: Date): boolean =>
  isSealed(person) && person.seal?.isTheirsToLift === true && isInGrace(person, at);

/** Whether staff can lift the seal of an account now. */
export const canBeLifted = (person: PersonDocument, at: Date): boolean => isSealed(person) && isInGrace(person, at);

/** Opens a sealed account again, as it was. The next seal is staff's to lift. */
export function unsealing(person: PersonDocument, by: 'CORRECTION' | 'STAFF', at: Date): Change {
  const was = statusBefore(person);
  return {
    set: {
      'facts.status': was,
      seal: { by: person.seal?.by ?? 'STAFF', was, isTheirsToLift: false } satisfies Seal,
    },
    unset: ['deletionDueAt'],
    entries: [{ type: 'UNSEALING', at: at.toISOString(), by }],
  };
}
