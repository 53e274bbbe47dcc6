import type { z } from 'zod';
import { type Fault, keysAt } from './file-parts.ts';
import { inOwnWords, unknownKey } from './wording.ts';
import type { Path, TextFault, YamlSource } from './yaml-source.ts';

/** The content of a file in its shape, undefined if it has faults, and these faults in our own words. */
export function readShape<Content>(schema: z.ZodType<Content>, value: unknown) {
  const { data, error } = schema.safeParse(value, { error: inOwnWords });
  return { data, faults: (error?.issues ?? []).flatMap(faultsOf(schema)) };
}

/**
 * Every fault of a file in the order of its lines: faults of its YAML, of its shape and between its parts.
 *
 * @param whole  the name of the file's content, for a fault without a place in it
 */
export function faultsIn(
  yaml: YamlSource,
  ofShape: readonly Fault[],
  ofNames: readonly Fault[],
  file: string,
  whole = 'policy',
): string[] {
  const place = ({ path, message }: Fault): TextFault => ({
    offset: yaml.offsetOf(path),
    message: `${dotted(path) || whole}: ${message}`,
  });
  const told = new Set(yaml.faults.map(({ offset }) => yaml.lineOf(offset)));
  const ofContent = [...(yaml.readableTo === null ? ofShape : readable(yaml, ofShape)), ...ofNames]
    .map(place)
    .filter(({ offset }) => !told.has(yaml.lineOf(offset)));
  return [...yaml.faults.filter(isFirstOfLine(yaml)), ...ofContent]
    .sort((one, other) => one.offset - other.offset)
    .map(({ offset, message }) => `${file}:${yaml.placeOf(offset)} ${message}`);
}

/** A second fault on the same line is usually a consequence of the first. */
const isFirstOfLine = ({ faults, lineOf }: YamlSource) => {
  const first = new Map([...faults].reverse().map((fault) => [lineOf(fault.offset), fault]));
  return (fault: TextFault) => first.get(lineOf(fault.offset)) === fault;
};

/** The faults of a file that can't be read to its end. A missing key is no fault, since it may stand further on. */
const readable = (yaml: YamlSource, faults: readonly Fault[]) =>
  faults.filter(
    ({ path, message }) =>
      yaml.lineOf(yaml.offsetOf(path)) < yaml.lineOf(yaml.readableTo ?? 0) && !message.startsWith('is missing'),
  );

/** Each unknown key is a fault of its own, so that the message has the place of the key. */
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
  );
