import { type Finding, fault, note, ok } from '../finding.ts';
import { type Look, unseen } from '../look.ts';

/** The form of a database: the steps made in it, and the steps that this version knows. */
export interface FormFacts {
  readonly made: ReadonlySet<string>;
  readonly known: readonly string[];
  /** Whether the database counts as new. */
  readonly empty: boolean;
}

const COPY = 'Stop every gateway, make a copy of the database, and run `assent store migrate`.';

export function findingOnForm(seen: Look<FormFacts>): Finding {
  const subject = 'form';
  if ('refusal' in seen) return unseen(subject, 'The form of the database', seen.refusal, 'readWrite');
  const { made, known, empty } = seen.answer;
  if (empty) return ok(subject, 'The database is empty: the first gateway gives it the present form.');
  if ([...made].some((id) => !known.includes(id)))
    return fault(subject, 'The database has the form of a later version.', 'Start that version or one after it.');
  const missing = known.filter((id) => !made.has(id));
  if (missing.length > 0)
    return fault(subject, `The database has the form of an earlier version, ${missing.length} steps behind.`, COPY);
  return ok(subject, 'The database has the present form.');
}

/** NONE: the database holds no secret yet. NO_KEY: the configuration has no key. LOCKED: it has another one. */
export type SecretsState = 'OPEN' | 'NONE' | 'NO_KEY' | 'LOCKED';

export function findingOnSecrets(seen: Look<SecretsState>): Finding {
  const subject = 'secrets';
  if ('refusal' in seen) return unseen(subject, 'The sealed secrets', seen.refusal, 'readWrite');
  switch (seen.answer) {
    case 'OPEN':
      return ok(subject, 'The key of the configuration opens them.');
    case 'NONE':
      return note(subject, 'There are none yet: the first gateway makes them.');
    case 'NO_KEY':
      return fault(
        subject,
        'The database holds sealed data, and the configuration has no key for it.',
        'Set KEY_ENCRYPTION_KEY, or put the file key-encryption-key back into DATA_DIR.',
      );
    case 'LOCKED':
      return fault(
        subject,
        'The key of the configuration does not open them.',
        'Set KEY_ENCRYPTION_KEY to the key that this database was set up with.',
      );
  }
}
