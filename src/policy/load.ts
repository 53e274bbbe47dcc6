import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import canonicalize from 'canonicalize';
import { isRecord } from '../base/records.ts';
import { type Policy, PolicyFile } from './clause.ts';
import { faultsIn, readShape } from './file-faults.ts';
import { type Fault, type Loose, listOf, mapOf } from './file-parts.ts';
import { misfits } from './misfits.ts';
import { REFERENCE_BUNDLE } from './reference.ts';
import type { Vocabulary } from './vocabulary.ts';
import { defaultsIn, VocabularyFile, vocabularyOf } from './vocabulary-file.ts';
import { misfitsOfVocabulary } from './vocabulary-misfits.ts';
import { readYaml } from './yaml-source.ts';

/** Every fault of a policy, a line each: `file:line:column path: expected form`. */
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
  /** The policy with its vocabulary as one document; `parsePolicy` can read it. */
  readonly canonical: string;
  /** SHA-256 of the deciding parts of the document, hexadecimal: texts of the vocabulary do not change it. */
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
 * @param vocabulary  the words of the policy, unless the text holds them
 * @throws {PolicyError} naming every fault by line, column and path, in the order of the lines
 */
export function parsePolicy(text: string, file: string, vocabulary?: SourceText): LoadedPolicy {
  const yaml = readYaml(text);
  const own = isRecord(yaml.value) ? yaml.value.vocabulary : undefined;
  const words = own === undefined && vocabulary ? readWords(vocabulary) : readOwnWords(own);
  const parsed = readShape(PolicyFile, yaml.value);
  const ofShape = [...parsed.faults, ...words.own];
  const ofNames = yaml.readableTo === null ? [...misfits(yaml.value, words.vocabulary, words.defaults)] : [];
  const faults = faultsIn(yaml, ofShape, ofNames, file);
  const told = [...faults, ...words.apart];
  if (told.length > 0 || !parsed.data || !words.vocabulary) throw new PolicyError(told);
  const { defaults, vocabulary: _, ...rest } = parsed.data;
  const preferences = { ...words.defaults, ...defaults.preferences };
  const policy: Policy = { ...rest, defaults: { ...defaults, preferences }, vocabulary: words.vocabulary };
  const whole = { ...(yaml.value as object), vocabulary: words.value };
  const hash = createHash('sha256').update(canonicalize(whatDecides(whole)) as string);
  return { policy, canonical: canonicalize(whole) as string, hash: hash.digest('hex') };
}

/** The readable words of a policy. */
interface Words {
  readonly value: unknown;
  /** Null if they have faults. */
  readonly vocabulary: Vocabulary | null;
  /** The preferences at registration, from the vocabulary. */
  readonly defaults: Readonly<Record<string, boolean>>;
  /** Faults of words within the policy file. */
  readonly own: readonly Fault[];
  /** Faults of a separate vocabulary file, with their places. */
  readonly apart: readonly string[];
}

function parseWords(value: unknown) {
  const { data, faults: ofShape } = readShape(VocabularyFile, value);
  const ofNames = [...misfitsOfVocabulary(value)];
  const sound = ofNames.length === 0 ? data : undefined;
  return {
    ...{ value, ofShape, ofNames },
    vocabulary: sound ? vocabularyOf(sound) : null,
    defaults: sound ? defaultsIn(sound) : {},
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

/** Texts for people. No decision depends on them. */
const TEXTS = ['says', 'fieldSays', 'inputSays'];

/**
 * The deciding parts of a policy: without the texts of its vocabulary and the operations that serve a clause. Only
 * words lose their texts: a part of a record may have the name of one.
 */
function whatDecides({ vocabulary, ...policy }: Loose): object {
  const without = (keys: readonly string[]) => (item: unknown) =>
    isRecord(item) ? Object.fromEntries(Object.entries(item).filter(([key]) => !keys.includes(key))) : item;
  const words = Object.entries(mapOf(vocabulary)).map(([key, some]) => [
    key,
    Array.isArray(some) ? some.map(without(TEXTS)) : some,
  ]);
  const clauses = listOf(policy.clauses).map(without(['servedBy']));
  return { ...policy, clauses, vocabulary: Object.fromEntries(words) };
}

const POLICY_FILE = 'policy.yaml';
const VOCABULARY_FILE = 'vocabulary.yaml';
const WORLD_FILE = 'world.json';
const CASES_FILE = 'cases.yaml';

const readText = (file: string): Promise<string | null> => readFile(file, 'utf8').catch(() => null);

/** The most megabytes of a policy or vocabulary file. A policy of 300 clauses takes a quarter of a megabyte. */
const MOST_MEGABYTES = 2;

/** @throws {PolicyError} if the file exceeds the limit for a gateway's start */
async function requireReadable(file: string): Promise<void> {
  const { size } = await stat(file).catch(() => ({ size: 0 }));
  const megabytes = size / 2 ** 20;
  if (megabytes > MOST_MEGABYTES)
    throw new PolicyError([`${file}: expected at most ${MOST_MEGABYTES} MB, not ${megabytes.toFixed(1)} MB`]);
}

/**
 * Reads the bundle of a company: a folder with `policy.yaml` and `vocabulary.yaml`, or a policy file. A policy file
 * holds its vocabulary, or has one beside it, or uses the vocabulary of the reference policy.
 *
 * @throws {PolicyError} also if a file can't be read
 */
export async function loadPolicy(bundle: string): Promise<LoadedPolicy> {
  const isFolder = await stat(bundle).then(
    (found) => found.isDirectory(),
    () => false,
  );
  const file = isFolder ? path.join(bundle, POLICY_FILE) : bundle;
  await requireReadable(file);
  const text = await readText(file);
  if (text === null) throw new PolicyError([`${file}: expected a policy file that can be read`]);
  return parsePolicy(text, file, await vocabularyBeside(file, isFolder));
}

/** A file of a folder; null if it does not exist, or if the folder is a file. */
async function readBeside(folder: string, name: string): Promise<SourceText | null> {
  const file = path.join(folder, name);
  const text = await readText(file);
  return text === null ? null : { text, file };
}

/** The invented people of a bundle, as a world file; null if it has none. */
export const readDemoWorld = (bundle: string): Promise<SourceText | null> => readBeside(bundle, WORLD_FILE);

/** The cases of a bundle; null if it has none. */
export const readCasesOf = (bundle: string): Promise<SourceText | null> => readBeside(bundle, CASES_FILE);

async function vocabularyBeside(policyFile: string, isFolder: boolean): Promise<SourceText | undefined> {
  const folders = [path.dirname(policyFile), ...(isFolder ? [] : [REFERENCE_BUNDLE])];
  for (const folder of folders) {
    await requireReadable(path.join(folder, VOCABULARY_FILE));
    const found = await readBeside(folder, VOCABULARY_FILE);
    if (found) return found;
  }
  return undefined;
}
