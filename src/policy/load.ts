import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import canonicalize from 'canonicalize';
import { type Document, isCollection, isNode, isPair, LineCounter, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import { type Policy, PolicyFile } from './clause.ts';
import { type Condition, leavesOf } from './condition.ts';
import { FACTS } from './facts.ts';
import { FIRST_PARTY_AUDIENCES } from './vocabulary.ts';

type Path = readonly PropertyKey[];
interface Fault {
  readonly path: Path;
  readonly message: string;
}

/** Every fault of a policy file, a line each: `file:line:column path: what was expected`. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.faults = faults;
  }
}

/** A policy, and its file as canonical JSON (RFC 8785), by which two editions are told apart. */
export interface LoadedPolicy {
  readonly policy: Policy;
  readonly canonical: string;
  /** SHA-256 of `canonical`, hexadecimal. */
  readonly hash: string;
}

/**
 * Reads a policy from YAML text, or from the canonical JSON of one.
 *
 * @param file  how to call the text in messages
 * @throws {PolicyError} naming each fault by line, column and path
 */
export function parsePolicy(text: string, file: string): LoadedPolicy {
  const { source, where } = readYaml(text, file);
  const parsed = PolicyFile.safeParse(source);
  if (!parsed.success) throw new PolicyError(parsed.error.issues.flatMap(faultsOf).map(where));
  const faults = [...misfits(parsed.data)];
  if (faults.length > 0) throw new PolicyError(faults.map(where));
  const canonical = canonicalize(source) as string;
  return { policy: parsed.data, canonical, hash: createHash('sha256').update(canonical).digest('hex') };
}

/** @throws {PolicyError} also where the file can't be read */
export async function loadPolicy(file: string): Promise<LoadedPolicy> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new PolicyError([`${file}: expected a policy file that can be read`]);
  });
  return parsePolicy(text, file);
}

const YAML_VERSION = '1.2';

/** The values of a YAML document, and how to tell where one of them stands. */
function readYaml(text: string, file: string): { source: unknown; where: (fault: Fault) => string } {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    logLevel: 'error',
  });
  const faults = document.errors.map(({ pos: [offset], message }) => ({ offset, message: message.split('\n')[0] }));
  // an older version reads the same words otherwise: there `no` is a boolean, and `<<` takes in another map
  if (document.directives?.yaml.version !== YAML_VERSION)
    faults.push({ offset: 0, message: `expected YAML ${YAML_VERSION}, not another version of it` });
  visit(document, {
    Alias: (_key, { range }) =>
      void faults.push({ offset: range?.[0] ?? 0, message: 'expected a value, not an alias' }),
  });
  if (faults.length > 0)
    throw new PolicyError(faults.map(({ offset, message }) => `${file}:${place(lines, offset)} ${message}`));
  return {
    source: document.toJS(),
    where: ({ path, message }) => `${file}:${place(lines, offsetOf(document, path))} ${dotted(path)}: ${message}`,
  };
}

/** A key that should not be there is a fault of its own, so that it is found where it stands. */
const faultsOf = (issue: z.core.$ZodIssue): Fault[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => ({ path: [...issue.path, key], message: 'expected no such key' }))
    : [issue];

const place = (lines: LineCounter, offset: number) => {
  const { line, col } = lines.linePos(offset);
  return `${line}:${col}`;
};

const dotted = (path: Path) =>
  path.reduce<string>(
    (text, step) =>
      typeof step === 'number' ? `${text}[${step}]` : text === '' ? String(step) : `${text}.${String(step)}`,
    '',
  ) || 'policy';

/** Where the deepest part of the path that exists begins. */
function offsetOf(document: Document, path: Path): number {
  let node: unknown = document.contents;
  let offset = 0;
  for (const step of path) {
    if (!isCollection(node)) break;
    const pair = node.items.find((item) => isPair(item) && isNode(item.key) && String(item.key) === String(step));
    const next = isPair(pair) ? (pair.value ?? pair.key) : node.get(step, true);
    const start = isPair(pair)
      ? (pair.key as { range?: [number] }).range
      : (next as { range?: [number] } | null)?.range;
    if (!start) break;
    offset = start[0];
    node = next;
  }
  return offset;
}

