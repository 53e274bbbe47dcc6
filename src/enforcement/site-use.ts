import {
  type DocumentNode,
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  getArgumentValues,
  getOperationAST,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import type { Plugin, YogaInitialContext } from 'graphql-yoga';
import type { Caller } from '../subject/caller.ts';

/** The part of a request that decides whether the request is use of the site. */
interface User {
  readonly caller: Caller;
}

/** Whether a request for a root field, with these arguments and from this caller, is no use of the site. */
type Exemption = (args: Readonly<Record<string, unknown>>, context: User) => boolean;

const EXTENSION = 'notUse';

/**
 * On a root field: a request for it is no use of the site and accepts no policy. Examples: people look after their own
 * data, read the policy or refuse it. `when` decides where this depends on the arguments or the caller.
 */
export const notUse = (when: Exemption = () => true) => ({ [EXTENSION]: when });

/** The fields that an operation asks for at its root, fragments followed. */
function* rootFields(document: DocumentNode, selections: SelectionSetNode): Generator<FieldNode> {
  for (const selection of selections.selections) {
    if (selection.kind === Kind.FIELD) yield selection;
    else if (selection.kind === Kind.INLINE_FRAGMENT) yield* rootFields(document, selection.selectionSet);
    else
      for (const definition of document.definitions)
        if (definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value)
          yield* rootFields(document, definition.selectionSet);
  }
}

const isExempt = (type: GraphQLObjectType, node: FieldNode, variables: Record<string, unknown>, context: User) => {
  const field = type.getFields()[node.name.value];
  // Introspection fields are not among the fields of the type.
  if (!field) return true;
  const exemption = field.extensions[EXTENSION] as Exemption | undefined;
  try {
    return exemption?.(getArgumentValues(field, node, variables), context) ?? false;
  } catch {
    // The executor refuses arguments that don't fit, and a refused request is no use.
    return true;
  }
};

interface Asked {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variableValues?: Readonly<Record<string, unknown>> | null | undefined;
}

/** Whether an operation is use of the site: at least one of its root fields is not exempt. */
export function isUse({ schema, document, operationName, variableValues }: Asked, context: User): boolean {
  const operation = getOperationAST(document, operationName);
  const type = operation && schema.getRootType(operation.operation);
  if (!operation || !type) return false;
  return [...rootFields(document, operation.selectionSet)].some(
    (node) => !isExempt(type, node, { ...variableValues }, context),
  );
}

/**
 * Use of the site counts as acceptance of a new version of the policy, once that version is posted. The acceptance is
 * recorded before the operation runs, so that the new version already decides about this operation.
 */
export const useDeemedAcceptance = <Context extends User>(
  wouldAccept: (context: Context) => boolean,
  deemAccepted: (context: Context) => Promise<void>,
): Plugin<Context> => ({
  async onExecute({ args }) {
    const context = args.contextValue as Context & YogaInitialContext;
    // a GET is safe: nobody accepts anything by it (RFC 9110, 9.2.1)
    if (context.request.method === 'GET') return;
    if (context.caller.kind === 'MEMBER' && wouldAccept(context) && isUse(args, context)) await deemAccepted(context);
  },
});
