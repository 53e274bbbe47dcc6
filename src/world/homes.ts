import type { SubjectId } from '../subject/identifiers.ts';
import type { Home } from '../subject/new-person.ts';
import { createVault } from '../subject/vault.ts';
import type { WorldUser } from './schema.ts';

/** The place for each person's data, by their id in the file. */
export type Homes = ReadonlyMap<string, Home>;

export const homesOf = (sids: ReadonlyMap<string, SubjectId>, dataKeys: ReadonlyMap<SubjectId, Buffer>): Homes =>
  new Map(
    [...sids].flatMap(([id, sid]) => {
      const key = dataKeys.get(sid);
      return key ? [[id, { sid, vault: createVault(sid, key) }]] : [];
    }),
  );

export const homeIn = (homes: Homes, { id }: WorldUser): Home => {
  const home = homes.get(id);
  if (!home) throw new Error('A person of the file has no key; their data may be on its way out.');
  return home;
};
