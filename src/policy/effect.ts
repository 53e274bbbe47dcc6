import { groupBy } from '../base/group-by.ts';
import type { Policy } from './clause.ts';
import type { Facts, Truth } from './facts.ts';
import { beginnings, grantOf, newcomerUnder, type TermedLine, termedLines } from './grants.ts';
import { onlyFirst } from './satisfiable.ts';
import { asked, type Question, someSituation } from './situations.ts';
import { categoriesIn, type DataCategory, isIn } from './vocabulary.ts';

/**
 * The effect of a change on the data that others see. WIDER: somebody sees more, and nobody less. NARROWER: somebody
 * sees less, and nobody more. CHANGES: neither, or both.
 */
export const EFFECTS = ['WIDER', 'NARROWER', 'CHANGES'] as const;
export type Effect = (typeof EFFECTS)[number];

/** Whether somebody is shown more, and whether somebody is shown less; undefined if that can't be settled. */
interface Shift {
  readonly more: Truth;
  readonly less: Truth;
}

const NO_SHIFT: Shift = { more: false, less: false };

const together = (shifts: readonly Shift[]): Shift => {
  const either = (answers: readonly Truth[]) =>
    answers.includes(true) || (answers.includes(undefined) ? undefined : false);
  return { more: either(shifts.map(({ more }) => more)), less: either(shifts.map(({ less }) => less)) };
};

const effectOfShift = ({ more, less }: Shift): Effect => {
  if (more === true && less === false) return 'WIDER';
  return less === true && more === false ? 'NARROWER' : 'CHANGES';
};

/** One cell of the comparison. */
export interface CellName {
  readonly recipient: string;
  readonly purpose: string | null;
  readonly category: DataCategory;
}

type Settle = (facts: Facts) => Facts;
const AS_THEY_ARE: Settle = (facts) => facts;

const shiftBetween = (recipient: string, was: Question, will: Question): Shift => ({
  less: someSituation(recipient, [was, will], onlyFirst),
  more: someSituation(recipient, [will, was], onlyFirst),
});

const termsOf = (lines: readonly TermedLine[]) => [...new Set(lines.map(({ terms }) => terms))].sort().join();

/** Compares the reveals of two policies, cell by cell. */
export function createComparison(before: Policy, after: Policy) {
  const [old, now] = [before, after].map((policy) => groupBy(termedLines(policy), ({ recipient }) => recipient));
  const known = new Map<string, Shift>();

  const linesFor = (lines: typeof old, { recipient, purpose, category }: CellName) =>
    (lines?.get(recipient) ?? []).filter(
      (line) => (line.purpose === null || line.purpose === purpose) && isIn(line.mask, category),
    );

  /** Compares a cell. The facts of people may be settled differently before and after. */
  const shiftOf = (cell: CellName, [settleOld, settleNow]: readonly [Settle, Settle]): Shift => {
    const [was, will] = [linesFor(old, cell), linesFor(now, cell)];
    const isSame = termsOf(was) === termsOf(will);
    if (isSame && settleOld === settleNow) return NO_SHIFT;
    const isNamed = [...was, ...will].some(({ reveal }) => 'namedBy' in reveal.categories);
    const key = [cell.recipient, settleOld === settleNow, termsOf(was), termsOf(will), isNamed && cell.category].join(
      ' ',
    );
    const shift =
      known.get(key) ??
      shiftBetween(
        cell.recipient,
        asked(grantOf(was, cell.category, before), settleOld),
        asked(grantOf(will, cell.category, after), settleNow),
      );
    known.set(key, shift);
    return shift;
  };

  const cells = [old, now].flatMap((lines) =>
    [...(lines?.values() ?? [])]
      .flat()
      .flatMap(({ policy, recipient, purpose, mask }) =>
        categoriesIn(policy.vocabulary, mask).map((category) => ({ recipient, purpose, category })),
      ),
  );
  const anybody = [AS_THEY_ARE, AS_THEY_ARE] as const;
  const newcomers = [newcomerUnder(before), newcomerUnder(after)] as const;
  return {
    /** The effect on one cell, for people with the same facts before and after. */
    effectOn: (cell: CellName): Effect => effectOfShift(shiftOf(cell, anybody)),
    /** The effect on all cells, also for newcomers, and the effect of settings outside of decisions. */
    effect: (): Effect => {
      const begins = beginnings(before) === beginnings(after) ? [] : cells.map((cell) => shiftOf(cell, newcomers));
      return effectOfShift(
        together([...cells.map((cell) => shiftOf(cell, anybody)), ...begins, ...boundShifts(before, after)]),
      );
    },
  };
}

/** A lower value of these settings reveals more. No decision asks for them. */
const LOWER_IS_WIDER = ['minimumAge', 'minimumCell'] as const;

/** The pairs of partner kind and purpose that no contract may have. No decision asks for them either. */
const contractsRefused = ({ purposes, partnerKinds }: Policy): ReadonlySet<string> => {
  const providers = partnerKinds.filter(({ serviceProvider }) => serviceProvider);
  const promotions = purposes.filter(({ promotional }) => promotional);
  return new Set(providers.flatMap((kind) => promotions.map(({ id }) => `${kind.id} ${id}`)));
};

const lacks = (whole: ReadonlySet<string>, part: ReadonlySet<string>) => [...part].some((item) => !whole.has(item));

function boundShifts(before: Policy, after: Policy): Shift[] {
  const [was, will] = [contractsRefused(before), contractsRefused(after)];
  return [
    ...LOWER_IS_WIDER.map((key) => ({ more: after[key] < before[key], less: after[key] > before[key] })),
    { more: lacks(will, was), less: lacks(was, will) },
  ];
}

/** The effect of a change of the whole policy. */
export const effectOf = (before: Policy, after: Policy): Effect => createComparison(before, after).effect();
