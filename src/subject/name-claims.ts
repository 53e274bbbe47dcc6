import type { BlindIndex } from '../store/derive.ts';
import type { Access } from '../store/mongo/collections.ts';
import { createNameClaimRecords } from '../store/mongo/repositories/name-claims.ts';
import { fold, looksOf } from './names.ts';

/** The form of name that is accepted, for the error. It says nothing of anybody here now. */
export const FREE_NAME = 'a name that nobody has or had, nor one that looks like it';

export interface Named {
  readonly name: string;
  /** The id by which members know the person. */
  readonly publicId: string;
}

export type NameClaims = ReturnType<typeof createNameClaims>;

/**
 * Avatar names are given to one person each, decided by the database, and never to another: not when the person takes
 * another name, not when the person is erased, not when time passes. A claim holds for an id, so that a registration that
 * was cut off stands in nobody's way but others'.
 */
export function createNameClaims(store: Access, blindIndex: BlindIndex) {
  const records = createNameClaimRecords(store);

  /** In one order for everybody, the name first: if several people want overlapping names, one gets all of them. */
  const idsOf = (name: string) => [
    `NAME:${blindIndex('avatar name', fold(name))}`,
    ...looksOf(name)
      .map((look) => `LOOK:${blindIndex('look of an avatar name', look)}`)
      .sort(),
  ];
  const holderOf = (publicId: string) => blindIndex('holder of avatar names', publicId);

  return {
    /** Takes a name for a person; false where it, or one that looks like it, is another's or was. Idempotent. */
    async take({ name, publicId }: Named): Promise<boolean> {
      const ids = idsOf(name);
      const holder = holderOf(publicId);
      // a claim that was taken meanwhile may be the same person's, and is found by the next attempt
      for (const _attempt of [...ids, 'the last']) {
        const found = await records.find(ids);
        if (found.some((claim) => claim.holder !== holder)) return false;
        if (await records.claim(ids, holder)) return true;
      }
      return false;
    },

    /** Takes the names that nobody has, with their look-alikes; leaves the others as they are. */
    takeFree: (people: readonly Named[]): Promise<void> =>
      records.claimFree(
        people.flatMap(({ name, publicId }) => {
          const holder = holderOf(publicId);
          return idsOf(name).map((_id) => ({ _id, holder }));
        }),
      ),

    /** Forgets the person that these names belong to; nobody gets them. */
    disown: (publicId: string): Promise<void> => records.disown(holderOf(publicId)),
  };
}
