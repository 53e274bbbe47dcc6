export const nodeIdOf = (type: string, id: string) => `${type}:${id}`;

/** The type that an id names, null for a person's. Any string is a possible id. */
export function parseNodeId(nodeId: string): { readonly type: string | null; readonly id: string } {
  const colon = nodeId.indexOf(':');
  return colon < 0 ? { type: null, id: nodeId } : { type: nodeId.slice(0, colon), id: nodeId.slice(colon + 1) };
}
