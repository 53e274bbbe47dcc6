import type { DecisionTable } from '../policy/compile.ts';
import { type Access, type Audience, createAccess } from '../policy/decide.ts';
import { EVERY_CATEGORY, staffAudience } from '../policy/vocabulary.ts';
import type { Caller } from '../subject/caller.ts';
import type { SubjectId } from '../subject/identifiers.ts';

/** The access of one caller in one request, to their own data and to everybody else's. */
export interface CallerAccess {
  readonly toward: (sid: SubjectId) => Access;
  readonly others: Access;
}

const audience = (name: string, rest: Partial<Audience> = {}): Audience => ({
  name,
  purpose: null,
  recipient: null,
  scope: EVERY_CATEGORY,
  ...rest,
});

const audienceOf = (caller: Caller): Audience => {
  switch (caller.kind) {
    case 'VISITOR':
      return audience('VISITOR');
    case 'MEMBER':
      return audience(caller.person.facts.status === 'ACTIVE' ? 'MEMBER' : 'VISITOR');
    case 'PARTNER':
      return { name: caller.recipient.kind, ...caller };
    case 'STAFF':
      return audience(staffAudience(caller.role), { purpose: caller.purpose });
  }
};

export function createCallerAccess(table: DecisionTable, caller: Caller, now: Date): CallerAccess {
  const others = createAccess(table, audienceOf(caller), now);
  if (caller.kind !== 'MEMBER') return { others, toward: () => others };
  const self = createAccess(table, audience('SELF'), now);
  return { others, toward: (sid) => (sid === caller.person._id ? self : others) };
}
