const USER = 'User';

/** A person's id is the bare string that the caller was shown; anything else says its type: `Partner:acme-pay`. */
export const encodeNodeId = (typename: string, id: string | number | bigint) =>
  typename === USER ? String(id) : `${typename}:${id}`;

/** Any string is a possible id. */
export function decodeNodeId(nodeId: string): { typename: string; id: string } {
  const colon = nodeId.indexOf(':');
  return colon < 0 ? { typename: USER, id: nodeId } : { typename: nodeId.slice(0, colon), id: nodeId.slice(colon + 1) };
}
