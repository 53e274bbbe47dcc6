import { PART_OF_VALUE } from '../enforcement/classification.ts';
import {
  type Category,
  categoryNamed,
  type ItemShape,
  isListShape,
  type ScalarShape,
  type ValueShape,
} from '../policy/vocabulary.ts';
import { idOfItem } from '../subject/items.ts';
import type { SchemaPart } from './schema-part.ts';

/** The GraphQL types of the values of a vocabulary. */

const OUTPUTS = {
  word: 'String',
  line: 'String',
  text: 'String',
  email: 'EmailAddress',
  phone: 'String',
  date: 'Date',
  instant: 'DateTime',
  integer: 'Int',
  number: 'Float',
  boolean: 'Boolean',
  url: 'URL',
  country: 'CountryCode',
  address: 'Address',
} as const satisfies Record<ScalarShape, string>;

const inputOf = (shape: ScalarShape) => (shape === 'address' ? 'AddressInput' : OUTPUTS[shape]);

/** The name of the input type for records of a category. */
const inputName = (type: string) => `${type}Input`;

// the vocabulary alone knows the types of these fields, so that the compiler takes each for a text
const asText = (type: unknown) => type as 'String';

const itemOf = (shape: ValueShape): ItemShape => (isListShape(shape) ? shape.list : shape);

/** Whether the value, or each item of its list, is a record with a type of its own. */
const isRecordShape = (shape: ItemShape): shape is { readonly [part: string]: ScalarShape } =>
  typeof shape === 'object';

/** Defines the object and input types of the records that categories hold. */
export function defineRecords({ builder, vocabulary }: Pick<SchemaPart, 'builder' | 'vocabulary'>): void {
  for (const { type, value, says, register, correct, write, own = [] } of vocabulary.categories) {
    if (type === undefined || value === undefined) continue;
    const item = itemOf(value);
    if (!isRecordShape(item)) continue;
    const parts = Object.entries(item);
    builder.objectType(builder.objectRef<Readonly<Record<string, unknown>>>(type), {
      description: isListShape(value) ? `One of a list. ${says}` : says,
      extensions: PART_OF_VALUE,
      fields: (t) => ({
        ...(own.includes('remove') && {
          id: t.id({
            description: 'Its id among the items of its owner, which are removed by it; items that are alike share it.',
            resolve: idOfItem,
          }),
        }),
        ...Object.fromEntries(
          parts.map(([name, shape]) => [
            name,
            t.field({
              type: asText(OUTPUTS[shape]),
              nullable: true,
              description: `Its \`${name}\`.`,
              resolve: (record) => (record[name] ?? null) as string | null,
            }),
          ]),
        ),
      }),
    });
    const isTaken = register !== undefined || correct;
    if (!isTaken && write === undefined && !own.includes('add')) continue;
    builder.inputRef<object>(inputName(type)).implement({
      description: isTaken ? `As a whole: it takes the place of the one that is held. ${says}` : says,
      fields: (t) =>
        Object.fromEntries(
          parts.map(([name, shape]) => [
            name,
            t.field({ type: asText(inputOf(shape)), description: `Its \`${name}\`.` }),
          ]),
        ),
    });
  }
}

/** The type of a category that is made from another one. */
function derivedType({ vocabulary, enums }: SchemaPart, { from, as }: Category): unknown {
  if (typeof as === 'object') {
    const source = categoryNamed(vocabulary, from ?? '')?.value;
    if (source === 'address') return as.part === 'country' ? 'CountryCode' : 'String';
    const part = typeof source === 'object' && !isListShape(source) ? source[as.part] : undefined;
    return part === undefined ? 'String' : OUTPUTS[part as ScalarShape];
  }
  switch (as) {
    case 'age':
    case 'year':
    case 'count':
      return 'Int';
    case 'ageBand':
      return enums.AgeBand;
    default:
      return 'String';
  }
}

/** The type of the field that shows a category. */
export function outputTypeOf(part: SchemaPart, category: Category): 'String' {
  const { value, type } = category;
  if (value === undefined) return asText(derivedType(part, category));
  const item = itemOf(value);
  const one = isRecordShape(item) ? type : OUTPUTS[item];
  return asText(isListShape(value) ? [one] : one);
}

/** The type of the input that takes one item of the list of a category, or its value where that is no list. */
export function itemInputTypeOf({ value = 'line', type = '' }: Category): 'String' {
  const item = itemOf(value);
  return asText(isRecordShape(item) ? inputName(type) : inputOf(item));
}

/** The type of the input that takes a value of a category. */
export function inputTypeOf(category: Category): 'String' {
  const one = itemInputTypeOf(category);
  return category.value !== undefined && isListShape(category.value) ? asText([one]) : one;
}
