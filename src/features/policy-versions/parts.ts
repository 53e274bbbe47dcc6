import type { Policy } from '../../policy/clause.ts';
import type { DecisionTable } from '../../policy/compile.ts';

/** A part of a policy, such as a clause, with the version that it stands in. */
export type PartOfPolicy<Part> = Part & { readonly version: string };

/** The local id of a part of a policy: unique over its versions, in which parts of one name may say different things. */
export const partId = (version: string, key: string) => `${version}/${key}`;

/** Takes an id of `partId` apart. No version and no name of a part has a slash. */
function parsePartId(id: string): { readonly version: string; readonly key: string } {
  const slash = id.indexOf('/');
  return { version: id.slice(0, Math.max(0, slash)), key: id.slice(slash + 1) };
}

/** A list of a policy in which each item has a name. */
type PartsOf<Part> = (policy: Policy) => readonly Part[];
export const CLAUSES = ({ clauses }: Policy) => clauses;
export const PURPOSES = ({ purposes }: Policy) => purposes;

export const partsIn = <Part extends { readonly id: string }>(
  policy: Policy,
  partsOf: PartsOf<Part>,
): PartOfPolicy<Part>[] => partsOf(policy).map((part) => ({ ...part, version: policy.version }));

/** One part of a version by name; undefined where that version has none. */
function partNamed<Part extends { readonly id: string }>(
  { policies }: DecisionTable,
  version: string,
  name: string,
  partsOf: PartsOf<Part>,
): PartOfPolicy<Part> | undefined {
  const policy = policies.get(version);
  const part = policy && partsOf(policy).find(({ id }) => id === name);
  return part && { ...part, version };
}

/** Clauses of a version by name; one that is no longer known is left out. */
export const clausesNamed = (table: DecisionTable, version: string, names: readonly string[]) =>
  names.flatMap((name) => partNamed(table, version, name, CLAUSES) ?? []);

/** A part of a policy by the rest of its node id, after the type; null where there is none. */
export const partOfId = <Part extends { readonly id: string }>(
  table: DecisionTable,
  id: string,
  partsOf: PartsOf<Part>,
) => {
  const { version, key } = parsePartId(id);
  return partNamed(table, version, key, partsOf) ?? null;
};
