import { badInput } from '../base/errors.ts';
import { isRecord } from '../base/records.ts';
import {
  type Category,
  type CategoryRole,
  categoryWith,
  type ItemShape,
  isListShape,
  placeOf,
  type ScalarShape,
  type ValueShape,
  type Vocabulary,
} from '../policy/vocabulary.ts';
import { type AddressInput, addressOf, LENGTHS, textOf } from './forms.ts';
import { MOST_ITEMS } from './items.ts';
import type { PersonalValues } from './values.ts';

/** Values as callers give them, by the forms that a vocabulary gives their categories. */

function scalarOf(argument: string, shape: ScalarShape, input: unknown): unknown {
  switch (shape) {
    case 'word':
      return textOf(argument, String(input), LENGTHS.word);
    case 'line':
    case 'phone':
      return textOf(argument, String(input), LENGTHS.line);
    case 'text':
      if (String(input).trim() === '' || String(input).length > LENGTHS.text)
        throw badInput(argument, `text of 1 to ${LENGTHS.text} characters`);
      return input;
    case 'instant':
      return input instanceof Date ? input.toISOString() : input;
    case 'address':
      return addressOf(argument, input as AddressInput);
    default:
      // a scalar of the schema has read it
      return input;
  }
}

function itemOf(argument: string, shape: ItemShape, input: unknown): unknown {
  if (typeof shape === 'string') return scalarOf(argument, shape, input);
  const given = Object.entries(isRecord(input) ? input : {}).filter(([, value]) => value != null);
  if (given.length === 0) throw badInput(argument, 'at least one part of it');
  return Object.fromEntries(
    given.flatMap(([part, value]) => {
      const scalar = shape[part];
      return scalar === undefined ? [] : [[part, scalarOf(`${argument}.${part}`, scalar, value)]];
    }),
  );
}

/**
 * A value as it is kept.
 *
 * @throws {ApiError} BAD_INPUT naming the argument and the form that was expected
 */
export function keptValue(argument: string, shape: ValueShape, input: unknown): unknown {
  if (!isListShape(shape)) return itemOf(argument, shape, input);
  const items = Array.isArray(input) ? input : [input];
  if (items.length > MOST_ITEMS) throw badInput(argument, `at most ${MOST_ITEMS} items`);
  return items.map((item, index) => itemOf(`${argument}[${index}]`, shape.list, item));
}

/** The content of a form, by the name of the field. */
export type Form = Readonly<Record<string, unknown>>;

/**
 * The values of some categories that a form gives, by the places where they are kept. The handle is none of them.
 *
 * @throws {ApiError} BAD_INPUT
 */
export const valuesIn = (
  vocabulary: Vocabulary,
  form: Form,
  isTaken: (category: Category) => boolean,
): PersonalValues =>
  Object.fromEntries(
    vocabulary.categories.flatMap((category) => {
      const { field = '', value, role } = category;
      const input = form[field];
      if (value === undefined || role === 'handle' || input == null || !isTaken(category)) return [];
      return [[placeOf(category), keptValue(`input.${field}`, value, input)]];
    }),
  );

/** The handle that a form gives; undefined where it gives none. @throws {ApiError} BAD_INPUT */
export function handleIn(vocabulary: Vocabulary, form: Form): string | undefined {
  const field = categoryWith(vocabulary, 'handle')?.field ?? '';
  const input = form[field];
  return input == null ? undefined : textOf(`input.${field}`, String(input), LENGTHS.line);
}

/** The argument that gives the value with a role. */
export const argumentWith = (vocabulary: Vocabulary, role: CategoryRole): string =>
  `input.${categoryWith(vocabulary, role)?.field ?? ''}`;
