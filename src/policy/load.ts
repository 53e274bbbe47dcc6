import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import canonicalize from 'canonicalize';
import type { z } from 'zod';
import { isRecord } from '../base/records.ts';
import { type Policy, PolicyFile } from './clause.ts';
import { type Fault, keysAt } from './file-parts.ts';
import { misfits } from './misfits.ts';
import { REFERENCE_BUNDLE } from './reference.ts';
import type { Vocabulary } from './vocabulary.ts';
import { defaultsIn, VocabularyFile, vocabularyOf } from './vocabulary-file.ts';
import { misfitsOfVocabulary } from './vocabulary-misfits.ts';
import { inOwnWords, unknownKey } from './wording.ts';
import { type Path, readYaml, type TextFault, type YamlSource } from './yaml-source.ts';

/** Every fault of a policy, a line each: `file:line:column path: what was expected`. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.faults = faults;
  }
}

/** A policy, and its files as canonical JSON (RFC 8785). */
export interface LoadedPolicy {
  readonly policy: Policy;
  /** The policy with its vocabulary as one document, which `parsePolicy` reads again. */
  readonly canonical: string;
  /** SHA-256 of what the document decides, hexadecimal: two editions differ in it, other texts of a vocabulary do not. */
  readonly hash: string;
}

/** A text and its name in messages. */
export interface SourceText {
  readonly text: string;
  readonly file: string;
}

/**
 * Reads a policy from YAML text, or from the canonical JSON of one.
 *
 * @param file  the name of the text in messages
 * @param vocabulary  the words of the policy, where the text does not hold them
 * @throws {PolicyError} naming every fault by line, column and path, in the order of the lines
 */
export function parsePolicy(text: string, file: string, vocabulary?: SourceText): LoadedPolicy {
  const yaml = readYaml(text);
  const own = isRecord(yaml.value) ? yaml.value.vocabulary : undefined;
  const words = own === undefined && vocabulary ? readWords(vocabulary) : readOwnWords(own);
  const parsed = PolicyFile.safeParse(yaml.value, { error: inOwnWords });
  const ofShape = [...(parsed.error?.issues ?? []).flatMap(faultsOf(PolicyFile)), ...words.own];
  const ofNames = yaml.readableTo === null ? [...misfits(yaml.value, words.vocabulary, words.defaults)] : [];
  const faults = faultsIn(yaml, ofShape, ofNames, file);
  const told = [...faults, ...words.apart];
  if (told.length > 0 || !parsed.success || !words.vocabulary) throw new PolicyError(told);
  const { defaults, vocabulary: _, ...rest } = parsed.data;
  const preferences = { ...words.defaults, ...defaults.preferences };
  const policy: Policy = { ...rest, defaults: { ...defaults, preferences }, vocabulary: words.vocabulary };
  const whole = { ...(yaml.value as object), vocabulary: words.value };
  const hash = createHash('sha256').update(canonicalize(withoutTexts(whole)) as string);
  return { policy, canonical: canonicalize(whole) as string, hash: hash.digest('hex') };
}

/** The words of a policy as far as they can be read. */
interface Words {
  readonly value: unknown;
  /** Null where they are at fault. */
  readonly vocabulary: Vocabulary | null;
  /** How preferences stand from the start, as the vocabulary says. */
  readonly defaults: Readonly<Record<string, boolean>>;
  /** Faults within the text of the policy. */
  readonly own: readonly Fault[];
  /** Faults of a text of its own, with their places. */
  readonly apart: readonly string[];
}

function parseWords(value: unknown) {
  const parsed = VocabularyFile.safeParse(value, { error: inOwnWords });
  const ofShape = (parsed.error?.issues ?? []).flatMap(faultsOf(VocabularyFile));
  const ofNames = [...misfitsOfVocabulary(value)];
  const isSound = parsed.success && ofShape.length + ofNames.length === 0;
  return {
    ...{ value, ofShape, ofNames },
    vocabulary: isSound ? vocabularyOf(parsed.data) : null,
    defaults: isSound ? defaultsIn(parsed.data) : {},
  };
}

const MISSING = 'is missing; expected the words of the policy, here or in a file of their own';

