import { z } from 'zod';
import { Categories, ConditionShape, PolicyFile } from './clause.ts';
import { FACTS } from './known-facts.ts';
import { LEAF_NAMES, type LeafName, OLDEST } from './leaf.ts';
import { SCALAR_SHAPES } from './vocabulary.ts';
import { Value, VocabularyFile } from './vocabulary-file.ts';

/**
 * The language of bundles as JSON Schemas (draft 2020-12), made from the shapes that read it: editors use them to
 * complete and check a file. Only `policy -- lint` checks that the names in a file are defined.
 */

type Schema = Readonly<Record<string, unknown>>;

const TEXT: Schema = { type: 'string' };
const only = (key: string, value: Schema): Schema => ({
  ...{ type: 'object', properties: { [key]: value } },
  ...{ required: [key], additionalProperties: false },
});
const listOf = (items: Schema): Schema => ({ type: 'array', items });
const ref = (name: string): Schema => ({ $ref: `#/$defs/${name}` });

const YEARS: Schema = { type: 'integer', minimum: 1, maximum: OLDEST };

/** The operands other than names. */
const OPERANDS: Partial<Record<LeafName, Schema>> = {
  age: { oneOf: [only('atLeast', YEARS), only('below', YEARS)] },
  process: only('kind', { ...listOf(TEXT), minItems: 1 }),
  fact: { enum: Object.keys(FACTS) },
};

const CONDITION: Schema = {
  oneOf: [
    only('all', listOf(ref('condition'))),
    only('any', listOf(ref('condition'))),
    only('not', ref('condition')),
    ...LEAF_NAMES.map((name) => only(name, OPERANDS[name] ?? TEXT)),
  ],
};

const CATEGORIES: Schema = {
  oneOf: [
    listOf(TEXT),
    {
      type: 'object',
      properties: { except: listOf(TEXT), namedBy: { const: 'legalProcess' } },
      ...{ required: ['except'], additionalProperties: false },
    },
  ],
};

const SCALAR: Schema = { enum: [...SCALAR_SHAPES] };
const RECORD: Schema = { type: 'object', minProperties: 1, additionalProperties: SCALAR };
/** `list` as the only key makes a list, not a record with a part of that name. */
const VALUE: Schema = { anyOf: [SCALAR, RECORD, only('list', { anyOf: [SCALAR, RECORD] })] };

/** Forms that own code reads, unknown to the library of shapes. */
const OWN_FORMS = new Map<z.core.$ZodType, string>([
  [ConditionShape, 'condition'],
  [Categories, 'categories'],
  [Value, 'value'],
]);

const schemaOf = (title: string, file: z.ZodType, $defs: Readonly<Record<string, Schema>>): object => ({
  ...z.toJSONSchema(file, {
    ...{ io: 'input', unrepresentable: 'any' },
    override: ({ zodSchema, jsonSchema }) => {
      const own = OWN_FORMS.get(zodSchema);
      if (own !== undefined) Object.assign(jsonSchema, ref(own));
    },
  }),
  title,
  $defs,
});

/** Of `policy.yaml`. */
export const policyJsonSchema = (): object =>
  schemaOf('A policy: who may see what', PolicyFile, { condition: CONDITION, categories: CATEGORIES });

/** Of `vocabulary.yaml`. */
export const vocabularyJsonSchema = (): object => schemaOf('The words of a company', VocabularyFile, { value: VALUE });
