import {
  type Document,
  type ErrorCode,
  isCollection,
  isNode,
  isPair,
  LineCounter,
  parseDocument,
  Scalar,
  visit,
} from 'yaml';

export type Path = readonly PropertyKey[];

/** A fault of a file, at a place in its text. */
export interface TextFault {
  readonly offset: number;
  readonly message: string;
}

/** The readable part of a YAML document. */
export interface YamlSource {
  readonly value: unknown;
  readonly faults: readonly TextFault[];
  /** The end of the readable part; null if the whole text is readable. */
  readonly readableTo: number | null;
  /** The beginning of the deepest existing part of the path. */
  readonly offsetOf: (path: Path) => number;
  /** `line:column`, both from 1. */
  readonly placeOf: (offset: number) => string;
  readonly lineOf: (offset: number) => number;
}

const YAML_VERSION = '1.2';

const WORDS: Readonly<Record<ErrorCode, string>> = {
  ALIAS_PROPS: 'expected a value, not an alias',
  BAD_ALIAS: 'expected a value, not an alias',
  BAD_COLLECTION_TYPE: 'expected a value without a tag',
  BAD_DIRECTIVE: `expected YAML ${YAML_VERSION} without directives`,
  BAD_DQ_ESCAPE: 'expected another sign after the backslash; between single quotes it stands for itself',
  BAD_INDENT: 'expected other spaces before this line, as its neighbours have',
  BAD_PROP_ORDER: 'expected a value without a tag or an anchor',
  BAD_SCALAR_START: 'expected quotes around a text that begins with this sign',
  BLOCK_AS_IMPLICIT_KEY: 'expected one key on this line; a text that holds a colon and a space stands between quotes',
  BLOCK_IN_FLOW: 'expected no "- " and no lines of keys between brackets',
  DUPLICATE_KEY: 'expected a key of its own; the same key stands above',
  IMPOSSIBLE: 'expected YAML',
  KEY_OVER_1024_CHARS: 'expected a shorter key',
  MISSING_CHAR: 'expected a sign that closes or separates: a quote, a bracket, a brace, a comma or a colon',
  MULTILINE_IMPLICIT_KEY: 'expected the key on one line, with its colon',
  MULTIPLE_ANCHORS: 'expected a value without an anchor',
  MULTIPLE_DOCS: 'expected one document; a second one begins here',
  MULTIPLE_TAGS: 'expected a value without a tag',
  NON_STRING_KEY: 'expected a text as a key',
  RESOURCE_EXHAUSTION: 'expected fewer levels',
  TAB_AS_INDENT: 'expected spaces before this line, not a tab',
  TAG_RESOLVE_FAILED: 'expected a value without a tag',
  UNEXPECTED_TOKEN: 'expected YAML; this sign has no place here',
};

const CLOSING = /(?:end with a|closing) ?"?([\]}'"])/;

const worded = (code: ErrorCode, message: string) => {
  const [, closing] = CLOSING.exec(message) ?? [];
  return closing === undefined ? WORDS[code] : `expected the closing ${closing}`;
};

/** Reads the valid part of a YAML text, and lists the faults of the rest. */
export function readYaml(text: string): YamlSource {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    // tags make sets and other kinds of values that JSON lacks
    resolveKnownTags: false,
    logLevel: 'error',
  });
  const faults = [...document.errors, ...document.warnings].map(({ pos: [offset], code, message }) => ({
    offset: code === 'MISSING_CHAR' ? quoteBefore(document, offset) : offset,
    message: worded(code, message),
  }));
  const broken = faults
    .slice(0, document.errors.length)
    .filter((_, index) => document.errors[index]?.code !== 'DUPLICATE_KEY')
    .map(({ offset }) => offset);
  // an older version gives the same words another meaning: there `no` is a boolean, and `<<` merges another map
  const isOther = document.directives?.yaml.version !== YAML_VERSION;
  if (isOther) faults.push({ offset: 0, message: `expected YAML ${YAML_VERSION}, not another version of it` });
  visit(document, {
    // the library would turn a key that is a list or a map into YAML text, and can't do so with every value
    Pair: (_key, pair) => {
      if (!isCollection(pair.key)) return;
      faults.push({ offset: pair.key.range?.[0] ?? 0, message: WORDS.NON_STRING_KEY });
      pair.key = new Scalar('');
    },
    Alias: (_key, { range }) => {
      faults.push({ offset: range?.[0] ?? 0, message: WORDS.BAD_ALIAS });
      return new Scalar(null);
    },
  });
  return {
    value: isOther ? null : document.toJS(),
    faults,
    readableTo: isOther ? 0 : broken.length > 0 ? Math.min(...broken) : null,
    offsetOf: (path) => offsetOf(document, path),
    placeOf: (offset) => {
      const { line, col } = lines.linePos(offset);
      return `${line}:${col}`;
    },
    lineOf: (offset) => lines.linePos(offset).line,
  };
}

/** The beginning of the quoted text at this place: an unclosed one can be long. */
function quoteBefore(document: Document, offset: number): number {
  let start = offset;
  visit(document, {
    Scalar: (_key, { type, range }) => {
      if (type?.startsWith('QUOTE') && range && range[0] < offset && offset <= range[1]) start = range[0];
    },
  });
  return start;
}

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
