import type { Context } from './context.ts';

/** Finds the object of an id. Null where there is none, or none that the caller may see. */
export type FindNode = (id: string, context: Context) => object | null | Promise<object | null>;

/** The types that `node(id)` finds by an id with their name in front. A person's id is the bare string. */
export type Nodes = Map<string, FindNode>;

export const nodeIdOf = (type: string, id: string) => `${type}:${id}`;

/** What an id says of its type, null for a person's. Any string is a possible id. */
export function parseNodeId(nodeId: string): { readonly type: string | null; readonly id: string } {
  const colon = nodeId.indexOf(':');
  return colon < 0 ? { type: null, id: nodeId } : { type: nodeId.slice(0, colon), id: nodeId.slice(colon + 1) };
}
