import { parseArgs } from 'node:util';
import type { GraphQLSchema } from 'graphql';
import { fieldsShowing } from '../src/enforcement/classification.ts';
import type { Policy } from '../src/policy/clause.ts';
import { compile } from '../src/policy/compile.ts';
import { coverageOf, coverageText } from '../src/policy/coverage.ts';
import { diffPolicies } from '../src/policy/diff.ts';
import { diffInWords } from '../src/policy/diff-words.ts';
import { type Finding, lint } from '../src/policy/lint.ts';
import { loadPolicy, PolicyError } from '../src/policy/load.ts';
import { matrixMarkdown, matrixOf, matrixText } from '../src/policy/matrix.ts';
import { matrixPage } from '../src/policy/matrix-page.ts';
import { REFERENCE_BUNDLE } from '../src/policy/reference.ts';
import { alignColumns } from '../src/policy/text-table.ts';
import { findOperations, findTests } from './policy-mentions.ts';

const USAGE = `usage: npm run policy -- <command>
  lint [--json]             what the policy lacks, contradicts and leaves idle
  matrix [--json | --html | --markdown]
                            who may see what for which purpose, on which conditions, and by which clause
  coverage [--json]         the rules, operations and tests that serve each clause; fails where one is missing
  diff A B                  what changes from the policy file A to the policy file B: wider or narrower, who sees which
                            fields, on which conditions, and each setting
POLICY names the policy, a folder or a file; without it, it is the reference policy.
`;

const asJson = (value: unknown) => JSON.stringify(value, null, 2);

const findingsText = (findings: readonly Finding[]) =>
  findings.length === 0
    ? 'nothing to report'
    : alignColumns(findings.map(({ severity, clause, message }) => [severity, clause ?? '', message]));

/** The schema brings the whole gateway with it, which takes a while: only for what speaks of fields. */
async function schemaOf(policy: Policy): Promise<GraphQLSchema> {
  const { buildSchema } = await import('../src/gateway/schema.ts');
  return buildSchema(compile([policy], policy.version));
}

const diffText = async (before: Policy, after: Policy) => {
  const schema = await schemaOf(after);
  const words = diffInWords(diffPolicies(before, after), (category) => fieldsShowing(schema, category));
  return words.length === 0
    ? 'nothing changed'
    : alignColumns(words.map(({ effect, says }) => [effect.toLowerCase(), says]));
};

interface Output {
  readonly text: string;
  readonly faulty?: boolean;
}

interface Format {
  readonly json: boolean;
  readonly html: boolean;
  readonly markdown: boolean;
}

/** Read from the code, so that no list has to be kept by hand. */
async function coverage(policy: Policy, json: boolean): Promise<Output> {
  const schema = await schemaOf(policy);
  const rows = coverageOf(policy, findOperations(schema), await findTests());
  return { text: json ? asJson(rows) : coverageText(rows), faulty: rows.some(({ lacks }) => lacks.length > 0) };
}

/** @returns null where the arguments make no command */
async function run([command, ...files]: readonly string[], { json, html, markdown }: Format): Promise<Output | null> {
  if ((html || markdown) && (command !== 'matrix' || Number(json) + Number(html) + Number(markdown) > 1)) return null;
  const load = async (file: string) => (await loadPolicy(file)).policy;
  const [before, after, ...rest] = files;
  if (command === 'diff') {
    if (before === undefined || after === undefined || rest.length > 0 || json) return null;
    return { text: await diffText(await load(before), await load(after)) };
  }
  if (files.length > 0) return null;
  const current = () => load(process.env.POLICY || process.env.POLICY_FILE || REFERENCE_BUNDLE);
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
    case 'coverage':
      return coverage(await current(), json);
    default:
      return null;
  }
}

const FLAG = { type: 'boolean', default: false } as const;

const readArguments = () => {
  try {
    return parseArgs({
      options: { json: FLAG, html: FLAG, markdown: FLAG },
      allowPositionals: true,
    });
  } catch {
    return null;
  }
};

try {
  const args = readArguments();
  const output = args && (await run(args.positionals, args.values));
  if (output) console.log(output.text);
  else process.stderr.write(USAGE);
  process.exitCode = output ? Number(output.faulty ?? false) : 2;
} catch (error) {
  if (!(error instanceof PolicyError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
