import type { PersonDocument } from '../subject/model.ts';
import type { Subject } from '../subject/subject.ts';
import type { Context } from './context.ts';

/**
 * The outcome of a change of a person that the request has read.
 *
 * @throws {Error} the person was erased meanwhile
 */
export function present<Outcome>(outcome: Outcome | null): Outcome {
  if (outcome === null) throw new Error('The person who was read a moment ago is gone.');
  return outcome;
}

/** The signed-in person, decided anew after a change. */
export const adopt = async (
  { subjects }: Pick<Context, 'subjects'>,
  changed: { readonly document: PersonDocument } | null,
): Promise<Subject> => subjects.adopt(present(changed).document);
