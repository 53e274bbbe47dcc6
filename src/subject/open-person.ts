import type { SubjectId } from './identifiers.ts';
import { isErased, type PersonDocument } from './model.ts';
import type { People } from './people.ts';
import type { Vault } from './vault.ts';

/** The document of a person with the vault that opens it. */
export interface OpenPerson {
  readonly document: PersonDocument;
  readonly vault: Vault;
}

export type PersonOpener = ReturnType<typeof createPersonOpener>;

/** Reads people by their internal id; null for an id that was never given out, and for an erased person. */
export const createPersonOpener =
  (people: Pick<People, 'findBySids'>, vaultOf: (sid: SubjectId) => Promise<Vault>) =>
  async (sid: SubjectId): Promise<OpenPerson | null> => {
    const [document] = await people.findBySids([sid]);
    return document && !isErased(document) ? { document, vault: await vaultOf(sid) } : null;
  };
