import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import canonicalize from 'canonicalize';
import type { z } from 'zod';
import { keysAt, type Policy, PolicyFile } from './clause.ts';
import { type Fault, misfits } from './misfits.ts';
import { inOwnWords, unknownKey } from './wording.ts';
import { type Path, readYaml, type TextFault, type YamlSource } from './yaml-source.ts';

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
 * @throws {PolicyError} naming every fault by line, column and path, in the order of the lines
 */
export function parsePolicy(text: string, file: string): LoadedPolicy {
  const yaml = readYaml(text);
  const parsed = PolicyFile.safeParse(yaml.value, { error: inOwnWords });
  const faults = faultsIn(yaml, parsed.error?.issues ?? []);
  if (faults.length > 0 || !parsed.success)
    throw new PolicyError(faults.map(({ offset, message }) => `${file}:${yaml.placeOf(offset)} ${message}`));
  const canonical = canonicalize(yaml.value) as string;
  return { policy: parsed.data, canonical, hash: createHash('sha256').update(canonical).digest('hex') };
}

/** @throws {PolicyError} also where the file can't be read */
export async function loadPolicy(file: string): Promise<LoadedPolicy> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new PolicyError([`${file}: expected a policy file that can be read`]);
  });
  return parsePolicy(text, file);
}

/** Every fault of a file, of its YAML, of its shape and of how its parts fit each other, in the order of its lines. */
function faultsIn(yaml: YamlSource, issues: readonly z.core.$ZodIssue[]): TextFault[] {
  const place = ({ path, message }: Fault): TextFault => ({
    offset: yaml.offsetOf(path),
    message: `${dotted(path)}: ${message}`,
  });
  const ofShape = issues.flatMap(faultsOf);
  const ofNames = yaml.readableTo === null ? misfits(yaml.value) : [];
  const told = new Set(yaml.faults.map(({ offset }) => yaml.lineOf(offset)));
  const ofContent = [...(yaml.readableTo === null ? ofShape : readable(yaml, ofShape)), ...ofNames]
    .map(place)
    .filter(({ offset }) => !told.has(yaml.lineOf(offset)));
  return [...yaml.faults.filter(isFirstOfLine(yaml)), ...ofContent].sort((one, other) => one.offset - other.offset);
}

/** A further fault on the same line is most often a consequence of the first. */
const isFirstOfLine = ({ faults, lineOf }: YamlSource) => {
  const first = new Map([...faults].reverse().map((fault) => [lineOf(fault.offset), fault]));
  return (fault: TextFault) => first.get(lineOf(fault.offset)) === fault;
};

/** The faults of a file that can't be read to its end. A missing key is none of them, since it may stand further on. */
const readable = (yaml: YamlSource, faults: readonly Fault[]) =>
  faults.filter(
    ({ path, message }) =>
      yaml.lineOf(yaml.offsetOf(path)) < yaml.lineOf(yaml.readableTo ?? 0) && !message.startsWith('is missing'),
  );

/** A key that should not be there is a fault of its own, so that it is found where it stands. */
const faultsOf = (issue: z.core.$ZodIssue): Fault[] =>
  issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => ({ path: [...issue.path, key], message: unknownKey(key, keysAt(issue.path)) }))
    : [issue];

const dotted = (path: Path) =>
  path.reduce<string>(
    (text, step) =>
      typeof step === 'number' ? `${text}[${step}]` : text === '' ? String(step) : `${text}.${String(step)}`,
    '',
  ) || 'policy';
