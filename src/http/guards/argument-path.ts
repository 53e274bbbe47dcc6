import { type ASTNode, BREAK, type DocumentNode, Kind, visit } from 'graphql';

/** The step that a node adds to the path of its argument: a name, or a place in a list. */
const stepOf = (node: ASTNode, key: unknown): string[] => {
  if (node.kind === Kind.ARGUMENT || node.kind === Kind.OBJECT_FIELD) return [node.name.value];
  return typeof key === 'number' && node.kind.endsWith('Value') ? [String(key)] : [];
};

/**
 * The argument that a node of a document is the value of, as a dotted path: `input.email`; null where it is none. A field
 * of an input that is itself the target is one that the schema does not know: its name is the client's, and left out.
 */
export function argumentPathOf(document: DocumentNode, target: ASTNode): string | null {
  const steps: string[] = [];
  let path = '';
  visit(document, {
    enter(node, key) {
      const step = stepOf(node, key);
      if (node !== target) {
        steps.push(...step);
        return undefined;
      }
      path = [...steps, ...(node.kind === Kind.OBJECT_FIELD ? [] : step)].join('.');
      return BREAK;
    },
    leave(node, key) {
      steps.length -= stepOf(node, key).length;
    },
  });
  return path || null;
}
