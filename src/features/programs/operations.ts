import { isDeepStrictEqual } from 'node:util';
import { type Access, withEveryTie } from '../../policy/decide.ts';
import type { Facts } from '../../policy/facts.ts';
import { type DataCategory, isIn, NO_CATEGORIES, type Preference } from '../../policy/vocabulary.ts';
import type { Changes } from '../../subject/change.ts';
import type { SubjectId } from '../../subject/identifiers.ts';
import { moveBetween, residenceChange } from '../../subject/new-person.ts';
import type { PersonalValues } from '../../subject/values.ts';
import { openValues, sealValues, type Vault } from '../../subject/vault.ts';
import type { ConsentRequests } from '../consents/requests.ts';
import type { ErasureNotices } from '../erasure/notices.ts';
import { withPreferences } from '../preferences/operations.ts';

/** An optional program that a person is in while a preference is on. */
export const PROGRAM = 'creatorNotification' satisfies Preference;

type Collected = { readonly collected?: readonly DataCategory[] };

/** The categories that were collected when the person joined, and were not held before. */
const collectedFor = ({ programs }: Facts): readonly DataCategory[] =>
  (programs as Record<string, Collected> | undefined)?.[PROGRAM]?.collected ?? [];

/**
 * The categories that a clause still needs for another audience once the person has left. A recipient that is shown
 * everything held, as a successor is, is no reason to hold anything.
 */
const stillNeeded = (facts: Facts, accesses: readonly Access[]) =>
  accesses
    .flatMap((access) => access.decide(withEveryTie(access, facts)).grounds)
    .filter(({ ruling }) => ruling.needsCategories)
    .reduce((needed, { mask }) => needed | mask, NO_CATEGORIES);

export type ProgramOperations = ReturnType<typeof createProgramOperations>;

export const createProgramOperations = (
  changes: Changes,
  vaultOf: (sid: SubjectId) => Promise<Vault>,
  notices: Pick<ErasureNotices, 'notify'>,
  consentRequests: ConsentRequests,
) => ({
  /** Joins the program with the values that it asks for; joining again replaces them. */
  async join(sid: SubjectId, values: Pick<PersonalValues, 'POSTAL_ADDRESS' | 'CELL_PHONE'>) {
    const vault = await vaultOf(sid);
    const changed = await changes.apply(sid, (person, at) => {
      const given = sealValues(vault, values);
      const before = openValues(vault, person.values);
      const after = { ...before, ...values };
      const residence = residenceChange(after);
      const names = Object.keys(values) as (keyof typeof values)[];
      const fresh = names.filter((name) => before[name] === undefined);
      const replaced = names.filter((name) => before[name] && !isDeepStrictEqual(before[name], values[name]));
      const collected = [...new Set([...collectedFor(person.facts), ...fresh])];
      const { preferences } = withPreferences(person.facts, { preferences: { [PROGRAM]: true } });
      return {
        set: {
          'facts.preferences': preferences,
          'facts.programs': { ...(person.facts.programs as object), [PROGRAM]: { collected } },
          ...Object.fromEntries(Object.entries(given).map(([name, value]) => [`values.${name}`, value])),
          ...residence.set,
        },
        unset: residence.unset ?? [],
        entries: [
          { type: 'PREFERENCES', at: at.toISOString(), changes: { [PROGRAM]: true }, source: 'PERSON' },
          ...(replaced.length > 0
            ? [
                {
                  type: 'CORRECTION',
                  at: at.toISOString(),
                  categories: replaced,
                  ...moveBetween(before, after),
                } as const,
              ]
            : []),
        ],
      };
    });
    if (changed) await consentRequests.tell(changed, vault);
    return changed;
  },

  /**
   * Leaves the program. Categories collected for it alone are deleted if the person wants that, and if no clause
   * needs them for anybody else. Partners that were shown it are told to erase it.
   *
   * @param accesses every audience to which the policy could reveal something, except the person
   * @returns the deleted categories, and those that could be: collected for the program, and held for nothing else
   */
  async leave(sid: SubjectId, deleteCollected: boolean, accesses: readonly Access[]) {
    const vault = await vaultOf(sid);
    let removable: DataCategory[] = [];
    const changed = await changes.apply(sid, ({ facts, values }, at) => {
      const left = withPreferences(facts, { preferences: { [PROGRAM]: false } });
      const needed = stillNeeded(left, accesses);
      removable = collectedFor(facts).filter((category) => !isIn(needed, category));
      const removed = deleteCollected ? removable : [];
      const kept = collectedFor(facts).filter((category) => !removed.includes(category));
      const wasIn = (facts.preferences as Record<string, unknown> | undefined)?.[PROGRAM] !== false;
      if (!wasIn && removed.length === 0) return null;
      const held = openValues(vault, values);
      const { POSTAL_ADDRESS, ...rest } = held;
      const after = removed.includes('POSTAL_ADDRESS') ? rest : held;
      const residence = residenceChange(after);
      return {
        set: {
          'facts.preferences': left.preferences,
          'facts.programs': { ...(facts.programs as object), [PROGRAM]: { collected: kept } },
          ...residence.set,
        },
        unset: [...removed.map((category) => `values.${category}`), ...(residence.unset ?? [])],
        entries: [
          ...(wasIn
            ? [{ type: 'PREFERENCES', at: at.toISOString(), changes: { [PROGRAM]: false }, source: 'PERSON' } as const]
            : []),
          ...(removed.length > 0
            ? [{ type: 'DELETION', at: at.toISOString(), categories: removed, ...moveBetween(held, after) } as const]
            : []),
        ],
      };
    });
    if (!changed) return null;
    const [removed, kept] = deleteCollected ? [removable, []] : [[], removable];
    if (removed.length > 0) await notices.notify(sid);
    await consentRequests.tell(changed, vault);
    return { ...changed, removed, removable: kept };
  },
});
