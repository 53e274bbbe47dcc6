import { type ASTNode, Kind, parse, type Source, visit } from 'graphql';

const isItem = ({ kind }: ASTNode, key: unknown) => typeof key === 'number' && kind.endsWith('Value');

/** What a node adds to the path of the argument that it belongs to. */
const stepOf = (node: ASTNode, key: unknown): string[] => {
  if (node.kind === Kind.ARGUMENT || node.kind === Kind.OBJECT_FIELD) return [node.name.value];
  return isItem(node, key) ? [String(key)] : [];
};

const placeOf = ({ kind, loc }: ASTNode) => `${kind} ${loc?.start} ${loc?.end}`;

function pathsIn(source: Source): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  const steps: string[] = [];
  visit(parse(source), {
    enter(node, key) {
      steps.push(...stepOf(node, key));
      if (steps.length > 0) paths.set(placeOf(node), steps.join('.'));
    },
    leave(node, key) {
      steps.length -= stepOf(node, key).length;
    },
  });
  return paths;
}

const known = new WeakMap<Source, ReadonlyMap<string, string>>();

/** The argument that a node of a document is the value of, as a dotted path: `input.email`; null where it is none. */
export function argumentPathOf(node: ASTNode | undefined): string | null {
  const source = node?.loc?.source;
  if (!source) return null;
  const paths = known.get(source) ?? pathsIn(source);
  known.set(source, paths);
  return paths.get(placeOf(node)) ?? null;
}
