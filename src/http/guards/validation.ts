import {
  type DocumentNode,
  type GraphQLError,
  type GraphQLSchema,
  isRequiredArgument,
  NoSchemaIntrospectionCustomRule,
  specifiedRules,
  type ValidationContext,
  type ValidationRule,
  ValuesOfCorrectTypeRule,
  validate,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { ApiError, badInput } from '../../base/errors.ts';
import { ownError } from '../error-table.ts';
import { argumentPathOf } from './argument-path.ts';
import { expectedValue } from './expected.ts';
import { enumHint, fieldHint, ownWords } from './hints.ts';

/** How many faults of a document are told at once. */
const MOST_ERRORS = 10;

type Words = string | ((context: ValidationContext) => string);

const requiredArguments = (context: ValidationContext) =>
  (context.getDirective() ?? context.getFieldDef())?.args.filter(isRequiredArgument).map(({ name }) => name) ?? [];

/**
 * The messages for a document that does not fit, by the rule that finds the fault. GraphQL's own messages repeat parts
 * of the request: values, which may be anybody's data, and names, where a client has put a value in their place. Ours
 * name the form that the schema expects; the error's location says where. Developers get GraphQL's messages, if those
 * repeat names alone.
 */
export const WORDS: Readonly<Record<string, Words>> = {
  ExecutableDefinitionsRule: 'Only operations and fragments may stand in a document.',
  UniqueOperationNamesRule: 'No two operations may have the same name.',
  LoneAnonymousOperationRule: 'An operation without a name must be the only one.',
  SingleFieldSubscriptionsRule: 'A subscription has exactly one field.',
  KnownTypeNamesRule: 'There is no type of this name.',
  FragmentsOnCompositeTypesRule: 'A fragment must be on an object or an interface.',
  VariablesAreInputTypesRule: 'A variable must be of an input type.',
  ScalarLeafsRule: 'An object needs its fields in braces after it; a value has none.',
  FieldsOnCorrectTypeRule: (context) => `Type ${context.getParentType()} has no field of this name.`,
  UniqueFragmentNamesRule: 'No two fragments may have the same name.',
  KnownFragmentNamesRule: 'There is no fragment of this name.',
  NoUnusedFragmentsRule: 'This fragment is not used.',
  PossibleFragmentSpreadsRule: 'This fragment can never apply here.',
  NoFragmentCyclesRule: 'This fragment leads back to itself.',
  UniqueVariableNamesRule: 'No two variables may have the same name.',
  NoUndefinedVariablesRule: 'This variable is not declared.',
  NoUnusedVariablesRule: 'This variable is not used.',
  KnownDirectivesRule: 'There is no such directive for this place.',
  UniqueDirectivesPerLocationRule: 'This directive may stand here only once.',
  KnownArgumentNamesRule: 'There is no argument of this name here.',
  UniqueArgumentNamesRule: 'An argument may be given only once.',
  ValuesOfCorrectTypeRule: 'This value does not fit here.',
  ProvidedRequiredArgumentsRule: (context) => `Required here: ${requiredArguments(context).join(', ')}.`,
  VariablesInAllowedPositionRule: 'The type of this variable does not fit here.',
  OverlappingFieldsCanBeMergedRule: 'Fields of the same name must ask for the same thing: give one an alias.',
  UniqueInputFieldNamesRule: 'A field of an input may be given only once.',
  MaxIntrospectionDepthRule: 'The schema is asked for too deeply.',
  NoSchemaIntrospectionCustomRule: 'This gateway does not tell its schema.',
};

/** A value in the document that does not fit, told by the argument that it is part of; null where that is not it. */
function unfitValue(error: GraphQLError, context: ValidationContext, hints: boolean): ApiError | null {
  const [node] = error.nodes ?? [];
  const type = context.getInputType() ?? context.getParentInputType();
  const argument = node && argumentPathOf(context.getDocument(), node);
  const own = ownError(error)?.extensions.expected;
  const expected = typeof own === 'string' ? own : type && expectedValue(type);
  const hint = hints ? fieldHint(error) || (type ? enumHint(type) : '') : '';
  return argument && expected ? badInput(argument, expected, { nodes: [node] }, hint) : null;
}

/** GraphQL's own words repeat values where a value is at fault, and names alone where anything else is. */
const told = (rule: ValidationRule, error: GraphQLError, context: ValidationContext, hints: boolean): ApiError => {
  const isOfValue = rule === ValuesOfCorrectTypeRule;
  const unfit = isOfValue ? unfitValue(error, context, hints) : null;
  if (unfit) return unfit;
  if (error instanceof ApiError) return error;
  const words = WORDS[rule.name] ?? 'The document does not fit the schema.';
  const own = hints && !isOfValue ? ownWords(error) : null;
  const message = own ?? (typeof words === 'string' ? words : words(context));
  return new ApiError('GRAPHQL_VALIDATION_FAILED', message, {}, error.nodes ? { nodes: error.nodes } : {});
};

const inOurWords =
  (hints: boolean) =>
  (rule: ValidationRule): ValidationRule =>
  (context) => {
    const reportError = (error: GraphQLError) => context.reportError(told(rule, error, context, hints));
    return rule(Object.create(context, { reportError: { value: reportError } }));
  };

export interface ValidationOptions {
  /** Whether tools may ask for the schema. */
  readonly introspection: boolean;
  /** Whether a fault tells which name is wrong, and which may have been meant. */
  readonly hints: boolean;
}

/** Finds the parts that do not fit. Tools, and developers, are told the schema only if the configuration says so. */
export function createValidation({ introspection, hints }: ValidationOptions) {
  const rules = [...specifiedRules, ...(introspection ? [] : [NoSchemaIntrospectionCustomRule])].map(inOurWords(hints));
  const options = { maxErrors: MOST_ERRORS, hideSuggestions: !hints };
  return (schema: GraphQLSchema, document: DocumentNode): ApiError[] =>
    validate(schema, document, rules, options).filter((error) => error instanceof ApiError);
}

export const useValidation = (options: ValidationOptions): Plugin => {
  const validation = createValidation(options);
  return { onValidate: ({ setValidationFn }) => setValidationFn(validation) };
};