function readOwnWords(value: unknown): Words {
  if (value === undefined)
    return { value, vocabulary: null, defaults: {}, own: [{ path: ['vocabulary'], message: MISSING }], apart: [] };
  const { ofShape, ofNames, ...words } = parseWords(value);
  const own = [...ofShape, ...ofNames].map(({ path, message }) => ({ path: ['vocabulary', ...path], message }));
  return { ...words, own, apart: [] };
}

function readWords({ text, file }: SourceText): Words {
  const yaml = readYaml(text);
  const { ofShape, ofNames, ...words } = parseWords(yaml.value);
  const apart = faultsIn(yaml, ofShape, yaml.readableTo === null ? ofNames : [], file);
  return { ...words, vocabulary: apart.length > 0 ? null : words.vocabulary, own: [], apart };
}

/** Texts for people, which decide nothing. */
const TEXTS = ['says', 'fieldSays', 'inputSays'];

/** A policy without the texts of its vocabulary. */
function withoutTexts(whole: { readonly vocabulary: unknown }): object {
  const plain = (value: unknown): unknown =>
    isRecord(value)
      ? Object.fromEntries(
          Object.entries(value).flatMap(([key, part]) => (TEXTS.includes(key) ? [] : [[key, plain(part)]])),
        )
      : value;
  return { ...whole, vocabulary: plain(whole.vocabulary) };
}

const POLICY_FILE = 'policy.yaml';
const VOCABULARY_FILE = 'vocabulary.yaml';

const readText = (file: string): Promise<string | null> => readFile(file, 'utf8').catch(() => null);

/**
 * Reads the bundle of a company: a folder with `policy.yaml` and `vocabulary.yaml`, or a policy file. A policy file holds
 * its vocabulary, or has one beside it, or speaks the words of the reference policy.
 *
 * @throws {PolicyError} also where a file can't be read
 */
export async function loadPolicy(bundle: string): Promise<LoadedPolicy> {
  const isFolder = await stat(bundle).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const file = isFolder ? path.join(bundle, POLICY_FILE) : bundle;
  const text = await readText(file);
  if (text === null) throw new PolicyError([`${file}: expected a policy file that can be read`]);
  return parsePolicy(text, file, await vocabularyBeside(file, isFolder));
}

async function vocabularyBeside(policyFile: string, isFolder: boolean): Promise<SourceText | undefined> {
  const folders = [path.dirname(policyFile), ...(isFolder ? [] : [REFERENCE_BUNDLE])];
  for (const folder of folders) {
    const file = path.join(folder, VOCABULARY_FILE);
    const text = await readText(file);
    if (text !== null) return { text, file };
  }
  return undefined;
}

/** Every fault of a file, of its YAML, of its shape and of how its parts fit each other, in the order of its lines. */
function faultsIn(yaml: YamlSource, ofShape: readonly Fault[], ofNames: readonly Fault[], file: string): string[] {
  const place = ({ path, message }: Fault): TextFault => ({
    offset: yaml.offsetOf(path),
    message: `${dotted(path)}: ${message}`,
  });
  const told = new Set(yaml.faults.map(({ offset }) => yaml.lineOf(offset)));
  const ofContent = [...(yaml.readableTo === null ? ofShape : readable(yaml, ofShape)), ...ofNames]
    .map(place)
    .filter(({ offset }) => !told.has(yaml.lineOf(offset)));
  return [...yaml.faults.filter(isFirstOfLine(yaml)), ...ofContent]
    .sort((one, other) => one.offset - other.offset)
    .map(({ offset, message }) => `${file}:${yaml.placeOf(offset)} ${message}`);
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
const faultsOf =
  (schema: z.ZodType) =>
  (issue: z.core.$ZodIssue): Fault[] => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({
        path: [...issue.path, key],
        message: unknownKey(key, keysAt(schema, issue.path)),
      }));
    return [issue];
  };

const dotted = (path: Path) =>
  path.reduce<string>(
    (text, step) =>
      typeof step === 'number' ? `${text}[${step}]` : text === '' ? String(step) : `${text}.${String(step)}`,
    '',
  ) || 'policy';
