import { groupBy } from '../base/group-by.ts';
import { type Condition, describe } from './condition.ts';
import type { ClauseChange, PartChange, PolicyDiff, SettingChange, VisibilityChange } from './diff.ts';
import type { Effect } from './effect.ts';
import type { Under } from './guardians.ts';
import { isUnder } from './settings.ts';
import type { DataCategory } from './vocabulary.ts';

/** The fields of the schema that show a category: `User.email`. */
export type FieldsOf = (category: DataCategory) => readonly string[];

/** One change of a later version, and its effect on the data that others see. */
export interface ChangeInWords {
  readonly effect: Effect;
  readonly says: string;
}

/** The changes of a later version, one sentence each. The first sentences tell which recipients see which fields. */
export function diffInWords(
  { versions, clauses, reordered, settings, visibility }: PolicyDiff,
  fieldsOf: FieldsOf,
): ChangeInWords[] {
  const sentences = [
    ...visibilitySentences(visibility, fieldsOf),
    ...clauses.map((change) => ({ effect: change.effect, says: clauseSentence(change) })),
    ...(reordered ? [{ effect: 'CHANGES' as const, says: 'the clauses stand in another order' }] : []),
    ...settings.map((change) => ({ effect: change.effect, says: settingSentence(change) })),
  ];
  return [...versionSentences(versions, sentences.length > 0), ...sentences];
}

function versionSentences({ from, to }: PolicyDiff['versions'], changes: boolean): ChangeInWords[] {
  if (from !== to) return [{ effect: 'CHANGES', says: `the version goes from ${from} to ${to}` }];
  return changes ? [{ effect: 'CHANGES', says: `the version stays ${from}; another text needs one of its own` }] : [];
}

function visibilitySentences(changes: readonly VisibilityChange[], fieldsOf: FieldsOf): ChangeInWords[] {
  const alike = groupBy(changes, (change) => JSON.stringify([change.effect, beginningOf(change), endOf(change)]));
  return [...alike.values()].flatMap((group) => {
    const fields = [...new Set(group.flatMap(({ category }) => fieldsOf(category)))].join(', ');
    return group
      .slice(0, 1)
      .map((change) => ({ effect: change.effect, says: `${beginningOf(change)} ${fields}${endOf(change)}` }));
  });
}

const VERBS: Readonly<Record<VisibilityChange['change'], string>> = {
  REVEALED: 'may newly see',
  HIDDEN: 'no longer sees',
  CONDITIONED: 'sees on other conditions',
};

const beginningOf = ({ recipient, purpose, change }: VisibilityChange) =>
  `${purpose === null ? recipient : `${recipient}, for ${purpose},`} ${VERBS[change]}`;

const endOf = ({ dropped, added }: VisibilityChange) => {
  const parts = [
    ...dropped.map((condition) => `dropped "${condition}"`),
    ...added.map((condition) => `added "${condition}"`),
  ];
  return parts.length > 0 ? `: ${parts.join(', ')}` : '';
};

function clauseSentence({ id, change, parts }: ClauseChange): string {
  if (change === 'ADDED') return `the clause ${id} is new`;
  if (change === 'REMOVED') return `the clause ${id} is gone`;
  return `the clause ${id} says otherwise: ${parts.map(partInWords).join(', ')}`;
}

/** Long texts and whole reveals are only named: the sentences about visibility tell the changes of reveals. */
const partInWords = ({ key, from, to }: PartChange) =>
  key === 'reveals' || [from, to].some(isSentence) ? key : `${key} ${turn(from, to)}`;

const isSentence = (value: unknown) =>
  (typeof value === 'string' && value.includes(' ')) || (typeof value === 'object' && !Array.isArray(value));

const settingSentence = ({ path, from, to }: SettingChange) => {
  if (path === 'partnerRequirements')
    return `the setting ${path} goes from "${describe(from as Condition)}" to "${describe(to as Condition)}"`;
  if (isUnder(path))
    return `the consent ${path.split('.')[1]} was given by ${giversInWords(from)}, and is to be given by ${giversInWords(to)}`;
  return `the setting ${path} ${turn(from, to)}`;
};

/** The people entitled to give a consent. */
const giversInWords = (under: unknown): string => {
  if (under === undefined) return 'the person';
  const { age, by } = under as Under;
  return `a member with the tie ${by} while the person is under ${age} or of unknown age, and by the person from then on`;
};

/** The change from one value to another; for a list its gains and losses. */
function turn(from: unknown, to: unknown): string {
  if (!Array.isArray(from) || !Array.isArray(to)) return `goes from ${inWords(from)} to ${inWords(to)}`;
  const only = (items: readonly unknown[], others: readonly unknown[]) =>
    items.filter((item) => !others.includes(item)).join(', ');
  const [lost, gained] = [only(from, to), only(to, from)];
  const parts = [...(lost ? [`loses ${lost}`] : []), ...(gained ? [`gains ${gained}`] : [])];
  return parts.join(' and ') || 'stands in another order';
}

function inWords(value: unknown): string {
  if (value === undefined) return 'nothing';
  return typeof value === 'string' && !/^[\w.:-]+$/.test(value) ? `"${value}"` : String(value);
}
