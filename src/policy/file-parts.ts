import { z } from 'zod';
import { isRecord } from '../base/records.ts';
import { expected } from './wording.ts';
import type { Path } from './yaml-source.ts';

/** Common parts of the shapes of files, and readers of values that may lack their shape. */

export interface Fault {
  readonly path: Path;
  readonly message: string;
}

export type Loose = Readonly<Record<string, unknown>>;

// These read a faulty file as well, so that one fault hides no other.
export const mapOf = (value: unknown): Loose => (isRecord(value) ? value : {});
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const isText = (value: unknown): value is string => typeof value === 'string';

export const text = z.string().trim().min(1);

/** A text of a certain form. */
export const form = (pattern: RegExp, what: string) =>
  z.string().regex(pattern, { error: ({ input }) => expected(what, input) });

/** The schema without its wrappers for optional and default values. */
const innerOf = (schema: unknown): unknown =>
  schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ? innerOf(schema.unwrap()) : schema;

/** The allowed keys of a map at this place of a file; none if every key is allowed. */
export function keysAt(file: z.ZodType, path: Path): string[] {
  const schema = path.reduce<unknown>((outer, step) => {
    if (outer instanceof z.ZodArray) return innerOf(outer.element);
    if (outer instanceof z.ZodRecord) return innerOf(outer.valueType);
    return outer instanceof z.ZodObject ? innerOf(outer.shape[String(step)]) : undefined;
  }, file);
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/** Items of a list with the id of an earlier item. */
export function* duplicates(items: readonly unknown[], key: string): Generator<Fault> {
  const ids = items.map((item) => mapOf(item).id);
  for (const [index, id] of ids.entries())
    if (isText(id) && ids.indexOf(id) !== index)
      yield { path: [key, index, 'id'], message: `expected an id of its own; ${id} is defined above` };
}
