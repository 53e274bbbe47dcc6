import {
  type DocumentNode,
  type GraphQLInputType,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isListType,
  isNonNullType,
  parse,
  TypeInfo,
  typeFromAST,
  type ValueNode,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { badInput } from '../base/errors.ts';
import { holdsCardNumber } from './card-numbers.ts';

/**
 * Marks an argument or input field that no person writes. Either this gateway issued its text, such as a cursor, or a
 * program generated it and the gateway keeps only a mark of it.
 */
export const opaque = () => ({ opaque: true });

/** Ids and addresses are no free text: a number in one is a key or part of a link. */
const NO_TEXT: ReadonlySet<string> = new Set(['ID', 'URL', 'DateTime', 'Date']);

interface Place {
  readonly type: GraphQLInputType | undefined;
  readonly isOpaque: boolean;
}
const ANYWHERE: Place = { type: undefined, isOpaque: false };

const isExempt = ({ type, isOpaque }: Place): boolean =>
  isOpaque || (type !== undefined && NO_TEXT.has(getNamedType(type).name));

const bare = (type: GraphQLInputType | undefined): GraphQLInputType | undefined =>
  isNonNullType(type) ? bare(type.ofType as GraphQLInputType) : type;

/** Where a part of a value stands. */
function placeOf(place: Place, key: string): Place {
  const type = bare(place.type);
  if (isListType(type)) return { ...place, type: type.ofType };
  const field = isInputObjectType(type) ? type.getFields()[key] : undefined;
  return field ? { type: field.type, isOpaque: field.extensions.opaque === true } : ANYWHERE;
}

/** The dotted path of a card number in a value; null if the value holds none. */
function findCardNumber(value: unknown, path: string, place = ANYWHERE): string | null {
  if (typeof value === 'string') return !isExempt(place) && holdsCardNumber(value) ? path : null;
  if (typeof value === 'number')
    return !isExempt(place) && Number.isInteger(value) && holdsCardNumber(String(value)) ? path : null;
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, part] of Object.entries(value)) {
    if (holdsCardNumber(key)) return path || 'variables';
    const found = findCardNumber(part, path === '' ? key : `${path}.${key}`, placeOf(place, key));
    if (found !== null) return found;
  }
  return null;
}

const parsed = (query: string): DocumentNode | null => {
  try {
    return parse(query);
  } catch {
    // the executor reports that the text is no GraphQL
    return null;
  }
};

/** The place of each variable. A variable is exempt only if it is so in every operation that declares it. */
function placesOf(schema: GraphQLSchema, document: DocumentNode): (name: string) => Place {
  const places = new Map<string, Place[]>();
  const uses = new Map<string, boolean[]>();
  const types = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(types, {
      VariableDefinition: ({ variable: { name }, type }) => {
        const declared = typeFromAST(schema, type as never) as GraphQLInputType | undefined;
        places.set(name.value, [...(places.get(name.value) ?? []), { type: declared, isOpaque: false }]);
        return false;
      },
      Variable: ({ name }) => {
        uses.set(name.value, [...(uses.get(name.value) ?? []), types.getArgument()?.extensions.opaque === true]);
      },
    }),
  );
  return (name) => {
    const declared = places.get(name) ?? [];
    const used = uses.get(name) ?? [];
    const isOpaque = used.length > 0 && used.every((is) => is);
    const [first] = declared;
    return first && (declared.length === 1 || declared.every(isExempt)) ? { type: first.type, isOpaque } : ANYWHERE;
  };
}

/** The first variable that holds a card number. */
function findInVariables(schema: GraphQLSchema, query: string, variables: Record<string, unknown>): string | null {
  const suspected = findCardNumber(variables, '');
  const document = suspected === null ? null : parsed(query);
  if (!document) return suspected;
  const place = placesOf(schema, document);
  for (const [name, value] of Object.entries(variables)) {
    const found = holdsCardNumber(name) ? 'variables' : findCardNumber(value, name, place(name));
    if (found !== null) return found;
  }
  return null;
}

/** The argument that holds a card number; `query` if the number stands elsewhere in the document. */
function findInDocument(schema: GraphQLSchema, query: string): string | null {
  const isHeld = holdsCardNumber(query);
  // Escaped characters can hide a card number.
  if (!isHeld && !query.includes('\\')) return null;
  const document = parsed(query);
  if (!document) return isHeld ? 'query' : null;
  let found: string | null = null;
  let argument = 'query';
  const exempt: ValueNode[] = [];
  const types = new TypeInfo(schema);
  const look = (node: ValueNode & { readonly value: string }) => {
    const isOpaque = types.getArgument()?.extensions.opaque === true;
    if (isExempt({ type: (types.getInputType() ?? undefined) as GraphQLInputType | undefined, isOpaque }))
      exempt.push(node);
    else if (holdsCardNumber(node.value)) found ??= argument;
  };
  visit(
    document,
    visitWithTypeInfo(types, {
      Argument: ({ name }) => {
        argument = name.value;
      },
      StringValue: look,
      IntValue: look,
    }),
  );
  return found ?? (isHeld && holdsCardNumber(without(query, exempt)) ? 'query' : null);
}

/** The text of a document without these values. */
function without(query: string, nodes: readonly ValueNode[]): string {
  let rest = '';
  let from = 0;
  for (const { loc } of nodes) {
    rest += `${query.slice(from, loc?.start)}x`;
    from = loc?.end ?? from;
  }
  return rest + query.slice(from);
}

/**
 * Refuses a request with the number of a payment card in any text, before any other step, so that no error can repeat
 * the number. The number goes to the payment processor, and only the processor's token comes here.
 */
export const useCardNumberGuard = (schema: GraphQLSchema): Plugin => ({
  onParams({ params: { query, variables, operationName, extensions }, setResult }) {
    const place =
      findInVariables(schema, query ?? '', variables ?? {}) ??
      findInDocument(schema, query ?? '') ??
      findCardNumber({ operationName, extensions }, '');
    if (place !== null)
      setResult({ errors: [badInput(place, 'no payment card number: give it to the processor instead')] });
  },
});
