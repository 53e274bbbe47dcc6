import path from 'node:path';
import { parse as parseYaml } from 'yaml';
import { type LoadedPolicy, loadPolicy, PolicyError, parsePolicy as parse } from '../../src/policy/load.ts';
import { REFERENCE_BUNDLE } from '../../src/policy/reference.ts';
import { parsePolicy } from './policy.ts';

/** A clause, or a part of it, as a file states it. */
type Stated = Record<string, unknown>;

/** The shop of the corner as its files state it, open to change. */
export interface ShopDraft {
  version: string;
  readonly vocabulary: Record<'categories' | 'preferences' | 'staff' | 'ties', Stated[]>;
  readonly consents: Stated[];
  readonly purposes: Stated[];
  readonly clauses: Stated[];
  partnerRequirements: unknown;
}

const { canonical } = await loadPolicy(path.join(path.dirname(REFERENCE_BUNDLE), 'corner-shop'));

export const TIES = [
  { id: 'guardianOf', says: 'Brings up the person.', enteredBy: 'CODE', confirmedBy: 'STAFF' },
  { id: 'friendOf', says: 'Is a friend.', enteredBy: 'CODE', confirmedBy: 'SUBJECT', symmetric: true },
  { id: 'follows', says: 'Follows what the person writes.', enteredBy: 'EITHER', confirmedBy: 'SUBJECT' },
] as const;

const clause = (id: string, rest: Stated): Stated => ({
  ...{ id, section: 'Ties', summary: 'What people with a tie see.', reading: 'LITERAL', legalBasis: 'CONTRACT' },
  ...rest,
});
export const revealing = (id: string, categories: readonly string[], when: unknown, to = 'MEMBER'): Stated =>
  clause(id, { kind: ['reveal'], reveals: [{ to, categories, when }] });
export const forbidding = (id: string, categories: readonly string[], when: unknown, to = 'MEMBER'): Stated =>
  clause(id, { kind: ['limit'], forbids: [{ to, categories, when }] });

const active = (...conditions: readonly Stated[]): Stated => ({ all: [{ fact: 'personActive' }, ...conditions] });

/** The shop as a text, where people have ties: a guardian sees the home, a friend the birthday, a follower the name. */
export function shopText(change: (draft: ShopDraft) => void = () => {}): string {
  const draft = parseYaml(canonical) as ShopDraft;
  Object.assign(draft.vocabulary, { ties: TIES.map((tie) => ({ ...tie })) });
  const officer = draft.vocabulary.staff.find(({ id }) => id === 'officer') as { may: string[] };
  officer.may = [...officer.may, 'confirmTies'];
  draft.clauses.push(
    revealing('ties.guardians', ['NICKNAME', 'FULL_NAME', 'HOME', 'ALLERGIES'], active({ tie: 'guardianOf' })),
    revealing('ties.friends', ['NICKNAME', 'BIRTHDAY'], active({ tie: 'friendOf' }, { preference: 'deliveries' })),
    revealing('ties.followers', ['NICKNAME', 'FULL_NAME'], active({ any: [{ tie: 'follows' }, { tie: 'friendOf' }] })),
  );
  change(draft);
  return JSON.stringify(draft);
}

export const shopWithTies = (change?: (draft: ShopDraft) => void): LoadedPolicy =>
  parsePolicy(shopText(change), 'shop');

/** The faults of the shop after a change, without their places; none where it is sound. */
export function faultsOfShop(change: (draft: ShopDraft) => void): readonly string[] {
  try {
    parse(shopText(change), 'shop');
    return [];
  } catch (error) {
    if (error instanceof PolicyError) return error.faults.map((fault) => fault.replace(/^shop:\d+:\d+ /, ''));
    throw error;
  }
}
