import mongoose from 'mongoose';
import { isUnavailable } from '../unavailable.ts';
import { type Finding, fault, note, warning } from './finding.ts';

/** The reason that a question to the database has no answer. */
export interface Refusal {
  /** FORBIDDEN: the user may not ask. UNKNOWN: the server can't tell. UNAVAILABLE: no answer came, or an unproven one. */
  readonly kind: 'FORBIDDEN' | 'UNKNOWN' | 'UNAVAILABLE' | 'REFUSED';
  /** The name or the number of the server's error, or the name of the driver's. */
  readonly code: string;
}

/** The answer to a question to the database, or the reason for its absence. */
export type Look<Answer> = { readonly answer: Answer } | { readonly refusal: Refusal };

/** @see https://www.mongodb.com/docs/manual/reference/error-codes/ */
const CODES: Readonly<Record<number, Refusal['kind']>> = {
  13: 'FORBIDDEN', // Unauthorized
  8000: 'FORBIDDEN', // AtlasError, which managed clusters refuse commands with
  59: 'UNKNOWN', // CommandNotFound
  115: 'UNKNOWN', // CommandNotSupported
};

/** The kind and code of an error, without its message: that may repeat values of the command. */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof Error)) throw error;
  const { code, codeName } = error as { readonly code?: unknown; readonly codeName?: unknown };
  const told = String(codeName ?? code ?? error.name);
  if (isUnavailable(error)) return { kind: 'UNAVAILABLE', code: told };
  if (!(error instanceof mongoose.mongo.MongoError)) throw error;
  return { kind: CODES[Number(code)] ?? 'REFUSED', code: told };
}

/** @throws all errors other than those of the database and the driver */
export const look = <Answer>(ask: () => Promise<Answer>): Promise<Look<Answer>> =>
  ask().then(
    (answer) => ({ answer }),
    (error: unknown) => ({ refusal: refusalOf(error) }),
  );

/** The answer; null if there is none. */
export const answerOf = <Answer>(seen: Look<Answer>): Answer | null => ('answer' in seen ? seen.answer : null);

/** The rights that a gateway itself needs. */
export const RIGHTS = 'Give the user the role readWrite on the database.';

/**
 * The finding about a fact that could not be seen.
 *
 * @param fact  a noun that begins a sentence, such as `The storage`
 * @param role  the role that may see it: `readWrite` is a gateway's own, the other one only a check can use
 */
export function unseen(
  subject: string,
  fact: string,
  { kind, code }: Refusal,
  role: 'clusterMonitor' | 'readWrite' = 'clusterMonitor',
): Finding {
  const found = `${fact} could not be seen`;
  switch (kind) {
    case 'FORBIDDEN':
      return role === 'readWrite'
        ? fault(subject, `${found}: the database refuses it to the user (${code}).`, RIGHTS)
        : note(subject, `${found}: that needs the role clusterMonitor.`);
    case 'UNKNOWN':
      return note(subject, `${found}: this server does not tell.`);
    case 'UNAVAILABLE':
      return fault(subject, `${found}: the database did not answer, or could not prove its answer (${code}).`);
    case 'REFUSED':
      return warning(subject, `${found}: the database refuses the question (${code}).`);
  }
}
