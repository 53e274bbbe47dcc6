import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { GraphQLSchema } from 'graphql';
import { fieldsShowing } from '../enforcement/classification.ts';
import type { Policy } from '../policy/clause.ts';
import { compile } from '../policy/compile.ts';
import { coverageOf, coverageText } from '../policy/coverage.ts';
import { diffPolicies } from '../policy/diff.ts';
import { diffInWords } from '../policy/diff-words.ts';
import { type Finding, lint } from '../policy/lint.ts';
import { loadPolicy, PolicyError } from '../policy/load.ts';
import { matrixMarkdown, matrixOf, matrixText } from '../policy/matrix.ts';
import { matrixPage } from '../policy/matrix-page.ts';
import { REFERENCE_BUNDLE } from '../policy/reference.ts';
import { alignColumns } from '../policy/text-table.ts';
import type { Environment } from '../process/config.ts';
import { tell } from './output.ts';
import type { Output } from './policy-cases.ts';
import { findOperations, findTests, operationsTested, together } from './policy-mentions.ts';

export const usage = `usage: assent policy <command>
  lint [--json]             what the policy lacks, contradicts and leaves idle
  matrix [--json | --html | --markdown]
                            who may see what for which purpose, on which conditions, and by which clause
  coverage [--json]         the rules, operations and tests that serve each clause; fails where one is missing
  test [--json]             whether the cases of the bundle hold: cases.yaml over the people of its world.json
  try CALLER PERSON         what a caller is shown of a person, and why: "partner offerly targeted-offers" u1
  new DIR                   writes a small bundle that starts
  diff A B                  what changes from the policy file A to the policy file B: wider or narrower, who sees which
                            fields, on which conditions, and each setting
POLICY names the policy, a folder or a file; without it, it is the reference policy.`;

const asJson = (value: unknown) => JSON.stringify(value, null, 2);

const findingsText = (findings: readonly Finding[]) =>
  findings.length === 0
    ? 'nothing to report'
    : alignColumns(findings.map(({ severity, clause, message }) => [severity, clause ?? '', message]));

/**
 * The schema brings the whole gateway with it, which takes a while: it is loaded only for commands that speak of
 * fields.
 */
async function schemaOf(policy: Policy): Promise<GraphQLSchema> {
  const { buildSchema } = await import('../gateway/schema.ts');
  return buildSchema(compile([policy], policy.version));
}

const diffText = async (before: Policy, after: Policy) => {
  const schema = await schemaOf(after);
  const words = diffInWords(diffPolicies(before, after), (category) => fieldsShowing(schema, category));
  return words.length === 0
    ? 'nothing changed'
    : alignColumns(words.map(({ effect, says }) => [effect.toLowerCase(), says]));
};

const TEMPLATE = fileURLToPath(new URL('../../templates/bundle', import.meta.url));
const DOCS = fileURLToPath(new URL('../../docs', import.meta.url));
/** The JSON Schemas by which editors check the files of a bundle. */
const EDITOR_SCHEMAS = ['policy.schema.json', 'vocabulary.schema.json'];

/** Never writes over a folder that is there. */
async function newBundle(folder: string): Promise<string> {
  try {
    await mkdir(folder);
  } catch {
    throw new PolicyError([`${folder}: expected a folder that is not there yet, in one that is`]);
  }
  await cp(TEMPLATE, folder, { recursive: true });
  for (const file of EDITOR_SCHEMAS) await cp(path.join(DOCS, file), path.join(folder, file));
  return `${folder} holds policy.yaml, vocabulary.yaml, world.json and cases.yaml. Try them:
  POLICY=${folder} assent policy test
  POLICY=${folder} assent start`;
}

interface Format {
  readonly json: boolean;
  readonly html: boolean;
  readonly markdown: boolean;
}

/** Tests of the code test the reference, and the operations that clauses of any bundle name; cases test the rest. */
async function coverage(bundle: string, json: boolean): Promise<Output> {
  const { policy } = await loadPolicy(bundle);
  const { clausesWithCases } = await import('./policy-cases.ts');
  const cases = await clausesWithCases(bundle);
  const isReference = path.resolve(bundle) === path.resolve(REFERENCE_BUNDLE);
  const tests = together(isReference ? await findTests() : operationsTested(policy), cases);
  const rows = coverageOf(policy, findOperations(await schemaOf(policy)), tests);
  return { text: json ? asJson(rows) : coverageText(rows), faulty: rows.some(({ lacks }) => lacks.length > 0) };
}

/** @returns null where the arguments make no command */
async function answer(
  [command, ...files]: readonly string[],
  bundle: string,
  { json, html, markdown }: Format,
): Promise<Output | null> {
  if ((html || markdown) && (command !== 'matrix' || Number(json) + Number(html) + Number(markdown) > 1)) return null;
  const load = async (file: string) => (await loadPolicy(file)).policy;
  const [before, after, ...rest] = files;
  if (command === 'diff') {
    if (before === undefined || after === undefined || rest.length > 0 || json) return null;
    return { text: await diffText(await load(before), await load(after)) };
  }
  if (command === 'new') return before === undefined || files.length > 1 ? null : { text: await newBundle(before) };
  if (command === 'try') {
    if (before === undefined || after === undefined || rest.length > 0 || json) return null;
    const { tryCaller } = await import('./policy-cases.ts');
    return { text: await tryCaller(bundle, before, after) };
  }
  if (files.length > 0) return null;
  const current = () => load(bundle);
  switch (command) {
    case 'lint': {
      const findings = lint(await current());
      const faulty = findings.some(({ severity }) => severity === 'ERROR');
      return { text: json ? asJson(findings) : findingsText(findings), faulty };
    }
    case 'matrix': {
      const policy = await current();
      if (markdown) return { text: matrixMarkdown(policy) };
      if (html) return { text: matrixPage(policy, matrixOf(policy)) };
      return { text: json ? asJson(matrixOf(policy)) : matrixText(policy) };
    }
    case 'test': {
      const { testCases } = await import('./policy-cases.ts');
      return testCases(bundle, json);
    }
    case 'coverage':
      return coverage(bundle, json);
    default:
      return null;
  }
}

const FLAG = { type: 'boolean', default: false } as const;

const readArguments = (args: readonly string[]) => {
  try {
    return parseArgs({
      args: [...args],
      options: { json: FLAG, html: FLAG, markdown: FLAG },
      allowPositionals: true,
    });
  } catch {
    return null;
  }
};

export async function run(args: readonly string[], env: Environment): Promise<number> {
  try {
    const read = readArguments(args);
    const bundle = env.POLICY || env.POLICY_FILE || REFERENCE_BUNDLE;
    const output = read && (await answer(read.positionals, bundle, read.values));
    if (output) console.log(output.text);
    else tell(usage);
    return output ? Number(output.faulty ?? false) : 2;
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    console.error(error.message);
    return 1;
  }
}