const duplicates = (items: readonly { readonly id: string }[], path: string): Fault[] =>
  items.flatMap(({ id }, index) =>
    items.findIndex((other) => other.id === id) === index
      ? []
      : [{ path: [path, index, 'id'], message: `expected an id of its own; ${id} is defined above` }],
  );

/** What a shape can't say: that each name used is defined, and that no clause promises what another forbids. */
function* misfits(policy: Policy): Generator<Fault> {
  yield* duplicates(policy.clauses, 'clauses');
  yield* duplicates(policy.purposes, 'purposes');
  yield* duplicates(policy.partnerKinds, 'partnerKinds');
  yield* duplicates(policy.consents, 'consents');
  yield* misfitsOfCondition(policy, policy.partnerRequirements, ['partnerRequirements']);
  for (const [index, kind] of policy.partnerKinds.entries())
    if (FIRST_PARTY_AUDIENCES.includes(kind.id))
      yield {
        path: ['partnerKinds', index, 'id'],
        message: `expected a partner kind; ${kind.id} is one of our own callers`,
      };

  const purposes = new Map(policy.purposes.map((purpose) => [purpose.id, purpose]));
  const kinds = new Map(policy.partnerKinds.map((kind) => [kind.id, kind]));
  for (const [c, clause] of policy.clauses.entries()) {
    const path = ['clauses', c];
    if (clause.conflict && !policy.clauses.some(({ id }) => id === clause.conflict?.with))
      yield { path: [...path, 'conflict', 'with'], message: 'expected the id of a clause of this policy' };
    for (const [p, id] of clause.ownUse.entries())
      if (purposes.get(id)?.use !== 'OWN')
        yield { path: [...path, 'ownUse', p], message: `expected a purpose with use: OWN; ${id} is not` };
    for (const [r, reveal] of clause.reveals.entries()) {
      const at = [...path, 'reveals', r];
      const kind = kinds.get(reveal.to);
      if (!kind && !FIRST_PARTY_AUDIENCES.includes(reveal.to))
        yield {
          path: [...at, 'to'],
          message: `expected one of ${[...FIRST_PARTY_AUDIENCES, ...kinds.keys()].join(', ')}`,
        };
      if (kind && reveal.purposes === undefined)
        yield { path: at, message: 'expected the purposes for which a partner may see this' };
      for (const [p, id] of (reveal.purposes ?? []).entries()) {
        const purpose = purposes.get(id);
        if (purpose?.use !== 'CALLER')
          yield { path: [...at, 'purposes', p], message: `expected a purpose with use: CALLER; ${id} is not` };
        else if (purpose.promotional && kind?.serviceProvider)
          yield { path: [...at, 'purposes', p], message: `${id} is promotional, which no service provider may serve` };
      }
      yield* misfitsOfCondition(policy, reveal.when, [...at, 'when']);
    }
  }
}

function* misfitsOfCondition(policy: Policy, condition: Condition, path: Path): Generator<Fault> {
  for (const { leaf, negated } of leavesOf(condition)) {
    if ('consent' in leaf && !policy.consents.some(({ id }) => id === leaf.consent))
      yield { path, message: `expected a consent that the policy defines; ${leaf.consent} is not` };
    if ('fact' in leaf && negated && FACTS[leaf.fact].filter(NOBODY, false) === undefined)
      yield { path, message: `the fact ${leaf.fact} can't be negated: nobody can be looked up by what a list lacks` };
  }
}

const NOBODY = {
  facts: {},
  recipient: null,
  now: new Date(0),
  measures: { noticeHours: 0, transferRegion: new Set<string>() },
};
