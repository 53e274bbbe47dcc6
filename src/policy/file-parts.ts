import { z } from 'zod';
import { isRecord } from '../base/records.ts';
import { expected } from './wording.ts';
import type { Path } from './yaml-source.ts';

/** Parts that the shapes of files have in common, and readers of what may not have its shape. */

export interface Fault {
  readonly path: Path;
  readonly message: string;
}

export type Loose = Readonly<Record<string, unknown>>;

// A file is read as it stands, so that one wrong place hides no other.
export const mapOf = (value: unknown): Loose => (isRecord(value) ? value : {});
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const isText = (value: unknown): value is string => typeof value === 'string';

export const text = z.string().trim().min(1);

/** A text of a certain form. */
export const form = (pattern: RegExp, what: string) =>
  z.string().regex(pattern, { error: ({ input }) => expected(what, input) });

/** The schema within those that say what may be left out. */
const innerOf = (schema: unknown): unknown =>
  schema instanceof z.ZodOptional || schema instanceof z.ZodDefault ? innerOf(schema.unwrap()) : schema;

/** The keys that a map at this place of a file may have; none where any key may stand there. */
export function keysAt(file: z.ZodType, path: Path): string[] {
  const schema = path.reduce<unknown>((outer, step) => {
    if (outer instanceof z.ZodArray) return innerOf(outer.element);
    if (outer instanceof z.ZodRecord) return innerOf(outer.valueType);
    return outer instanceof z.ZodObject ? innerOf(outer.shape[String(step)]) : undefined;
  }, file);
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/** Items of a list that have the id of an earlier one. */
export function* duplicates(items: readonly unknown[], key: string): Generator<Fault> {
  const ids = items.map((item) => mapOf(item).id);
  for (const [index, id] of ids.entries())
    if (isText(id) && ids.indexOf(id) !== index)
      yield { path: [key, index, 'id'], message: `expected an id of its own; ${id} is defined above` };
}
