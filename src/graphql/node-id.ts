/** The types whose ids say what they are; a person's id is the bare string that the caller was shown. */
export type NamedNode = 'Partner' | 'Policy' | 'Clause' | 'PolicyPurpose';

export const nodeIdOf = (type: NamedNode, id: string) => `${type}:${id}`;

/** What an id says of its type, null for a person's. Any string is a possible id. */
export function parseNodeId(nodeId: string): { readonly type: string | null; readonly id: string } {
  const colon = nodeId.indexOf(':');
  return colon < 0 ? { type: null, id: nodeId } : { type: nodeId.slice(0, colon), id: nodeId.slice(colon + 1) };
}

/** The local id of a part of a policy: unique over its versions, in which parts of one name may say different things. */
export const partId = (version: string, key: string) => `${version}/${key}`;

/** Takes an id of `partId` apart. No version and no name of a part has a slash. */
export function parsePartId(id: string): { readonly version: string; readonly key: string } {
  const slash = id.indexOf('/');
  return { version: id.slice(0, Math.max(0, slash)), key: id.slice(slash + 1) };
}
