import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse as parseYaml } from 'yaml';
import type { z } from 'zod';
import type { Policy, PolicyFile } from '../../src/policy/clause.ts';
import { compile } from '../../src/policy/compile.ts';
import { parsePolicy as parse, type SourceText } from '../../src/policy/load.ts';
import { REFERENCE_BUNDLE } from '../../src/policy/reference.ts';

export const REFERENCE_FILE = path.join(REFERENCE_BUNDLE, 'policy.yaml');
export const referenceText = await readFile(REFERENCE_FILE, 'utf8');

const wordsFile = path.join(REFERENCE_BUNDLE, 'vocabulary.yaml');
export const referenceWords: SourceText = { text: await readFile(wordsFile, 'utf8'), file: 'vocabulary.yaml' };

/** A policy in the words of the reference policy, unless it holds words of its own. */
export const parsePolicy = (text: string, file: string) => parse(text, file, referenceWords);

export const referencePolicy: Policy = parsePolicy(referenceText, 'reference').policy;
export const referenceTable = compile([referencePolicy], referencePolicy.version);

/** A policy as a file states it, open to change. */
export type Draft = Mutable<z.input<typeof PolicyFile>>;
type Mutable<T> = T extends (infer Item)[]
  ? Mutable<Item>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Mutable<T[Key]> }
    : T;

/** The reference policy as its file states it, for tests to spoil. */
export const draftOfReference = (): Draft => parseYaml(referenceText);

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
