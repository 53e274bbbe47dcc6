import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { z } from 'zod';
import type { Policy, PolicyFile } from '../../src/policy/clause.ts';
import { parsePolicy } from '../../src/policy/load.ts';

export const REFERENCE_FILE = fileURLToPath(new URL('../../src/policy/imvu-2014-09-12.yaml', import.meta.url));
export const referenceText = await readFile(REFERENCE_FILE, 'utf8');
export const referencePolicy: Policy = parsePolicy(referenceText, 'reference').policy;

/** A policy as a file states it, open to change. */
export type Draft = Mutable<z.input<typeof PolicyFile>>;
type Mutable<T> = T extends (infer Item)[]
  ? Mutable<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Mutable<T[Key]> }
    : T;

/** The reference policy as its file states it, for tests to spoil. */
export const draftOfReference = (): Draft => parse(referenceText);

/** The reference policy with something changed; it must still be a valid one. */
export function revise(change: (draft: Draft) => void): Policy {
  const draft = draftOfReference();
  change(draft);
  return parsePolicy(JSON.stringify(draft), 'revised').policy;
}

/** The clause of a draft that has this id. */
export const clauseOf = (draft: Draft, id: string) => {
  const clause = draft.clauses.find((candidate) => candidate.id === id);
  if (!clause) throw new Error(`The draft has no clause ${id}.`);
  return clause;
};

/** The reference policy without some of its clauses, and without the conflicts that these settle. */
export const draftWithout = (lacking: readonly string[]): Draft => {
  const { clauses, ...rest } = draftOfReference();
  const kept = clauses
    .filter(({ id }) => !lacking.includes(id))
    .map(({ conflict, ...clause }) =>
      conflict && !lacking.includes(conflict.with) ? { ...clause, conflict } : clause,
    );
  return { ...rest, clauses: kept };
};
