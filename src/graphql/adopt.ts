import type { Changed } from '../subject/change.ts';
import type { Subject } from '../subject/subject.ts';
import type { Context } from './context.ts';

/** The signed-in person, decided anew from what a change has made of them. */
export async function adopt({ subjects }: Pick<Context, 'subjects'>, changed: Changed | null): Promise<Subject> {
  if (!changed) throw new Error('The person who was read a moment ago is gone.');
  return subjects.adopt(changed.document);
}
